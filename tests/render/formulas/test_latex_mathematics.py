"""SymPy expressions as LaTeX."""

from __future__ import annotations

import pytest
import sympy

from tests.render.latex import read_math
from tui_backprop.render.formulas.latex import latex_expression
from tui_backprop.rules.symbolic import SYMBOLIC

x, y = sympy.symbols("x y", real=True)
marked = sympy.Symbol("x₂′", real=True)
rebound = sympy.Symbol("h@2₁", real=True)


@pytest.mark.parametrize(
    ("expression", "latex"),
    [
        (sympy.Integer(-2), "-2"),
        (sympy.Rational(1, 2), r"\frac{1}{2}"),
        (sympy.Float(0.1), "0.1"),
        (sympy.Float(1e-7), r"1 \times 10^{-7}"),
        (sympy.oo, r"\infty"),
        (-sympy.oo, r"-\infty"),
        (sympy.nan, r"\text{NaN}"),
        (2 * x, r"2 \cdot x"),
        (x - y, "x - y"),
        (1 - sympy.tanh(x) ** 2, r"1 - \tanh^{2}{\left(x \right)}"),
        (marked**2, r"\left(x^{\prime}_{2}\right)^{2}"),
        (rebound**2, r"h_{@2,1}^{2}"),
        (sympy.Float(1e-7) ** x, r"\left(1 \times 10^{-7}\right)^{x}"),
        (sympy.Abs(x), r"\left\lvert x \right\rvert"),
        (sympy.sqrt(sympy.Abs(x)) ** 3, r"\left\lvert x \right\rvert^{\frac{3}{2}}"),
        (SYMBOLIC.round(x), r"\operatorname{round}{\left(x \right)}"),
        (SYMBOLIC.round(x) ** 2, r"\operatorname{round}^{2}{\left(x \right)}"),
        (SYMBOLIC.floor(x), r"\left\lfloor{x}\right\rfloor"),
        (SYMBOLIC.arctan2(x, y), r"\operatorname{arctan2}{\left(x, y \right)}"),
        (SYMBOLIC.arcsinh(x), r"\operatorname{arcsinh}{\left(x \right)}"),
        (SYMBOLIC.named("sum_of_t") * x, r"\text{sum of t} \cdot x"),
        (
            sympy.Piecewise((0, x < y), (x, True)),
            r"\begin{cases} 0 & \text{if } x < y \\ x & \text{else} \end{cases}",
        ),
    ],
)
def test_written_as_mathematics(expression: sympy.Basic, latex: str) -> None:
    """Names, numbers and the order of terms as on screen; no second superscript on one base."""
    assert latex_expression(expression) == latex
    read_math(latex)
