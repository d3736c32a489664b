"""Normalization where numbers are large, far from 0, alone, or symbols by the thousand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy

from tests.program.support import graph_of
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules import find
from tui_backprop.rules.shapes import unbroadcast
from tui_backprop.rules.symbolic import SYMBOLIC, Symbols, partial_expression

NAMES = ("softmax", "log_softmax", "layer_norm", "batch_norm", "rms_norm")


def test_softmax_does_not_overflow() -> None:
    """Only differences count, however large the entries are."""
    x = np.array([1000.0, 1001.0, -np.inf])
    expected = [1 / (1 + np.e), np.e / (1 + np.e), 0]
    np.testing.assert_allclose(find("softmax").forward(np, x), expected, rtol=1e-14)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(find("log_softmax").forward(np, x), np.log(expected), rtol=1e-14)


def test_variance_survives_a_large_mean() -> None:
    """Entries are centred before they are squared."""
    x = np.array([1.0, 3.0, 5.0])  # their mean is exact
    near, far = (find("layer_norm").forward(np, x + shift) for shift in (0.0, 1e9))
    np.testing.assert_array_equal(near, far)


@pytest.mark.parametrize(("name", "axis"), [("layer_norm", -1), ("batch_norm", 0)])
def test_standardized_has_mean_0_and_biased_variance_1(name: str, axis: int) -> None:
    """Along the row's own axis."""
    x = np.random.default_rng(0).normal(3, 5, size=(40, 50))
    y = find(name).forward(np, x, axis=axis, eps=0)
    np.testing.assert_allclose(y.mean(axis=axis), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=axis), 1, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_axis_is_checked(name: str) -> None:
    """A number has no axis to normalize along; PyTorch's softmax takes its first all the same."""
    with pytest.raises(ArgumentError, match=r"axis -?1 is out of range: shape \(\) has no axes"):
        find(name).shape((), axis=1 if "softmax" in name else -1)
    with pytest.raises(ArgumentError, match=r"axis 2 is out of range for shape \(2, 3\)"):
        find(name).shape((2, 3), axis=2)


@pytest.mark.parametrize("name", NAMES)
def test_formula_of_a_long_block_is_written_in_time(name: str) -> None:
    """What a thousand entries share has a name there."""
    x, y = Symbols("x", (2, 1000)), Symbols("y", (2, 1000))
    params = {p.name: p.default for p in find(name).parameters} | {"axis": -1}
    formula = partial_expression(find(name), 0, (1, 2), (1, 7), y, (x,), params)
    assert isinstance(formula, sympy.Expr)
    assert len(formula.free_symbols) <= 3


def test_cosine_of_the_zero_vector_is_0() -> None:
    """Its norm counts as eps, so that its slope is finite."""
    rule, x, y = find("cosine_similarity"), np.zeros(3), np.array([0.0, 3.0, 4.0])
    z = rule.forward(np, x, y)
    assert z == 0
    by_x, by_y = (rule.derivative(a).vjp(np.ones(()), z, (x, y), {}) for a in (0, 1))
    np.testing.assert_allclose(by_x, [0, 0.6e8, 0.8e8])
    np.testing.assert_array_equal(by_y, 0)


def test_cosine_passes_through_the_norm_where_it_is_eps() -> None:
    """The convention, in numbers."""
    rule, x = find("cosine_similarity"), np.array([3.0, 4.0])
    z = rule.forward(np, x, x, eps=5.0)
    assert rule.kink is not None
    assert rule.kink(np, x, x, eps=5.0) == 0
    found = rule.derivative(0).vjp(np.ones(()), z, (x, x), {"eps": 5.0})
    np.testing.assert_allclose(found, 0, atol=1e-15)


def test_cosine_of_what_does_not_broadcast_shows_both_shapes() -> None:
    """As elsewhere."""
    with pytest.raises(ShapeError, match=r"shapes \(2, 3\) and \(2,\) do not broadcast"):
        find("cosine_similarity").shape((2, 3), (2,))


@pytest.mark.parametrize(
    ("shapes", "axis"),
    [
        (((2, 3), (3,)), -1),
        (((3,), (2, 3)), 0),
        (((2, 1, 3), (4, 1)), 1),
        (((1,), (2, 3)), None),
        (((2, 1), (3,)), (0, 1)),
        (((1, 3), (0, 3)), 0),
    ],
)
def test_cosine_broadcasts_before_it_looks_along_an_axis(
    shapes: tuple[tuple[int, ...], ...], axis: Any
) -> None:
    """As PyTorch: the axis is one of the common shape; value, gradient and partials follow."""
    rule, random = find("cosine_similarity"), np.random.default_rng(5)
    operands = tuple(random.normal(size=shape) for shape in shapes)
    stretched = tuple(np.broadcast_arrays(*operands))
    with np.errstate(all="ignore"):
        z = np.asarray(rule.forward(np, *operands, axis=axis))
        np.testing.assert_array_equal(z, rule.forward(np, *stretched, axis=axis))
        assert rule.shape(*shapes, axis=axis) == z.shape
        v = random.normal(size=z.shape)
        for number, shape in enumerate(shapes):
            derivative = rule.derivative(number)
            pulled = derivative.vjp(v, z, operands, {"axis": axis})
            expected = unbroadcast(derivative.vjp(v, z, stretched, {"axis": axis}), shape)
            assert pulled.shape == shape
            np.testing.assert_allclose(pulled, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("at", [0, 1])
def test_cosine_of_a_length_beyond_the_largest_number(at: int) -> None:
    """The length of x overflows where no entry does; the angle and its slope do not."""
    rule, small = find("cosine_similarity"), np.array([[1.0, 1.5], [3.0, -1.0]])
    other = np.array([[1.5, 1.5], [0.5, 2.0]])
    size = 2.0**1023
    operands = (small, other)
    large = (small[:1] * size, other[:1] * size)
    own = tuple(o[:1] for o in operands)
    with np.errstate(over="ignore"):
        y, z = rule.forward(np, *own), rule.forward(np, *large)
        usual = rule.derivative(at).vjp(np.ones(1), y, own, {})
        found = rule.derivative(at).vjp(np.ones(1), z, large, {})
        entry = rule.derivative(at).entries(np, (0,), (0, 1), z, large, {})
    np.testing.assert_allclose(z, y, rtol=1e-14)
    np.testing.assert_allclose(found * size, usual, rtol=1e-12)
    np.testing.assert_allclose(entry, found[0, 1], rtol=1e-12)


def test_softmax_as_a_formula_is_the_textbooks() -> None:
    """The maximum that is taken off in numbers does not show."""
    x = np.array([sympy.Symbol(n, real=True) for n in "ab"], dtype=object)
    a, b = x
    assert find("softmax").forward(SYMBOLIC, x)[0] == sympy.exp(a) / (sympy.exp(a) + sympy.exp(b))


X = np.random.default_rng(2).normal(size=(2, 3, 4))


@pytest.mark.parametrize(
    ("name", "params", "shape", "placed"),
    [
        ("layer_norm", {"axis": -1}, (4,), (1, 1, 4)),
        ("layer_norm", {"axis": (1, 2)}, (3, 4), (1, 3, 4)),
        ("batch_norm", {"axis": (0, 2)}, (3,), (1, 3, 1)),
        ("batch_norm", {"axis": 0}, (3, 4), (1, 3, 4)),
    ],
)
def test_weight_and_bias_scale_what_comes_out(
    name: str, params: dict[str, Any], shape: tuple[int, ...], placed: tuple[int, ...]
) -> None:
    """A layer has them along its own axes, a batch along those of the channels."""
    extras = find(name).extras
    assert extras is not None
    w, b = np.random.default_rng(4).normal(size=(2, *shape))
    found = extras.of(("weight", "bias")).forward(np, X, w, b, **params)
    plain = find(name).forward(np, X, **params)
    np.testing.assert_allclose(found, plain * w.reshape(placed) + b.reshape(placed))
    with pytest.raises(ShapeError, match=r"bias \(9,\) does not fit x \(2, 3, 4\) with axis="):
        extras.of(("bias",)).shape(X.shape, (9,), eps=1e-5, **params)


@pytest.mark.parametrize(
    ("call", "parents"),
    [
        ("layer_norm(x, -1)", 1),
        ("layer_norm(x, weight=w)", 2),
        ("layer_norm(x, bias=b)", 2),
        ("layer_norm(x, bias=b, weight=w, eps=0.1)", 3),
        ("layer_norm(x, -1, eps=1e-5, weight=w, bias=b)", 3),
        ("layer_norm(x, weight=None, bias=b)", 2),
        ("batch_norm(x, weight=w)", 2),
        ("rms_norm(x, weight=w)", 2),
    ],
)
def test_program_may_leave_them_out(call: str, parents: int) -> None:
    """Behind the parameters, or by name; what worked without them still does."""
    graph = graph_of(f"y = {call}", {"x": (2, 3), "w": (3,), "b": (3,)}, {})
    assert len(graph.find("y").parents) == parents
