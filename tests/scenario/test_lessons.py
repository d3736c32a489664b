"""The lessons: in order, narrated in two languages, each with three questions that can be right."""

from __future__ import annotations

import pytest

import tui_backprop as tb
from tests.debug.quiz.rounds import right_forms
from tui_backprop.debug.quiz.marking import mark
from tui_backprop.debug.quiz.quiz import questions
from tui_backprop.scenario.lessons import LESSONS

each = pytest.mark.parametrize("name", [lesson.scenario for lesson in LESSONS])


def test_there_are_twelve_in_order() -> None:
    """No walk twice, and each topic in Chinese as well."""
    assert len(LESSONS) == len({lesson.scenario for lesson in LESSONS}) == 12
    assert [lesson.topic for lesson in LESSONS[:2]] == ["one derivative", "the chain rule"]


@each
def test_each_has_three_questions_of_its_own(name: str) -> None:
    """That are about different steps or things."""
    model = tb.load(name).model
    assert len(model.questions) == 3
    asked = questions(tb.load(name).session())
    assert len({question.key for question in asked}) == 3


@each
def test_right_answers_are_right_in_every_form(name: str) -> None:
    """As a number with more or fewer digits, a fraction, a formula written otherwise."""
    for question in questions(tb.load(name).session()):
        forms = right_forms(question)
        assert len(forms) >= 2
        for form in forms:
            assert mark(question, form).is_right, (question.text, form)


@each
def test_a_wrong_answer_is_wrong(name: str) -> None:
    """So that the law above is not met by accepting everything."""
    for question in questions(tb.load(name).session()):
        wrong = {"shape": "(7, 7, 7)", "expression": "12345", "zero": "yes and no"}
        assert not mark(question, wrong.get(question.kind, "12345.678")).is_right


@each
def test_it_is_narrated_and_asks_in_two_languages(name: str) -> None:
    """Notes, and whatever questions have their own words."""
    model = tb.load(name).model
    assert len(model.notes) >= 3
    texts = [note.text.by_language for note in model.notes]
    texts += [question.text for question, _ in model.questions if question.text]
    assert all({*text} == {"en", "zh"} for text in texts)
