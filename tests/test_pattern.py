"""Expressions that are compiled late answer as those that are compiled at once."""

from __future__ import annotations

import re

import pytest

from tui_backprop.pattern import pattern


def test_a_late_expression_answers_like_a_compiled_one() -> None:
    """Every method that is used of one, with places and flags."""
    text, plain = "ab AB ab", re.compile("(a)b", re.IGNORECASE)
    late = pattern("(a)b", re.IGNORECASE)
    for _ in range(2):
        assert str(late.match(text, 3)) == str(plain.match(text, 3))
        assert str(late.search(text, 1)) == str(plain.search(text, 1))
        assert late.fullmatch(text) is None
        assert late.findall(text) == plain.findall(text)
        assert [m.span() for m in late.finditer(text, 2)] == [(3, 5), (6, 8)]
        assert late.sub(r"<\1>", text) == plain.sub(r"<\1>", text)
        assert late.split(text) == plain.split(text)
    assert late.pattern == plain.pattern


def test_nothing_is_compiled_before_it_is_asked() -> None:
    """What is wrong with an expression is said by its first use."""
    late = pattern("(")
    with pytest.raises(re.error):
        late.match("")
