"""Bounds of answers: what may be true, and what may be false.

They stand apart from bounds of numbers because an answer may be known though a part of what it
asks about is not.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.debug.conditions.arithmetic import infinite
from tui_backprop.debug.conditions.intervals import Extent, answer, reduced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.rules.types import IntArray

    Bound = Callable[..., Extent]


def _less(x: Extent, y: Extent) -> Extent:
    both = x.number & y.number
    nan = x.nan | y.nan
    return answer(both & (x.low < y.high), nan | (both & (x.high >= y.low)), x, y)


def _less_equal(x: Extent, y: Extent) -> Extent:
    both = x.number & y.number
    nan = x.nan | y.nan
    return answer(both & (x.low <= y.high), nan | (both & (x.high > y.low)), x, y)


def _equal(x: Extent, y: Extent) -> Extent:
    both = x.number & y.number
    may = both & (x.low <= y.high) & (y.low <= x.high)
    one = (x.low == x.high) & (y.low == y.high) & (x.low == y.low)
    return answer(may, x.nan | y.nan | (both & ~one), x, y)


def truths(x: Extent) -> tuple[IntArray, IntArray]:
    """Whether each entry may be true, and whether it may be false; NaN is true."""
    may = x.nan | (x.number & ((x.low != 0) | (x.high != 0)))
    return may, x.number & (x.low <= 0) & (x.high >= 0)


def _not(x: Extent) -> Extent:
    may, may_not = truths(x)
    return answer(may_not, may, x)


def _sure(may: IntArray, may_not: IntArray, unknown: IntArray, known: IntArray) -> Extent:
    """An answer that may be known though one of its parts is not."""
    found = answer(may, may_not)
    return Extent(found.low, found.high, found.nan, found.number, unknown, known)


def _and(x: Extent, y: Extent) -> Extent:
    (a, not_a), (b, not_b) = truths(x), truths(y)
    # False of one part alone decides: both bounds allow it, and that nothing is known.
    return _sure(a & b, not_a | not_b, x.unknown | y.unknown, x.known | y.known)


def _or(x: Extent, y: Extent) -> Extent:
    (a, not_a), (b, not_b) = truths(x), truths(y)
    return _sure(a | b | x.unknown | y.unknown, not_a & not_b,
                 x.unknown | y.unknown, x.known | y.known)  # fmt: skip


def _any(x: Extent, **axes: Any) -> Extent:
    may, may_not = truths(x)
    return _sure(np.any(may, **axes), np.all(may_not | x.unknown, **axes),
                 np.any(x.unknown, **axes), _some(x.known, axes))  # fmt: skip


def _all(x: Extent, **axes: Any) -> Extent:
    may, may_not = truths(x)
    return _sure(np.all(may | x.unknown, **axes), np.any(may_not, **axes),
                 np.any(x.unknown, **axes), _some(x.known, axes))  # fmt: skip


def _some(known: IntArray, axes: Any) -> IntArray:
    """Whether a reduction may be known; of nothing it is."""
    return np.asarray(np.any(known, **axes) | (np.ones_like(known).sum(**axes) == 0))


def _count(x: Extent, **axes: Any) -> Extent:
    may, may_not = truths(x)
    low, high = np.sum(~may_not & may, **axes), np.sum(may, **axes)
    no = np.zeros(np.shape(low), bool)
    return reduced(np.asarray(low, float), np.asarray(high, float), no, x, axes)


def _is(may: Callable[[Extent], IntArray], may_not: Callable[[Extent], IntArray]) -> Bound:
    return lambda x: answer(may(x), may_not(x), x)


ANSWERS: Final[Mapping[str, Bound]] = MappingProxyType(
    {
        "less": _less,
        "less_equal": _less_equal,
        "greater": lambda x, y: _less(y, x),
        "greater_equal": lambda x, y: _less_equal(y, x),
        "equal": _equal,
        "not_equal": lambda x, y: _not(_equal(x, y)),
        "logical_and": _and,
        "logical_or": _or,
        "logical_not": _not,
        "any": _any,
        "all": _all,
        "isnan": _is(lambda x: x.nan, lambda x: x.number),
        "isinf": _is(
            lambda x: x.number & infinite(x),
            lambda x: x.nan | (x.number & (x.low < np.inf) & (x.high > -np.inf)),
        ),
        "isfinite": _is(
            lambda x: x.number & (x.low < np.inf) & (x.high > -np.inf),
            lambda x: x.nan | (x.number & infinite(x)),
        ),
        "count_nonzero": _count,
    }
)
"""How each op bounds its result."""
