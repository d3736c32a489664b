"""Special functions that NumPy lacks, entry by entry, as accurate as float64 is.

    erfc(x) = 1 − erf(x)        erfinv(erf(x)) = x
    lgamma(x) = log|Γ(x)|       digamma = lgamma'       trigamma = digamma'

All take and give arrays, in the operand's dtype. At the poles 0, −1, −2, … they answer as PyTorch
does.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.rules.types import Array


def _in_own_dtype(function: Callable[[Array], Array]) -> Callable[[Any], Array]:
    """A function of float64 arrays for operands of any dtype; no warning about what is data."""

    def applied(x: Any) -> Array:
        given = np.asarray(x)
        with np.errstate(all="ignore"):
            found = function(given.astype(np.float64, casting="same_kind"))
        return np.asarray(found, dtype=np.result_type(given, np.float32))

    return applied


def _series(at: Array, coefficients: Sequence[float]) -> Array:
    """A polynomial by Horner's rule, the highest power first."""
    total = np.full_like(at, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * at + coefficient
    return total


_ERFC: Final = np.frompyfunc(math.erfc, 1, 1)

erfc: Final = _in_own_dtype(lambda x: np.asarray(_ERFC(x), dtype=np.float64))
"""1 − erf(x), with all digits where that is small."""

_MIDDLE: Final = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
     4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
     1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
     2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
     4.2313330701600911252e1, 1.0),
)  # fmt: skip
_TAIL: Final = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
     1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
     4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
     1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
     2.05319162663775882187e0, 1.0),
)  # fmt: skip
_FAR_TAIL: Final = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
     2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
     5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
     7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
     5.99832206555887937690e-1, 1.0),
)  # fmt: skip
"""Numerators and denominators of Wichura's AS 241, Applied Statistics 37 (1988): the normal
distribution turned around, in three stretches, to sixteen digits."""

_CENTRE: Final = 0.425
_FAR: Final = 5.0


def _ratio(at: Array, parts: tuple[tuple[float, ...], tuple[float, ...]]) -> Array:
    return _series(at, parts[0]) / _series(at, parts[1])


def _erfinv(x: Array) -> Array:
    """√2·erfinv(x) is the normal quantile at (1 + x)/2, whose distance to 1/2 and to 1 is exact."""
    apart = x / 2
    near = apart * _ratio(_CENTRE * _CENTRE - apart * apart, _MIDDLE)
    depth = np.sqrt(-np.log((1 - np.abs(x)) / 2))
    far = np.where(depth <= _FAR, _ratio(depth - 1.6, _TAIL), _ratio(depth - _FAR, _FAR_TAIL))
    far = np.where(np.abs(x) == 1, np.inf, far)
    return np.where(np.abs(apart) <= _CENTRE, near, np.copysign(far, x)) / math.sqrt(2)


erfinv: Final = _in_own_dtype(_erfinv)
"""The number whose erf is x: infinite at −1 and 1, NaN beyond."""


def _log_gamma(x: float) -> float:
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):  # a pole, or too large
        return math.inf


_LGAMMA: Final = np.frompyfunc(_log_gamma, 1, 1)

_ZETA: Final = (
    0.6449340668482264, 0.2020569031595943, 0.0823232337111382, 0.03692775514336993,
    0.01734306198444914, 0.008349277381922827, 0.00407735619794434, 0.0020083928260822143,
    0.0009945751278180853, 0.0004941886041194645, 0.00024608655330804832, 0.0001227133475784891,
    6.124813505870483e-05, 3.058823630702049e-05, 1.528225940865187e-05, 7.637197637899763e-06,
    3.817293264999840e-06, 1.9082127165539390e-06, 9.539620338727961e-07, 4.769329867878064e-07,
    2.384505027277330e-07, 1.1921992596531107e-07, 5.960818905125948e-08, 2.980350351465228e-08,
)  # fmt: skip
"""ζ(k) − 1 for k = 2, 3, …"""

_EULER: Final = 0.5772156649015329
_AROUND: Final = tuple((-1) ** k * zeta / k for k, zeta in reversed([*enumerate(_ZETA, start=2)]))


def _beside_two(s: Array) -> Array:
    """lgamma(2 + s) by its series, for |s| ≤ 1/2: Abramowitz and Stegun 6.1.33."""
    return s * (1 - _EULER + s * _series(s, _AROUND))


def _lgamma(x: Array) -> Array:
    """The C library's idea, and the series near the zeros 1 and 2, where that keeps few digits."""
    found = np.asarray(_LGAMMA(x), dtype=np.float64)
    by_one, by_two = np.abs(x - 1) <= 0.5, np.abs(x - 2) < 0.5
    if by_one.any():
        found = np.where(by_one, _beside_two(x - 1) - np.log1p(x - 1), found)
    return np.where(by_two, _beside_two(x - 2), found) if by_two.any() else found


lgamma: Final = _in_own_dtype(_lgamma)
"""log|Γ(x)|: inf at the poles."""

_STEPS: Final = 10
"""Below it the recurrence leads up to where few terms of the asymptotic series are enough."""

_OF_DIGAMMA: Final = (
    -1 / 12, 691 / 32760, -1 / 132, 1 / 240, -1 / 252, 1 / 120, -1 / 12
)  # fmt: skip
_OF_TRIGAMMA: Final = (7 / 6, -691 / 2730, 5 / 66, -1 / 30, 1 / 42, -1 / 30, 1 / 6)
"""What Bernoulli's numbers make of powers of 1/x², the highest first."""


def _raised(x: Array, term: Callable[[Array], Array]) -> tuple[Array, Array]:
    """Positive x moved up by whole steps to `_STEPS` at least, and the terms of all steps."""
    total, at = np.zeros_like(x), x
    for _ in range(_STEPS):
        is_low = at < _STEPS
        if not is_low.any():
            break
        total = np.where(is_low, total + term(at), total)
        at = np.where(is_low, at + 1, at)
    return at, total


def _turn(x: Array) -> Array:
    """π times the distance to the nearest whole number, which is exact before it is multiplied."""
    return np.pi * (x - np.round(x))


def _digamma(x: Array) -> Array:
    is_left = x < 0
    at, steps = _raised(np.where(is_left, 1 - x, x), lambda z: 1 / z)
    square = 1 / (at * at)
    found = np.log(at) - 0.5 / at + square * _series(square, _OF_DIGAMMA) - steps
    found = np.where(is_left, found - np.pi / np.tan(_turn(x)), found)
    is_pole = (x < 0) & (x == np.round(x))
    return np.where(is_pole, np.nan, np.where(x == 0, -np.copysign(np.inf, x), found))


digamma: Final = _in_own_dtype(_digamma)
"""The slope of lgamma: at 0 infinite with the sign of −x, NaN at −1, −2, …"""


def _trigamma(x: Array) -> Array:
    is_left = x < 0
    at, steps = _raised(np.where(is_left, 1 - x, x), lambda z: 1 / z / z)
    inverse = 1 / at
    square = inverse * inverse
    found = inverse * (1 + inverse / 2 + square * _series(square, _OF_TRIGAMMA)) + steps
    reflected = (np.pi / np.sin(_turn(x))) ** 2 - found
    return np.where(x == 0, np.inf, np.where(is_left, reflected, found))


trigamma: Final = _in_own_dtype(_trigamma)
"""The slope of digamma: inf at the poles."""
