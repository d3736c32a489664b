"""Expressions as one line of mathematics."""

from __future__ import annotations

import pytest
import sympy

from tui_backprop.render.formulas.plain import write_expression
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.numbers import DEFAULT, numerals_in

x, y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (sympy.Integer(2), "2"),
        (sympy.Integer(-2), "−2"),
        (sympy.Rational(1, 2), "1/2"),
        (sympy.Float(0.1), "0.1"),
        (sympy.oo, "inf"),
        (-sympy.oo, "−inf"),
        (sympy.nan, "nan"),
        (x, "x"),
        (-x, "−x"),
        (2 * x, "2·x"),
        (x + y, "x + y"),
        (x - y, "x − y"),
        (y * (x + y), "y·(x + y)"),
        (x * y, "x·y"),
        (x / y, "x/y"),
        (-x / y, "−x/y"),
        (1 / y, "1/y"),
        (1 / (x * y), "1/(x·y)"),
        (x / (2 * y), "x/(2·y)"),
        (x**2, "x²"),
        ((x + y) ** 2, "(x + y)²"),
        (-(x**2), "−x²"),
        ((-x) ** sympy.Symbol("n"), "(−x)^n"),
        (x**y, "x^y"),
        (sympy.sqrt(x), "sqrt(x)"),
        (1 / sympy.sqrt(x), "1/sqrt(x)"),
        (sympy.exp(x), "exp(x)"),
        (sympy.exp(-x), "exp(−x)"),
        (1 - sympy.tanh(x) ** 2, "1 − tanh²(x)"),
        (sympy.cos(2 * x), "cos(2·x)"),
        (sympy.log(x) * y, "y·log(x)"),
        (sympy.Abs(x), "abs(x)"),
        (sympy.Max(x, y), "max(x, y)"),
        (sympy.Piecewise((1, x > 0), (0, True)), "{1 if x > 0, else 0}"),
        (sympy.Piecewise((x, x >= y), (0, True)), "{x if x ≥ y, else 0}"),
    ],
)
def test_written_as_mathematics(expression: sympy.Expr, text: str) -> None:
    """One line, binding kept by parentheses, superscripts for whole powers."""
    assert write_expression(expression, DEFAULT) == text


@pytest.mark.parametrize(
    ("expression", "text"),
    [(x**2, "x^2"), (2 * x - y, "2*x - y"), (sympy.Piecewise((1, x >= 0), (0, True)),
                                               "{1 if x >= 0, else 0}")],
)  # fmt: skip
def test_ascii_has_no_other_characters(expression: sympy.Expr, text: str) -> None:
    """The same without superscripts and raised dots."""
    assert write_expression(expression, numerals_in(ASCII)) == text
