"""Staircases of J, and running products with zeros in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from tests.rules.patterns import as_matrix, assert_consistent
from tui_backprop.rules import find
from tui_backprop.rules.sparsity import Running

shapes = array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4)


@given(shapes, st.data())
def test_running_pattern_is_consistent(shape: tuple[int, ...], data: st.DataObject) -> None:
    """Along any axis, of any length."""
    assert_consistent(Running(shape, data.draw(st.integers(0, len(shape) - 1))))


@given(shapes, st.data())
def test_running_pattern_is_what_cumsum_reads(shape: tuple[int, ...], data: st.DataObject) -> None:
    """Column by column: the running sum of a unit vector is 1 where it is read."""
    axis = data.draw(st.integers(0, len(shape) - 1))
    n = int(np.prod(shape))
    read = np.cumsum(np.eye(n).reshape(n, *shape), axis=axis + 1).reshape(n, n).T
    np.testing.assert_array_equal(as_matrix(Running(shape, axis)), read.astype(bool))


def test_huge_staircase_is_located_by_arithmetic() -> None:
    """The last entry of a walk of 5·10¹¹, as of one of ten."""
    n = 10**6
    pattern = Running((n,), 0)
    assert pattern.nonzeros == n * (n + 1) // 2
    assert pattern.locate(pattern.nonzeros - 1) == (n - 1, n - 1)
    assert pattern.locate(n) == (1, 1)


@pytest.mark.parametrize("name", ["prod", "cumprod"])
@pytest.mark.parametrize("zeros", [(), (0,), (2,), (1, 3), (0, 1, 2, 3, 4)])
def test_products_with_zeros_are_differentiated_exactly(name: str, zeros: tuple[int, ...]) -> None:
    """Backward, forward and place by place, against the products written out."""
    x = np.array([2.0, 3.0, -1.0, 0.5, 7.0])
    x[list(zeros)] = 0
    n, rule = len(x), find(name)
    last = range(n) if name == "cumprod" else [n - 1]
    expected = np.array(
        [[np.prod(np.delete(x[: j + 1], i)) if i <= j else 0.0 for i in range(n)] for j in last]
    )
    y, derivative = np.asarray(rule.forward(np, x)), rule.derivative(0)
    params: dict[str, Any] = {"axis": None}
    for row, wanted in zip(np.eye(len(last)), expected, strict=True):
        found = derivative.vjp(row.reshape(y.shape), y, (x,), params)
        np.testing.assert_array_equal(found, wanted)
    columns = [derivative.jvp(t, y, (x,), params).ravel() for t in np.eye(n)]
    np.testing.assert_array_equal(np.array(columns).T, expected)
    j, i = np.nonzero(as_matrix(derivative.sparsity(y.shape, ((n,),), params)))
    entries = derivative.entries(np, (j,) if y.shape else (), (i,), y, (x,), params)
    np.testing.assert_array_equal(entries, expected[j, i])


def test_running_sums_of_exponentials_at_any_size() -> None:
    """Large numbers lose no slope, and what is far below does not matter."""
    rule, params = find("logcumsumexp"), {"axis": None}
    for shift in (0.0, 1e10, -1e10, 1e300):
        x = np.array([shift, shift, -1e308])
        y = rule.forward(np, x)
        np.testing.assert_allclose(y, shift + np.log([1.0, 2.0, 2.0]), rtol=1e-15)
        found = rule.derivative(0).vjp(np.ones(3), y, (x,), params)
        np.testing.assert_allclose(found, [2.0, 1.0, 0.0], rtol=1e-15)
