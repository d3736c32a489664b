"""Notes broken into lines."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.render.text.spans import width, wrap

NOTES = st.text(alphabet=st.sampled_from("ab x.,(中文，。（）\n"), max_size=40)


@given(NOTES, st.integers(2, 20))
def test_no_line_is_wider_than_asked(text: str, cells: int) -> None:
    """Whatever the note holds."""
    assert all(width(line) <= cells for line in wrap(text, cells))


@given(NOTES, st.integers(2, 20))
def test_nothing_but_spaces_is_lost(text: str, cells: int) -> None:
    """The lines hold the characters of the note in order."""
    assert "".join("".join(wrap(text, cells)).split()) == "".join(text.split())


@given(st.text(max_size=40), st.integers(2, 20))
def test_lines_are_printable(text: str, cells: int) -> None:
    """No control character of a note gets through."""
    assert all(line.isprintable() or "\u3000" in line for line in wrap(text, cells))


@given(st.text(alphabet=st.sampled_from("中文，。"), max_size=30), st.integers(4, 20))
def test_closing_punctuation_does_not_start_a_line(text: str, cells: int) -> None:
    """Unless more of it follows one character than a line can hold."""
    for before, line in pairwise(wrap(text, cells)):
        if line[0] in "，。":
            assert not set(before[1:]) - set("，。")


def test_english_breaks_between_words() -> None:
    """And a word longer than the line is cut."""
    assert wrap("y depends on x with slope 2", 11) == ["y depends", "on x with", "slope 2"]
    assert wrap("incomprehensibilities", 8) == ["incompre", "hensibil", "ities"]


def test_chinese_breaks_between_characters() -> None:
    """Commas and full stops stay with what they close, brackets with what they open."""
    assert wrap("梯度是一行，各分量相加。", 10) == ["梯度是一", "行，各分量", "相加。"]
    assert wrap("一二三四（五六）", 10) == ["一二三四", "（五六）"]
    assert wrap("向量 v 乘以 J，得到 grad。", 12) == ["向量 v 乘以", "J，得到", "grad。"]


def test_line_breaks_of_the_note_stay() -> None:
    """An empty line is a paragraph."""
    assert wrap("one\n\ntwo  \n", 20) == ["one", "", "two"]
    assert wrap("", 20) == []


def test_a_line_too_narrow_for_a_wide_character_is_refused() -> None:
    """Two cells are the least."""
    with pytest.raises(ValueError, match="at least 2"):
        wrap("中", 1)


@pytest.mark.parametrize("text", ["a" * 10**6, " " * 10**6 + "a", "(" * 10**6, "中" * 10**5])
def test_a_word_without_end_is_cut_as_it_comes(text: str) -> None:
    """In one go over the text: copying what is left for every line would take hours."""
    lines = wrap(text, 40)
    assert "".join(lines).split() == text.split()
    assert len(lines) <= len(text) / 20 + 1
