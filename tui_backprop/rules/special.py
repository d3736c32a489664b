"""Functions and slopes that stay right where a row's formula over- or underflows, or cancels.

They stand apart because a row is a formula: what is done here for very large and very small numbers
has no say in it. Each is that formula wherever it is good to the last digits.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


def root(m: Any, number: Any) -> Any:
    """√number as a number that keeps float32 in float32; with symbols a formula."""
    return math.sqrt(number) if m is np else m.sqrt(number)


_ERF: Final = np.frompyfunc(math.erf, 1, 1)


def erf(m: Any, x: Any) -> Any:
    """The error function entry by entry, in x's dtype; with symbols a formula."""
    if m is not np:
        return m.erf(x)
    array = np.asarray(x)
    return np.asarray(_ERF(array), dtype=np.result_type(array, np.float32))


_ERFC: Final = np.frompyfunc(math.erfc, 1, 1)

_EDGE: Final = 0.9
"""Beyond it 1 − x² has lost digits; before it has them."""

_HUGE: Final = 1e100
_SMALL: Final = 1e-290
"""Their squares, and what is about as small, are where float64 ends."""

_LOWEST: Final = -708.0
"""Below it exp(−x) overflows, and sigmoid(x) is exp(x) to the last digit."""


def mended(usual: Any, is_rare: Any, rare: Callable[[], Any]) -> Any:
    """What is usual, and where it is not good what is rarely asked for."""
    if not is_rare.any():
        return usual
    return np.where(is_rare, rare(), usual)


def normal(m: Any, x: Any) -> Any:
    """The normal distribution Φ(x); far below 0 not as 1 less something."""
    usual = (1 + erf(m, x / root(m, 2))) / 2
    if m is not np:
        return usual
    return mended(usual, x < -1, lambda: np.asarray(
        _ERFC(np.asarray(-x / root(m, 2))), dtype=np.result_type(x, np.float32)) / 2)  # fmt: skip


def sigmoid(m: Any, x: Any) -> Any:
    """1 / (1 + exp(−x)); exp(−x) may reach inf, and 1 / (1 + inf) is 0."""
    usual = 1 / (1 + m.exp(-x))
    return usual if m is not np else mended(usual, x < _LOWEST, lambda: np.exp(x))


def sinc_slope(m: Any, y: Any, x: Any) -> Any:
    """(cos πx − y) / x, and near 0, where those two cancel, the series."""
    usual = m.where(m.equal(x, 0), 0, (m.cos(m.pi * x) - y) / m.where(m.equal(x, 0), 1, x))
    if m is not np:
        return usual
    return mended(usual, np.abs(x) < _SERIES, lambda: _sinc_series(np.pi * x))


_SERIES: Final = 0.05
_TERMS: Final = tuple((-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(6, 0, -1))


def _sinc_series(turned: Any) -> Any:
    """π times the derivative of sin(t)/t by t."""
    square, total = turned * turned, turned * 0
    for term in _TERMS:
        total = total * square + term
    return total * turned * np.pi


def root_beside_one(m: Any, x: Any) -> Any:
    """√(1 − x²)."""
    usual = m.sqrt(1 - x * x)
    if m is not np:
        return usual
    return mended(usual, np.abs(x) > _EDGE, lambda: np.sqrt((1 - x) * (1 + x)))


def beside_one(m: Any, x: Any) -> Any:
    """1 − x²."""
    usual = 1 - x * x
    return usual if m is not np else mended(usual, np.abs(x) > _EDGE, lambda: (1 - x) * (1 + x))


def arctan_slope(m: Any, x: Any) -> Any:
    """1 / (1 + x²)."""
    usual = 1 / (1 + x * x)
    return usual if m is not np else mended(usual, np.abs(x) > _HUGE, lambda: 1 / x / x)


def root_of_square(m: Any, x: Any, one: int) -> Any:
    """√(x² + 1), or with −1 √(x² − 1)."""
    usual = m.sqrt(x * x + one)
    if m is not np:
        return usual
    if one < 0:
        usual = mended(usual, (x >= 1) & (x < 2), lambda: np.sqrt((x - 1) * (x + 1)))
    return mended(usual, np.abs(x) > _HUGE, lambda: np.abs(x))


def scaled(*parts: Any) -> tuple[Any, ...]:
    """Numbers divided by a power of two, so that the largest is about 1, and its exponent."""
    with np.errstate(all="ignore"):
        _, exponent = np.frexp(np.max(np.abs(np.broadcast_arrays(*parts)), axis=0))
    return (*(np.ldexp(part, -exponent) for part in parts), exponent)


def per_length(m: Any, part: Any, length: Any, x: Any, y: Any) -> Any:
    """A coordinate over √(x² + y²), which may be too large or too small to be divided by."""
    usual = part / length
    if m is not np:
        return usual
    is_rare = ((length == np.inf) | (length < _SMALL)) & np.isfinite(x) & np.isfinite(y)
    is_rare &= np.maximum(np.abs(x), np.abs(y)) > 0

    def rare() -> Any:
        own, a, b, _ = scaled(part, x, y)
        return own / np.hypot(a, b)

    return mended(usual, is_rare, rare)


def per_square(m: Any, part: Any, x: Any, y: Any) -> Any:
    """A coordinate over x² + y², and 0 at (0, 0)."""
    is_nowhere = m.logical_and(m.equal(x, 0), m.equal(y, 0))
    square = x * x + y * y
    usual = m.where(is_nowhere, 0, part / m.where(is_nowhere, 1, square))
    if m is not np:
        return usual
    is_rare = ((square == np.inf) | (square < _SMALL)) & np.isfinite(x) & np.isfinite(y)

    def rare() -> Any:
        own, a, b, exponent = scaled(part, x, y)
        return np.ldexp(own / (a * a + b * b), -exponent)

    return mended(usual, is_rare & ~is_nowhere, rare)
