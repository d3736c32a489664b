"""Hints: from where to look, by how large it is, to between which numbers it lies."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.format import applied, number
from tui_backprop.graph.naming import entry, label
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import Shape

    Hint = Callable[[], str]

_EXACT_BELOW: Final = 10**6
"""Whole numbers below are met as whole numbers: their neighbours are told."""
_MOST_LISTED: Final = 8


def about_op(graph: Graph, node: int) -> str:
    """What the op of a node does: ``Y = 2 * X``, and a sentence where its row has one."""
    rule = graph.nodes[node].rule
    formula = f"{label(graph, node)} = {applied(graph, node)}"
    if rule is None or not rule.summary:
        return formula
    return said("{formula}: {summary}", formula=formula, summary=said(rule.summary))


def size_of(value: float, read: Sequence[float] = ()) -> str:
    """The sign of a number and how large it is, not more.

    Args:
        value: the number.
        read: what it is computed from, as far as that is told.
    """
    if math.isnan(value):
        return _why_none(read)
    if math.isinf(value):
        return said("it is beyond all numbers")
    if not value:
        return said("look for a factor 0, or for parts that cancel")
    exponent = math.floor(math.log10(abs(value)))
    low, high = (f"{10.0**e:g}" for e in (exponent, exponent + 1))
    if value < 0:
        return said("it is negative, and its size is from {low} to {high}", low=low, high=high)
    return said("it is positive, from {low} to {high}", low=low, high=high)


def _why_none(read: Sequence[float]) -> str:
    """Where NaN comes from: from a NaN, from an infinity, or from numbers that have no result."""
    if any(map(math.isnan, read)):
        return said("one of those that it is computed from is no number already")
    if any(map(math.isinf, read)):
        return said("an infinity is among those that it is computed from, and leaves no value")
    return said("something in it has no result, as 0 divided by 0 has none")


def between(value: float) -> str:
    """Two numbers around a number, close, and never so close that no other is between them."""
    if math.isnan(value):
        return said("it is no number: three letters say so")
    if math.isinf(value):
        sign = said("it is infinite, and positive"), said("it is infinite, and negative")
        return sign[value < 0]
    if not value:
        return said("it is neither positive nor negative")
    if value.is_integer() and abs(value) < _EXACT_BELOW:
        low, high = (number(end) for end in _whole_around(int(value)))
        return said("it is a whole number from {low} to {high}", low=low, high=high)
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    first = math.floor(value / unit)
    ends = [f"{end * unit:.2g}" for end in (first, first + 1)]
    return said("it lies between {low} and {high}", low=ends[0], high=ends[1])


def _whole_around(value: int) -> tuple[int, int]:
    """Whole numbers around one: of a single digit three of them, of others five or more."""
    size = abs(value)
    if size < 10:
        low = size - (size - 1) % 3
        ends = low, low + 2
    else:
        unit = max(10 ** (len(str(size)) - 2), 5)
        low = size - size % unit
        ends = low, low + unit
    return ends if value > 0 else (-ends[1], -ends[0])


def of_number(graph: Graph, node: int, value: float, read: Sequence[float]) -> tuple[Hint, ...]:
    """The three about a value: the op, the size, the neighbours."""
    return (lambda: about_op(graph, node), lambda: size_of(value, read), lambda: between(value))


def of_partial(first: Hint, formula: Hint, value: float, read: Sequence[float]) -> tuple[Hint, ...]:
    """The three about a partial; the formula where it names something, else how large it is."""

    def second() -> str:
        found = formula()
        # A formula that is a number is the answer.
        is_telling = re.search("[A-Za-z]", found) is not None
        if is_telling:
            return said("as a formula it is {formula}", formula=found)
        return size_of(value, read)

    return (first, second, lambda: between(value))


def of_shape(graph: Graph, node: int) -> tuple[Hint, ...]:
    """The three about a shape: the op, how many axes, how many entries."""
    shape = graph.nodes[node].shape

    def third() -> str:
        if not shape:
            return said("it is a single number: there is nothing to count")
        return said("its last axis has {count}, and all together there are {size} entries",
                    count=shape[-1], size=f"{graph.nodes[node].size:,}")  # fmt: skip

    return (
        lambda: about_op(graph, node),
        lambda: said("it has so many axes: {count}", count=len(shape)),
        third,
    )


def of_zero(graph: Graph, node: int, j: int, read: list[str], count: int) -> tuple[Hint, ...]:
    """The three about a structural zero: what it is, where to look, what is read."""
    listed = [*read[:_MOST_LISTED], *(["…"] if count > _MOST_LISTED else [])]
    name = entry(graph, node, j)
    return (
        lambda: said(
            "a partial is zero by structure where the one entry is computed without the other"
        ),
        lambda: said("look from which entries {y} is computed: {op}", y=name,
                     op=about_op(graph, node)),
        lambda: said("{y} is computed from {names}", y=name,
                     names=joined(", ", listed) or said("nothing")),
    )  # fmt: skip


def of_formula(
    graph: Graph, node: int, value: float, names: Callable[[], list[str]]
) -> tuple[Hint, ...]:
    """The three about a formula: the op, its number here, what occurs in it."""

    def third() -> str:
        found = names()
        if not found:
            return said("no operand occurs in it: it is one number")
        return said("in it occur {names}", names=joined(", ", found))

    return (
        lambda: about_op(graph, node),
        lambda: said("at the numbers of this walk it is {value}", value=number(value)),
        third,
    )


def shape_text(shape: Shape) -> str:
    """``(3, 2)``, as Python writes it."""
    return str(tuple(shape))
