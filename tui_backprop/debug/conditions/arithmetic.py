"""Bounds of numbers: of sums, products, lengths, and of functions that never fall.

They stand apart from bounds of answers because a number lies between two others, and may be NaN
though nothing that it was computed from is.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.debug.conditions.intervals import between, reduced
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.debug.conditions.intervals import Extent
    from tui_backprop.rules.types import Array, IntArray

    Bound = Callable[..., Extent]

_ULPS: Final = 32
"""How far the bounds of a function are moved apart that rounds as it likes."""


def infinite(x: Extent) -> IntArray:
    """Whether each entry may be infinite."""
    return np.asarray(np.isinf(x.low) | np.isinf(x.high))


def _add(x: Extent, y: Extent) -> Extent:
    opposite = ((x.high == np.inf) & (y.low == -np.inf)) | ((x.low == -np.inf) & (y.high == np.inf))
    return between(x.low + y.low, x.high + y.high, x, y, nan=opposite)


def _negative(x: Extent) -> Extent:
    return between(-x.high, -x.low, x)


def _multiply(x: Extent, y: Extent) -> Extent:
    ends = np.stack(np.broadcast_arrays(x.low * y.low, x.low * y.high, x.high * y.low,
                                        x.high * y.high))  # fmt: skip
    zero_x, zero_y = ((e.low <= 0) & (e.high >= 0) for e in (x, y))
    nan = (zero_x & infinite(y)) | (zero_y & infinite(x)) | np.isnan(ends).any(axis=0)
    low, high = np.nanmin(ends, axis=0, initial=np.inf), np.nanmax(ends, axis=0, initial=-np.inf)
    # 0 · inf is NaN at an end, yet anything in between is possible near it.
    return between(np.where(nan, -np.inf, low), np.where(nan, np.inf, high), x, y, nan=nan)


def _divide(x: Extent, y: Extent) -> Extent:
    over_zero = (y.low <= 0) & (y.high >= 0)
    ends = np.stack(np.broadcast_arrays(x.low / y.low, x.low / y.high, x.high / y.low,
                                        x.high / y.high))  # fmt: skip
    nan = over_zero | np.isnan(ends).any(axis=0) | (infinite(x) & infinite(y))
    low, high = ends.min(axis=0), ends.max(axis=0)
    return between(np.where(nan, -np.inf, low), np.where(nan, np.inf, high), x, y, nan=nan)


def _abs(x: Extent) -> Extent:
    low = np.where((x.low <= 0) & (x.high >= 0), 0.0, np.minimum(np.abs(x.low), np.abs(x.high)))
    return between(low, np.maximum(np.abs(x.low), np.abs(x.high)), x)


def _square(x: Extent) -> Extent:
    size = _abs(x)
    return between(size.low * size.low, size.high * size.high, x)


def _sqrt(x: Extent) -> Extent:
    return between(np.sqrt(np.maximum(x.low, 0)), np.sqrt(np.maximum(x.high, 0)), x, nan=x.low < 0)


def _rising(name: str) -> Bound:
    """A function that never falls; its bounds are moved apart, for it may round either way."""
    function: Callable[[Array], Array] = getattr(np, name)

    def bound(x: Extent) -> Extent:
        low, high = function(x.low), function(x.high)
        return between(*_apart(low, high), x)

    return bound


def _apart(low: Array, high: Array) -> tuple[Array, Array]:
    slack = _ULPS * np.finfo(low.dtype).eps
    return low - slack * abs(low), high + slack * abs(high)


def _pairwise(name: str) -> Bound:
    choose: Callable[[Array, Array], Array] = getattr(np, name)
    return lambda x, y: between(choose(x.low, y.low), choose(x.high, y.high), x, y)


def _sum(x: Extent, **axes: Any) -> Extent:
    nan = np.any(x.nan, **axes) | np.any(infinite(x), **axes)
    low, high = np.asarray(np.sum(x.low, **axes)), np.asarray(np.sum(x.high, **axes))
    return reduced(low, high, nan | np.isinf(low) | np.isinf(high), x, axes)


def _mean(x: Extent, **axes: Any) -> Extent:
    nan = np.any(x.nan, **axes) | np.any(infinite(x), **axes)
    count = x.low.size / max(np.sum(x.low, **axes).size, 1)
    low, high = (np.asarray(np.sum(e, **axes) / count) for e in (x.low, x.high))
    return reduced(*_apart(low, high), nan, x, axes)


def _extreme(name: str) -> Bound:
    choose: Callable[..., Array] = getattr(np, name)

    def bound(x: Extent, **axes: Any) -> Extent:
        low, high = np.asarray(choose(x.low, **axes)), np.asarray(choose(x.high, **axes))
        return reduced(low, high, np.any(x.nan, **axes), x, axes)

    return bound


def _norm(x: Extent, **axes: Any) -> Extent:
    """The length of a vector or of a matrix; other orders are not bounded."""
    size, length = _abs(x), RULES["norm"].forward
    low, high = (np.asarray(length(np, end, **axes)) for end in (size.low, size.high))
    return reduced(*_apart(low, high), np.any(x.nan, **axes), x, axes)


NUMBERS: Final[Mapping[str, Bound]] = MappingProxyType(
    {
        "add": _add,
        "subtract": lambda x, y: _add(x, _negative(y)),
        "negative": _negative,
        "multiply": _multiply,
        "divide": _divide,
        "abs": _abs,
        "square": _square,
        "sqrt": _sqrt,
        "exp": _rising("exp"),
        "tanh": _rising("tanh"),
        "maximum": _pairwise("maximum"),
        "minimum": _pairwise("minimum"),
        "sum": _sum,
        "mean": _mean,
        "max": _extreme("max"),
        "min": _extreme("min"),
        "norm": _norm,
    }
)
"""How each op bounds its result."""
