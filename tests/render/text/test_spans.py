"""Text in roles: widths, cuts, and nothing that a terminal would obey."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcwidth

from tui_backprop.render.text import spans
from tui_backprop.render.text.spans import (
    ROLES,
    Line,
    Span,
    clip,
    cut,
    fit_line,
    line_width,
    merge,
    pad,
    plain,
    printable,
    slice_line,
    width,
)

TEXTS = st.text(alphabet=st.sampled_from("ab 中，·−…x₁é│"), max_size=12)
LINES = st.lists(st.builds(Span, TEXTS, st.sampled_from(ROLES)), max_size=5).map(tuple)


@given(st.text())
def test_printable_text_cannot_move_a_cursor(text: str) -> None:
    """Every character that is left takes one or two cells and is no control or format character."""
    shown = printable(text)
    assert all(wcwidth(c) in {1, 2} for c in shown)
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} for c in shown)


@given(st.text())
def test_printable_twice_is_printable_once(text: str) -> None:
    """What is printable stays as it is."""
    assert printable(printable(text)) == printable(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [bold]text[/]", "plain [bold]text[/]"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("two\nlines\r\t", "two␊lines␍␉"),
        ("\x7f\x9b2J", "␡�2J"),
        ("a\u202eb\u2066c", "a�b�c"),
        ("zero\u200bwidth\ufeff", "zero�width�"),
        ("e\u0301 and x\u0301\u0301", "é and x��"),
        ("Y = 2X 与 y", "Y = 2X 与 y"),
        ("a\u00a0b\u3000c", "a b\u3000c"),
        ("warn ⚠\ufe0f", "warn ⚠"),
        ("\ud800", "�"),
    ],
)
def test_what_is_replaced_stays_visible(text: str, shown: str) -> None:
    """Control characters show as their pictures, hidden ones as a replacement mark."""
    assert printable(text) == shown


@given(TEXTS, TEXTS)
def test_width_adds_up(a: str, b: str) -> None:
    """The width of a text is the width of its parts, character by character."""
    assert width(a + b) == width(a) + width(b) == sum(wcwidth(c) for c in a + b)


def test_the_shortcut_for_narrow_texts_knows_no_wide_character() -> None:
    """Whatever the fast path counts as one cell is one cell, over all of Unicode."""
    narrow = re.compile(spans._NARROW.pattern.removesuffix("*"))
    assert all(wcwidth(chr(c)) == 1 for c in range(0x110000) if narrow.fullmatch(chr(c)))


@given(TEXTS, st.integers(0, 15))
def test_clip_is_never_wider_than_asked(text: str, cells: int) -> None:
    """A text that fits is untouched; another one ends in the ellipsis."""
    clipped = clip(text, cells)
    assert width(clipped) <= cells
    if width(text) <= cells:
        assert clipped == text
    elif cells:
        assert clipped.endswith("…")
        assert text.startswith(clipped[:-1])


@given(TEXTS, st.integers(0, 15), st.sampled_from(["left", "right"]))
def test_clipped_and_padded_is_exactly_as_wide_as_asked(
    text: str, cells: int, align: spans.Align
) -> None:
    """Never one cell more or less."""
    assert width(pad(clip(text, cells), cells, align)) == cells


@given(TEXTS, st.integers(0, 15))
def test_cut_takes_the_longest_start(text: str, cells: int) -> None:
    """One more character would be too wide."""
    start = cut(text, cells)
    assert text.startswith(start)
    assert width(start) <= cells
    assert start == text or width(text[: len(start) + 1]) > cells


def test_padding_stands_on_the_side_asked_for() -> None:
    """Left or right; 中 counts twice."""
    assert pad("中", 5) == "中   "
    assert pad("中", 5, "right") == "   中"
    assert pad("toolong", 3) == "toolong"


@given(LINES, st.integers(0, 20), st.integers(0, 20))
def test_a_slice_is_as_wide_as_its_bounds(line: Line, x0: int, x1: int) -> None:
    """Cells between x0 and x1, as far as the line goes."""
    expected = max(min(x1, line_width(line)) - min(x0, line_width(line)), 0)
    assert line_width(slice_line(line, x0, x1)) == expected


@given(LINES, st.integers(0, 20))
def test_two_slices_make_the_line(line: Line, x: int) -> None:
    """Cut anywhere but through a wide character, the parts give the whole."""
    parts = (*slice_line(line, 0, x), *slice_line(line, x, line_width(line)))
    whole = plain(line)
    if plain(parts) != whole:
        assert plain(parts).count(" ") == whole.count(" ") + 2
    assert line_width(parts) == line_width(line)


def test_a_wide_character_cut_in_half_is_a_space() -> None:
    """No half of a character reaches the terminal."""
    line = (Span("a中b", "title"),)
    assert slice_line(line, 0, 2) == (Span("a ", "title"),)
    assert slice_line(line, 2, 4) == (Span(" b", "title"),)


@given(LINES, st.integers(0, 20))
def test_a_fitted_line_is_exactly_as_wide_as_asked(line: Line, cells: int) -> None:
    """Panes can rely on it."""
    assert line_width(fit_line(line, cells)) == cells


@given(LINES)
def test_merging_keeps_every_cell_in_its_role(line: Line) -> None:
    """The same characters in the same roles, in as few spans as there are changes of role."""
    merged = merge(line)
    assert [(c, s.role) for s in merged for c in s.text] == [
        (c, s.role) for s in line for c in s.text
    ]
    assert all(a.role != b.role for a, b in pairwise(merged))
    assert all(span.text for span in merged)
