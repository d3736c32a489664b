"""Plain tables: everything aligned, nothing wider than asked where it can be cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.render.text.spans import width
from tui_backprop.render.text.table import Heading, table

cells = st.text(st.sampled_from("ab 中文\x1b[\né"), max_size=12)
headings = (
    Heading("name", is_elastic=True),
    Heading("n", "right"),
    Heading("text", is_elastic=True),
)
rows = st.lists(st.tuples(cells, cells, cells), max_size=5)


@given(rows)
def test_columns_start_at_one_cell(found: list[tuple[str, str, str]]) -> None:
    """Wide characters count for two, escape sequences are text."""
    lines = list(table(headings, [(a, "|", c) for a, _, c in found]))
    assert len(lines) == len(found) + 1
    assert all(line.isprintable() for line in lines)
    assert len({width(line[: line.index("|")]) for line in lines[1:]}) <= 1


@given(rows)
def test_elastic_columns_give_way(found: list[tuple[str, str, str]]) -> None:
    """A table that can be made as narrow as asked is."""
    narrow = [(a, b[:4], c) for a, b, c in found]
    assert all(width(line) <= 36 for line in table(headings, narrow, 36))


def test_a_long_text_is_broken_and_not_cut() -> None:
    """Between words; the other columns stay empty beside the rest of it."""
    lines = list(table(headings, [("a", "1", "one two three four five")], 20))
    assert lines == [
        "name  n  text",
        "a     1  one two",
        "         three four",
        "         five",
    ]


def test_without_a_limit_nothing_is_cut() -> None:
    """What goes to a file is whole."""
    long = "x" * 500
    assert long in "".join(table(headings, [(long, "1", long)]))


def test_numbers_stand_to_the_right() -> None:
    """And so does their title."""
    lines = list(table((Heading("n", "right"), Heading("t")), [("1", "a"), ("100", "b")]))
    assert lines == ["  n  t", "  1  a", "100  b"]
