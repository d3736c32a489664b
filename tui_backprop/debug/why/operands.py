"""The numbers around one partial: the entry of each operand that it was computed from.

An elementwise op has one entry per operand and any other op many; both are read in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.format import applied, closely, number
from tui_backprop.graph.jacobian import coordinates, picked
from tui_backprop.graph.kinks import convention_at
from tui_backprop.graph.naming import entry, label
from tui_backprop.graph.one_sided import sides
from tui_backprop.language.message import joined, said
from tui_backprop.lazy import cached_property
from tui_backprop.rules.derivative import Operand, Scalar, Structural
from tui_backprop.rules.slope_reasons import PartialAt
from tui_backprop.timeline.edge_groups import places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Graph, Node
    from tui_backprop.graph.one_sided import Sides
    from tui_backprop.rules.derivative import Operands
    from tui_backprop.rules.rule import Rule, Traits
    from tui_backprop.rules.types import Array, Index, IntArray


_MOST_MARKED: Final = 10**6


class At(PartialAt):
    """One partial derivative together with the operand values it was computed from.

    Attributes:
        trace: the numbers.
        edge: of the partial.
        node: the node of y.
        rule: the row of its op.
    """

    def __init__(self, trace: Evaluation, edge: Edge, j: int, i: int) -> None:
        node = trace.graph.nodes[edge.node]
        if node.rule is None:
            raise AssertionError("a leaf has no partials")
        self.trace, self.edge, self.node, self.rule = trace, edge, node, node.rule
        self.op, self.names = node.op, node.rule.operands
        self.row_convention = node.rule.convention
        self.params, self.argument, self.j, self.i = node.params, edge.argument, j, i

    @cached_property
    def y(self) -> Array:
        """The whole value."""
        return self.trace.value(self.node.id)

    @cached_property
    def operands(self) -> tuple[Array, ...]:
        """The whole operands."""
        return tuple(self.trace.value(p) for p in self.node.parents)

    @property
    def graph(self) -> Graph:
        """The tape."""
        return self.trace.graph

    @property
    def traits(self) -> Traits:
        """What the op is like."""
        return self.rule.traits

    @property
    def read(self) -> list[str]:
        """The entries read: of an elementwise op one of each operand, else x_i."""
        if self.rule.elementwise:
            return [self.operand(a) for a in range(len(self.operands))]
        return [self.own]

    def entry(self, argument: int, flat: int) -> str:
        """Any entry of an operand with its number."""
        return self.written(self.node.parents[argument], flat)

    def result_entry(self, flat: int) -> str:
        """Any entry of the value with its number."""
        return self.written(self.node.id, flat)

    def number(self, value: float) -> str:
        """A number as answers write it."""
        return number(value)

    def name(self, argument: int, flat: int | None = None) -> str:
        """What an operand, or an entry of it, is called."""
        parent = self.node.parents[argument]
        return label(self.graph, parent) if flat is None else entry(self.graph, parent, flat)

    def formula(self, argument: int) -> str:
        """How an operand was computed."""
        return applied(self.graph, self.node.parents[argument])

    def group(self) -> IntArray:
        """The entries of x that y_j reads, flat."""
        return self.trace.patterns.of(self.edge).columns(self.j)

    def by_convention(self, slope: str) -> str:
        """The sentence that the slope is a convention, with the slopes on either side."""
        text = said("{operand}: {slope} by convention", operand=self.operand(0), slope=slope)
        found = sides(self.trace, self.edge, self.j, self.i)
        return text if found is None else joined("; ", [text, sides_text(found)])

    @cached_property
    def convention(self) -> str:
        """The convention of an op that was met at its kink."""
        return convention_at(self.trace, self.edge, self.j, self.i)

    def written(self, node: int, flat: int) -> str:
        """Any entry with its number; a number of the program is one already."""
        if not self.trace.is_known(node):
            return said("{entry}, which was not saved", entry=entry(self.graph, node, flat))
        value = closely(float(picked(self.trace.value(node), flat)))
        if self.graph.nodes[node].literal is not None:
            return value
        return f"{entry(self.graph, node, flat)} = {value}"


def sides_text(found: Sides) -> str:
    """``the slope is 0 from the left and 1 from the right``; none where it jumps."""
    if not np.isfinite(found).all():
        return said("next to it the slope grows without bound")
    return said("the slope is {left} from the left and {right} from the right",
                left=number(found.left), right=number(found.right))  # fmt: skip


def reads(trace: Evaluation, node: int, j: int) -> Iterator[tuple[int, IntArray]]:
    """For each operand whose value is known the flat positions that y_j reads.

    All of them, where no pattern is stated.
    """
    found = trace.graph.nodes[node]
    if found.rule is None:
        return
    shapes = tuple(trace.graph.nodes[p].shape for p in found.parents)
    for argument, parent in enumerate(found.parents):
        derivative = found.rule.derivatives[argument]
        if not trace.is_known(parent):
            continue
        if found.rule.elementwise:
            yield parent, places(np.array([j]), found.shape, shapes[argument])
        elif derivative is None:
            yield parent, np.arange(trace.graph.nodes[parent].size)
        else:
            yield parent, derivative.sparsity(found.shape, shapes, found.params).columns(j)


def factor_of(at: At) -> tuple[int, int] | None:
    """The node and entry of another operand that the partial equals, if it is one entry.

    Found by asking the row: the operand is replaced by 1, 2, 3, …, and the partial tells which
    number it picked. By 1, 4, 9, … it must pick the same, else it is not a mere entry.
    """
    for argument, parent in enumerate(at.node.parents):
        if argument == at.edge.argument or not _is_linear_in(at, argument):
            continue
        flat = _picks(at, argument)
        if flat is not None:
            return parent, flat
    return None


def _is_linear_in(at: At, argument: int) -> bool:
    """Whether y is linear in an operand, so that its partials by another may be entries of it."""
    if at.graph.nodes[at.node.parents[argument]].size > _MOST_MARKED:
        return False
    own, other = (at.rule.derivatives[a] for a in (at.edge.argument, argument))
    if isinstance(own, Scalar):
        return own.partial == Operand(argument)
    return isinstance(other, Structural) and other.linear


def _picks(at: At, argument: int) -> int | None:
    """Which entry of an operand the partial is; None where it is something else."""
    shape = at.operands[argument].shape
    numbers = np.arange(1.0, np.prod(shape, dtype=int) + 1).reshape(shape)
    once, again = (_partial_with(at, argument, marked) for marked in (numbers, numbers**2))
    if not once.is_integer() or not 1 <= once <= numbers.size or again != once**2:
        return None
    return int(once) - 1


def _partial_with(at: At, argument: int, replaced: Array) -> float:
    """The partial, had an operand other values."""
    operands = list(at.operands)
    operands[argument] = replaced
    own = operands[at.argument].shape
    with np.errstate(all="ignore"):
        found = at.rule.derivative(at.edge.argument).entries(
            np,
            coordinates(at.j, at.node.shape),
            coordinates(at.i, own),
            at.y.astype(np.float64),
            tuple(operands),
            at.node.params,
        )
    return float(found)


def reduction_hint(evaluation: Evaluation, node: Node, j: int) -> str:
    """Why entry j is NaN; empty where it is not known."""
    return row_hint(evaluation, node, j) or _of_infinities(evaluation, node, j)


def row_hint(evaluation: Evaluation, node: Node, j: int) -> str:
    """The reason that the op's row states for an entry or slope that is not finite, or nothing."""
    rule = node.rule
    if rule is None or not rule.reasons:
        return ""
    operands = tuple(evaluation.value(p) for p in node.parents)
    at = tuple(int(c) for c in coordinates(j, node.shape))
    return _said_by(rule, evaluation, node, (at, evaluation.value(node.id), operands))


def scalar_hint(at: At) -> str:
    """The same of an elementwise op, from the one entry of each operand that it read."""
    operands = tuple(np.asarray(at.value(a)) for a in range(len(at.operands)))
    return _said_by(at.rule, at.trace, at.node, ((), np.asarray(at.result_value), operands))


def _said_by(
    rule: Rule, evaluation: Evaluation, node: Node, asked: tuple[Index, Array, Operands]
) -> str:
    """The row's reason in words; empty where it knows of nothing special."""
    _, y, operands = asked
    reason = rule.reason(*asked, node.params)
    if reason is None:
        return ""
    names = (label(evaluation.graph, p) for p in node.parents)
    read = dict(zip(rule.operands, names, strict=True))
    stated = {
        key: number(x) if isinstance(x, float) else x
        for key, x in reason.tells(y, *operands, **node.params).items()
    }
    fields = {**node.params, **read, **stated, "op": node.op, "largest": largest(evaluation.graph)}
    return said(reason.text, **fields)


def largest(graph: Graph) -> str:
    """``the largest float64, 1.79769e+308``."""
    return said("the largest {dtype}, {number}", dtype=graph.dtype.name,
                number=number(np.finfo(graph.dtype).max))  # fmt: skip


def _of_infinities(evaluation: Evaluation, node: Node, j: int) -> str:
    """What infinities among the entries make of a sum of products."""
    arrays = [picked(evaluation.value(p), flat) for p, flat in reads(evaluation, node.id, j)]
    numbers = np.concatenate([x.ravel() for x in arrays]) if arrays else np.zeros(0)
    infinite = numbers[np.isinf(numbers)]
    if not len(infinite):
        return ""
    if len(arrays) == 1 and len(set(infinite.tolist())) > 1:
        return said("inf - inf is NaN")
    is_product = node.rule is not None and node.rule.traits.sums_products
    if len(arrays) > 1 and is_product and np.any(numbers == 0):
        return said("0 · inf is NaN")
    return said("it reads {value}: no finite number comes of it", value=number(infinite[0]))


def unknown_hint(node: Node, value: float) -> str:
    """The sentence where no reason is known."""
    return said("why {op} gives {value} for these is not known here", op=node.op,
                value=number(value))  # fmt: skip
