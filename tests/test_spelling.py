"""Guessing what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.spelling import near

WORDS = ["tan", "tanh", "arctanh", "sigmoid", "log_sigmoid"]


@pytest.mark.parametrize(
    ("typed", "meant"), [("tahn", "tanh"), ("atn", "tan"), ("sigmod", "sigmoid"), ("tanhh", "tanh")]
)
def test_the_likeliest_comes_first(typed: str, meant: str) -> None:
    """Letters that changed places before letters that are missing."""
    assert near(typed, WORDS)[0] == meant


@given(st.text(max_size=8), st.lists(st.text(max_size=8), unique=True), st.integers(1, 4))
def test_only_known_words_come_once_each(word: str, known: list[str], most: int) -> None:
    """Never more than asked for; a known word is its own first guess."""
    found = near(word, known, most)
    assert len(found) == len(set(found)) <= most
    assert set(found) <= set(known)
    if word in known:
        assert sorted(found[0]) == sorted(word)
