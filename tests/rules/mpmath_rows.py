"""Functions of one or two numbers as mpmath has them, and their slopes by their definitions.

They are written apart from the rows: what is computed here knows no float64.
"""

from __future__ import annotations

from typing import Any, Final

import mpmath

DIGITS: Final = 700
"""Enough that a difference with a step of 10⁻³⁵⁰ times x still has sixty right digits."""

_FEWER: Final = 400
"""Enough where no difference is taken, for functions that take long."""

_FAR: Final = 40
"""Beyond it erfc is 0 or 2 to more digits than float64 has."""

_SELU: Final = (mpmath.mpf("1.0507009873554805"), mpmath.mpf("1.6732632423543772"))


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def _softplus(x: Any) -> Any:
    return mpmath.log1p(mpmath.exp(x))


def _gelu_tanh(x: Any) -> Any:
    cube = mpmath.mpf(0.044715)
    return x / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (x + cube * x**3)))


def _normal(x: Any) -> Any:
    return (mpmath.erfc(-x / mpmath.sqrt(2)) / 2) if x > -50 else mpmath.mpf(0)


def _sinc(x: Any) -> Any:
    return mpmath.mpf(1) if x == 0 else mpmath.sin(mpmath.pi * x) / (mpmath.pi * x)


def _sinc_slope(x: Any) -> Any:
    if x == 0:
        return mpmath.mpf(0)
    turned = mpmath.pi * x
    return (turned * mpmath.cos(turned) - mpmath.sin(turned)) / (mpmath.pi * x * x)


def _softplus_tanh(x: Any) -> Any:
    return mpmath.tanh(_softplus(x))


def _gelu_tanh_slope(x: Any) -> Any:
    cube, root = mpmath.mpf(0.044715), mpmath.sqrt(2 / mpmath.pi)
    bent = mpmath.tanh(root * (x + cube * x**3))
    return (1 + bent) / 2 + x / 2 * mpmath.sech(root * (x + cube * x**3)) ** 2 * root * (
        1 + 3 * cube * x * x
    )


def _mish_slope(x: Any) -> Any:
    return _softplus_tanh(x) + x * mpmath.sech(_softplus(x)) ** 2 * _sigmoid(x)


def _erfc(x: Any) -> Any:
    """Far out mpmath's own would count with more digits than there is room for."""
    return mpmath.erfc(x) if abs(x) < _FAR else mpmath.mpf(1) - mpmath.sign(x)


def _log_gamma(x: Any) -> Any:
    """log|Γ(x)|, by reflection left of 0, where the gamma function itself is out of reach."""
    if x > 0:
        return mpmath.loggamma(x)
    return mpmath.log(mpmath.pi / abs(mpmath.sinpi(x))) - mpmath.loggamma(1 - x)


def _digamma(x: Any) -> Any:
    with mpmath.workdps(_FEWER):
        if x > 0:
            return mpmath.digamma(x)
        return mpmath.digamma(1 - x) - mpmath.pi * mpmath.cot(mpmath.pi * (x - mpmath.nint(x)))


def _trigamma(x: Any) -> Any:
    with mpmath.workdps(_FEWER):
        if x > 0:
            return mpmath.psi(1, x)
        turned = mpmath.sinpi(x - mpmath.nint(x))
        return (mpmath.pi / turned) ** 2 - mpmath.psi(1, 1 - x)


def _erfinv(x: Any) -> Any:
    """Found by Newton's method; mpmath's own takes minutes with so many digits."""
    with mpmath.workdps(_FEWER):
        return mpmath.erfinv(x)


Function = "Callable[..., Any]"

ONE: Final[dict[str, tuple[Any, Any, float, float]]] = {
    # name: value, slope, least and most of |x| where it is asked
    "square": (lambda x: x * x, lambda x: 2 * x, 0, 1e150),
    "sqrt": (mpmath.sqrt, lambda x: 1 / (2 * mpmath.sqrt(x)), 0, 1e308),
    "cbrt": (mpmath.cbrt, lambda x: 1 / (3 * mpmath.cbrt(x) ** 2), 0, 1e308),
    "reciprocal": (lambda x: 1 / x, lambda x: -1 / (x * x), 0, 1e308),
    "exp": (mpmath.exp, mpmath.exp, 0, 700),
    "log": (mpmath.log, lambda x: 1 / x, 0, 1e308),
    "sigmoid": (_sigmoid, lambda x: _sigmoid(x) * _sigmoid(-x), 0, 1e308),
    "exp2": (lambda x: 2**x, lambda x: 2**x * mpmath.log(2), 0, 1000),
    "expm1": (mpmath.expm1, mpmath.exp, 0, 700),
    "log2": (lambda x: mpmath.log(x) / mpmath.log(2), lambda x: 1 / (x * mpmath.log(2)), 0, 1e308),
    "log10": (mpmath.log10, lambda x: 1 / (x * mpmath.log(10)), 0, 1e308),
    "log1p": (mpmath.log1p, lambda x: 1 / (1 + x), 0, 1e308),
    "erf": (mpmath.erf, lambda x: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x), 0, 1e308),
    "rsqrt": (lambda x: 1 / mpmath.sqrt(x), lambda x: -1 / (2 * x * mpmath.sqrt(x)), 0, 1e308),
    "erfc": (_erfc, lambda x: -2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x), 0, 1e308),
    "erfinv": (_erfinv, lambda x: mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(_erfinv(x) ** 2), 0, 1),
    "lgamma": (_log_gamma, _digamma, 0, 1e305),
    "digamma": (_digamma, _trigamma, 0, 1e308),
    "logit": (lambda x: mpmath.log(x) - mpmath.log1p(-x), lambda x: 1 / (x * (1 - x)), 0, 1),
    "sin": (mpmath.sin, mpmath.cos, 0, 1e15),
    "cos": (mpmath.cos, lambda x: -mpmath.sin(x), 0, 1e15),
    "tan": (mpmath.tan, lambda x: mpmath.sec(x) ** 2, 0, 1e15),
    "tanh": (mpmath.tanh, lambda x: mpmath.sech(x) ** 2, 0, 1e308),
    "sinc": (_sinc, _sinc_slope, 0, 1e5),
    "arcsin": (mpmath.asin, lambda x: 1 / mpmath.sqrt((1 - x) * (1 + x)), 0, 1),
    "arccos": (mpmath.acos, lambda x: -1 / mpmath.sqrt((1 - x) * (1 + x)), 0, 1),
    "arctan": (mpmath.atan, lambda x: 1 / (1 + x * x), 0, 1e308),
    "sinh": (mpmath.sinh, mpmath.cosh, 0, 700),
    "cosh": (mpmath.cosh, mpmath.sinh, 0, 700),
    "arcsinh": (mpmath.asinh, lambda x: 1 / mpmath.sqrt(x * x + 1), 0, 1e308),
    "arccosh": (mpmath.acosh, lambda x: 1 / mpmath.sqrt((x - 1) * (x + 1)), 1, 1e308),
    "arctanh": (mpmath.atanh, lambda x: 1 / ((1 - x) * (1 + x)), 0, 1),
    "log_sigmoid": (lambda x: -_softplus(-x), lambda x: _sigmoid(-x), 0, 1e308),
    "softplus": (_softplus, _sigmoid, 0, 1e308),
    "elu": (
        lambda x: x if x > 0 else mpmath.expm1(x), lambda x: 1 if x > 0 else mpmath.exp(x), 0, 1e308
    ),
    "selu": (
        lambda x: _SELU[0] * (x if x > 0 else _SELU[1] * mpmath.expm1(x)),
        lambda x: _SELU[0] * (1 if x > 0 else _SELU[1] * mpmath.exp(x)), 0, 1e308,
    ),
    "gelu": (
        lambda x: x * _normal(x),
        lambda x: _normal(x) + x * mpmath.npdf(x), 0, 1e308,
    ),
    "silu": (
        lambda x: x * _sigmoid(x),
        lambda x: _sigmoid(x) + x * _sigmoid(x) * _sigmoid(-x), 0, 1e308,
    ),
    "mish": (lambda x: x * _softplus_tanh(x), _mish_slope, 0, 1e308),
    "gelu tanh": (_gelu_tanh, _gelu_tanh_slope, 0, 1e308),
}  # fmt: skip


def _per(x: Any, y: Any) -> Any:
    return x / mpmath.hypot(x, y)


TWO: Final[dict[str, tuple[Any, Any, Any]]] = {
    # name: value, slope of the first operand, of the second
    "multiply": (lambda x, y: x * y, lambda x, y: y, lambda x, y: x),
    "divide": (lambda x, y: x / y, lambda x, y: 1 / y, lambda x, y: -x / (y * y)),
    "logaddexp": (
        lambda x, y: max(x, y) + mpmath.log1p(mpmath.exp(-abs(x - y))),
        lambda x, y: _sigmoid(x - y),
        lambda x, y: _sigmoid(y - x),
    ),
    "hypot": (mpmath.hypot, _per, lambda x, y: _per(y, x)),
    "arctan2": (
        mpmath.atan2,
        lambda y, x: x / (x * x + y * y),
        lambda y, x: -y / (x * x + y * y),
    ),
}  # fmt: skip
