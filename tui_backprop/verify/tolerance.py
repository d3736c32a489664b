"""How far two numbers may be apart and still be called the same.

It stands apart because every witness asks it, each with tolerances of its own, and because NaN and
infinities must be compared alike by all of them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array


@dataclass(frozen=True, slots=True)
class Tolerance:
    """``|a − b| ≤ atol + rtol · max(|a|, |b|)``.

    Attributes:
        rtol: in units of the larger number.
        atol: in the numbers' own unit.
    """

    rtol: float
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
        with np.errstate(all="ignore"):
            is_same = (a == b) | (np.isnan(a) & np.isnan(b))
            distance = np.where(is_same, 0.0, np.abs(a - b))
            allowed = self.atol + self.rtol * np.maximum(np.abs(a), np.abs(b))
            ratio = np.where(is_same, 0.0, distance / allowed)
        return np.where(np.isnan(ratio), np.inf, ratio)

    def allows(self, a: float, b: float) -> bool:
        """Whether the two agree."""
        return self.excess(a, b) <= 1


def in_dtype(value: float, dtype: np.dtype[np.floating]) -> float:
    """A number as the engine could at best hold it: what overflows in float32 is inf there."""
    with np.errstate(all="ignore"):
        return float(dtype.type(value))
