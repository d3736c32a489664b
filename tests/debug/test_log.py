"""The log: bounded, in order, each answer under its question."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.debug.log import Log
from tui_backprop.errors import CommandError
from tui_backprop.language.message import Answer, AnswerLine

TEXTS = st.lists(st.text(max_size=8), max_size=5)


def answer(*texts: str) -> Answer:
    """An answer of these lines; each stands for the step of its length."""
    return Answer(tuple(AnswerLine(text, len(text)) for text in texts))


@given(st.lists(st.tuples(st.text(max_size=4), TEXTS), max_size=30), st.integers(1, 20))
def test_the_last_lines_are_kept(talks: list[tuple[str, list[str]]], most: int) -> None:
    """Never more than may be, always the latest, and each once."""
    log, every = Log(most), Log(10**6)
    for line, texts in talks:
        log.said(line, answer(*texts))
        every.said(line, answer(*texts))
    assert log.lines == every.lines[-most:]
    assert log.added == every.added == len(every.lines)
    assert log.latest <= len(log.lines)


def test_an_answer_follows_its_question() -> None:
    """With the steps that its lines stand for."""
    log = Log()
    log.said("where", answer("#0", "#1 x"))
    assert [(x.text, x.kind, x.step) for x in log.lines] == [
        ("where", "typed", None), ("#0", "said", 2), ("#1 x", "said", 4),
    ]  # fmt: skip
    assert log.latest == 3


def test_the_same_again_is_kept_once() -> None:
    """A key held at the end of the walk says the same each time."""
    log = Log()
    for _ in range(3):
        log.said("step", answer("end of the walk"))
    assert len(log.lines) == 2
    log.said("step", answer("another"))
    assert len(log.lines) == 4


def test_an_error_has_its_caret_under_the_line() -> None:
    """Where it has a column."""
    log = Log()
    log.wrong("print Z", CommandError("there is no 'Z'", 6))
    log.wrong("undo", CommandError("nothing to undo"))
    assert [(x.text, x.kind) for x in log.lines] == [
        ("print Z", "typed"), ("      ^", "wrong"), ("there is no 'Z'", "wrong"),
        ("undo", "typed"), ("nothing to undo", "wrong"),
    ]  # fmt: skip


def test_a_line_has_an_end() -> None:
    """However long it was."""
    log = Log()
    log.said("x" * 10**6, answer("y" * 10**6))
    assert sum(len(x.text) for x in log.lines) < 10**4
