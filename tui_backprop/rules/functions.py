"""Exponentials, logarithms and what is made of them.

It stands apart from the trigonometric table only to keep each short enough to read at once.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` is the operand
and ``y`` the value of the op, already computed: y = exp(x). The partial is ∂y/∂x.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.rules.rows import elementwise, function
from tui_backprop.rules.rule import Domain
from tui_backprop.rules.special import erf, root, sigmoid

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule

RULES: Final[tuple[Rule, ...]] = (
    function("exp", lambda m, y, x: y, "e to the power x"),
    function("log", lambda m, y, x: 1 / x, "the natural logarithm of x", Domain(0.25, 3.0)),
    elementwise(
        "sigmoid",
        "x",
        text="sigmoid({x})",
        # exp(−logaddexp(0, −x)) would not overflow, but is |x| times less accurate.
        forward=sigmoid,
        # Of the value, as PyTorch has it: where that is 1 the unit is saturated, and its slope 0.
        partials=(lambda m, y, x: y * (1 - y),),
        summary="1 / (1 + exp(−x))",
    ),
    function("exp2", lambda m, y, x: y * m.log(2), "2 to the power x"),
    function("expm1", lambda m, y, x: m.exp(x), "exp(x) − 1, exact where x is near 0"),
    function(
        "log2",
        lambda m, y, x: 1 / (x * m.log(2)),
        "the logarithm of x to base 2",
        Domain(0.25, 3.0),
    ),
    function(
        "log10",
        lambda m, y, x: 1 / (x * m.log(10)),
        "the logarithm of x to base 10",
        Domain(0.25, 3.0),
    ),
    function(
        "log1p",
        lambda m, y, x: 1 / (1 + x),
        "log(1 + x), exact where x is near 0",
        Domain(-0.75, 3.0),
    ),
    elementwise(
        "logaddexp",
        "x y",
        text="logaddexp({x}, {y})",
        forward=lambda m, x, y: m.logaddexp(x, y),
        partials=(
            lambda m, z, x, y: sigmoid(m, x - y),
            lambda m, z, x, y: sigmoid(m, y - x),
        ),
        summary="log(exp(x) + exp(y)), without overflow",
    ),
    elementwise(
        "erf",
        "x",
        text="erf({x})",
        forward=erf,
        partials=(lambda m, y, x: 2 / root(m, m.pi) * m.exp(-(x * x)),),
        summary="the error function: 2/√π times the integral of exp(−t²) from 0 to x",
    ),
)
