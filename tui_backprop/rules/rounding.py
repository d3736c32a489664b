"""Ops that are constant between jumps: their derivative is stated to be 0, everywhere.

It stands apart because 0 is a statement here and not a result: the slope between two jumps is 0,
at a jump there is none, and PyTorch gives 0 there too.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand.
``kink`` is zero where the op jumps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.errors import ArgumentError
from tui_backprop.rules.rows import elementwise, function
from tui_backprop.rules.rule import Domain, Example, Parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Shape


def _flat(name: str, summary: str, jump: Callable[[Any, Any], Any]) -> Rule:
    convention = f"{name}' = 0, where it jumps too"
    return function(name, 0, summary, masked=True, kink=jump, convention=convention)


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
            f"decimals={decimals}: expected from −{_MOST_DECIMALS} to {_MOST_DECIMALS}"
        )
    return x


_ROUND: Final = elementwise(
    "round",
    "x",
    text="round({x}, decimals={decimals})",
    parameters=(Parameter("decimals", "int", 0),),
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


def _to_multiple(m: Any, x: Any, y: Any) -> Any:
    """How far x is from a whole multiple of y, in units of y."""
    quotient = x / m.where(m.equal(y, 0), 1, y)
    return quotient - m.round(quotient)


_FLOOR_DIVIDE: Final = elementwise(
    "floor_divide",
    "x y",
    text="floor_divide({x}, {y})",
    forward=lambda m, x, y: np.floor_divide(x, y) if m is np else m.floor(x / y),
    partials=(0, 0),
    summary="how many whole multiples of y fit into x: the quotient, rounded down",
    masked=True,
    kink=_to_multiple,
    convention="floor_divide' = 0, where it jumps too",
    domains=(Domain(0.5, 3.0), Domain(0.5, 3.0)),
)

RULES: Final[tuple[Rule, ...]] = (
    _flat("floor", "the largest whole number that is at most x", lambda m, x: x - m.round(x)),
    _flat("ceil", "the smallest whole number that is at least x", lambda m, x: x - m.round(x)),
    replace(_ROUND, shape=_decimals_shape),
    _flat("sign", "−1, 0 or 1: the sign of x", lambda m, x: x),
    _FLOOR_DIVIDE,
)  # fmt: skip
