"""SymPy as an independent witness: it differentiates the forward of a row, and knows no partial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import sympy

from tests.rules.cases import at, first_case, first_edge
from tui_backprop.rules.symbolic import (
    SYMBOLIC,
    Named,
    Symbols,
    expression,
    partial_expression,
    symbols_for,
)

if TYPE_CHECKING:
    from tests.rules.cases import Case, Edge
    from tui_backprop.rules.types import Array


def _symbols(case: Case) -> tuple[Array, ...]:
    operands = zip(case.rule.operands, case.example.shapes, strict=True)
    return tuple(symbols_for(name, shape) for name, shape in operands)


def _formulas(case: Case) -> Array:
    found = np.empty(case.out, dtype=object)
    found[...] = case.rule.forward(SYMBOLIC, *_symbols(case), **case.params)
    return found


def _numbers(symbols: tuple[Array, ...], values: tuple[Array, ...]) -> dict[Any, Any]:
    return {
        s: sympy.Float(float(x))
        for names, numbers in zip(symbols, values, strict=True)
        for s, x in zip(names.ravel(), numbers.ravel(), strict=True)
    }


def _evaluated(formula: Any, numbers: dict[Any, Any]) -> float:
    # `subs` would put all numbers in order each time, those that the formula does not read too.
    return float(expression(formula).xreplace(numbers).evalf())


@pytest.mark.few(6)
@first_case
def test_forward_is_the_formula(case: Case) -> None:
    """NumPy and SymPy, put through the same forward, give the same numbers.

    Of larger matrices some have none, which they say by nan.
    """
    operands = case.operands()
    numbers = _numbers(_symbols(case), operands)
    pairs = zip(_formulas(case).ravel(), case.forward(operands).ravel(), strict=True)
    written = [(f, y) for f, y in pairs if f is not SYMBOLIC.nan or np.isnan(y)]
    assert written or case.example is not case.rule.examples[0]
    found = [_evaluated(f, numbers) for f, _ in written]
    np.testing.assert_allclose(found, [y for _, y in written], rtol=1e-12, atol=1e-14)


@pytest.mark.few(2)
@first_edge
def test_formula_of_a_partial_gives_the_partial(edge: Edge) -> None:
    """What the row writes for one entry, on symbols made when asked for, is J's entry."""
    case, operands = edge.case, edge.case.operands()
    named = (*case.rule.operands, "value")
    arrays = (*operands, case.forward(operands))
    lazy = tuple(Symbols(n, x.shape) for n, x in zip(named, arrays, strict=True))
    numbers = _numbers(
        tuple(symbols_for(n, x.shape) for n, x in zip(named, arrays, strict=True)), arrays
    )
    for j, i in np.argwhere(edge.pattern())[:: max(1, edge.sparsity.nonzeros // 2)]:
        place, own = at(j, case.out), at(i, edge.shape)
        formula = partial_expression(
            case.rule, edge.argument, place, own, lazy[-1], lazy[:-1], case.params
        )
        assert isinstance(formula, sympy.Expr)
        if formula.atoms(Named) and case.example is not case.rule.examples[0]:
            continue  # too long to be written
        expected = edge.entries(j, i, operands)
        assert _evaluated(formula, numbers) == pytest.approx(float(expected), rel=1e-12)
