"""A graph with a bug planted in it: at which nodes, and the right graph beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.graph.model import Accumulation
from tui_backprop.graph.plan import active_arguments
from tui_backprop.rules.planted.kinds import OF_SUMS
from tui_backprop.rules.planted.wrong import wrong, wrong_arguments

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.rules.planted.kinds import Bug
    from tui_backprop.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Plant:
    """A bug and where it is.

    Attributes:
        bug: which.
        nodes: ids of the nodes whose derivative has it; of a bug of sums, whose adjoint.
        argument: by which operand alone; None for all by which there is such a bug.
    """

    bug: Bug
    nodes: frozenset[int]
    argument: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Planted:
    """What is wrong on purpose, and what is right.

    Attributes:
        plant: the bug.
        truth: the graph without it.
    """

    plant: Plant
    truth: Graph


def places(graph: Graph, bug: Bug) -> tuple[int, ...]:
    """The nodes at which a graph can have a bug, in the order of the tape."""
    arguments = active_arguments(graph)
    if bug == "stale":
        return tuple(graph.inputs.values())
    if bug == "overwrite":
        count: dict[int, int] = {}
        for node in graph.nodes:
            for a in arguments[node.id]:
                count[node.parents[a]] = count.get(node.parents[a], 0) + 1
        return tuple(sorted(n for n, read in count.items() if read > 1))
    return tuple(n.id for n in graph.nodes if {*_wrong(graph, n, bug)} & {*arguments[n.id]})


def _wrong(graph: Graph, node: Node, bug: Bug) -> tuple[int, ...]:
    """By which operands of a node there can be a bug."""
    if node.rule is None:
        return ()
    shapes = tuple(graph.nodes[p].shape for p in node.parents)
    return wrong_arguments(node.rule, bug, node.shape, shapes, node.params)


def with_plant(graph: Graph, plant: Plant) -> Graph:
    """The graph with a bug; its values stay, whatever it makes of the gradients."""
    if plant.bug in OF_SUMS:
        is_kept = plant.bug == "stale"
        none: frozenset[int] = frozenset()
        made = Accumulation(none, plant.nodes) if is_kept else Accumulation(plant.nodes, none)
        return replace(graph, accumulation=made)
    rows: dict[tuple[int, tuple[int, ...]], Rule] = {}
    nodes = list(graph.nodes)
    for n in plant.nodes:
        node = nodes[n]
        arguments = _wrong(graph, node, plant.bug)
        if plant.argument is not None:
            arguments = tuple(a for a in arguments if a == plant.argument)
        if node.rule is None or not arguments:
            continue
        key = id(node.rule), arguments
        if key not in rows:
            rows[key] = wrong(node.rule, plant.bug, arguments)
        nodes[n] = replace(node, rule=rows[key])
    return replace(graph, nodes=tuple(nodes))
