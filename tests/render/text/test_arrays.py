"""Arrays on one line."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tui_backprop.render.text.arrays import Values, shape_text, summary, window
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.numbers import Numerals
from tui_backprop.render.text.spans import Span, line_width, plain

if TYPE_CHECKING:
    from tui_backprop.render.text.spans import SpanRole
    from tui_backprop.rules.types import Array, IntArray

ARRAYS = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=9),
    elements=st.floats(),
)


class Counting:
    """A vector of zeros that counts how many of its entries were read."""

    def __init__(self, size: int) -> None:
        self.shape = (size,)
        self.reads = 0

    def at(self, flat: IntArray) -> Array:
        """The entries, counted."""
        self.reads += len(flat)
        return np.zeros(len(flat))

    def known(self, flat: IntArray) -> Array:
        """All of them."""
        return np.ones(len(flat), dtype=bool)


@given(st.integers(1, 60), st.data())
def test_a_window_shows_the_focus_in_the_room_it_has(n: int, data: st.DataObject) -> None:
    """Ascending, no longer than asked, all of them where they fit."""
    focus = data.draw(st.integers(0, n - 1))
    room = data.draw(st.integers(1, 20))
    shown = window(n, focus, room)
    indices = [k for k in shown if k is not None]
    assert len(shown) == min(n, room)
    assert focus in indices
    assert indices == sorted(set(indices))


@given(st.integers(6, 60), st.data())
def test_gaps_stand_exactly_where_indices_are_missing(n: int, data: st.DataObject) -> None:
    """With five places or more a gap is never spent on a single index."""
    room = data.draw(st.integers(5, 20))
    shown = window(n, data.draw(st.integers(0, n - 1)), room)
    assert (shown[0], shown[-1]) == (0, n - 1)
    before = 0
    for gap, k in pairwise(shown):
        if k is not None:
            assert k - before >= 3 if gap is None else k - before == 1
            before = k


def test_windows_with_little_room() -> None:
    """The focus comes first, then the gaps, then the ends."""
    assert window(9, 4, 1) == (4,)
    assert window(9, 4, 2) == (4, None)
    assert window(9, 8, 2) == (None, 8)
    assert window(9, 4, 3) == (None, 4, None)
    assert window(9, 0, 3) == (0, None, 8)
    assert window(9, 4, 5) == (0, None, 4, None, 8)


@given(ARRAYS, st.integers(1, 40), st.booleans())
def test_a_summary_is_never_wider_than_asked(array: Array, cells: int, with_shape: bool) -> None:
    """Whatever the array holds."""
    for numerals in (Numerals(), Numerals(charset=ASCII)):
        line = summary(Values(array), cells, numerals=numerals, with_shape=with_shape)
        assert line_width(line) <= cells


@given(
    hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=3), elements=st.integers(-99, 99))
)
def test_a_summary_with_room_is_the_array(array: Array) -> None:
    """Brackets nest as in NumPy, and reading them back gives every entry."""
    text = plain(summary(Values(array), 400, numerals=Numerals(charset=ASCII)))
    assert text == str(array.astype(int).tolist()).replace(",", "")


@pytest.mark.parametrize(
    ("array", "cells", "text"),
    [
        (np.array([1.0, 2.0, 3.0]), 20, "[1 2 3]"),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), 20, "[[1 2] [3 4]]"),
        (np.array(3.5), 20, "3.5"),
        (np.empty(0), 20, "[]"),
        (np.linspace(0.1, 3.2, 784), 20, "[0.1 … 3.2] (784,)"),
        (np.linspace(0.1, 3.2, 784).reshape(28, 28), 21, "[[0.1 … 3.2]] (28×28)"),
        (np.arange(18.0).reshape(9, 2), 25, "[[0 1] [2 … 17]] (9×2)"),
        (np.arange(6.0).reshape(3, 2) / 7, 24, "[[0 … 0.714]] (3×2)"),
        (np.linspace(0.1, 3.2, 784), 12, "[0.1 … 3.2]"),
        (np.linspace(0.1, 3.2, 784), 8, "[0.1 …]"),
        (np.linspace(0.1, 3.2, 784), 5, "(784…"),
        (np.array([0.123456, 0.654321]), 16, "[0.1235 0.6543]"),
        (np.array([np.nan, -np.inf]), 16, "[nan −inf]"),
    ],
)
def test_what_goes_first_when_room_is_short(array: Array, cells: int, text: str) -> None:
    """Digits, then entries, then the shape, then numbers altogether."""
    assert plain(summary(Values(array), cells)) == text


def test_unknown_and_marked_entries_show_without_colour() -> None:
    """A dot for not yet, a pointer for the entry that changed."""
    values = Values(np.array([2.0, 4.0, 9.0]), np.array([True, True, False]))
    assert summary(values, 20, marks={1: "changed"}) == (
        Span("[2 "),
        Span("▸4", "changed"),
        Span(" "),
        Span("·", "unknown"),
        Span("]"),
    )


@given(st.integers(0, 783), st.integers(24, 60))
def test_a_marked_entry_is_always_in_sight(focus: int, cells: int) -> None:
    """Entries are left out around it."""
    line = summary(Values(np.arange(784.0)), cells, marks={focus: "changed"})
    assert f"▸{focus}" in plain(line)


def test_a_big_array_costs_what_is_visible() -> None:
    """A million entries, a few dozen reads."""
    entries = Counting(10**6)
    summary(entries, 60)
    assert entries.reads < 100


def test_shapes() -> None:
    """Lengths with a sign of multiplication; a scalar has none."""
    assert shape_text((2, 3)) == "(2×3)"
    assert shape_text((2, 3), ASCII) == "(2x3)"
    assert shape_text((3,)) == "(3,)"
    assert shape_text(()) == ""


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
    st.integers(6, 60),
    st.integers(0, 124),
)
def test_a_matrix_has_the_brackets_of_one(lengths: list[int], cells: int, mark: int) -> None:
    """With gaps and without them: each bracket has its partner, no deeper than there are axes."""
    array = np.arange(float(np.prod(lengths))).reshape(lengths)
    marks: dict[int, SpanRole] = {mark % array.size: "changed"}
    text = plain(summary(Values(array), cells, marks=marks, with_shape=False))
    depth = 0
    for k, character in enumerate(text if text.startswith("[") else ""):
        depth += {"[": 1, "]": -1}.get(character, 0)
        assert 0 <= depth <= len(lengths), text
        assert depth > 0 or k == len(text) - 1, text
        if character.isdigit() or character == "…":
            assert depth == len(lengths) or character == "…", text
    assert text.startswith("[" * len(lengths)) or not text.startswith("[")
    assert "[]" not in text
