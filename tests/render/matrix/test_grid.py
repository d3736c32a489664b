"""The window of a matrix."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tui_backprop.dataclass import replace
from tui_backprop.render.matrix.cells import column_of, columns_of
from tui_backprop.render.matrix.composition import Composition, composed
from tui_backprop.render.matrix.grid import Grid
from tui_backprop.render.matrix.labels import Labels
from tui_backprop.render.matrix.sample import Sample, blocks_of
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.spans import line_width, plain, width

if TYPE_CHECKING:
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Line
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


def drawn(made: Grid, cells: int, height: int) -> list[Line]:
    """Its lines in a window, without a picture."""
    return Composition(made, made.fit(cells, height)).lines()


sizes = st.integers(1, 2000)


@given(m=sizes, n=sizes, share=st.tuples(st.floats(0, 1), st.floats(0, 1)),
       cells=st.integers(24, 120), height=st.integers(2, 40))  # fmt: skip
def test_the_current_entry_is_always_in_sight(
    m: int, n: int, share: tuple[float, float], cells: int, height: int
) -> None:
    """It is marked once, its row and column are named, and nothing is wider than the pane."""
    at = int(share[0] * (m - 1)), int(share[1] * (n - 1))
    made, matrix = grid(m, n, at)
    lines = drawn(made, cells, height)
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
    rows = [plain(line).split() for line in drawn(made, 60, 10)]
    assert rows == [
        ["x0", "x1", "x2"],
        ["y0", "0", "1", "·"],
        ["y1", "1000", "▐1001▌", "·"],
        ["y2", "2000", "·", "·"],
    ]


def test_ascii_marks_with_brackets() -> None:
    """A plain terminal sees the current entry too."""
    made, _ = grid(2, 2, (0, 0), ASCII)
    text = "\n".join(plain(line) for line in drawn(made, 40, 5))
    assert text.isascii()
    assert "[" in text


def test_an_empty_matrix_says_its_shape() -> None:
    """There is nothing to mark in it."""
    made, _ = grid(0, 3, (0, 0))
    assert [plain(line) for line in drawn(made, 40, 5)] == ["(0×3)"]


class Given:
    """A matrix of given numbers."""

    def __init__(self, numbers: Array) -> None:
        self.numbers = numbers
        self.shape = (numbers.shape[0], numbers.shape[1])

    def block(self, rows: IntArray, columns: IntArray) -> Array:
        """Where they cross."""
        return np.asarray(self.numbers[np.ix_(rows, columns)])


some_numbers = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 2.5, np.nan, -np.inf]),
    st.floats(-10, 10),
    st.floats(-1e300, 1e300),
)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Small matrices of any numbers, at any step."""
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    numbers = draw(arrays(np.float64, shape, elements=some_numbers, fill=st.nothing()))
    at = draw(st.integers(0, shape[0] - 1)), draw(st.integers(0, shape[1] - 1))
    made, _ = grid(*shape, at, draw(st.sampled_from([UNICODE, ASCII])))
    return replace(made, matrix=Given(numbers))


@given(grids(), st.integers(24, 160), st.integers(2, 40))
def test_rows_align_and_nothing_is_half_a_number(made: Grid, cells: int, height: int) -> None:
    """Each entry stands where its column stands, whole or saying that it goes on."""
    shown = made.fit(cells, height)
    assert shown is not None
    lines = [plain(line) for line in made.drawn(shown)]
    assert len(lines) == shown.height <= height
    assert max(map(width, lines)) <= shown.width <= cells
    seen = 0
    for y, x in product(range(len(lines)), range(cells)):
        entry = made.entry_at(shown, x, y)
        if entry is None or made.entry_at(shown, x - 1, y) == entry:
            continue
        seen += 1
        band = next(b for b in shown.bands if entry[1] in b)
        start = dict(shown.starts(band))[entry[1]]
        text = lines[y][start : start + shown.cells[entry[1]]].strip()
        assert lines[y][start - 1] in " []▐▌"
        value, known = (
            float(made.matrix.block(*map(np.array, ([entry[0]], [entry[1]])))[0, 0]),
            (made.known(*map(np.array, entry))),
        )
        if not known:
            assert text == made.charset.unknown
            continue
        digits = text.replace("−", "-")
        for mark in ("...", "…"):
            digits = digits.replace(mark, "")
        assert digits, (text, value)
        np.testing.assert_allclose(float(digits), value, rtol=0.1)
    rows, columns = (
        sum(c is not None for c in each) for each in (shown.rows, sum(shown.bands, ()))
    )
    assert seen == rows * columns


@pytest.mark.parametrize("charset", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("cells", range(1, 9))
def test_a_column_is_as_wide_as_shows_some_of_its_numbers(cells: int, charset: Charset) -> None:
    """Also where none of them fits into the cells that the column should have."""
    for values in ([1.54e-07], [-1.54e-107], [1.54e-07, -1e300 / 3], [1.54e-07, 2.5]):
        texts = column_of(np.array(values), charset, cells).texts
        assert all(re.search(r"\d", text) for text in texts)


@given(grids(), st.integers(24, 160), st.integers(2, 40))
def test_nothing_is_given_up_while_there_is_room(made: Grid, cells: int, height: int) -> None:
    """Columns are left out only where digits are dropped, these only where cells are lacking."""
    shown = made.fit(cells, height)
    assert shown is not None
    m, n = made.matrix.shape
    columns = columns_of(made.matrix, made.charset)
    rows = shown.visible_rows
    natural = sum(
        1 + max(column.cells, width(made.short.column(c)))
        for c, column in enumerate(columns.of(rows, range(n)))
    )
    head = max(width(made.short.row(r)) for r in rows)
    if head + natural < cells:
        assert shown.cut is None
        assert None not in {c for band in shown.bands for c in band}
    if shown.is_whole and shown.labels is made.labels:
        assert shown.cut is None
    assert (len(rows) < m) is (m > height - 1)


@given(grids(), st.integers(1, 160), st.integers(1, 40))
def test_numbers_and_picture_share_a_window(made: Grid, cells: int, height: int) -> None:
    """However small it is, nothing is outside of it, and the current entry is marked."""
    m, n = made.matrix.shape
    where = blocks_of((m, n), height, cells)

    def sampled(_seen: tuple[int, ...], rows: int, columns: int) -> Sample:
        assert rows <= height - 1
        assert columns <= cells
        return replace(sample, blocks=blocks_of((m, n), rows, columns))

    none = np.zeros(0, dtype=np.intp)
    sample = Sample(where, none, none, None, none, none, is_complete=False)
    found = composed(made, sampled, cells, height)
    lines = found.lines()
    assert len(lines) <= max(height, 2)
    if cells >= 12 and height >= 2:
        assert max(map(line_width, lines)) <= cells
        assert any(span.role == "current" for line in lines for span in line)
    if found.picture is None and cells >= 24 and height >= 4:
        assert found.shown is not None
        assert found.shown.is_whole
