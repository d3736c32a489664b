"""How far two numbers may be apart and still count as equal; NaN and infinities included."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    import numpy.typing as npt

    from tui_backprop.rules.types import Array, IntArray


@dataclass(frozen=True, slots=True)
class Tolerance:
    """``|a − b| ≤ atol + rtol · max(|a|, |b|)``.

    Attributes:
        rtol: in units of the larger number.
        atol: in the numbers' own unit.
    """

    rtol: float = 0.0
    atol: float = 0.0

    def distance(self, a: float, b: float) -> float:
        """|a − b|; 0 for equal infinities and for two NaN, inf where only one is finite."""
        if a == b or (math.isnan(a) and math.isnan(b)):
            return 0.0
        distance = abs(a - b)
        return math.inf if math.isnan(distance) else distance

    def excess(self, a: float, b: float) -> float:
        """The distance in units of what is allowed: above 1 the two disagree."""
        distance = self.distance(a, b)
        if not distance or math.isinf(distance):
            return distance
        allowed = self.atol + self.rtol * max(abs(a), abs(b))
        return distance / allowed if allowed else math.inf

    def excesses(self, a: Array, b: Array) -> Array:
        """`excess` of whole arrays, entry by entry."""
        return excesses(a, b, self.rtol, self.atol)

    def apart(self, a: npt.ArrayLike, b: npt.ArrayLike) -> IntArray:
        """Where two arrays disagree, as booleans; they broadcast."""
        x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
        with np.errstate(all="ignore"):
            distance = np.abs(x - y)
            allowed = self.atol + self.rtol * np.maximum(np.abs(x), np.abs(y))
            is_near = np.isfinite(distance) & (distance <= allowed)
        return np.asarray(~(is_near | (x == y) | (np.isnan(x) & np.isnan(y))))

    def allows(self, a: float, b: float) -> bool:
        """Whether the two agree."""
        return self.excess(a, b) <= 1


def excesses(a: Array, b: Array, rtol: float, atol: float | Array) -> Array:
    """`Tolerance.excess` of whole arrays, entry by entry; each may have an atol of its own."""
    with np.errstate(all="ignore"):
        is_same = (a == b) | (np.isnan(a) & np.isnan(b))
        distance = np.where(is_same, 0.0, np.abs(a - b))
        allowed = atol + rtol * np.maximum(np.abs(a), np.abs(b))
        ratio = np.where(is_same, 0.0, distance / allowed)
    return np.where(np.isnan(ratio), np.inf, ratio)


def in_dtype(value: float, dtype: np.dtype[np.floating]) -> float:
    """A number as the engine could at best hold it: one that overflows float32 is inf there."""
    with np.errstate(all="ignore"):
        return float(dtype.type(value))


def is_same(left: npt.NDArray[np.floating], right: npt.NDArray[np.floating]) -> bool:
    """Whether two arrays are alike in type, shape and every number, the sign of a zero included."""
    return left is right or (
        left.dtype == right.dtype
        and np.array_equal(left, right, equal_nan=True)
        and np.array_equal(np.signbit(left), np.signbit(right))
    )
