"""The questions that a scenario asks, at the end of its sheet: with blanks, or with their answers.

They are those of the quiz, in its words. What the quiz tells with a question is left out, for it
would give away what blanks before it ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.debug.debugger import Debugger
from tui_backprop.debug.quiz.marking import shown
from tui_backprop.debug.quiz.quiz import questions
from tui_backprop.language.message import said
from tui_backprop.timeline.trace import Provenance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.quiz.question import Question
    from tui_backprop.exports.subject import Subject
    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.export.document import Markup


def own_questions(subject: Subject) -> tuple[Question, ...]:
    """Those of the scenario, in the order of the walk; about reverse mode, as those of a quiz."""
    model = subject.model
    if not model.questions:
        return ()
    posed = tuple(question for question, _ in model.questions)
    return questions(Debugger(subject.traced(model.graph, Provenance(questions=posed))))


def asked(
    own: tuple[Question, ...], markup: Markup, language: Language, blank: str
) -> Iterator[str]:
    """A paragraph for each, and one for its answer.

    Args:
        own: the questions.
        markup: of the sheet.
        language: of the sheet.
        blank: stands in the place of an answer; empty where that is told.
    """
    for number, question in enumerate(own, 1):
        head = said("{number}. {question}", number=number, question=question.text)
        yield from markup.paragraph(markup.text(language.retold(head)))
        if blank:
            yield from markup.paragraph(f"${blank}$")
            continue
        right = said("the right answer: {answer}", answer=shown(question))
        for told in (right, question.because()):
            yield from markup.paragraph(markup.text(language.retold(told)))
