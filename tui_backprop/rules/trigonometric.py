"""Circular and hyperbolic functions.

It stands apart from the exponential table only to keep each short enough to read at once.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` is the operand
and ``y`` the value of the op, already computed: y = sin(x). The partial is ∂y/∂x.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.rules.rows import elementwise
from tui_backprop.rules.rule import Domain

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
    elementwise(
        "tan",
        "x",
        text="tan({x})",
        forward=lambda m, x: m.tan(x),
        partials=(lambda m, y, x: 1 + y**2,),
        summary="the tangent of x, in radians",
        domains=(Domain(-1.25, 1.25),),
    ),
    elementwise(
        "sinc",
        "x",
        text="sinc({x})",
        forward=lambda m, x: m.sinc(x),
        partials=(
            lambda m, y, x: m.where(
                m.equal(x, 0), 0, (m.cos(m.pi * x) - y) / m.where(m.equal(x, 0), 1, x)
            ),
        ),
        summary="sin(πx) / (πx), and 1 at x = 0",
    ),
    elementwise(
        "arcsin",
        "x",
        text="arcsin({x})",
        forward=lambda m, x: m.arcsin(x),
        partials=(lambda m, y, x: 1 / m.sqrt(1 - x**2),),
        summary="the angle whose sine is x, between −π/2 and π/2",
        domains=(Domain(-0.9, 0.9),),
    ),
    elementwise(
        "arccos",
        "x",
        text="arccos({x})",
        forward=lambda m, x: m.arccos(x),
        partials=(lambda m, y, x: -1 / m.sqrt(1 - x**2),),
        summary="the angle whose cosine is x, between 0 and π",
        domains=(Domain(-0.9, 0.9),),
    ),
    elementwise(
        "arctan",
        "x",
        text="arctan({x})",
        forward=lambda m, x: m.arctan(x),
        partials=(lambda m, y, x: 1 / (1 + x**2),),
        summary="the angle whose tangent is x, between −π/2 and π/2",
    ),
    elementwise(
        "arctan2",
        "y x",
        text="arctan2({y}, {x})",
        forward=lambda m, y, x: m.arctan2(y, x),
        partials=(
            lambda m, z, y, x: x / (x**2 + y**2),
            lambda m, z, y, x: -y / (x**2 + y**2),
        ),
        summary="the angle of the point (x, y), between −π and π",
        kink=lambda m, y, x: m.maximum(m.abs(x), m.abs(y)),
        convention="at (0, 0), where there is no angle, the gradient is NaN",
        domains=(Domain(0.25, 2.0), Domain()),
    ),
    elementwise(
        "hypot",
        "x y",
        text="hypot({x}, {y})",
        forward=lambda m, x, y: m.hypot(x, y),
        partials=(lambda m, z, x, y: x / z, lambda m, z, x, y: y / z),
        summary="√(x² + y²), without overflow",
        kink=lambda m, x, y: m.maximum(m.abs(x), m.abs(y)),
        convention="at (0, 0), where it has a corner, the gradient is NaN",
        domains=(Domain(0.25, 2.0), Domain()),
    ),
    elementwise(
        "sinh",
        "x",
        text="sinh({x})",
        forward=lambda m, x: m.sinh(x),
        partials=(lambda m, y, x: m.cosh(x),),
        summary="the hyperbolic sine of x",
    ),
    elementwise(
        "cosh",
        "x",
        text="cosh({x})",
        forward=lambda m, x: m.cosh(x),
        partials=(lambda m, y, x: m.sinh(x),),
        summary="the hyperbolic cosine of x",
    ),
    elementwise(
        "arcsinh",
        "x",
        text="arcsinh({x})",
        forward=lambda m, x: m.arcsinh(x),
        partials=(lambda m, y, x: 1 / m.sqrt(x**2 + 1),),
        summary="the number whose hyperbolic sine is x",
    ),
    elementwise(
        "arccosh",
        "x",
        text="arccosh({x})",
        forward=lambda m, x: m.arccosh(x),
        partials=(lambda m, y, x: 1 / m.sqrt(x**2 - 1),),
        summary="the number above 1 whose hyperbolic cosine is x",
        domains=(Domain(1.25, 3.0),),
    ),
    elementwise(
        "arctanh",
        "x",
        text="arctanh({x})",
        forward=lambda m, x: m.arctanh(x),
        partials=(lambda m, y, x: 1 / (1 - x**2),),
        summary="the number whose hyperbolic tangent is x",
        domains=(Domain(-0.9, 0.9),),
    ),
)
