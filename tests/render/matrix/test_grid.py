"""The window of a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.render.matrix.grid import Grid
from tui_backprop.render.matrix.labels import Labels
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.spans import line_width, plain

if TYPE_CHECKING:
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.rules.types import Array, IntArray


class Counted:
    """A matrix of its own positions that counts what is read."""

    def __init__(self, m: int, n: int) -> None:
        self.shape = (m, n)
        self.read = 0

    def block(self, rows: IntArray, columns: IntArray) -> Array:
        """Row times a thousand plus column, so that every entry is its own."""
        self.read += rows.size * columns.size
        return np.asarray(rows[:, None] * 1000.0 + columns[None, :])


def grid(m: int, n: int, at: tuple[int, int], charset: Charset = UNICODE) -> tuple[Grid, Counted]:
    """A grid whose entries before the current one, column by column, are known."""
    matrix = Counted(m, n)
    return Grid(
        matrix=matrix,
        labels=Labels(row=lambda r: f"y{r}", column=lambda c: f"x{c}"),
        short=Labels(row=lambda r: f"r{r}", column=lambda c: f"c{c}", corner="y/x"),
        known=lambda r, c: np.asarray((c < at[1]) | ((c == at[1]) & (r <= at[0]))),
        focus=at,
        current=at,
        charset=charset,
    ), matrix


sizes = st.integers(1, 2000)


@given(m=sizes, n=sizes, share=st.tuples(st.floats(0, 1), st.floats(0, 1)),
       cells=st.integers(24, 120), height=st.integers(2, 40))  # fmt: skip
def test_the_current_entry_is_always_in_sight(
    m: int, n: int, share: tuple[float, float], cells: int, height: int
) -> None:
    """It is marked once, its row and column are named, and nothing is wider than the pane."""
    at = int(share[0] * (m - 1)), int(share[1] * (n - 1))
    made, matrix = grid(m, n, at)
    lines = made.lines(cells, height)
    assert len(lines) <= height
    assert all(line_width(line) <= cells for line in lines)
    text = "\n".join(plain(line) for line in lines)
    assert text.count("▐") == text.count("▌") == 1
    words = text.replace("▐", " ").split()
    assert {f"y{at[0]}", f"r{at[0]}"} & {*words}
    assert {f"x{at[1]}", f"c{at[1]}"} & {*words}
    assert matrix.read <= 2 * cells * height


def test_entries_not_visited_are_not_numbers() -> None:
    """What the walk has not reached is ``·``, never 0."""
    made, _ = grid(3, 3, (1, 1))
    rows = [plain(line).split() for line in made.lines(60, 10)]
    assert rows == [
        ["x0", "x1", "x2"],
        ["y0", "0", "1", "·"],
        ["y1", "1000", "▐1001▌", "·"],
        ["y2", "2000", "·", "·"],
    ]


def test_ascii_marks_with_brackets() -> None:
    """A plain terminal sees the current entry too."""
    made, _ = grid(2, 2, (0, 0), ASCII)
    text = "\n".join(plain(line) for line in made.lines(40, 5))
    assert text.isascii()
    assert "[" in text


def test_an_empty_matrix_says_its_shape() -> None:
    """There is nothing to mark in it."""
    made, _ = grid(0, 3, (0, 0))
    assert [plain(line) for line in made.lines(40, 5)] == ["(0×3)"]
