"""Every question that a shipped scenario is asked, its right answers, its wrong ones, its slips."""

from __future__ import annotations

import math
from functools import cache

import pytest

import tui_backprop as tb
from tests.debug.quiz.rounds import right_forms
from tui_backprop.debug.quiz.choosing import MOST, chosen
from tui_backprop.debug.quiz.marking import Verdict, mark, shown
from tui_backprop.debug.quiz.question import (
    KINDS,
    NumberAnswer,
    Question,
    ShapeAnswer,
    TruthAnswer,
)
from tui_backprop.scenario.files import shipped

SCENARIOS = [path.stem for path in shipped()]


@cache
def asked(name: str) -> tuple[Question, ...]:
    """The questions of a shipped scenario."""
    session = tb.load(name).session()
    if session.timeline.is_forward:
        session.execute("backward")
    return chosen(session.timeline)


@pytest.mark.few(6)
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_round_has_questions_in_the_order_of_the_walk(name: str) -> None:
    """At least three, no two the same, none beyond what was asked for."""
    found = asked(name)
    assert 3 <= len(found) <= MOST
    assert [q.step for q in found] == sorted(q.step for q in found)
    assert len({q.key for q in found}) == len(found)
    assert len({q.kind for q in found}) >= 2


def test_all_kinds_are_asked_somewhere() -> None:
    """Of all shipped scenarios together."""
    assert {q.kind for name in SCENARIOS for q in asked(name)} == set(KINDS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_right_answer_is_right_in_every_form(name: str) -> None:
    """A number, a fraction, a shape with or without brackets, a formula written otherwise."""
    for question in asked(name):
        for text in right_forms(question):
            made = mark(question, text)
            assert made.verdict is Verdict.RIGHT, (question.key, text, made)


@pytest.mark.few(6)
@pytest.mark.parametrize("name", SCENARIOS)
def test_an_answer_off_by_more_than_the_tolerance_is_refused(name: str) -> None:
    """By a little more than it, by much, and with another sign."""
    for question in asked(name):
        for text in wrong_forms(question):
            made = mark(question, text)
            assert made.verdict is Verdict.WRONG, (question.key, text, made)


def wrong_forms(question: Question) -> list[str]:
    """Answers that are near the right one, and some that are not."""
    answer = question.answer
    if isinstance(answer, NumberAnswer):
        value, far = answer.value, "12345.678"
        if not math.isfinite(value):
            return ["0", far, "-inf" if value == math.inf else "inf"]
        off = 3 * max(answer.exactness.rtol * abs(value), answer.exactness.atol, 1e-15)
        near = [f"{value + off:.17g}", f"{value - off:.17g}"]
        return [*near, far, "nan", "inf", *([f"{-value:.17g}"] if value else [])]
    if isinstance(answer, ShapeAnswer):
        return [str((*answer.shape, 1)), str((7, *answer.shape))]
    if isinstance(answer, TruthAnswer):
        return ["no" if answer.is_true else "yes"]
    text = shown(question)
    return [f"({text}) + 1e-4", f"-({text})", f"2*({text})"]


@pytest.mark.few(3)
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_known_slip_is_named_at_its_number(name: str) -> None:
    """Typed with all its digits."""
    for question in asked(name):
        for slip in question.slips():
            text = "nan" if math.isnan(slip.value) else f"{slip.value:.17g}"
            made = mark(question, text)
            assert made.verdict is Verdict.WRONG, (question.key, slip)
            assert slip.name in made.slips, (question.key, slip, made)
            assert slip.name in made.text


def test_the_slips_of_claims_are_met() -> None:
    """Where a rule has them: the list is the one that `check` names slips of claims from."""
    names = {slip.name for name in SCENARIOS for q in asked(name) for slip in q.slips()}
    assert names >= {
        "sign", "forgotten v", "= for +=", "forgotten sum", "forgotten factor", "own factor",
        "missing transpose", "missing path", "derivative at the output",
        "derivative at the input", "forgotten 1/n", "forgotten exponent", "only the diagonal",
    }  # fmt: skip


@pytest.mark.few(6)
@pytest.mark.parametrize("name", SCENARIOS)
def test_three_hints_and_a_reason(name: str) -> None:
    """Each is a sentence of its own, and none but the last names the number."""
    for question in asked(name):
        told = [hint() for hint in question.hints]
        assert len(told) == len(set(told)) == 3, question.key
        assert all(told), question.key
        assert question.because()


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_given_does_not_give_away_the_answer(name: str) -> None:
    """The name of what is asked never stands before the number that it is."""
    for question in asked(name):
        if isinstance(question.answer, NumberAnswer):
            given = " ; ".join(question.given)
            assert f"{question.about} = {shown(question)}" not in given.split(" ; ")
