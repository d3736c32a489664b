"""A quiz on the screen: the walk stands before each step that is asked about, then goes on to it.

What is asked for is not computed yet where the walk stands, so no pane can show it; J of the whole
graph, which knows more than the walk, is put away meanwhile. Notes and formulas may tell more than
the numbers of their step, so they are put away too while something is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.quiz.progress import Progress
from tui_backprop.debug.quiz.quiz import questions
from tui_backprop.errors import CommandError
from tui_backprop.language.message import Answer, AnswerLine, joined, said

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.render.view import Hidden
    from tui_backprop.tui.desk import Desk

_HINT: Final = frozenset({"?", "？"})
_LEAVING: Final = frozenset({"quit", "exit"})


class Quizzing:
    """One round; a desk hands it what is typed."""

    def __init__(self, desk: Desk, most: int) -> None:
        """Choose the questions.

        Raises:
            CommandError: there are none.
        """
        self._desk = desk
        asked = questions(desk.view_model.session, most)
        if not asked:
            raise CommandError(said("there is nothing to ask about this walk"))
        self._progress = Progress(desk.progress)
        self._name = desk.view_model.scenario.model.name
        self._quiz = self._progress.going_on(self._name, asked)
        self._is_told = False
        """Whether the last question is done with, and the next not asked yet."""

    def begin(self) -> None:
        """Ask the first."""
        if self._desk.view_model.total:
            self._desk.carry_out("total off")
        past = self._progress.past(self._name)
        self._ask([past.text] if past else [])
        self._desk.be_asked(self)

    @property
    def title(self) -> str:
        """What keys do in the line that is typed."""
        if self._is_told:
            return said("quiz: enter goes on, escape ends")
        return joined(": ", [
            self._quiz.heading, said("? gives a hint, an empty line skips, escape ends")
        ])  # fmt: skip

    def take(self, line: str) -> bool:
        """Do with a line what it is: go on, a hint, an answer; whether the quiz goes on."""
        if line.strip().casefold() in _LEAVING:
            self.end()
            return False
        now = self._quiz.question
        if self._is_told or now is None:
            self._ask()
            return True
        if line.strip() in _HINT:
            self._show([*self._quiz.asked, self._quiz.hint()])
            return True
        told = self._quiz.answer(line)
        if self._quiz.question is now:
            self._show([*self._quiz.asked, *told])
            return True
        self._hide(self._still_hidden())
        self._go(now.step)
        if self._quiz.question is None:
            self._finish(told)
            return False
        self._is_told = True
        self._show([now.text, *told])
        return True

    def end(self) -> None:
        """Leave what is left to another time."""
        self._quiz.leave()
        self._finish(())

    def _ask(self, before: Iterable[str] = ()) -> None:
        """Stand before the step of the question, and ask it."""
        self._is_told = False
        now = self._quiz.question
        if now is not None:
            self._hide("all")
            self._go(max(now.step - 1, 0))
            self._show([*before, *self._quiz.asked])

    def _still_hidden(self) -> Hidden:
        """What may tell of a question that is still to come: notes, and the formulas of a step."""
        coming = self._quiz.questions[self._quiz.done :]
        if any(q.kind == "expression" for q in coming):
            return "all"
        return "notes" if coming else ""

    def _hide(self, hidden: Hidden) -> None:
        self._desk.view_model.hidden = hidden
        self._desk.mark()

    def _go(self, step: int) -> None:
        if self._desk.view_model.session.cursor != step:
            self._desk.carry_out(f"goto {step}")

    def _finish(self, told: Iterable[str]) -> None:
        self._hide("")
        self._progress.remember(self._name, self._quiz)
        notice = [self._progress.notice] if self._progress.notice else []
        self._show([*told, *self._quiz.summary(), *notice])

    def _show(self, lines: Iterable[str]) -> None:
        self._desk.answered("quiz", Answer(tuple(AnswerLine(line) for line in lines)))
