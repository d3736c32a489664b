"""A round of questions, one after the other: tries, hints, what was right.

A terminal, a file of answers and the screen drive the same round; it prints nothing.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.quiz.choosing import MOST, chosen
from tui_backprop.debug.quiz.marking import mark, shown, wanted
from tui_backprop.debug.quiz.places import posed
from tui_backprop.debug.quiz.question import TruthAnswer
from tui_backprop.errors import CommandError
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.quiz.marking import Mark
    from tui_backprop.debug.quiz.question import Question
    from tui_backprop.debug.session import Session

TRIES: Final = 2
"""Wrong answers to one question until the right one is told: one may be mended."""


class Outcome(Enum):
    """How a question ended."""

    RIGHT = "right"
    WRONG = "wrong"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A question that was asked.

    Attributes:
        question: it.
        outcome: how it ended.
        answer: the last that was given; empty where none was.
        mark: what was made of that; None where it was skipped.
        hints: how many were given.
    """

    question: Question
    outcome: Outcome
    answer: str = ""
    mark: Mark | None = None
    hints: int = 0


def questions(session: Session, most: int = MOST) -> tuple[Question, ...]:
    """Those that the scenario asks, in the order of the walk; of one that asks none, chosen ones.

    Raises:
        CommandError: a question of the scenario means nothing in this walk, it is a forward one,
            or a bug is planted in it: what the walk has would be taught as right.
    """
    if session.trace.provenance.planted is not None:
        raise CommandError(
            said(
                "there is no quiz about a hunt: a bug is planted in this walk, so that its numbers "
                "are no right answers; {differences} holds a gradient against differences, "
                "{accuse} says where the bug is",
                differences="'differences X'", accuse="'accuse NODE BUG'",
            )
        )  # fmt: skip
    if session.timeline.is_forward:
        raise CommandError(
            said("a quiz asks about reverse mode, and this is a forward walk: 'backward' goes back")
        )
    declared = session.trace.provenance.questions
    if not declared:
        return chosen(session.timeline, most)
    return tuple(sorted((posed(session, one) for one in declared), key=lambda q: q.step))


class Quiz:
    """A round.

    Attributes:
        questions: all of them.
        results: of those that are done with now, in their order.
        tries: wrong answers that end a question.
        earlier: how many were done with before, where a round goes on that was left.
        is_left: whether it was left now, with questions that were not asked.
    """

    def __init__(
        self, questions: tuple[Question, ...], tries: int = TRIES, *, earlier: int = 0,
        earlier_right: int = 0,
    ) -> None:  # fmt: skip
        self.questions = questions
        self.results: list[Result] = []
        self.tries = tries
        self.earlier = earlier
        self.is_left = False
        self._earlier_right = earlier_right
        self._hints = 0
        self._wrong = 0

    @property
    def question(self) -> Question | None:
        """The one that is asked now; None when all are done with, or the round was left."""
        is_over = self.is_left or self.done >= len(self.questions)
        return None if is_over else self.questions[self.done]

    @property
    def done(self) -> int:
        """How many are done with, those of before too."""
        return self.earlier + len(self.results)

    @property
    def heading(self) -> str:
        """``question 2 of 8``."""
        return said("question {number} of {count}", number=self.done + 1,
                    count=len(self.questions))  # fmt: skip

    @property
    def asked(self) -> tuple[str, ...]:
        """The question, what is known with it, and once each form of answers, a line each."""
        now = self.question
        if now is None:
            return ()
        is_first = all(type(r.question.answer) is not type(now.answer) for r in self.results)
        return (now.text, *now.given, *([wanted(now)] if is_first else []))

    def hint(self) -> str:
        """The next hint to the question; after the last one, that there are no more."""
        now = self.question
        if now is None:
            return ""
        if self._hints >= len(now.hints):
            return said("there are no more hints: an empty line skips the question")
        self._hints += 1
        return said("hint {number}: {hint}", number=self._hints, hint=now.hints[self._hints - 1]())

    def answer(self, text: str) -> tuple[str, ...]:
        """Mark an answer to the question; an empty one skips it.

        Returns:
            What to tell, a line each. The next question is asked where this one is done with.
        """
        now = self.question
        if now is None:
            return ()
        if not text.strip():
            return self._end(now, Result(now, Outcome.SKIPPED, hints=self._hints))
        made = mark(now, text)
        if made.is_right:
            result = Result(now, Outcome.RIGHT, text, made, self._hints)
            return (made.text, *self._end(now, result)[1:])
        if not made.is_final:
            return (made.text,)
        self._wrong += 1
        # Of yes and no the second try would be no question any more.
        if self._wrong < self.tries and not isinstance(now.answer, TruthAnswer):
            return (made.text, said("once more; ? gives a hint, an empty line skips"))
        result = Result(now, Outcome.WRONG, text, made, self._hints)
        return (made.text, *self._end(now, result))

    def _end(self, now: Question, result: Result) -> tuple[str, ...]:
        self.results.append(result)
        self._hints = self._wrong = 0
        return (said("the right answer: {answer}", answer=shown(now)), now.because())

    def leave(self) -> None:
        """Ask no more; what was not asked counts as nothing, and can be asked another time."""
        self.is_left = True

    def abandon(self) -> None:
        """Skip what is left."""
        while (now := self.question) is not None:
            self.results.append(Result(now, Outcome.SKIPPED))

    @property
    def right(self) -> int:
        """How many were answered right."""
        return self._earlier_right + sum(result.outcome is Outcome.RIGHT for result in self.results)

    @property
    def is_perfect(self) -> bool:
        """Whether all were."""
        return self.right == len(self.questions)

    def summary(self) -> Iterator[str]:
        """How many were right, then a line for each that was not, and how many were not asked."""
        yield said("{right} of {count} right", right=self.right, count=len(self.questions))
        for number, result in enumerate(self.results, self.earlier + 1):
            if result.outcome is not Outcome.RIGHT:
                word = said("skipped") if result.outcome is Outcome.SKIPPED else said("wrong")
                about = said("{number}. {word}: {question}", number=number, word=word,
                             question=result.question.text)  # fmt: skip
                slips = result.mark.slips if result.mark is not None else ()
                yield joined(" ", [about, f"({joined(', ', slips)})"]) if slips else about
        if self.done < len(self.questions):
            yield said("not done with yet: {count}", count=len(self.questions) - self.done)


def marked(questions: tuple[Question, ...], answers: list[str]) -> Quiz:
    """A round in which each question has one answer; those that have none are skipped."""
    quiz = Quiz(questions, tries=1)
    for text in answers[: len(questions)]:
        done = len(quiz.results)
        quiz.answer(text)
        if len(quiz.results) == done:  # no answer at all, or too rough a one
            now = quiz.questions[done]
            quiz.results.append(Result(now, Outcome.WRONG, text, mark(now, text)))
    quiz.abandon()
    return quiz
