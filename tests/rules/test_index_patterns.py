"""Indexing as arithmetic against indexing as NumPy does it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, basic_indices

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules.ops.layout.indexing import RULES, gathered_source, indexed_shape

INDEX = next(rule for rule in RULES if rule.name == "index")


def _agrees(shape: tuple[int, ...], key: Any, numpy_key: Any) -> None:
    x = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    expected = x[numpy_key]
    assert indexed_shape(shape, key) == expected.shape
    np.testing.assert_array_equal(gathered_source(shape, key), np.ravel(expected))
    np.testing.assert_array_equal(INDEX.forward(np, x, key), expected)


@given(array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3), st.data())
def test_basic_keys_are_numpys(shape: tuple[int, ...], data: st.DataObject) -> None:
    """Ints, slices with steps of either sign, None and ..., in any mixture."""
    key = data.draw(basic_indices(shape, allow_newaxis=True, max_dims=6))
    _agrees(shape, key, key)


def _part(draw: st.DrawFn, n: int, listed: tuple[int, ...]) -> Any:
    """An int, a slice or a list for an axis of n entries."""
    inside = st.integers(-n, n - 1)
    kind = draw(st.sampled_from(["int", "list", "list", "slice"]))
    if kind == "int":
        return draw(inside)
    if kind == "slice":
        return draw(st.slices(n))
    return np.resize(draw(st.lists(inside, min_size=4, max_size=4)), listed).tolist()


@st.composite
def mixed_keys(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Lists among ints, slices, None and at most one ..., anywhere."""
    reading = draw(st.integers(0, len(shape)))
    split = draw(st.none() | st.integers(0, reading))
    lengths = shape[:reading]
    if split is not None:
        lengths = (*shape[:split], *shape[len(shape) - (reading - split) :])
    listed = st.sampled_from([(3,), (1,), (2, 3), (2, 1)])
    key = [_part(draw, n, draw(listed)) for n in lengths]
    if split is not None:
        key.insert(split, ...)
    if draw(st.booleans()):
        key.insert(draw(st.integers(0, len(key))), None)
    return tuple(key)


@given(st.data())
def test_mixed_keys_are_numpys(data: st.DataObject) -> None:
    """Wherever lists stand, and whatever parts them."""
    shape = data.draw(array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=3))
    key = data.draw(mixed_keys(shape))
    _agrees(shape, key, key)


@pytest.mark.parametrize("key", [[], [0, 0], [[0], [1]], (None, [1, 0], None), 1, slice(None), ...])
def test_key_needs_no_tuple(key: Any) -> None:
    """A single part stands for itself."""
    _agrees((2, 3), key, np.array(key, dtype=int) if key == [] else key)


def test_shape_of_a_huge_result_is_known_without_making_it() -> None:
    """Two long lists against each other: the shape is arithmetic."""
    long = [0] * 100_000
    assert indexed_shape((1, 1), ([[0]] * 100_000, [long])) == (100_000, 100_000)


@pytest.mark.parametrize(
    ("shape", "key", "message"),
    [
        ((3,), 3, "index 3 is out of bounds for axis 0 of length 3 (shape (3,))"),
        ((3,), -4, "index -4 is out of bounds for axis 0 of length 3 (shape (3,))"),
        ((3,), 10**30, "is out of bounds for axis 0 of length 3 (shape (3,))"),
        ((2, 3), (..., [0, 7]), "index 7 is out of bounds for axis 1 of length 3 (shape (2, 3))"),
        ((3,), (0, 0), "too many indices: 2, but shape (3,) has 1 axis"),
        ((), 0, "too many indices: 1, but shape () has 0 axes"),
        ((3,), (..., ...), "an index can only have one '...'"),
        ((3,), 1.0, "an index must be a whole number, found 1.0"),
        ((3,), True, "an index must be a whole number, found True"),
        ((3,), "a", "an index must be a whole number, found 'a'"),
        ((3,), [0.5], "an index list must hold whole numbers only, or True and False only"),
        ((3,), [[True, False]], "too many indices: 2, but shape (3,) has 1 axis"),
        ((3,), [[0], [1, 2]], "an index list must not be ragged"),
        ((3,), slice(None, None, 0), "the step of a slice must not be 0"),
        ((3,), slice(0.5, None), "a bound of a slice must be a whole number, found 0.5"),
        ((3,), (None,) * 64, "too many axes"),
    ],
)
def test_key_that_does_not_fit(shape: tuple[int, ...], key: Any, message: str) -> None:
    """The message names the part, the axis and the shape."""
    with pytest.raises(ArgumentError, match=re.escape(message)):
        indexed_shape(shape, key)


def test_lists_that_do_not_broadcast() -> None:
    """They are read against each other, so their shapes must fit."""
    with pytest.raises(ShapeError, match=re.escape("shapes (2,) and (3,) do not broadcast")):
        indexed_shape((2, 3), ([0, 1], [0, 1, 2]))


@st.composite
def masked_keys(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """A mask of some axes, before and behind it anything, and at most one ... and None."""
    start = draw(st.integers(0, len(shape) - 1))
    stop = draw(st.integers(start + 1, len(shape)))
    size = int(np.prod(shape[start:stop]))
    kept = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    before = [_part(draw, n, (1,)) for n in shape[:start]]
    behind = [_part(draw, n, (1,)) for n in shape[stop : draw(st.integers(stop, len(shape)))]]
    key = [*before, np.reshape(kept, shape[start:stop]).tolist(), *behind]
    extra = draw(st.sampled_from(["none", "...", "new", "both"]))
    if extra in {"...", "both"} and len(behind) == len(shape) - stop:
        key.insert(draw(st.integers(0, len(key))), ...)
    if extra in {"new", "both"}:
        key.insert(draw(st.integers(0, len(key))), None)
    return tuple(key)


@given(st.data())
def test_masks_are_numpys(data: st.DataObject) -> None:
    """A mask takes as many axes as it has, among anything else."""
    shape = data.draw(array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=3))
    key = data.draw(masked_keys(shape))
    _agrees(shape, key, key)


def test_mask_that_does_not_fit() -> None:
    """It must have the lengths of the axes that it covers; the message shows both shapes."""
    expected = "a mask of shape (2,) does not fit axis 1 of shape (2, 3): expected (3,)"
    with pytest.raises(ShapeError, match=re.escape(expected)):
        indexed_shape((2, 3), (slice(None), [True, False]))
    expected = "a mask of shape (3, 2) does not fit axes 0 to 1 of shape (2, 3): expected (2, 3)"
    with pytest.raises(ShapeError, match=re.escape(expected)):
        indexed_shape((2, 3), [[True, False]] * 3)


def test_entry_read_twice_receives_both() -> None:
    """Repeated indices add up, as in every sum over children."""
    x = np.zeros(3)
    v = np.array([1.0, 10.0, 100.0])
    derivative = INDEX.derivative(0)
    pulled = derivative.vjp(v, x[[2, 0, 2]], (x,), {"key": [2, 0, 2]})
    np.testing.assert_array_equal(pulled, [10.0, 0.0, 101.0])
