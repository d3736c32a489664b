"""Arrays as words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays

from tests.render.speech.heard import heard
from tui_backprop.language.catalogue import ENGLISH, language_of
from tui_backprop.render.speech.words import array

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array


@given(arrays(np.float64, array_shapes(max_dims=2, max_side=4)))
def test_the_numbers_that_are_said_are_the_array_s(values: Array) -> None:
    """Understood again, in C order."""
    _, _, entries = array(values, ENGLISH).partition(": ")
    words = re.sub(r"row \d+ is ", "", entries).replace("; ", ", ").split(", ")
    numbers = np.array([heard(word) for word in words])
    np.testing.assert_allclose(numbers, values.ravel(), rtol=5e-6)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (4.0, "4"),
        ([1.0, -2.5], "a vector of 2: 1, minus 2.5"),
        ([[1.0, 2.0], [3.0, 4.0]], "a 2 by 2 matrix: row 1 is 1, 2; row 2 is 3, 4"),
        ([[[1.0, 2.0]], [[3.0, 4.0]]], "an array of 2 by 1 by 2: 1, 2, 3, 4"),
        (np.zeros((0, 3)), "a 0 by 3 matrix: no entries"),
        (np.arange(100.0), "a vector of 100: 0, 1, 2 and so on, the last is 99"),
    ],
)
def test_arrays(values: object, said: str) -> None:
    """By their number of axes; long and empty ones."""
    assert array(np.asarray(values), ENGLISH) == said


def test_rows_are_counted_as_the_scenario_says() -> None:
    """From 0 where NumPy's way was asked for."""
    assert array(np.eye(2), ENGLISH, first=0).endswith("row 0 is 1, 0; row 1 is 0, 1")


def test_what_a_long_array_hides_is_counted() -> None:
    """NaN and infinities in the part that is not said, in the number that the language has."""
    values = np.arange(100.0)
    values[50] = np.nan
    assert array(values, ENGLISH).endswith("the last is 99; 1 of them is not finite")
    values[51:53] = np.inf
    assert array(values, ENGLISH).endswith("3 of them are not finite")
    assert array(values, language_of("zh")).endswith("其中 3 个不是有限数")
