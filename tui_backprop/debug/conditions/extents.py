"""Between which numbers each entry of an array stays over many steps, and whether it is known."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.conditions.references import Known
    from tui_backprop.rules.types import Array, IntArray, Shape


@dataclass(frozen=True, slots=True, eq=False)
class Extent:
    """What each entry of an array may be; all arrays of one shape.

    Attributes:
        low: no known number is less.
        high: no known number is more.
        nan: whether it may be NaN.
        number: whether it may be anything but NaN.
        unknown: whether it may not be computed yet.
        known: whether it may be computed.
    """

    low: Array
    high: Array
    nan: IntArray
    number: IntArray
    unknown: IntArray
    known: IntArray

    @property
    def shape(self) -> Shape:
        """The shape of the array."""
        return self.low.shape

    def each(self, change: Callable[[Array], Array]) -> Extent:
        """Apply one change of shape or of places to each of its arrays."""
        parts = (self.low, self.high, self.nan, self.number, self.unknown, self.known)
        return Extent(*map(change, parts))

    @property
    def is_constant(self) -> bool:
        """Whether it is one known value all the time."""
        return bool(
            not self.unknown.any()
            and np.array_equal(self.low, self.high)
            and not (self.nan & self.number).any()
        )

    @property
    def is_single(self) -> bool:
        """Whether it is that of one number, as an answer is."""
        return self.low.size == 1

    @property
    def may_hold(self) -> bool:
        """Whether a single answer may be known to be true."""
        return bool((self.known & truths(self)[0]).any())

    @property
    def may_fail(self) -> bool:
        """Whether a single answer may be false, or not be known."""
        return bool((self.unknown | truths(self)[1]).any())


def constant(known: Known) -> Extent:
    """The extent of an array that does not change."""
    return hull_of(known.values[None], known.known[None])


def hull_of(values: Array, mask: IntArray | None = None) -> Extent:
    """The extent of arrays along a first axis; those that ``mask`` leaves out are unknown."""
    is_nan = np.isnan(values)
    known = np.ones(values.shape, bool) if mask is None else mask
    counts = known & ~is_nan
    return Extent(
        low=np.min(np.where(counts, values, np.inf), axis=0, initial=np.inf),
        high=np.max(np.where(counts, values, -np.inf), axis=0, initial=-np.inf),
        nan=np.any(known & is_nan, axis=0),
        number=np.any(counts, axis=0),
        unknown=np.any(~known, axis=0),
        known=np.any(known, axis=0),
    )


def union(one: Extent, other: Extent) -> Extent:
    """The extent that covers both."""
    return Extent(
        np.minimum(one.low, other.low),
        np.maximum(one.high, other.high),
        one.nan | other.nan,
        one.number | other.number,
        one.unknown | other.unknown,
        one.known | other.known,
    )


def between(low: Array, high: Array, *parts: Extent, nan: IntArray | bool = False) -> Extent:
    """The result of arithmetic on some extents.

    Where no number can be, or a bound was lost to NaN, the bounds are all numbers.

    Args:
        low: its lower bound.
        high: its upper bound.
        parts: what it was computed from, broadcast together.
        nan: where it may be NaN even of operands that are not.
    """
    lost = np.isnan(low) | np.isnan(high) | (low > high)
    yes = np.broadcast_to(True, low.shape)
    return Extent(
        np.where(lost, -np.inf, low),
        np.where(lost, np.inf, high),
        reduce(np.logical_or, (x.nan for x in parts), np.asarray(nan) | lost),
        reduce(np.logical_and, (x.number for x in parts), yes),
        reduce(np.logical_or, (x.unknown for x in parts), ~yes),
        reduce(np.logical_and, (x.known for x in parts), yes),
    )


def answer(may: IntArray, may_not: IntArray, *parts: Extent) -> Extent:
    """The extent of a truth value, entry by entry: whether it may be 1, and whether it may be 0."""
    no, yes = np.zeros(may.shape, bool), np.ones(may.shape, bool)
    return Extent(
        low=np.where(may_not, 0.0, 1.0),
        high=np.where(may, 1.0, 0.0),
        nan=no,
        number=yes,
        unknown=reduce(np.logical_or, (x.unknown for x in parts), no),
        known=reduce(np.logical_and, (x.known for x in parts), yes),
    )


def reduced(low: Array, high: Array, nan: IntArray, x: Extent, axes: Any) -> Extent:
    """The extent of one number reduced from many: NaN if one may be, known if all are."""
    lost = np.isnan(low) | np.isnan(high) | (low > high)
    return Extent(
        np.where(lost, -np.inf, low),
        np.where(lost, np.inf, high),
        np.asarray(nan | lost),
        np.ones(low.shape, bool),
        np.asarray(np.any(x.unknown, **axes)),
        np.asarray(np.all(x.known, **axes)),
    )


def infinite(x: Extent) -> IntArray:
    """Whether each entry may be infinite."""
    return np.asarray(np.isinf(x.low) | np.isinf(x.high))


def truths(x: Extent) -> tuple[IntArray, IntArray]:
    """Whether each entry may be true, and whether it may be false; NaN is true."""
    may = x.nan | (x.number & ((x.low != 0) | (x.high != 0)))
    return may, x.number & (x.low <= 0) & (x.high >= 0)
