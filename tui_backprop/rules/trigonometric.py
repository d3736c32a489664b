"""Circular and hyperbolic functions.

It stands apart from the exponential table only to keep each short enough to read at once.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` is the operand
and ``y`` the value of the op, already computed: y = sin(x). The partial is ∂y/∂x.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.rules.rows import elementwise

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule

RULES: Final[tuple[Rule, ...]] = (
    elementwise(
        "sin",
        "x",
        text="sin({x})",
        forward=lambda m, x: m.sin(x),
        partials=(lambda m, y, x: m.cos(x),),
        summary="the sine of x, in radians",
    ),
    elementwise(
        "cos",
        "x",
        text="cos({x})",
        forward=lambda m, x: m.cos(x),
        partials=(lambda m, y, x: -m.sin(x),),
        summary="the cosine of x, in radians",
    ),
    elementwise(
        "tanh",
        "x",
        text="tanh({x})",
        forward=lambda m, x: m.tanh(x),
        partials=(lambda m, y, x: 1 - y**2,),
        summary="the hyperbolic tangent of x",
    ),
)
