"""Hints: from where to look, by how large it is, to between which numbers it lies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.format import applied, number
from tui_backprop.graph.naming import entry, label
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    from collections.abc import Callable

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


def size_of(value: float) -> str:
    """The sign of a number and how large it is, not more."""
    if math.isnan(value):
        return said("two infinities meet in it, or an infinity and a 0")
    if math.isinf(value):
        return said("it is beyond all numbers")
    if not value:
        return said("look what it is multiplied by")
    exponent = math.floor(math.log10(abs(value)))
    low, high = (f"{10.0**e:g}" for e in (exponent, exponent + 1))
    if value < 0:
        return said("it is negative, and its size is from {low} to {high}", low=low, high=high)
    return said("it is positive, from {low} to {high}", low=low, high=high)


def between(value: float) -> str:
    """Two numbers that stand close around a number."""
    if math.isnan(value):
        return said("it is no number: three letters say so")
    if math.isinf(value):
        sign = said("it is infinite, and positive"), said("it is infinite, and negative")
        return sign[value < 0]
    if not value:
        return said("it is neither positive nor negative")
    if value.is_integer() and abs(value) < _EXACT_BELOW:
        return said("it is the whole number between {low} and {high}",
                    low=number(value - 1), high=number(value + 1))  # fmt: skip
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    low = math.floor(value / unit)
    ends = [f"{end * unit:.2g}" for end in (low, low + 1)]
    return said("it lies between {low} and {high}", low=ends[0], high=ends[1])


def of_number(graph: Graph, node: int, value: float) -> tuple[Hint, ...]:
    """The three about a value: the op, the size, the neighbours."""
    return (lambda: about_op(graph, node), lambda: size_of(value), lambda: between(value))


def of_partial(first: Hint, formula: Hint, value: float) -> tuple[Hint, ...]:
    """The three about a partial; the formula where there is one, else how large it is."""

    def second() -> str:
        found = formula()
        return said("as a formula it is {formula}", formula=found) if found else size_of(value)

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
