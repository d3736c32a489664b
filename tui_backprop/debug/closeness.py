"""Which entries of two arrays are different numbers.

It stands apart because a comparison, a claim and a slip must all mean the same by it: NaN is NaN,
an infinity is itself, and an array is looked at as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from tui_backprop.rules.types import IntArray


def apart(
    left: npt.ArrayLike, right: npt.ArrayLike, rtol: float = 0.0, atol: float = 0.0
) -> IntArray:
    """Where ``|a − b| > atol + rtol · max(|a|, |b|)``, as booleans; arguments broadcast.

    NaN equals NaN and nothing else; an infinity equals itself and is apart from every other number.
    """
    a, b = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    with np.errstate(all="ignore"):
        distance = np.abs(a - b)
        allowed = atol + rtol * np.maximum(np.abs(a), np.abs(b))
        is_near = np.isfinite(distance) & (distance <= allowed)
    return np.asarray(~(is_near | (a == b) | (np.isnan(a) & np.isnan(b))))


def is_same(left: npt.NDArray[np.floating], right: npt.NDArray[np.floating]) -> bool:
    """Whether two arrays are alike in type, shape and every number, the sign of a zero included."""
    return left is right or (
        left.dtype == right.dtype
        and np.array_equal(left, right, equal_nan=True)
        and np.array_equal(np.signbit(left), np.signbit(right))
    )
