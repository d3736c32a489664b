"""Exponentials, logarithms, trigonometric and hyperbolic functions, and what is made of them."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules import slope_reasons
from tui_backprop.rules.rows import elementwise, function
from tui_backprop.rules.rule import Domain, Traits

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule


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
_SMALL_FLOAT32: Final = 1e-30
"""Their squares, and what is about as small, are where float64 ends; and where float32 does."""

LOWEST: Final = -708.0
"""Below it exp(−x) overflows, and sigmoid(x) is exp(x) to the last digit."""


def mended(usual: Any, is_rare: Any, rare: Callable[[], Any]) -> Any:
    """A value by the usual formula, and by another one where the usual one is not accurate."""
    if not is_rare.any():
        return usual
    return np.where(is_rare, rare(), usual)


def one_where(m: Any, condition: Any) -> Any:
    """1 where a condition holds, else 0: with NumPy the condition itself, which counts as that."""
    return condition if m is np else m.where(condition, 1, 0)


def are_moderate(lengths: Any) -> bool:
    """Whether all lengths are far from the ends of their format: no square on the way was lost.

    Then a sum of squares has the same digits as one that was scaled by a power of two meanwhile.
    """
    low, high = moderate(lengths.dtype)
    if lengths.size == 1:
        return bool(low < abs(lengths.item()) < high)
    return not lengths.size or bool(lengths.min() > low and lengths.max() < high)


@cache
def moderate(dtype: np.dtype[Any]) -> tuple[float, float]:
    """Between which lengths are moderate."""
    found = np.finfo(dtype)
    return float(found.tiny) ** 0.4, float(found.max) ** 0.4


def normal(m: Any, x: Any) -> Any:
    """The normal distribution Φ(x); far below 0 not as 1 less something."""
    usual = (1 + erf(m, x / root(m, 2))) / 2
    if m is not np:
        return usual
    is_rare = np.asarray(x < -1)
    if is_rare.any():  # where it holds alone: a call for each entry is dear
        usual = np.array(usual)
        far = np.asarray(x)[is_rare]
        usual[is_rare] = np.asarray(_ERFC(-far / root(m, 2)), dtype=usual.dtype) / 2
    return usual


def sigmoid(m: Any, x: Any) -> Any:
    """1 / (1 + exp(−x)); exp(−x) may reach inf, and 1 / (1 + inf) is 0."""
    usual = 1 / (1 + m.exp(-x))
    return usual if m is not np else mended(usual, x < LOWEST, lambda: np.exp(x))


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
    """√(x² + 1), or with −1 √(x² − 1), with numbers as that of a product: exact also beside 1."""
    if m is not np:
        return m.sqrt(x * x + one)
    square = (x - 1) * (x + 1) + 0 if one < 0 else x * x + 1  # −0.0 + 0 is 0
    usual = np.sqrt(square)
    return mended(usual, usual > _HUGE, lambda: np.abs(x))


def scaled(*parts: Any) -> tuple[Any, ...]:
    """Numbers divided by a power of two, so that the largest is about 1, and its exponent."""
    with np.errstate(all="ignore"):
        _, exponent = np.frexp(np.max(np.abs(np.broadcast_arrays(*parts)), axis=0))
    return (*(np.ldexp(part, -exponent) for part in parts), exponent)


def per_length(m: Any, part: Any, length: Any, x: Any, y: Any) -> Any:
    """A coordinate over √(x² + y²), which may be too large or too small to be divided by."""
    usual = part / length
    if m is not np or (np.size(length) and length.min() >= _SMALL and length.max() < np.inf):
        return usual
    is_rare = ((length == np.inf) | (length < _SMALL)) & np.isfinite(x) & np.isfinite(y)
    is_rare &= np.maximum(np.abs(x), np.abs(y)) > 0

    def rare() -> Any:
        own, a, b, _ = scaled(part, x, y)
        return own / np.hypot(a, b)

    return mended(usual, is_rare, rare)


def per_square(m: Any, part: Any, x: Any, y: Any) -> Any:
    """A coordinate over x² + y², and 0 at (0, 0)."""
    square = x * x + y * y
    least = _SMALL_FLOAT32 if m is np and square.dtype == np.float32 else _SMALL
    if m is np and np.all((square >= least) & (square < np.inf)):
        return part / square
    is_nowhere = m.logical_and(m.equal(x, 0), m.equal(y, 0))
    usual = m.where(is_nowhere, 0, part / m.where(is_nowhere, 1, square))
    if m is not np:
        return usual
    is_rare = ((square == np.inf) | (square < least)) & np.isfinite(x) & np.isfinite(y)

    def rare() -> Any:
        own, a, b, exponent = scaled(part, x, y)
        return np.ldexp(own / (a * a + b * b), -exponent)

    return mended(usual, is_rare & ~is_nowhere, rare)


_SQUASHING: Final = Traits(saturates=True, rises=True)

_EXPLODING: Final = Traits(overflows=True, rises=True)


def _logarithm(slope: str, unscaled: float = 1.0) -> Traits:
    return Traits((0.0, math.inf), slope, ("0",), unscaled=unscaled, has_epsilon=True, rises=True)


_TRIGONOMETRIC: Final[tuple[Rule, ...]] = (
    function("sin", lambda m, y, x: m.cos(x), "the sine of x, in radians"),
    function("cos", lambda m, y, x: -m.sin(x), "the cosine of x, in radians"),
    function("tanh", lambda m, y, x: 1 - y * y, "the hyperbolic tangent of x", traits=_SQUASHING),
    function("tan", lambda m, y, x: 1 + y * y, "the tangent of x, in radians", Domain(-1.25, 1.25)),
    function("sinc", sinc_slope, "sin(πx) / (πx), and 1 at x = 0"),
    function(
        "arcsin",
        lambda m, y, x: 1 / root_beside_one(m, x),
        "the angle whose sine is x, between −π/2 and π/2",
        Domain(-0.9, 0.9),
        traits=Traits((-1.0, 1.0), "1/sqrt(1 - x**2)", ("-1", "1"), rises=True),
    ),
    function(
        "arccos",
        lambda m, y, x: -1 / root_beside_one(m, x),
        "the angle whose cosine is x, between 0 and π",
        Domain(-0.9, 0.9),
        traits=Traits((-1.0, 1.0), "-1/sqrt(1 - x**2)", ("-1", "1")),
    ),
    function(
        "arctan",
        lambda m, y, x: arctan_slope(m, x),
        "the angle whose tangent is x, between −π/2 and π/2",
        traits=_SQUASHING,
    ),
    elementwise(
        "arctan2",
        "y x",
        forward=lambda m, y, x: m.arctan2(y, x),
        partials=(
            lambda m, z, y, x: per_square(m, x, x, y),
            lambda m, z, y, x: per_square(m, -y, x, y),
        ),
        summary="the angle of the point (x, y), between −π and π",
        kink=lambda m, y, x: m.maximum(m.abs(x), m.abs(y)),
        convention="at (0, 0), where there is no angle, the gradient is 0",
        domains=(Domain(0.25, 2.0), Domain()),
    ),
    elementwise(
        "hypot",
        "x y",
        forward=lambda m, x, y: m.hypot(x, y),
        partials=(
            lambda m, z, x, y: per_length(m, x, z, x, y),
            lambda m, z, x, y: per_length(m, y, z, x, y),
        ),
        summary="√(x² + y²), without overflow",
        kink=lambda m, x, y: m.maximum(m.abs(x), m.abs(y)),
        convention="at (0, 0), where it has a corner, the gradient is NaN",
        domains=(Domain(0.25, 2.0), Domain()),
        traits=Traits(zero=slope_reasons.own_zero),
    ),
    function("sinh", lambda m, y, x: m.cosh(x), "the hyperbolic sine of x", traits=_EXPLODING),
    function(
        "cosh",
        lambda m, y, x: m.sinh(x),
        "the hyperbolic cosine of x",
        traits=Traits(overflows=True),
    ),
    function(
        "arcsinh",
        lambda m, y, x: 1 / root_of_square(m, x, 1),
        "the number whose hyperbolic sine is x",
        traits=Traits(rises=True),
    ),
    function(
        "arccosh",
        lambda m, y, x: 1 / root_of_square(m, x, -1),
        "the non-negative number whose hyperbolic cosine is x",
        Domain(1.25, 3.0),
        traits=Traits((1.0, math.inf), "1/sqrt(x**2 - 1)", ("1",), rises=True),
    ),
    function(
        "arctanh",
        lambda m, y, x: 1 / beside_one(m, x),
        "the number whose hyperbolic tangent is x",
        Domain(-0.9, 0.9),
        traits=Traits((-1.0, 1.0), "1/(1 - x**2)", ("-1", "1"), rises=True),
    ),
)


RULES: Final[tuple[Rule, ...]] = (
    function("exp", lambda m, y, x: y, "e to the power x", traits=_EXPLODING),
    function(
        "log",
        lambda m, y, x: 1 / x,
        "the natural logarithm of x",
        Domain(0.25, 3.0),
        traits=_logarithm("1/x"),
    ),
    elementwise(
        "sigmoid",
        "x",
        # exp(−logaddexp(0, −x)) would not overflow, but is |x| times less accurate.
        forward=sigmoid,
        # Of the value, as PyTorch has it: where that is 1 the unit is saturated, and its slope 0.
        partials=(lambda m, y, x: y * (1 - y),),
        summary="1 / (1 + exp(−x))",
        traits=_SQUASHING,
    ),
    function(
        "exp2",
        lambda m, y, x: y * m.log(2),
        "2 to the power x",
        traits=Traits(overflows=True, unscaled=1 / math.log(2), rises=True),
    ),
    function(
        "expm1", lambda m, y, x: m.exp(x), "exp(x) − 1, exact where x is near 0", traits=_EXPLODING
    ),
    function(
        "log2",
        lambda m, y, x: 1 / (x * m.log(2)),
        "the logarithm of x to base 2",
        Domain(0.25, 3.0),
        traits=_logarithm("1/(x·log(2))", math.log(2)),
    ),
    function(
        "log10",
        lambda m, y, x: 1 / (x * m.log(10)),
        "the logarithm of x to base 10",
        Domain(0.25, 3.0),
        traits=_logarithm("1/(x·log(10))", math.log(10)),
    ),
    function(
        "log1p",
        lambda m, y, x: 1 / (1 + x),
        "log(1 + x), exact where x is near 0",
        Domain(-0.75, 3.0),
        traits=Traits((-1.0, math.inf), "1/(1 + x)", ("-1",), rises=True),
    ),
    elementwise(
        "logaddexp",
        "x y",
        forward=lambda m, x, y: m.logaddexp(x, y),
        partials=(
            lambda m, z, x, y: sigmoid(m, x - y),
            lambda m, z, x, y: sigmoid(m, y - x),
        ),
        summary="log(exp(x) + exp(y)), without overflow",
    ),
    elementwise(
        "logaddexp2",
        "x y",
        forward=lambda m, x, y: m.logaddexp2(x, y),
        partials=(
            lambda m, z, x, y: sigmoid(m, (x - y) * m.log(2)),
            lambda m, z, x, y: sigmoid(m, (y - x) * m.log(2)),
        ),
        summary="the logarithm to base 2 of 2 to the x plus 2 to the y, without overflow",
    ),
    elementwise(
        "erf",
        "x",
        forward=erf,
        partials=(lambda m, y, x: 2 / root(m, m.pi) * m.exp(-(x * x)),),
        summary="the error function: 2/√π times the integral of exp(−t²) from 0 to x",
        traits=_SQUASHING,
    ),
    *_TRIGONOMETRIC,
)
