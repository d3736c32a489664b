"""What the walk over the table does not see of convolutions and pools: values, ties, extremes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.program.support import graph_of
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules import find
from tui_backprop.rules.symbolic import Symbols, partial_expression

Pair = tuple[int, int]
small = st.tuples(st.integers(1, 3), st.integers(1, 3))
borders = st.tuples(st.integers(0, 2), st.integers(0, 2))


def given_params(name: str, **params: Any) -> dict[str, Any]:
    """Defaults filled in."""
    return {p.name: p.default for p in find(name).parameters} | params


def value(name: str, *operands: np.ndarray[Any, Any], **params: Any) -> np.ndarray[Any, Any]:
    """What an op gives."""
    return np.asarray(find(name).forward(np, *operands, **given_params(name, **params)))


def gradient(name: str, x: Any, **params: Any) -> list[Any]:
    """Of the sum of what an op of one operand gives."""
    x, full = np.asarray(x, dtype=float), given_params(name, **params)
    y = value(name, x, **params)
    found: list[Any] = find(name).derivative(0).vjp(np.ones_like(y), y, (x,), full).tolist()
    return found


def padded(x: np.ndarray[Any, Any], padding: Pair, fill: float) -> np.ndarray[Any, Any]:
    """With a border around the last two axes."""
    border = [(0, 0)] * (x.ndim - 2) + [(p, p) for p in padding]
    return np.pad(x, border, constant_values=fill)


@given(small, borders, small, st.integers(1, 2), st.integers(0, 2**32 - 1))
def test_conv2d_is_its_definition(
    stride: Pair, padding: Pair, dilation: Pair, groups: int, seed: int
) -> None:
    """Entry by entry, on whole numbers."""
    random = np.random.default_rng(seed)
    x = random.integers(-9, 9, (2, 2 * groups, 7, 8)).astype(float)
    w = random.integers(-9, 9, (3 * groups, 2, 2, 3)).astype(float)
    y = value("conv2d", x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)
    around = padded(x, padding, 0)
    for n, o, a, b in np.ndindex(y.shape):
        group = slice(o // 3 * 2, o // 3 * 2 + 2)
        rows = a * stride[0] + dilation[0] * np.arange(2)
        columns = b * stride[1] + dilation[1] * np.arange(3)
        assert y[n, o, a, b] == np.sum(around[n, group][:, rows][:, :, columns] * w[o])


@given(st.tuples(st.integers(2, 3), st.integers(2, 4)), small, st.integers(0, 2**32 - 1))
def test_pools_are_their_definition(kernel: Pair, stride: Pair, seed: int) -> None:
    """Of few different numbers, so that many tie; the first of the window gets everything."""
    x = np.random.default_rng(seed).integers(0, 3, (2, 6, 7)).astype(float)
    params: dict[str, Any] = {"kernel_size": kernel, "stride": stride, "padding": (1, 1)}
    largest, mean = value("max_pool2d", x, **params), value("avg_pool2d", x, **params)
    expected = padded(np.zeros_like(x), (1, 1), 0)
    low, zero = padded(x, (1, 1), -np.inf), padded(x, (1, 1), 0)
    for n, a, b in np.ndindex(largest.shape):
        top, left = a * stride[0], b * stride[1]
        cut = (n, slice(top, top + kernel[0]), slice(left, left + kernel[1]))
        assert largest[n, a, b] == low[cut].max()
        assert mean[n, a, b] == pytest.approx(zero[cut].mean())
        row, column = np.unravel_index(np.argmax(low[cut]), kernel)
        expected[n, top + row, left + column] += 1
    assert gradient("max_pool2d", x, **params) == expected[:, 1:-1, 1:-1].tolist()


def test_padding_never_wins_not_even_against_minus_infinity() -> None:
    """PyTorch's choice is the first entry that exists."""
    assert gradient("max_pool1d", [-np.inf, -np.inf], kernel_size=2, padding=1) == [1, 1]


def test_nan_wins_a_maximum() -> None:
    """And the last one receives, as in PyTorch."""
    x = [1, np.nan, np.nan, 2]
    assert np.isnan(value("max_pool1d", np.array(x), kernel_size=4)).all()
    assert gradient("max_pool1d", x, kernel_size=4) == [0, 0, 1, 0]
    square = np.array([[np.nan, 1, 2], [np.nan, np.nan, 3], [4, 5, 6]])
    assert gradient("max_pool2d", square, kernel_size=3) == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_formula_says_that_the_first_wins() -> None:
    """At a tie it gives what the engine gives."""
    y, x = Symbols("y", (1, 1)), Symbols("x", (2, 2))
    params = given_params("max_pool2d", kernel_size=2)
    rule, tied = find("max_pool2d"), {y[0, 0]: 1, x[0, 0]: 0, x[0, 1]: 1, x[1, 0]: 1, x[1, 1]: 0}
    found = [
        partial_expression(rule, 0, (0, 0), i, y, (x,), params).subs(tied) for i in np.ndindex(2, 2)
    ]
    assert found == [0, 1, 0, 0]


def test_formula_of_a_large_window_names_the_winner() -> None:
    """Instead of comparing with all entries before."""
    params = given_params("max_pool1d", kernel_size=40)
    y, x = Symbols("y", (1,)), Symbols("x", (40,))
    found = partial_expression(find("max_pool1d"), 0, (0,), (39,), y, (x,), params)
    assert {str(s) for s in found.free_symbols} == {"argmax"}


def test_nothing_is_as_large_as_the_padding() -> None:
    """Strides, windows and borders of 10⁹ around three numbers."""
    x, far = np.array([[1.0, 2.0, 3.0]]), 10**9
    w = np.array([[[5.0, 7.0]]])
    assert value("conv1d", x, w, stride=far, padding=far).tolist() == [[0, 5 * 1 + 7 * 2, 0]]
    pool = {"kernel_size": far, "padding": far // 2}
    assert value("max_pool1d", x, **pool).tolist() == [[3]]
    assert gradient("avg_pool1d", x, **pool) == [[1e-9] * 3]


def test_a_layer_of_a_network_is_counted_at_once() -> None:
    """1.5 · 10⁸ products; none is listed."""
    shapes = (1, 64, 64, 64), (64, 64, 3, 3)
    params = given_params("conv2d", padding=1)
    expected = (64 * 3 - 2) ** 2 * 64 * 64
    for argument in (0, 1):
        derivative = find("conv2d").derivative(argument)
        assert derivative.nonzeros((1, 64, 64, 64), shapes, params) == expected


@pytest.mark.parametrize(
    ("name", "shapes", "params", "error"),
    [
        ("conv1d", ((3,), (1, 1, 2)), {}, ShapeError),
        ("conv1d", ((2, 3), (1, 1, 2)), {}, ShapeError),
        ("conv1d", ((1, 3), (1, 1, 4)), {}, ShapeError),
        ("conv1d", ((1, 3), (1, 1, 0)), {}, ShapeError),
        ("conv1d", ((2, 3), (3, 1, 2)), {"groups": 2}, ShapeError),
        ("conv1d", ((1, 3), (1, 1, 2)), {"stride": 0}, ArgumentError),
        ("conv1d", ((1, 3), (1, 1, 2)), {"padding": 10**30}, ArgumentError),
        ("conv2d", ((1, 3, 3), (1, 1, 2, 2)), {"stride": (1, 1, 1)}, ArgumentError),
        ("max_pool1d", ((),), {"kernel_size": 1}, ShapeError),
        ("max_pool1d", ((2, 0),), {"kernel_size": 2, "padding": 1}, ShapeError),
        ("avg_pool2d", ((3, 3),), {"kernel_size": 4}, ShapeError),
        ("avg_pool1d", ((3,),), {"kernel_size": 2, "padding": 2}, ArgumentError),
    ],
)
def test_what_does_not_fit_is_refused(
    name: str, shapes: Any, params: dict[str, Any], error: type[Exception]
) -> None:
    """Before anything is computed."""
    with pytest.raises(error, match=r"found|must be|does not fit|expected|has no entries"):
        find(name).shape(*shapes, **given_params(name, **params))


POOL: dict[str, Any] = {"kernel_size": 3, "stride": 2, "padding": 1}


@pytest.mark.parametrize(
    ("name", "length", "params", "expected"),
    [
        ("avg_pool1d", 6, {**POOL, "ceil_mode": True}, [2 / 3, 1.0, 1.0, 0.5]),
        ("avg_pool1d", 6, {**POOL, "ceil_mode": True, "count_include_pad": False}, [1.0] * 4),
        ("avg_pool1d", 4, {"kernel_size": 2, "stride": 3, "ceil_mode": True}, [1.0, 1.0]),
        ("max_pool1d", 6, {**POOL, "dilation": 2, "ceil_mode": True}, [1.0, 1.0, 1.0]),
        ("max_pool1d", 3, {"kernel_size": 4, "ceil_mode": True}, [1.0]),
    ],
)
def test_windows_at_the_end_are_pytorchs(
    name: str, length: int, params: dict[str, Any], expected: list[float]
) -> None:
    """A window that starts on the axis is there; a mean divides by what lies in the padding."""
    np.testing.assert_allclose(value(name, np.ones(length), **params), expected)


@given(st.integers(1, 7), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_dilated_maximum_is_its_definition(
    length: int, kernel: int, stride: int, dilation: int, ceil_mode: bool
) -> None:
    """The largest of every dilation-th entry, as far as there are any."""
    x = np.random.default_rng(length).permutation(length).astype(float)
    params: dict[str, Any] = {"stride": stride, "dilation": dilation, "ceil_mode": ceil_mode}
    try:
        found = value("max_pool1d", x, kernel_size=kernel, **params)
    except ShapeError:
        assert dilation * (kernel - 1) + 1 > length
        return
    for a, y in enumerate(found):
        assert y == np.max(x[a * stride :][: dilation * (kernel - 1) + 1 : dilation])


def test_window_in_the_padding_alone_is_refused() -> None:
    """It has no largest entry."""
    params = {"kernel_size": 2, "padding": 1, "dilation": 2}
    with pytest.raises(ShapeError, match="has no entry that is no padding"):
        value("max_pool1d", np.ones(1), **params)


@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 3))
def test_same_keeps_the_length(length: int, kernel: int, dilation: int) -> None:
    """As in PyTorch the last of an odd number of zeros goes behind."""
    x = np.arange(1.0, length + 1)[None]
    w = np.arange(1.0, kernel + 1)[None, None]
    every = dilation * (kernel - 1)
    around = np.pad(x, [(0, 0), (every // 2, every - every // 2)])
    np.testing.assert_array_equal(
        value("conv1d", x, w, padding="same", dilation=dilation),
        value("conv1d", around, w, padding="valid", dilation=dilation),
    )


def test_same_with_a_stride_is_refused() -> None:
    """The value could not have the length of the operand."""
    with pytest.raises(ArgumentError, match=r"padding='same' needs stride=1, found stride=\(2,\)"):
        value("conv1d", np.ones((1, 4)), np.ones((1, 1, 2)), padding="same", stride=2)


def test_bias_is_added_to_its_channel() -> None:
    """In a program by name; what does not fit shows all shapes."""
    extras = find("conv2d").extras
    assert extras is not None
    rule = extras.of(("bias",))
    x, w = np.ones((1, 2, 3, 3)), np.ones((2, 2, 2, 2))
    found = rule.forward(np, x, w, np.array([1.0, -1.0]), **given_params("conv2d"))
    np.testing.assert_array_equal(found[0, :, 0, 0], [9.0, 7.0])
    with pytest.raises(ShapeError, match=r"bias \(3,\) does not fit kernels \(2, 2, 2, 2\)"):
        rule.shape(x.shape, w.shape, (3,), **given_params("conv2d"))
    graph = graph_of('y = conv1d(x, w, bias=b, padding="same")', {
        "x": (1, 4), "w": (2, 1, 3), "b": (2,)}, {})  # fmt: skip
    assert graph.find("y").shape == (2, 4)
    assert graph.find("y").text.startswith("conv1d(x, w, bias=b")
