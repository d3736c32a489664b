"""Circular and hyperbolic functions.

It stands apart from the exponential table only to keep each short enough to read at once.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` is the operand
and ``y`` the value of the op, already computed: y = sin(x). The partial is ∂y/∂x.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.rules.rows import elementwise, function
from tui_backprop.rules.rule import Domain
from tui_backprop.rules.special import (
    arctan_slope,
    beside_one,
    per_length,
    per_square,
    root_beside_one,
    root_of_square,
    sinc_slope,
)

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule


RULES: Final[tuple[Rule, ...]] = (
    function("sin", lambda m, y, x: m.cos(x), "the sine of x, in radians"),
    function("cos", lambda m, y, x: -m.sin(x), "the cosine of x, in radians"),
    function("tanh", lambda m, y, x: 1 - y * y, "the hyperbolic tangent of x"),
    function("tan", lambda m, y, x: 1 + y * y, "the tangent of x, in radians", Domain(-1.25, 1.25)),
    function(
        "sinc",
        sinc_slope,
        "sin(πx) / (πx), and 1 at x = 0",
    ),
    function(
        "arcsin",
        lambda m, y, x: 1 / root_beside_one(m, x),
        "the angle whose sine is x, between −π/2 and π/2",
        Domain(-0.9, 0.9),
    ),
    function(
        "arccos",
        lambda m, y, x: -1 / root_beside_one(m, x),
        "the angle whose cosine is x, between 0 and π",
        Domain(-0.9, 0.9),
    ),
    function(
        "arctan",
        lambda m, y, x: arctan_slope(m, x),
        "the angle whose tangent is x, between −π/2 and π/2",
    ),
    elementwise(
        "arctan2",
        "y x",
        text="arctan2({y}, {x})",
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
        text="hypot({x}, {y})",
        forward=lambda m, x, y: m.hypot(x, y),
        partials=(
            lambda m, z, x, y: per_length(m, x, z, x, y),
            lambda m, z, x, y: per_length(m, y, z, x, y),
        ),
        summary="√(x² + y²), without overflow",
        kink=lambda m, x, y: m.maximum(m.abs(x), m.abs(y)),
        convention="at (0, 0), where it has a corner, the gradient is NaN",
        domains=(Domain(0.25, 2.0), Domain()),
    ),
    function("sinh", lambda m, y, x: m.cosh(x), "the hyperbolic sine of x"),
    function("cosh", lambda m, y, x: m.sinh(x), "the hyperbolic cosine of x"),
    function(
        "arcsinh",
        lambda m, y, x: 1 / root_of_square(m, x, 1),
        "the number whose hyperbolic sine is x",
    ),
    function(
        "arccosh",
        lambda m, y, x: 1 / root_of_square(m, x, -1),
        "the number above 1 whose hyperbolic cosine is x",
        Domain(1.25, 3.0),
    ),
    function(
        "arctanh",
        lambda m, y, x: 1 / beside_one(m, x),
        "the number whose hyperbolic tangent is x",
        Domain(-0.9, 0.9),
    ),
)
