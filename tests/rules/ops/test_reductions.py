"""Where reductions are awkward: ties, zeros, lengths beyond a float's square, long formulas."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules import find
from tui_backprop.rules.symbolic import Symbols, partial_expression


def _slopes(name: str, x: list[Any], **params: Any) -> Any:
    rule, array = find(name), np.array(x)
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, array, **params))
        found = rule.derivative(0).vjp(np.ones_like(y), y, (array,), params)
    return found.tolist()


@pytest.mark.parametrize(
    ("name", "x", "params", "expected"),
    [
        ("max", [1.0, 3.0, 3.0], {}, [0.0, 0.5, 0.5]),
        ("min", [1.0, 1.0, 1.0, 2.0], {}, [1 / 3, 1 / 3, 1 / 3, 0.0]),
        ("max", [-inf, -inf], {}, [0.5, 0.5]),
        ("max", [nan, 1.0], {}, [nan, nan]),
        ("std", [2.0, 2.0], {}, [0.0, 0.0]),
        ("norm", [0.0, 0.0], {}, [0.0, 0.0]),
        ("norm", [0.0, -2.0], {"ord": 1}, [0.0, -1.0]),
        ("norm", [0.0, 0.0], {"ord": inf}, [0.0, 0.0]),
        ("norm", [3.0, -3.0, 1.0], {"ord": inf}, [0.5, -0.5, 0.0]),
        ("norm", [3e200, 4e200], {}, [0.6, 0.8]),
        ("norm", [[1.0, 0.0], [0.0, -1.0]], {"ord": 1}, [[0.5, 0.0], [0.0, -0.5]]),
        ("norm", [[1.0, 0.0], [0.0, -1.0]], {"ord": inf}, [[0.5, 0.0], [0.0, -0.5]]),
        ("norm", [[1.0, 2.0], [0.0, -3.0]], {"ord": 1}, [[0.0, 1.0], [0.0, -1.0]]),
        ("norm", [[2.0, 0.0], [0.0, 2.0]], {"ord": 2}, [[0.5, 0.0], [0.0, 0.5]]),
        ("norm", [[3.0, 0.0], [0.0, 2.0]], {"ord": 2}, [[1.0, 0.0], [0.0, 0.0]]),
        ("norm", [[0.0, 0.0], [0.0, 0.0]], {"ord": 2}, [[0.5, 0.0], [0.0, 0.5]]),
        ("norm", [[nan, 0.0], [0.0, 2.0]], {"ord": 2}, [[nan, nan], [nan, nan]]),
        ("logsumexp", [1000.0, 1000.0], {}, [0.5, 0.5]),
        ("logsumexp", [-inf, 0.0], {}, [0.0, 1.0]),
    ],
)
def test_slopes_at_the_special_point(
    name: str, x: list[Any], params: dict[str, Any], expected: list[Any]
) -> None:
    """The gradient is the one PyTorch gives."""
    np.testing.assert_allclose(_slopes(name, x, **params), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([1000.0, 1000.0], 1000 + np.log(2)),
        ([-1000.0, -1000.0], -1000 + np.log(2)),
        ([-inf, -inf], -inf),
        ([inf, 1.0], inf),
        ([], -inf),
    ],
)
def test_logsumexp_is_stable(x: list[float], expected: float) -> None:
    """At any size, with nothing overflowing."""
    with np.errstate(divide="ignore"):
        found = find("logsumexp").forward(np, np.array(x))
    np.testing.assert_allclose(found, expected, rtol=1e-15)


@pytest.mark.parametrize("scale", [1e-320, 1e-200, 1.0, 1e200, 1e307])
def test_length_neither_overflows_nor_vanishes(scale: float) -> None:
    """Though the squares would."""
    np.testing.assert_allclose(find("norm").forward(np, np.array([3, 4]) * scale), 5 * scale)


def test_length_has_the_digits_of_numpys() -> None:
    """Scaling by a power of two changes none."""
    x = np.random.default_rng(3).normal(size=(40, 7)) * 1e5
    np.testing.assert_array_equal(
        find("norm").forward(np, x, axis=1), np.sqrt(np.sum(x**2, axis=1))
    )


@given(
    array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=3),
    st.sampled_from([1, 2, inf]),
    st.booleans(),
    st.data(),
)
def test_matrix_norms_are_numpys(
    shape: tuple[int, ...], order: float, keepdims: bool, data: st.DataObject
) -> None:
    """Whichever axes are rows and columns, counted from either end."""
    axes = data.draw(st.permutations(range(-len(shape), 0)))[:2]
    axis = (axes[0], axes[1] + len(shape))
    x = np.random.default_rng(5).normal(size=shape)
    rule, params = find("norm"), {"ord": order, "axis": axis, "keepdims": keepdims}
    expected = np.linalg.norm(x, order, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(rule.forward(np, x, **params), expected, rtol=1e-12)
    assert rule.shape(shape, **params) == expected.shape


@pytest.mark.parametrize(
    ("name", "shapes", "params", "error", "message"),
    [
        ("max", ((0, 3),), {"axis": 0}, ShapeError, r"shape \(0, 3\) has no entries along axis 0"),
        ("norm", ((2, 2, 2),), {"ord": 1}, ArgumentError, r"1 axis or 2, found all 3 of shape"),
        ("norm", ((3, 0),), {"ord": 1}, ShapeError, r"shape \(3, 0\) has no largest column"),
        ("norm", ((0, 3),), {"ord": 2}, ShapeError, r"has no largest singular value"),
        ("norm", ((2, 2),), {"ord": "spec"}, ArgumentError, "None, a number, 'fro' or 'nuc'"),
        ("norm", ((3,),), {"ord": "fro"}, ArgumentError, "needs 2 axes, found all 1"),
        ("norm", ((3,),), {"ord": "nuc"}, ArgumentError, "needs 2 axes, found all 1"),
        ("norm", ((2, 3),), {"ord": 3}, ArgumentError, "is for a vector, and 2 axes are a matrix"),
        ("norm", ((2, 2, 2),), {"axis": (0, 1, 2)}, ArgumentError, "norm needs 1 or 2 axes"),
        ("average", ((2, 3), (2,)), {"axis": 1}, ShapeError, r"expected \(2, 3\), or \(3,\)"),
        ("average", ((2, 3), (3,)), {}, ShapeError, "needs one axis, as in axis=0"),
        ("cumsum", ((2, 3),), {"axis": 2}, ArgumentError, "axis 2 is out of range"),
        ("cumprod", ((2, 3),), {"axis": (0, 1)}, ArgumentError, "must be a whole number"),
    ],
)
def test_what_does_not_fit_is_refused(
    name: str,
    shapes: tuple[tuple[int, ...], ...],
    params: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    """With both shapes and what was expected."""
    rule = find(name)
    if rule.extras is not None and len(shapes) > len(rule.operands):
        rule = rule.extras.of(rule.extras.names)
    with pytest.raises(error, match=message):
        rule.shape(*shapes, **params)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prod", {"product_of_the_others"}),
        ("max", {"ties", "x_5", "y"}),
        ("var", {"mean", "x_5"}),
        ("std", {"mean", "x_5", "y"}),
        ("norm", {"x_5", "y"}),
    ],
)
def test_formula_of_many_entries_names_what_they_share(name: str, expected: set[str]) -> None:
    """A formula of a million terms would be neither read nor waited for."""
    operands = (Symbols("x", (10**6,)),)
    found = partial_expression(find(name), 0, (), (5,), Symbols("y", ()), operands, {})
    assert {s.name for s in found.free_symbols} == expected


@pytest.mark.parametrize("shift", [0.0, 1e8, -1e9, 1e17, -1e300])
def test_slopes_of_logsumexp_add_up_to_one(shift: float) -> None:
    """However large the entries are: nothing is taken from a value that has lost the count."""
    x = np.array([shift, shift, shift - 1])
    rule = find("logsumexp")
    y = np.asarray(rule.forward(np, x, axis=None, keepdims=False))
    slopes = rule.derivative(0).vjp(np.ones(()), y, (x,), {"axis": None, "keepdims": False})
    assert slopes.sum() == pytest.approx(1, rel=1e-15)
