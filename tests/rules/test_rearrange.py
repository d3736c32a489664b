"""Widths and shifts are read as NumPy reads them, and refused where it refuses them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

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


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("axis", [None, 0, -1, (0,), (0, 1), (0, 0), ()])
@pytest.mark.parametrize("shift", [0, 1, -7, (1,), (1, 2), (), (1, 2, 3)])
def test_shifts_are_numpys(shape: tuple[int, ...], axis: Any, shift: Any) -> None:
    """Shifts and axes broadcast; several along one axis add up."""
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
