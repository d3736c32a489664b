"""Arithmetic and rounding: + − · / and powers, roots, remainders, floor, ceil, round and sign.

In a row, ``x`` and ``y`` are the operands, and ``z`` is the value: z = x + y. The product with v
and the sum over broadcast axes are derived.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.rows import elementwise, function
from tui_backprop.rules.rule import Domain, Example, Parameter, Reason, Traits

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Shape


def _flat(name: str, summary: str, jump: Callable[[Any, Any], Any]) -> Rule:
    convention = f"{name}' = 0, where it jumps too"
    return function(
        name,
        0,
        summary,
        masked=True,
        kink=jump,
        convention=convention,
        traits=Traits(rises=True),
    )


_MOST_DECIMALS: Final = 300
"""Beyond, the power of ten is no float64."""


def _rounded(m: Any, x: Any, decimals: int = 0) -> Any:
    if m is np:
        return np.round(x, decimals)
    shifted = m.round(x * 10**decimals if decimals >= 0 else m.divide(x, 10**-decimals))
    return m.divide(shifted, 10**decimals) if decimals >= 0 else shifted * 10**-decimals


def _to_half(m: Any, x: Any, decimals: int = 0) -> Any:
    """How far x is from where it would be rounded the other way, in units of the last digit."""
    scaled = x * 10.0**decimals
    return scaled - m.floor(scaled) - 0.5


def _decimals_shape(x: Shape, decimals: int = 0) -> Shape:
    if abs(decimals) > _MOST_DECIMALS:
        raise ArgumentError(
            said(
                "decimals={decimals}: expected from −{most_decimals} to {most_decimals}",
                decimals=decimals,
                most_decimals=_MOST_DECIMALS,
            )
        )
    return x


_ROUND: Final = elementwise(
    "round",
    "x",
    parameters=(Parameter("decimals", "int", 0),),
    shape=_decimals_shape,
    forward=_rounded,
    partials=(0,),
    summary="the nearest whole number, or number of so many decimals; halves go to the even one",
    masked=True,
    kink=_to_half,
    convention="round' = 0, where it jumps too",
    examples=(
        *(Example((shape,)) for shape in ((), (3,), (2, 3), (0,))),
        Example(((3,),), {"decimals": 1}),
        Example(((3,),), {"decimals": -1}),
    ),
)


def _quotient_off_whole(m: Any, x: Any, y: Any) -> Any:
    """How far x is from a whole multiple of y, in units of y."""
    quotient = x / m.where(m.equal(y, 0), 1, y)
    return quotient - m.round(quotient)


_FLOOR_DIVIDE: Final = elementwise(
    "floor_divide",
    "x y",
    forward=lambda m, x, y: np.floor_divide(x, y) if m is np else m.floor(x / y),
    partials=(0, 0),
    summary="how many whole multiples of y fit into x: the quotient, rounded down",
    masked=True,
    kink=_quotient_off_whole,
    convention="floor_divide' = 0, where it jumps too",
    domains=(Domain(0.5, 3.0), Domain(0.5, 3.0)),
)

_ROUNDING: Final[tuple[Rule, ...]] = (
    _flat("floor", "the largest whole number that is at most x", lambda m, x: x - m.round(x)),
    _flat("ceil", "the smallest whole number that is at least x", lambda m, x: x - m.round(x)),
    _flat("trunc", "the whole part of x, rounded towards 0", lambda m, x: x - m.round(x)),
    _ROUND,
    _flat("sign", "−1, 0 or 1: the sign of x", lambda m, x: x),
    _FLOOR_DIVIDE,
)  # fmt: skip


_POSITIVE: Final = Domain(0.25, 3.0)

_OPPOSITE: Final = Reason("inf - inf is NaN", lambda z, x, y: np.isnan(z))


def _is_fresh(z: Any, *operands: Any) -> Any:
    """Whether a value is infinite though no operand is, nor NaN."""
    return reduce(np.logical_and, map(np.isfinite, operands), np.isinf(z))


_LARGE: Final = Reason("it is larger than {largest}", _is_fresh)


def _to_multiple(m: Any, x: Any, y: Any) -> Any:
    """How far x is from a whole multiple of y, in units of y.

    What is left is asked, which is exact. The quotient is not: 0.25 / 0.001 is rounded to 250, and
    249 multiples are taken off.
    """
    divisor = m.where(m.equal(y, 0), 1, y)
    part = m.remainder(x, divisor) / divisor
    return part - m.round(part)


_NO_REMAINDER: Final = Reason(
    "a division by 0, or of an infinity, leaves no remainder", lambda z, x, y: np.isnan(z)
)


def _multiples(m: Any, z: Any, x: Any, y: Any) -> Any:
    """How many multiples fmod takes off, and not the quotient rounded: 249 of 0.25 and 0.001.

    With numbers from what is left, z, which is exact.
    """
    if m is not np:
        return m.trunc(x / y)
    found = np.rint((x - z) / y)
    is_none = np.equal(y, 0)
    return np.where(is_none, x / y, found) if is_none.any() else found


_SHORT_CUTS: Final = ((2.0, np.square), (0.5, np.sqrt), (-1.0, np.reciprocal))


def _raised(m: Any, x: Any, y: Any) -> Any:
    """The power: each entry the same number whatever it is computed together with.

    Where the exponent is one number NumPy takes short cuts, which round otherwise; here they are
    taken for each entry of its own.
    """
    if m is not np:
        return x**y
    if not _is_many(y):
        return x if y == 1 else x * x if y == 2 else np.power(x, y)
    found = np.power(x, y)
    for exponent, exact in _SHORT_CUTS:
        is_short = y == exponent
        if is_short.any():
            found = np.where(is_short, exact(x), found)
    return found


def _is_many(y: Any) -> bool:
    return isinstance(y, np.ndarray) and y.ndim > 0


def _slope_of_base(m: Any, _z: Any, x: Any, y: Any) -> Any:
    if m is np and not _is_many(y):
        if y == 2:
            return x + x
        return y * _raised(m, x, y - 1) if y else 0
    return m.where(m.equal(y, 0), 0, y * _raised(m, x, y - 1))


def _power(name: str, text: str, summary: str) -> Rule:
    return elementwise(
        name,
        "x y",
        text=text,
        forward=_raised,
        partials=(
            _slope_of_base,
            lambda m, z, x, y: m.where(
                m.logical_and(m.equal(x, 0), m.greater_equal(y, 0)), 0, z * m.log(x)
            ),
        ),
        summary=summary,
        # 0**y jumps at y = 0, and nowhere else does the row choose.
        kink=lambda m, x, y: m.maximum(m.abs(x), m.abs(y)),
        convention="d(0**y)/dy = 0 at y = 0",
        domains=(_POSITIVE, Domain()),
        reasons=(
            Reason(
                "a negative number has no fractional power",
                lambda z, x, y: np.isnan(z) & (x < 0),
            ),
            Reason(
                "0 to a negative power, {exponent}, is infinite",
                lambda z, x, y: _is_fresh(z, x, y) & (x == 0),
                lambda z, x, y: {"exponent": float(y)},
            ),
            _LARGE,
        ),
        traits=Traits(steep=slope_reasons.steep_power, zero=slope_reasons.power),
    )


RULES: Final[tuple[Rule, ...]] = (
    elementwise(
        "add",
        "x y",
        text="{x} + {y}",
        forward=lambda m, x, y: x + y,
        partials=(1, 1),
        summary="x + y",
        reasons=(_OPPOSITE, _LARGE),
        traits=Traits(adds=True),
    ),
    elementwise(
        "subtract",
        "x y",
        text="{x} - {y}",
        forward=lambda m, x, y: x - y,
        partials=(1, -1),
        summary="x − y",
        reasons=(_OPPOSITE, _LARGE),
        traits=Traits(adds=True),
    ),
    elementwise(
        "multiply",
        "x y",
        text="{x} * {y}",
        forward=lambda m, x, y: x * y,
        partials=("y", "x"),
        summary="x · y, entry by entry",
        reasons=(Reason("0 · inf is NaN", lambda z, x, y: np.isnan(z)), _LARGE),
    ),
    elementwise(
        "divide",
        "x y",
        text="{x} / {y}",
        forward=lambda m, x, y: x / y,
        # −z/y rather than −x/y²: the square would overflow or vanish long before the quotient.
        partials=(lambda m, z, x, y: 1 / y, lambda m, z, x, y: -z / y),
        summary="x / y, entry by entry",
        domains=(Domain(), _POSITIVE),
        reasons=(
            Reason("0/0 is NaN", lambda z, x, y: (x == 0) & (y == 0)),
            Reason("a number divided by 0 is infinite", lambda z, x, y: y == 0),
            Reason("inf/inf is NaN", lambda z, x, y: np.isinf(x) & np.isinf(y)),
        ),
        traits=Traits(steep=slope_reasons.steep_quotient, zero=slope_reasons.divide),
    ),
    elementwise(
        "negative",
        "x",
        text="-{x}",
        forward=lambda m, x: -x,
        partials=(-1,),
        summary="−x",
        traits=Traits(adds=True),
    ),
    _power("power", "{x} ** {y}", "x to the power y, entry by entry"),
    _power(
        "float_power",
        "float_power({x}, {y})",
        "x to the power y as real numbers, which all numbers here are: the same as x ** y",
    ),
    elementwise(
        "square",
        "x",
        forward=lambda m, x: x * x,
        partials=(lambda m, z, x: 2 * x,),
        summary="x²",
        reasons=(_LARGE,),
        traits=Traits(unscaled=1 / 2, zero=slope_reasons.own_zero),
    ),
    function(
        "sqrt",
        lambda m, z, x: 1 / (2 * z),
        "the square root of x",
        _POSITIVE,
        traits=Traits(
            (0.0, np.inf), "1/(2·sqrt(x))", ("0",), unscaled=2.0, has_epsilon=True, rises=True
        ),
    ),
    function(
        "cbrt",
        lambda m, z, x: 1 / (3 * z * z),
        "the real cube root of x",
        _POSITIVE,
        traits=Traits(slope="1/(3·cbrt(x)**2)", steep_at=("0",), has_epsilon=True, rises=True),
    ),
    elementwise(
        "reciprocal",
        "x",
        forward=lambda m, x: 1 / x,
        partials=(lambda m, z, x: -z * z,),
        summary="1 / x",
        domains=(_POSITIVE,),
        reasons=(Reason("1/0 is infinite", lambda z, x: x == 0),),
        traits=Traits(slope="-1/x**2", steep_at=("0",)),
    ),
    elementwise(
        "remainder",
        "x y",
        forward=lambda m, x, y: m.remainder(x, y),
        # NumPy's own count of the multiples that it took off, not ⌊x / y⌋ rounded.
        partials=(1, lambda m, z, x, y: -m.floor_divide(x, y)),
        summary="what is left of x after whole multiples of y, with the sign of y",
        kink=_to_multiple,
        convention="at a multiple of y, where it jumps, the slopes of the side above",
        reasons=(_NO_REMAINDER,),
        domains=(_POSITIVE, _POSITIVE),
    ),
    elementwise(
        "fmod",
        "x y",
        forward=lambda m, x, y: m.fmod(x, y),
        partials=(1, lambda m, z, x, y: -_multiples(m, z, x, y)),
        summary="what is left of x after whole multiples of y, with the sign of x",
        kink=_to_multiple,
        convention="at a multiple of y, where it jumps, the slopes of the side away from 0",
        reasons=(_NO_REMAINDER,),
        domains=(_POSITIVE, _POSITIVE),
    ),
    *_ROUNDING,
)
