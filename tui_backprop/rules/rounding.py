"""Ops that are constant between jumps: their derivative is stated to be 0, everywhere.

It stands apart because 0 is a statement here and not a result: the slope between two jumps is 0,
at a jump there is none, and PyTorch gives 0 there too.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand.
``kink`` is zero where the op jumps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.rules.rows import function

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule


def _flat(name: str, summary: str, jump: Callable[[Any, Any], Any]) -> Rule:
    convention = f"{name}' = 0, where it jumps too"
    return function(name, lambda m, y, x: 0, summary, masked=True, kink=jump, convention=convention)


RULES: Final[tuple[Rule, ...]] = (
    _flat("floor", "the largest whole number that is at most x", lambda m, x: x - m.round(x)),
    _flat("ceil", "the smallest whole number that is at least x", lambda m, x: x - m.round(x)),
    _flat("round", "the nearest whole number; halves go to the even one",
          lambda m, x: x - m.floor(x) - 0.5),
    _flat("sign", "−1, 0 or 1: the sign of x", lambda m, x: x),
)  # fmt: skip
