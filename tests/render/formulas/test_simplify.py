"""Formulas rewritten for people keep their values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.core.relational import Relational

from tui_backprop.render.formulas.algebra import exact_number, simplified
from tui_backprop.rules.symbolic import expression

if TYPE_CHECKING:
    from collections.abc import Callable

x, y, label = sympy.symbols("x y label", real=True)
_POINTS = (-1, 0, 1, 2)

_TERMS = st.sampled_from([x, y, label, sympy.Integer(0), sympy.Integer(1), sympy.Integer(2)])
_RELATIONS = st.builds(
    lambda relation, left, right: relation(left, right),
    st.sampled_from([sympy.Lt, sympy.Le, sympy.Gt, sympy.Ge, sympy.Eq, sympy.Ne]),
    _TERMS,
    _TERMS,
)
_CONDITIONS = st.recursive(
    _RELATIONS,
    lambda inner: st.builds(
        lambda join, parts: join(*parts),
        st.sampled_from([sympy.And, sympy.Or]),
        st.lists(inner, min_size=2, max_size=3),
    ),
    max_leaves=4,
)


def _choices(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    case = st.tuples(inner, _CONDITIONS)
    choice = st.builds(
        lambda cases, last: sympy.Piecewise(*cases, (last, True)),
        st.lists(case, min_size=1, max_size=3),
        inner,
    )
    return choice | st.builds(lambda a, b: a * b, choice, choice) | st.builds(
        lambda a, b: a + 2 * b, choice, inner
    )  # fmt: skip


_FORMULAS = st.recursive(_TERMS | st.just(0.5 * x), _choices, max_leaves=8)


def _at(formula: Any, place: dict[Any, int]) -> float:
    return float(formula.xreplace({k: sympy.Integer(n) for k, n in place.items()}).doit())


@given(_FORMULAS, st.sampled_from(_POINTS))
def test_a_formula_keeps_its_value(formula: Any, decided: int) -> None:
    """At every point of a grid that has ties, zeros and both sides of each condition."""
    short = simplified(expression(formula), {label: sympy.Integer(decided)})
    for a in _POINTS:
        for b in _POINTS:
            place = {x: a, y: b, label: decided}
            assert _at(short, place) == _at(expression(formula), place)


@given(_FORMULAS)
def test_no_condition_asks_what_a_constant_has_decided(formula: Any) -> None:
    """A label that is given leaves no test of itself alone."""
    short = simplified(expression(formula), {label: sympy.Integer(1)})
    assert all(relation.free_symbols != {label} for relation in short.atoms(Relational))


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (2.0, sympy.Integer(2)),
        (4 / 3, sympy.Rational(4, 3)),
        (-1 / 7, sympy.Rational(-1, 7)),
        (math.sqrt(0.5), sympy.sqrt(2) / 2),
        (-math.sqrt(1 / 3), -sympy.sqrt(3) / 3),
        (1 / 784, sympy.Rational(1, 784)),
        (0.1, sympy.Float(0.1)),
        (1.0507009873554805, sympy.Float(1.0507009873554805)),
    ],
)
def test_a_number_is_the_fraction_or_root_that_it_was_rounded_from(
    value: float, exact: Any
) -> None:
    """Decimals of six digits stay decimals."""
    assert exact_number(value) == exact


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_recognised_number_is_the_same_number(value: float) -> None:
    """To the last bits of a double, whatever it is."""
    assert math.isclose(float(exact_number(value)), value, rel_tol=2**-51)


def test_a_case_within_its_own_condition_is_not_asked_again() -> None:
    """As in the slope of sinc."""
    inner = sympy.Piecewise((1, sympy.Eq(x, 0)), (1 / x, True))
    outer = sympy.Piecewise((0, sympy.Eq(x, 0)), (y * inner, True))
    assert simplified(outer, {}) == sympy.Piecewise((y / x, sympy.Ne(x, 0)), (0, True))


@pytest.mark.parametrize(
    ("formula", "short"),
    [
        (lambda: sympy.Piecewise((0, x <= 0), (1, True)), ((1, x > 0), (0, True))),
        (
            lambda: sympy.Piecewise((0, (x >= 1) | (x <= -1)), (1, True)),
            ((1, (x < 1) & (x > -1)), (0, True)),
        ),
        (
            lambda: sympy.Piecewise((0, x < y), (0.5, sympy.Eq(x, y)), (1, True)),
            ((1, x > y), (sympy.Float(0.5), sympy.Eq(x, y)), (0, True)),
        ),
    ],
)
def test_what_is_meant_comes_first(formula: Callable[[], Any], short: tuple[Any, ...]) -> None:
    """The exception, 0, is the last case."""
    assert simplified(formula(), {}) == sympy.Piecewise(*short)
