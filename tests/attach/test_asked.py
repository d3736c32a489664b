"""Walks over given numbers are asked about as far as they tell."""

from __future__ import annotations

import pytest

import tui_backprop as tb
from tests.attach.tapes import recorded
from tests.marks import few
from tui_backprop.debug.quiz.choosing import chosen
from tui_backprop.debug.quiz.marking import mark, shown
from tui_backprop.scenario.files import shipped
from tui_backprop.timeline.timeline import Timeline

NAMES = [p.stem for p in shipped() if sum(r is not None for r in tb.load(p).trace().runs) == 1]


@pytest.mark.parametrize("name", few(NAMES, 6))
@pytest.mark.parametrize("knows", ["all", "no pattern", "no columns", "nothing", "no values"])
def test_what_is_not_told_is_not_asked(name: str, knows: str) -> None:
    """And what is asked has an answer, hints and slips."""
    trace = tb.load(name).trace()
    if len(trace.runs) > 1:
        pytest.skip("a tape has one pass")
    walk = recorded(
        trace,
        (lambda _node: False) if knows == "no values" else (lambda _node: True),
        knows_pattern=knows not in {"no pattern", "nothing"},
        knows_columns=knows not in {"no columns", "nothing"},
        refuses=knows == "nothing",
    )
    for question in chosen(Timeline(walk)):
        assert mark(question, shown(question)).is_right, question.key
        assert mark(question, "12345.678" if question.kind != "zero" else "?").verdict is not None
        assert all(hint() for hint in question.hints)
        assert question.because()
