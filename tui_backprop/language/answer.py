"""What a command says: lines, some of which stand for a step.

It stands apart from the commands because whoever shows an answer asks nothing else: a log lets a
line be chosen, a file of commands prints it.
"""

from __future__ import annotations

from typing import Final

from tui_backprop.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One line.

    Attributes:
        text: what it says.
        step: where choosing it goes to; None where it stands for no step.
        heard: the same for ears, where the text is part of a table or of a picture; it may be
            empty. None where the text will do.
    """

    text: str
    step: int | None = None
    heard: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Some lines."""

    lines: tuple[AnswerLine, ...]

    @property
    def text(self) -> str:
        """All of them, one under the other."""
        return "\n".join(line.text for line in self.lines)


NO_ANSWER: Final = Answer(())
"""Of what has nothing to say."""


def answer_of(text: str) -> Answer:
    """A sentence as an answer; none where it is empty."""
    return Answer((AnswerLine(text),)) if text else NO_ANSWER
