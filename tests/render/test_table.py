"""Plain tables: everything aligned, nothing wider than asked where it can be cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.render.spans import width
from tui_backprop.render.table import Heading, table

cells = st.text(st.sampled_from("ab 中文\x1b[\né"), max_size=12)
headings = (
    Heading("name", is_elastic=True),
    Heading("n", "right"),
    Heading("text", is_elastic=True),
)
rows = st.lists(st.tuples(cells, cells, cells), max_size=5)


@given(rows, st.none() | st.integers(30, 60))
def test_columns_start_at_one_cell(found: list[tuple[str, str, str]], room: int | None) -> None:
    """Wide characters count for two, escape sequences are text."""
    lines = list(table(headings, [(f"{a}|", "|", f"|{c}") for a, _, c in found], room))
    assert len(lines) == len(found) + 1
    assert all("\x1b" not in line and "\n" not in line for line in lines)
    starts = {width(line[: line.rindex("|", 0, line.rindex("|"))]) for line in lines[1:]
              if line.count("|") == 3}  # fmt: skip
    assert len(starts) <= 1


@given(rows)
def test_elastic_columns_give_way(found: list[tuple[str, str, str]]) -> None:
    """A table that can be cut to the width is."""
    narrow = [(a, b[:4], c) for a, b, c in found]
    assert all(width(line) <= 30 for line in table(headings, narrow, 30))


def test_without_a_limit_nothing_is_cut() -> None:
    """What goes to a file is whole."""
    long = "x" * 500
    assert long in "".join(table(headings, [(long, "1", long)]))


def test_numbers_stand_to_the_right() -> None:
    """And so does their title."""
    lines = list(table((Heading("n", "right"), Heading("t")), [("1", "a"), ("100", "b")]))
    assert lines == ["  n  t", "  1  a", "100  b"]
