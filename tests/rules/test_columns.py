"""The partials of many columns at once are those of each column alone, to the last bit."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from tests.strategies import GraphMaker
from tui_backprop.errors import TuiBackpropError
from tui_backprop.graph.jacobian import LocalJacobian
from tui_backprop.graph.model import Edge
from tui_backprop.rules import RULES

_MOST = 60_000
"""Partials of an edge that is tried."""
_COLUMNS = 12


@pytest.mark.few(6)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", RULES)
def test_columns_together_are_the_columns_alone(name: str, dtype: str) -> None:
    """In shapes so large that the order of a sum would show; a row says where it would."""
    tried = 0
    for example in RULES[name].examples:
        for factor in (5, 1):  # not every rule takes the larger shape
            shapes = [tuple(n * factor if n > 1 else n for n in s) for s in example.shapes]
            try:
                jacobians = _jacobians(name, shapes, example.params, dtype)
            except (TuiBackpropError, ValueError, IndexError):
                continue
            for jacobian in jacobians:
                if jacobian.sparsity.nonzeros <= _MOST:
                    _assert_alike(jacobian)
                    tried += 1
            break
    assert tried or not any(RULES[name].derivatives)


def _jacobians(
    name: str, shapes: list[tuple[int, ...]], params: object, dtype: str
) -> list[LocalJacobian]:
    random = np.random.default_rng(5)
    maker = GraphMaker(dtype)
    operands = [maker.input(random.uniform(-2, 2, shape)) for shape in shapes]
    y = maker.op(name, *operands, **dict(params))  # type: ignore[call-overload]  # of any op
    trace = maker.trace()
    rule = RULES[name]
    return [
        LocalJacobian(trace, Edge(operand, y, a))
        for a, operand in enumerate(operands)
        if rule.derivatives[a] is not None
    ]


def _assert_alike(jacobian: LocalJacobian) -> None:
    n = jacobian.shape[1]
    j, i, partials = jacobian.columns_entries(range(n))
    assert prod(partials.shape) == jacobian.sparsity.nonzeros
    for column in np.unique(np.linspace(0, max(n - 1, 0), _COLUMNS).astype(int)).tolist():
        if column >= n:
            continue
        rows, alone = jacobian.column_entries(column)
        here = i == column
        np.testing.assert_array_equal(j[here], rows)
        np.testing.assert_array_equal(partials[here], alone, strict=True)
