"""Exponentials, logarithms and what is made of them.

It stands apart from the trigonometric table only to keep each short enough to read at once.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` is the operand
and ``y`` the value of the op, already computed: y = exp(x). The partial is ∂y/∂x.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.rules.rows import elementwise
from tui_backprop.rules.rule import Domain

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule

RULES: Final[tuple[Rule, ...]] = (
    elementwise(
        "exp",
        "x",
        text="exp({x})",
        forward=lambda m, x: m.exp(x),
        partials=(lambda m, y, x: y,),
        summary="e to the power x",
    ),
    elementwise(
        "log",
        "x",
        text="log({x})",
        forward=lambda m, x: m.log(x),
        partials=(lambda m, y, x: 1 / x,),
        summary="the natural logarithm of x",
        domains=(Domain(0.25, 3.0),),
    ),
    elementwise(
        "sigmoid",
        "x",
        text="sigmoid({x})",
        # Good to the last digits at both ends: exp(−x) may reach inf, and 1 / (1 + inf) is 0.
        # exp(−logaddexp(0, −x)) would not overflow, but is |x| times less accurate.
        forward=lambda m, x: 1 / (1 + m.exp(-x)),
        partials=(lambda m, y, x: y * (1 - y),),
        summary="1 / (1 + exp(−x))",
    ),
)
