"""What can be said of forward and backward before any number is known.

It stands apart from evaluation so that running the same graph again, on other leaves or another v,
costs arithmetic only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Edge, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Graph, Node


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """The order in which one backward pass pulls cotangents back.

    Attributes:
        of: the node that is seeded.
        nodes: ids in reverse tape order, each with at least one edge to walk.
        arguments: for each of them, the argument numbers whose parent can reach an input.
    """

    of: int
    nodes: tuple[int, ...]
    arguments: tuple[tuple[int, ...], ...]

    def edges(self, nodes: Sequence[Node]) -> tuple[Edge, ...]:
        """Every edge in walking order."""
        return tuple(
            Edge(nodes[n].parents[a], n, a)
            for n, arguments in zip(self.nodes, self.arguments, strict=True)
            for a in arguments
        )


def active_arguments(graph: Graph) -> tuple[tuple[int, ...], ...]:
    """For each node the argument numbers through which some input is reached differentiably."""
    active: list[bool] = []
    found: list[tuple[int, ...]] = []
    none: tuple[int, ...] = ()
    for node in graph.nodes:
        rule = node.rule
        if rule is None:
            found.append(none)
            active.append(node.role is Role.INPUT)
            continue
        derivatives = rule.derivatives
        arguments = tuple(
            a
            for a, parent in enumerate(node.parents)
            if active[parent] and derivatives[a] is not None
        )
        found.append(arguments)
        active.append(bool(arguments))
    return tuple(found)


def walk_from(graph: Graph, of: int, arguments: Sequence[tuple[int, ...]]) -> Walk:
    """The backward walk from one node: only what it depends on, only towards inputs.

    Args:
        graph: the tape.
        of: where the seed is placed.
        arguments: see `active_arguments`.
    """
    reached = bytearray(of + 1)
    reached[of] = 1
    order: list[int] = []
    for n in range(of, -1, -1):
        if not reached[n] or not arguments[n]:
            continue
        order.append(n)
        parents = graph.nodes[n].parents
        for a in arguments[n]:
            reached[parents[a]] = 1
    return Walk(of, tuple(order), tuple(arguments[n] for n in order))
