"""Widths and shifts are read as NumPy reads them, and refused where it refuses them."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from tui_backprop.errors import ArgumentError
from tui_backprop.rules import find

SHAPES = [(), (1,), (3,), (0,), (2, 3), (2, 1, 3), (2, 0)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    "width", [0, 2, (1,), (1, 2), ((1, 2),), ((1,),), ((1, 2), (0, 3)), ((1,), (2,)), (1, 2, 3)]
)
def test_pad_width_is_numpys(shape: tuple[int, ...], width: Any) -> None:
    """One number, a pair, or a pair for each axis; an array of no axes has nowhere to be padded."""
    x = np.random.default_rng(0).normal(size=shape)
    try:
        expected = np.pad(x, width, constant_values=7)
    except ValueError:
        with pytest.raises(ArgumentError, match="a pair for each axis"):
            find("pad").shape(shape, pad_width=width)
    else:
        found = find("pad").forward(np, x, pad_width=width, constant_values=7)
        np.testing.assert_array_equal(found, expected)
        assert find("pad").shape(shape, pad_width=width) == expected.shape


@pytest.mark.parametrize("width", [(), ((),), ((1, 2, 3),), (((1, 2),),), -1, ((1, -1),)])
def test_other_widths_are_refused(width: Any) -> None:
    """In words, whatever the shape."""
    for shape in SHAPES:
        with pytest.raises(ArgumentError, match="pad_width"):
            find("pad").shape(shape, pad_width=width)


SHIFTS = (0, 1, -7, (1,), (1, 2), (), (1, 2, 3))


@pytest.mark.parametrize("axis", [None, 0, -1, (0,), (0, 1), (0, 0), ()])
def test_shifts_are_numpys(axis: Any) -> None:
    """Shifts and axes broadcast; several along one axis add up."""
    for shape, shift in product(SHAPES, SHIFTS):
        _assert_numpys_roll(shape, axis, shift)


def _assert_numpys_roll(shape: tuple[int, ...], axis: Any, shift: Any) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    try:
        expected = np.roll(x, shift, axis=axis)
    except ValueError:
        if () in {axis, shift}:
            return  # NumPy stumbles over these where there is nothing to turn
        with pytest.raises(ArgumentError):
            find("roll").shape(shape, shift=shift, axis=axis)
    else:
        assert find("roll").shape(shape, shift=shift, axis=axis) == shape
        found = find("roll").forward(np, x, shift=shift, axis=axis)
        np.testing.assert_array_equal(found, expected)


@given(array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=3), st.data())
def test_diagonals_are_numpys(shape: tuple[int, ...], data: st.DataObject) -> None:
    """Of any two axes, counted from either end, and of the sums along them."""
    first, second = data.draw(st.permutations(range(len(shape))))[:2]
    axes = (first - len(shape) * data.draw(st.booleans()), second)
    params = {"offset": data.draw(st.integers(-3, 3)), "axis1": axes[0], "axis2": axes[1]}
    x = np.random.default_rng(6).normal(size=shape)
    for name in ("trace", "diagonal"):
        expected = np.asarray(getattr(np, name)(x, **params))
        assert find(name).shape(shape, **params) == expected.shape
        np.testing.assert_allclose(find(name).forward(np, x, **params), expected)


@given(array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3), st.integers(-3, 3))
def test_triangles_are_numpys(shape: tuple[int, ...], k: int) -> None:
    """Of stacks of matrices, and of a vector, which counts as each row of one."""
    x = np.random.default_rng(6).normal(size=shape)
    for name in ("tril", "triu"):
        expected = getattr(np, name)(x, k)
        assert find(name).shape(shape, k=k) == expected.shape
        np.testing.assert_array_equal(find(name).forward(np, x, k=k), expected)


@pytest.mark.parametrize("decimals", [-2, 0, 1, 3])
def test_round_is_numpys(decimals: int) -> None:
    """Before the point and behind it; how many there can be is bounded."""
    x = np.array([123.456, -0.5, 1.25, 2.5, -150.0])
    np.testing.assert_array_equal(
        find("round").forward(np, x, decimals=decimals), np.round(x, decimals)
    )
    with pytest.raises(ArgumentError, match="decimals=301: expected from −300 to 300"):
        find("round").shape((2,), decimals=301)


@pytest.mark.parametrize("name", ["trace", "diagonal", "diag"])
def test_a_diagonal_far_outside_is_empty(name: str) -> None:
    """However far: no number is too large to be looked at."""
    key = "k" if name == "diag" else "offset"
    for far in (10**30, -(10**30)):
        found = np.asarray(find(name).forward(np, np.ones((2, 3)), **{key: far}))
        assert found.shape == find(name).shape((2, 3), **{key: far})
        assert not found.any()


def test_a_diagonal_needs_two_axes() -> None:
    """The message shows the axes and the shape."""
    message = r"axis1=1 and axis2=-1 name the same axis of shape \(2, 3\)"
    with pytest.raises(ArgumentError, match=message):
        find("trace").shape((2, 3), axis1=1, axis2=-1)
