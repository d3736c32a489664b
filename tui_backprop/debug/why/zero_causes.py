"""What makes a partial zero: what the op's row says of the numbers that it was given.

Where a row says nothing, a sentence that is true of any: what its operands are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.format import applied
from tui_backprop.debug.why.frameworks import others_at
from tui_backprop.debug.why.operands import At, factor_of, sides_text
from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.model import Edge
from tui_backprop.graph.naming import decimal, label
from tui_backprop.graph.one_sided import sides
from tui_backprop.language.message import clauses, joined, said, said_many
from tui_backprop.rules.derivative import Constant, Scalar
from tui_backprop.rules.slope_reasons import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.why.paths import Path
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.rules.slope_reasons import Found
    from tui_backprop.timeline.timeline import Timeline


SATURATED_BELOW: Final = 1e-4
"""A saturating op whose slope is smaller lets almost nothing through: tanh beyond 5.3."""

_MANY: Final = 5
"""Factors whose product may dwindle though none of them is small."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a path ends.

    Attributes:
        kind: what kind of thing it is.
        text: one sentence about it, with the numbers.
        step: where to see it; None where no step shows it.
    """

    kind: Kind
    text: str
    step: int | None


def zero_partial(timeline: Timeline, edge: Edge, j: int, i: int) -> Found:
    """Why ∂y_j/∂x_i, a partial inside the sparsity that is 0, is 0."""
    at = At(timeline.trace, edge, j, i)
    own = at.traits.zero or _of_any
    return _with_frameworks(at, own(at) or _factor(at) or _kink(at) or _other(at))


def _with_frameworks(at: At, found: Found) -> Found:
    """What is agreed on at a kink, with who else agrees."""
    kind, text = found
    if kind is not Kind.KINK:
        return found
    return kind, joined("; ", filter(None, [text, others_at(at.trace, at.edge, at.j, at.i)]))


def saturation(timeline: Timeline, edge: Edge, j: int, i: int, partial: float) -> str:
    """A sentence where a saturating op has almost no slope, or a factor is next to nothing."""
    at = At(timeline.trace, edge, j, i)
    if not 0 < abs(partial) <= SATURATED_BELOW:
        return ""
    if not at.traits.saturates:
        return _small_factor(at)
    return said(
        "{op} is nearly flat at {operand}: its slope there is {slope}, at most {most}",
        op=at.node.op, operand=at.operand(0), slope=decimal(partial, 3),
        most=f"{SATURATED_BELOW:g}",
    )  # fmt: skip


def _small_factor(at: At) -> str:
    """The sentence about a small factor, such as a gate that is shut, and why it is small."""
    found = factor_of(at)
    if found is None:
        return ""
    text = said("it is multiplied by {factor}", factor=at.written(*found))
    maker = at.graph.nodes[found[0]]
    if maker.rule is None or not maker.rule.traits.saturates:
        return text
    above = At(at.trace, Edge(maker.parents[0], maker.id, 0), found[1], 0)
    made = said("{op} gave that at {operand}", op=maker.op, operand=above.operand(0))
    return clauses([text, made])


def dwindling(path: Path, value: float) -> str:
    """A sentence where many factors, none of them small, make next to nothing together.

    Args:
        path: the strongest one.
        value: what all paths together bring.
    """
    factors = np.abs([hop.partial for hop in path.hops])
    if len(factors) < _MANY or not path.seed or not np.isfinite(factors).all():
        return ""
    if abs(value) > SATURATED_BELOW * abs(path.seed):
        return ""
    share = float(np.prod(factors))
    if not 0 < share <= SATURATED_BELOW or factors.min() <= SATURATED_BELOW:
        return ""
    return said(
        "no single factor is small: {count} partials, {mean} each on average, are {share} together",
        count=len(factors), mean=decimal(share ** (1 / len(factors)), 3),
        share=decimal(share, 3),
    )  # fmt: skip


def _kink(at: At) -> Found | None:
    """Where no slope is right, and 0 is what was agreed on."""
    found = sides(at.trace, at.edge, at.j, at.i) if at.convention else None
    if found is None or not found.differ:
        return None
    kink = said("at its kink, by convention: {convention}",
                convention=said(at.convention))  # fmt: skip
    return Kind.KINK, joined("; ", [_slope_text(at), kink, sides_text(found)])


def _of_any(at: At) -> Found | None:
    """What the facts of a row tell, where it says no more."""
    derivative = at.rule.derivative(at.argument)
    if isinstance(derivative, Scalar) and derivative.partial == Constant(0):
        return _flat(at)
    if at.traits.overflows:
        return _underflow(at)
    # At a kink the slope may be 0 for another reason.
    return _saturated(at) if at.traits.saturates and not at.rule.kink else None


def _flat(at: At) -> Found:
    return Kind.FLAT, said(
        "{op} is constant between jumps: its derivative is stated to be 0", op=at.node.op
    )


def _saturated(at: At) -> Found:
    return Kind.SATURATED, said(
        "{op} is saturated: {result} at {operand}, and its slope there is 0 in {dtype}",
        op=at.node.op, result=at.result, operand=at.operand(0), dtype=at.graph.dtype.name,
    )  # fmt: skip


def _underflow(at: At) -> Found | None:
    if at.result_value != 0:
        return None
    return Kind.UNDERFLOW, said(
        "{op} underflows: {result} at {operand}",
        op=at.node.op, result=at.result, operand=at.operand(0),
    )  # fmt: skip


def _factor(at: At) -> Found | None:
    """Where the partial is one entry of another operand, that entry."""
    found = factor_of(at)
    if found is None or picked(at.trace.value(found[0]), found[1]) != 0:
        return None
    return Kind.VALUE, said("it is multiplied by {factor}", factor=at.written(*found))


def _slope_text(at: At) -> str:
    seen = joined(", ", dict.fromkeys([*at.read, at.result]))
    return said("the slope of {op} is 0 at {seen}", op=at.node.op, seen=seen)


def _other(at: At) -> Found:
    text = _slope_text(at)
    if not at.convention:
        return Kind.OTHER, text
    kink = said("at its kink, {convention}", convention=said(at.convention))
    return Kind.OTHER, joined("; ", [text, kink])


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
    """A sentence naming nodes that read a node and have no derivative for it; or none.

    Where none does, one about the node behind it that is there to cut the gradient.
    """
    cut = cut_behind(graph, node)
    if cut is not None:
        return [
            said("{cut} cuts the gradient on a way from {node}: nothing comes back from there",
                 cut=applied(graph, cut), node=label(graph, node))
        ]  # fmt: skip
    if not readers:
        return []
    first = applied(graph, readers[0])
    return [
        said_many(len(readers), "{reader} reads {node} too, and has no derivative for it",
                  "{reader} and others read {node} too, and have no derivative for it",
                  reader=first, node=label(graph, node))
    ]  # fmt: skip


def cut_behind(graph: Graph, node: int) -> int | None:
    """The first node that a node leads to which is there to cut the gradient."""
    reached = {node}
    for other in graph.nodes[node + 1 :]:
        if other.rule is None or reached.isdisjoint(other.parents):
            continue
        if other.rule.traits.cuts:
            return other.id
        arguments = enumerate(other.parents)
        if any(p in reached and other.rule.derivatives[a] is not None for a, p in arguments):
            reached.add(other.id)
    return None


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
