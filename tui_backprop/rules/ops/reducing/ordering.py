"""The order of entries along lines, in numbers and in formulas.

Equal entries keep their order: the sort is stable, so that of those that tie the first stands
first, rising or falling. NaN counts as larger than every number, as in NumPy and PyTorch.
"""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.ops.reducing.picking import Picking, Picks
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.shapes import names_axis_of_number, normal_axis, reduced_count

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array, IntArray, Shape

ONE: Final = np.ones((1, 1))
"""The weight of what is taken alone."""


_MOST_CHOICES: Final = 6
"""Entries of a line of which it is said which of them stand before another; else how many do."""


def order_of(lines: Array, descending: bool = False) -> IntArray:
    """The places of a line from its least to its largest entry, or the other way round."""
    if not descending:
        return _rising(lines)
    turned = _rising(np.flip(lines, -1))
    return np.asarray(lines.shape[-1] - 1 - np.flip(turned, -1))


def _rising(lines: Array) -> IntArray:
    """The stable order, by NumPy's quicker sort where no two entries tie."""
    found = np.argsort(lines, axis=-1)
    ordered = np.take_along_axis(lines, found, -1)
    may_tie = ~np.less(ordered[..., :-1], ordered[..., 1:])  # a NaN is less than nothing
    return np.argsort(lines, axis=-1, kind="stable") if may_tie.any() else found


def nth(lines: Array, places: IntArray) -> IntArray:
    """Where on each line the entries stand that have these few places in its order.

    Without sorting: of the entries that equal the one at a place, it is the one that is preceded by
    as many of them as are still lacking.
    """
    ordered = np.partition(lines, np.unique(places), axis=-1)
    found = np.empty((*lines.shape[:-1], places.size), dtype=np.intp)
    for k, place in enumerate(places.tolist()):
        taken = ordered[..., place : place + 1]
        stands_at = np.equal(lines, taken)
        if (np.count_nonzero(stands_at, axis=-1) == 1).all():
            found[..., k] = np.argmax(stands_at, axis=-1)
            continue
        is_equal = np.equal(lines, taken) | (np.isnan(lines) & np.isnan(taken))
        before = np.where(np.isnan(taken), ~np.isnan(lines), lines < taken).sum(axis=-1)
        nth_of_them = np.cumsum(is_equal, axis=-1) == (place + 1 - before)[..., None]
        found[..., k] = np.argmax(nth_of_them & is_equal, axis=-1)
    return found


def _before(m: Any, line: list[Any], k: int, own: int, descending: bool) -> tuple[Any, Any]:
    """Whether entry k stands before another, being less or equal and earlier; and the opposite."""
    low, high = (line[own], line[k]) if descending else (line[k], line[own])
    if k < own:
        return m.less_equal(low, high), m.less(high, low)
    return m.less(low, high), m.less_equal(high, low)


def stands(m: Any, line: list[Any], own: int, place: int, descending: bool = False) -> Any:
    """Whether an entry stands at a place of the order: whether so many others stand before it."""
    others = {k: _before(m, line, k, own, descending) for k in range(len(line)) if k != own}
    if len(line) > _MOST_CHOICES:
        return m.equal(sum(m.where(before, 1, 0) for before, _ in others.values()), place)
    choices = (
        reduce(m.logical_and, (others[k][0 if k in chosen else 1] for k in others))
        for chosen in combinations(others, place)
    )
    return reduce(m.logical_or, choices)


def entry_at(m: Any, line: list[Any], place: int, descending: bool = False) -> Any:
    """The entry at a place of the order: all others count as 0."""
    if len(line) == 1:
        return line[0]
    chosen = (m.where(stands(m, line, k, place, descending), x, 0) for k, x in enumerate(line))
    return sum(chosen)


def share(m: Any, line: list[Any], own: int, place: int, descending: bool = False) -> Any:
    """1 if an entry stands at a place of the order."""
    return 1 if len(line) == 1 else m.where(stands(m, line, own, place, descending), 1, 0)


def sorted_shape(x: Shape, axis: Any = -1, descending: bool = False) -> Shape:
    """The shape of what is sorted: a vector without an axis, else that of the operand."""
    del descending  # as many either way
    if axis is None:
        return (reduced_count(x),)
    if not names_axis_of_number(axis, x):
        normal_axis(axis, x)
    return x


def sorted_numbers(lines: Array, descending: bool) -> Array:
    """The entries of each line in order."""
    found = np.sort(lines, axis=-1)
    return np.flip(found, -1) if descending else found


SORTED: Final = Picking(
    pick=lambda lines, descending=False: Picks(order_of(lines, descending)[..., None], ONE),
    value=lambda m, line, descending=False: [
        entry_at(m, line, k, descending) for k in range(len(line))
    ],
    partial=lambda m, line, to, own, y, descending=False: share(m, line, own, to, descending),
    numbers=lambda lines, descending=False: sorted_numbers(lines, descending),
)
"""What a sort picks: everything, in order."""


LAST: Final = Parameter("axis", "optional_int", -1)
DESCENDING: Final = Parameter("descending", "bool", default=False, is_named=True)
SORT_EXAMPLES: Final = (
    Example(((3,),)),
    Example(((),)),
    Example(((2, 3),)),
    Example(((2, 2),), {"axis": 0, "descending": True}),
    Example(((2, 2),), {"axis": None}),
    Example(((2, 2, 2),), {"axis": 1}),
    Example(((2, 0),)),
)
