"""Sentences that know what they were made of."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.language.catalogue import ENGLISH, language_of
from tui_backprop.language.message import (
    Answer,
    AnswerLine,
    Cells,
    Said,
    clauses,
    joined,
    laid_out,
    said,
    said_in,
    said_many,
    written,
)

CHINESE = language_of("zh")
texts = st.text(max_size=20)


@given(texts)
def test_a_sentence_is_its_message_filled_in(text: str) -> None:
    """Whatever a value holds, braces too, it is not read again."""
    assert said("{what} was set", what=text) == f"{text} was set"
    assert CHINESE.retold(said("{what} was set", what=text)) == f"已设 {text}"


@given(st.lists(st.one_of(texts, texts.map(lambda t: said("{what} was set", what=t)))))
def test_sentences_side_by_side_stay_sentences(parts: list[str]) -> None:
    """As a text they are what `str.join` makes; each is told in the other language."""
    for mark, own in (("; ", "；"), (", ", "、"), (": ", "："), ("  ", "  ")):
        row = joined(mark, parts)
        assert row == mark.join(parts)
        assert CHINESE.retold(row) == own.join(CHINESE.retold(part) for part in parts)


def test_a_word_may_mean_something_else_where_it_stands() -> None:
    """It stays so when it is changed, abridged, or sent to another process."""
    key, pane = said_in("a key", "step"), said_in("a pane", "step")
    assert isinstance(key, Said)
    assert key == pane == "step"
    assert CHINESE.retold(key) != CHINESE.retold(pane)
    told = CHINESE.retold(key)
    for same in (key.changed(str), key.abridged("st"), pickle.loads(pickle.dumps(key))):  # noqa: S301 - our own
        assert CHINESE.retold(same) == told


def test_a_full_width_mark_has_no_blank_behind_it() -> None:
    """A part of a sentence may begin with one, for the sentences in which it needs it."""
    parts = said_many(3, "{count} contribution", "{count} contributions")
    one, many = (f"not 0; {{count}} of {{contributions}} {word} 0" for word in ("is", "are"))
    assert CHINESE.retold(parts).startswith(" ")
    assert "；3" in CHINESE.retold(said_many(2, one, many, contributions=parts))


@given(st.lists(texts, min_size=1))
def test_clauses_have_the_comma_of_a_sentence(parts: list[str]) -> None:
    """Chinese has another in lists."""
    sentence = clauses(parts)
    assert sentence == ", ".join(parts)
    assert CHINESE.retold(sentence) == "，".join(parts)


def test_sentences_inside_sentences_are_told_too() -> None:
    """A breakpoint that was set names itself."""
    label = said("breakpoint {number}: {place}", number=1, place="Y")
    assert CHINESE.retold(said("{breakpoint}: set", breakpoint=label)) == "断点 1：Y：已设好"


@pytest.mark.parametrize(
    ("count", "english"),
    [(1, "1 contribution"), (2, "2 contributions"), (1000, "1,000 contributions")],
)
def test_how_many_decides_the_form(count: int, english: str) -> None:
    """English has two."""
    found = said_many(count, "{count} contribution", "{count} contributions")
    assert found == english
    assert CHINESE.retold(found) == f" {count:,} 份贡献"


@given(texts)
def test_english_and_other_texts_stay_what_they_are(text: str) -> None:
    """What is no sentence is nobody's to translate."""
    assert CHINESE.retold(text) == ENGLISH.retold(text) == text
    sentence = said("end of the walk")
    assert isinstance(sentence, Said)
    assert ENGLISH.retold(sentence) is sentence


def test_an_answer_keeps_its_steps() -> None:
    """Only its words change."""
    answer = Answer((AnswerLine(said("end of the walk"), 3), AnswerLine("x = 2")))
    assert CHINESE.answered(answer) == Answer((AnswerLine("到了最后一步", 3), AnswerLine("x = 2")))
    assert ENGLISH.answered(answer) is answer


def test_a_table_is_laid_out_anew() -> None:
    """Its columns stand under each other where the words of a language are wider."""
    rows = [
        Cells((said("node"), said("depth"), "x"), frozenset({1})),
        Cells(("W", "10", "yy"), frozenset({1})),
    ]
    lines = [
        AnswerLine(text, k, cells=row)
        for k, (text, row) in enumerate(zip(laid_out(rows), rows, strict=True))
    ]
    assert [line.text for line in lines] == ["node  depth  x", "W        10  yy"]
    told = CHINESE.answered(Answer((AnswerLine("a"), *lines, AnswerLine("b")))).lines
    assert [line.text for line in told] == ["a", "节点  深度  x", "W       10  yy", "b"]
    assert [line.step for line in told] == [None, 0, 1, None]


def test_what_its_author_wrote_in_several_languages() -> None:
    """The own language first, then English, then any."""
    assert CHINESE.retold(joined("", ["", written({"en": "a", "zh": "甲"})])) == "甲"
    assert CHINESE.retold(written({"en": "a"})) == written({"": "a"}) == "a"
    assert written({}) == ""
