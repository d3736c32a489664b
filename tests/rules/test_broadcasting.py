"""NumPy's broadcasting: shapes, its transpose, and which entry reads which."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import BroadcastableShapes, array_shapes, mutually_broadcastable_shapes

from tests.rules.patterns import as_matrix, assert_consistent
from tui_backprop.errors import ShapeError
from tui_backprop.rules.shapes import broadcast_shape, broadcast_ties, take, unbroadcast
from tui_backprop.rules.sparsity import Tied

SHAPES = mutually_broadcastable_shapes(num_shapes=3, min_side=0, max_dims=4, max_side=3)


@given(SHAPES)
def test_shape_is_numpys(shapes: BroadcastableShapes) -> None:
    """For shapes that fit."""
    assert broadcast_shape(*shapes.input_shapes) == np.broadcast_shapes(*shapes.input_shapes)


@given(st.lists(array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3), max_size=3))
def test_shapes_that_do_not_fit_are_refused_as_numpy_refuses_them(
    shapes: list[tuple[int, ...]],
) -> None:
    """The same ones, with every shape in the message."""
    try:
        expected = np.broadcast_shapes(*shapes)
    except ValueError:
        with pytest.raises(ShapeError) as caught:
            broadcast_shape(*shapes)
        assert all(str(s) in str(caught.value) for s in shapes)
    else:
        assert broadcast_shape(*shapes) == expected


def test_message_says_how_shapes_are_aligned() -> None:
    """What was expected, and what was found."""
    expected = "shapes (2, 3) and (4, 1, 2) do not broadcast: aligned from the right, each axis"
    with pytest.raises(ShapeError, match=re.escape(expected)):
        broadcast_shape((2, 3), (4, 1, 2))


def test_result_too_big_to_exist_is_left_to_the_limits() -> None:
    """Its shape is known; NumPy would say that the operands do not broadcast."""
    n = 10**7
    assert broadcast_shape((n, 1, 1), (n, 1), (n,)) == (n, n, n)


@given(SHAPES, st.integers(0, 2**32 - 1))
def test_unbroadcast_is_the_transpose_of_broadcasting(
    shapes: BroadcastableShapes, seed: int
) -> None:
    """⟨w, B x⟩ = ⟨Bᵀ w, x⟩, exactly, on whole numbers."""
    random = np.random.default_rng(seed)
    out = shapes.result_shape
    w = random.integers(-9, 9, size=out).astype(float)
    for shape in shapes.input_shapes:
        x = random.integers(-9, 9, size=shape).astype(float)
        pulled = unbroadcast(w, shape)
        assert pulled.shape == shape
        assert np.sum(w * np.broadcast_to(x, out)) == np.sum(pulled * x)


def test_unbroadcast_of_the_same_shape_is_the_array_itself() -> None:
    """Nothing is copied where nothing was stretched."""
    array = np.ones((2, 3))
    assert unbroadcast(array, (2, 3)) is array


@given(SHAPES)
def test_take_reads_what_broadcasting_repeats(shapes: BroadcastableShapes) -> None:
    """The entry of the small operand that stands at a place of the result."""
    out = shapes.result_shape
    places = tuple(np.indices(out))
    for shape in shapes.input_shapes:
        x = np.arange(np.prod(shape, dtype=int)).reshape(shape)
        found = np.broadcast_to(take(x, places), out)
        np.testing.assert_array_equal(found, np.broadcast_to(x, out))


@given(SHAPES)
def test_ties_are_the_pattern_of_broadcasting(shapes: BroadcastableShapes) -> None:
    """(j, i) belongs where entry j of the result repeats entry i."""
    out = shapes.result_shape
    for shape in shapes.input_shapes:
        pattern = Tied(out, shape, broadcast_ties(out, shape))
        x = np.arange(np.prod(shape, dtype=int)).reshape(shape)
        read = np.broadcast_to(x, out).ravel()
        np.testing.assert_array_equal(as_matrix(pattern), read[:, None] == np.arange(x.size))
        assert_consistent(pattern)
