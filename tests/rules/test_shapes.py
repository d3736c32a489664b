"""The axis argument, and the messages where a static argument does not fit."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, valid_tuple_axes

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules import find
from tui_backprop.rules.shapes import normal_axes, reduced_count, reduced_shape, spread


@given(array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3), st.data(), st.booleans())
def test_reduced_shape_is_numpys(
    shape: tuple[int, ...], data: st.DataObject, keepdims: bool
) -> None:
    """Whatever axes are named, counted from either end."""
    axis = data.draw(st.none() | valid_tuple_axes(len(shape)))
    expected = np.zeros(shape).sum(axis=axis, keepdims=keepdims)
    assert reduced_shape(shape, axis, keepdims) == expected.shape
    assert reduced_count(shape, axis) * expected.size == np.zeros(shape).size or not expected.size
    assert spread(expected, shape, axis).shape == shape


def test_axes_are_counted_from_zero_and_sorted() -> None:
    """One spelling for what follows."""
    assert normal_axes((-1, 0), (2, 3, 4)) == (0, 2)
    assert normal_axes(None, (2, 3)) == (0, 1)
    assert normal_axes(np.int64(-2), (2, 3)) == (0,)


@pytest.mark.parametrize(
    ("name", "shapes", "params", "message"),
    [
        ("sum", ((2, 3),), {"axis": 2}, "axis 2 is out of range for shape (2, 3): it has axes 0"),
        ("sum", ((2, 3),), {"axis": -3}, "axis -3 is out of range for shape (2, 3)"),
        ("mean", ((),), {"axis": 0}, "axis 0 is out of range: shape () has no axes"),
        ("mean", ((2, 3),), {"axis": (0, -2)}, "names an axis of shape (2, 3) twice"),
        ("mean", ((2, 3),), {"axis": 1.0}, "axis must be a whole number, found 1.0"),
        ("mean", ((2, 3),), {"axis": True}, "axis must be a whole number, found True"),
        ("sum", ((2, 3),), {"axis": "0"}, "axis must be a whole number, found '0'"),
        ("transpose", ((2, 3),), {"axes": (0, 0)}, "must name each axis of shape (2, 3) once"),
        ("transpose", ((2, 3),), {"axes": (0,)}, "an order of (0, 1)"),
        ("transpose", ((2, 3),), {"axes": (0, 5)}, "axis 5 is out of range for shape (2, 3)"),
        (
            "reshape",
            ((2, 3),),
            {"shape": (4, 2)},
            "cannot reshape (2, 3), 6 entries, to (4, 2), 8 entries",
        ),
        ("reshape", ((2, 3),), {"shape": (4, -1)}, "cannot reshape (2, 3), 6 entries, to (4, -1)"),
        ("reshape", ((0, 3),), {"shape": (-1, 0)}, "cannot reshape (0, 3), 0 entries, to (-1, 0)"),
        ("reshape", ((6,),), {"shape": (-1, -1)}, "at most one is −1"),
        ("reshape", ((6,),), {"shape": (-2, -3)}, "lengths are 0 or more"),
        ("reshape", ((6,),), {"shape": (2.0, 3)}, "a length in a shape must be a whole number"),
        ("reshape", ((1,),), {"shape": (1,) * 65}, "too many axes"),
        ("reshape", ((0,),), {"shape": (0, 10**30)}, "too long ones"),
    ],
)
def test_static_argument_that_does_not_fit(
    name: str, shapes: tuple[tuple[int, ...], ...], params: dict[str, Any], message: str
) -> None:
    """The message shows the argument and the shape it met."""
    with pytest.raises(ArgumentError, match=re.escape(message)):
        find(name).shape(*shapes, **params)


@pytest.mark.parametrize(
    ("name", "shapes", "message"),
    [
        ("add", ((2, 3), (2,)), "shapes (2, 3) and (2,) do not broadcast"),
        ("where", ((2,), (3,), ()), "shapes (2,), (3,) and () do not broadcast"),
        ("matmul", ((), (3,)), "@ needs vectors or matrices, found shapes () and (3,); use *"),
        ("matmul", ((2, 3), (4,)), "shapes (2, 3) and (4,) do not fit for @"),
        ("matmul", ((2, 3), (2, 4)), "the last axis of the left, 3, must equal the last but one"),
        ("matmul", ((2, 2, 3), (5, 3, 4)), "shapes (2, 2, 3) and (5, 3, 4) do not fit for @"),
    ],
)
def test_shapes_that_do_not_fit(
    name: str, shapes: tuple[tuple[int, ...], ...], message: str
) -> None:
    """The message shows every shape."""
    with pytest.raises(ShapeError, match=re.escape(message)):
        find(name).shape(*shapes)
