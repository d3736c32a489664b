"""Rows read as formulas, and what SymPy is never given."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from tui_backprop.rules import find
from tui_backprop.rules.symbolic import (
    SYMBOLIC,
    Symbols,
    expression,
    partial_expression,
    symbols_for,
)

X, Y, C = (sympy.Symbol(n, real=True) for n in "xyc")


def test_choice_folds_where_the_condition_is_decided() -> None:
    """Numbers decide, symbols do not."""
    assert SYMBOLIC.where(SYMBOLIC.equal(2, 0), X, Y) == Y
    assert SYMBOLIC.where(3.0, X, Y) == X
    assert SYMBOLIC.where(0, X, Y) == Y
    assert SYMBOLIC.where(SYMBOLIC.less(X, Y), 0, 1) == sympy.Piecewise((0, X < Y), (1, True))


def test_symbol_as_a_condition_holds_unless_zero() -> None:
    """A condition is a number, also where it has a name."""
    assert SYMBOLIC.where(C, X, Y) == sympy.Piecewise((X, sympy.Ne(C, 0)), (Y, True))


def test_choices_one_after_the_other_read_as_one_list() -> None:
    """The partial of a maximum has three cases, not a case within a case."""
    operands = (Symbols("x", ()), Symbols("y", ()))
    found = partial_expression(find("maximum"), 0, (), (), Symbols("z", ()), operands, {})
    assert found == sympy.Piecewise((0, X < Y), (sympy.Float(0.5), sympy.Eq(X, Y)), (1, True))
    assert len(found.args) == 3


def test_comparison_inside_a_choice_reads_as_one() -> None:
    """What a program writes as where(x < y, …) is no choice of choices."""
    condition = find("less").forward(SYMBOLIC, X, Y)
    assert SYMBOLIC.where(condition, X, Y) == sympy.Piecewise((X, X < Y), (Y, True))


def test_power_of_a_known_exponent_has_no_cases() -> None:
    """The screen shows 3·x², not a list of conditions."""
    operands = (Symbols("x", (2,)), np.array(expression(3.0)))
    found = partial_expression(find("power"), 0, (1,), (1,), Symbols("z", (2,)), operands, {})
    assert found == 3 * sympy.Symbol("x_1", real=True) ** 2


def test_functions_work_entry_by_entry_on_object_arrays() -> None:
    """So that structural forwards may be composed of them."""
    found = SYMBOLIC.exp(symbols_for("x", (2,)))
    assert found.shape == (2,)
    assert found[1] == sympy.exp(sympy.Symbol("x_1", real=True))
    assert SYMBOLIC.less(symbols_for("x", (2,)), 0).dtype == object


def test_structural_functions_are_numpys() -> None:
    """Sums, products and rearrangements of symbols."""
    a, b = symbols_for("a", (1, 2), start=1), symbols_for("b", (2, 1), start=1)
    product = SYMBOLIC.matmul(a, b)[0, 0]
    assert str(product) == "a_1_1*b_1_1 + a_1_2*b_2_1"
    assert find("mean").forward(SYMBOLIC, a) == a.sum() / 2
    assert find("index").forward(SYMBOLIC, a, key=(0, 1))[()] == a[0, 1]
    assert SYMBOLIC.sum(X) == X


def test_symbols_are_made_when_asked_for() -> None:
    """A million-entry operand costs nothing until one entry is looked at."""
    symbols = Symbols("W", (1000, 1000), start=1)
    assert symbols[np.int64(1), 2] == sympy.Symbol("W_2_3", real=True)
    assert Symbols("s", ())[()] == sympy.Symbol("s", real=True)


@pytest.mark.parametrize("name", ["x", "h@2", "f.z", "f.z@3", "权重", "x1_"])
def test_names_of_nodes_name_symbols(name: str) -> None:
    """Versions and names inside functions too."""
    assert str(Symbols(name, ())[()]) == name


@pytest.mark.parametrize("name", ["", "x y", "x)", "__import__('os')", "2x", "x;y", "x\n", "@2"])
def test_other_names_are_refused(name: str) -> None:
    """Nothing but a name becomes the name of a symbol."""
    with pytest.raises(ValueError, match="cannot name a symbol"):
        Symbols(name, ())


@pytest.mark.parametrize("payload", ["x", "__import__('os').system('true')", None, [1], b"1", 1j])
def test_nothing_but_numbers_and_formulas_becomes_a_formula(payload: object) -> None:
    """A string would be run by SymPy."""
    with pytest.raises(TypeError, match="a formula is made of numbers and symbols"):
        expression(payload)
    with pytest.raises(TypeError, match="a formula is made of numbers and symbols"):
        SYMBOLIC.exp(payload)


def test_numbers_keep_what_they_are() -> None:
    """Whole numbers are written whole, NaN and infinities stay."""
    assert expression(2.0) == sympy.Integer(2)
    assert isinstance(expression(np.float32(2.0)), sympy.Integer)
    assert expression(np.int64(3)) == 3
    assert expression(0.5) == sympy.Float(0.5)
    assert expression(float("inf")) == sympy.oo
    assert expression(float("nan")) is sympy.nan
    assert expression(np.array(1.5)) == sympy.Float(1.5)
    assert expression(np.bool_(True)) is sympy.true
