"""Extents: between which numbers each entry of an array stays over many steps.

An extent may be too wide but never too narrow: a step that it rules out need not be looked at.
Floating-point sums, products and comparisons round monotonically, so bounds computed like the
values bound them.
"""

from __future__ import annotations

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
    def may_hold(self) -> bool:
        """Whether a single answer may be known to be true."""
        may = self.known & (self.nan | (self.number & ((self.low != 0) | (self.high != 0))))
        return bool(may.any())

    @property
    def may_fail(self) -> bool:
        """Whether a single answer may be false, or not be known."""
        is_zero = self.number & (self.low <= 0) & (self.high >= 0)
        return bool((self.unknown | is_zero).any())


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
    any_nan = np.asarray(nan) | lost
    every = np.broadcast_to(True, low.shape)
    number, unknown, known = every, ~every, every
    for part in parts:
        any_nan = any_nan | part.nan
        number = number & part.number
        unknown = unknown | part.unknown
        known = known & part.known
    return Extent(
        np.where(lost, -np.inf, low),
        np.where(lost, np.inf, high),
        np.asarray(any_nan),
        np.asarray(number),
        np.asarray(unknown),
        np.asarray(known),
    )


def answer(may: IntArray, may_not: IntArray, *parts: Extent) -> Extent:
    """The extent of a truth value, entry by entry: whether it may be 1, and whether it may be 0."""
    unknown = np.zeros(may.shape, bool)
    known = np.ones(may.shape, bool)
    for part in parts:
        unknown = unknown | part.unknown
        known = known & part.known
    return Extent(
        low=np.where(may_not, 0.0, 1.0),
        high=np.where(may, 1.0, 0.0),
        nan=np.zeros(may.shape, bool),
        number=np.ones(may.shape, bool),
        unknown=np.asarray(unknown),
        known=np.asarray(known),
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
