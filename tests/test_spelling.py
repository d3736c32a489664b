"""Guessing what was meant."""

from __future__ import annotations

import difflib
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.spelling import near

if TYPE_CHECKING:
    from collections.abc import Collection

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


@given(st.text(max_size=5), st.lists(st.text("abßﬃIİ_", max_size=12), unique=True))
def test_lengths_leave_out_nothing_alike(word: str, known: list[str]) -> None:
    """What is not compared for its length would not have been a guess."""
    small = {w.casefold() for w in known}
    alike = get_close_matches(word, known, n=1) or get_close_matches(word.casefold(), small, n=1)
    assert bool(near(word, known)) >= bool(alike)


def test_of_many_words_the_first_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deep graph has a million names; letters that changed places are seen in all of them."""
    seen: list[int] = []

    def counted(_word: str, words: Collection[str], **_more: object) -> list[str]:
        seen.append(len(words))
        return []

    monkeypatch.setattr(difflib, "get_close_matches", counted)
    known = [*(f"X@{k}" for k in range(100_000)), "norm"]
    assert near("nrom", known) == ["norm"]
    assert 0 < max(seen) <= 10_000
