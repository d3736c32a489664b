"""Why no partial leads from a node to an entry: what data pick, and what cancels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.why.format import applied
from tui_backprop.debug.why.operands import At
from tui_backprop.graph.naming import label
from tui_backprop.language.message import said, said_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Graph, Node
    from tui_backprop.timeline.timeline import Timeline

_MOST_EDGES: Final = 100


@dataclass(frozen=True, slots=True)
class Unread:
    """Why no partial leads to an entry.

    Attributes:
        text: in one sentence.
        is_read: whether the entry is read all the same.
        cancels: whether what is made of it cancels; else it is read and gets nothing by request.
    """

    text: str
    is_read: bool
    cancels: bool = False


def unread(timeline: Timeline, pass_number: int, node: int, flat: int) -> Unread | None:
    """Why none of the ops that a pass walks through passes anything to an entry.

    None where there is no more to say than that they read other entries.
    """
    route = timeline.walk(pass_number).route
    for edge_number in route.edges_into(node)[:_MOST_EDGES].tolist():
        edge = route.edge(edge_number)
        reason = cancels(timeline.trace.graph, edge)
        found = (
            Unread(reason, is_read=True, cancels=True)
            if reason
            else _passed_over(timeline.trace, edge, flat)
        )
        if found is not None:
            return found
    return None


def readers_without_derivative(graph: Graph, node: int) -> list[int]:
    """The nodes that read a node and have no derivative for it."""
    return [
        other.id
        for other in graph.nodes[node + 1 :]
        if any(
            parent == node and _has_no_derivative(graph, other, argument)
            for argument, parent in enumerate(other.parents)
        )
    ]


def read_without_derivative(graph: Graph, node: int, readers: Sequence[int]) -> list[str]:
    """A sentence naming nodes that read a node and have no derivative for it; or none."""
    if not readers:
        return []
    first = applied(graph, readers[0])
    return [
        said_many(len(readers), "{reader} reads {node} too, and has no derivative for it",
                  "{reader} and others read {node} too, and have no derivative for it",
                  reader=first, node=label(graph, node))
    ]  # fmt: skip


def _has_no_derivative(graph: Graph, node: Node, argument: int) -> bool:
    """Whether an operand only chooses: its row has no derivative for it, or none for such numbers.

    Labels that are the numbers of classes are read by an op that has a derivative for labels that
    are probabilities.
    """
    if node.rule is None:
        return False
    derivative = node.rule.derivatives[argument]
    if derivative is None:
        return True
    shapes = tuple(graph.nodes[p].shape for p in node.parents)
    if not node.size or not all(graph.nodes[p].size for p in node.parents):
        return False
    return not node.rule.traits.alone and not derivative.nonzeros(node.shape, shapes, node.params)


def cancels(graph: Graph, edge: Edge) -> str:
    """Why nothing of a node depends on an operand that it reads; empty where something does."""
    node = graph.nodes[edge.node]
    if node.rule is None or not node.rule.traits.alone or not node.size:
        return ""
    shapes = tuple(graph.nodes[p].shape for p in node.parents)
    entries = node.rule.derivative(edge.argument).nonzeros(node.shape, shapes, node.params)
    return "" if entries else said(node.rule.traits.alone)


def meets(graph: Graph, edge: Edge, j: int, i: int) -> bool:
    """Whether y_j is made of x_i, of an op that `cancels`."""
    rule = graph.nodes[edge.node].rule
    return j == i or (rule is not None and rule.traits.reads_all)


def _passed_over(evaluation: Evaluation, edge: Edge, flat: int) -> Unread | None:
    rule = evaluation.graph.nodes[edge.node].rule
    if rule is None or rule.traits.passed_over is None:
        return None
    found = rule.traits.passed_over(At(evaluation, edge, 0, flat))
    return None if found is None else Unread(*found)
