"""The log: the latest commands and their answers, up to a limit."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.errors import CommandError
    from tui_backprop.language.message import Answer

LogKind: TypeAlias = Literal["typed", "said", "wrong"]

_MOST: Final = 4000
_LONGEST: Final = 4000
"""Characters of a line; the rest of a longer one says nothing that a person could use."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line.

    Attributes:
        text: what it says.
        kind: whether it was asked, answered, or refused.
        step: where choosing it goes to; None where it stands for no step.
    """

    text: str
    kind: LogKind
    step: int | None = None


class Log:
    """The last lines.

    Attributes:
        added: how many lines there ever were, those that are gone included.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._lines: deque[LogLine] = deque(maxlen=most)
        self._last: tuple[LogLine, ...] = ()
        self.added = 0

    @property
    def lines(self) -> tuple[LogLine, ...]:
        """All lines that are kept."""
        return tuple(self._lines)

    @property
    def latest(self) -> int:
        """How many of the last lines belong to the latest command."""
        return min(len(self._last), len(self._lines))

    @property
    def answer(self) -> tuple[LogLine, ...]:
        """The latest command, and what was answered."""
        return self._last

    def said(self, line: str, answer: Answer) -> None:
        """A line was carried out. The same again with the same answer is kept once."""
        self._add(LogLine(line, "typed"), *(LogLine(a.text, "said", a.step) for a in answer.lines))

    def wrong(self, line: str, error: CommandError) -> None:
        """Add that a line could not be carried out, with a caret under the column, if any."""
        caret = () if error.column is None else (LogLine(" " * error.column + "^", "wrong"),)
        self._add(
            LogLine(line, "typed"),
            *caret,
            *(LogLine(text, "wrong") for text in str(error).splitlines()),
        )

    def failed(self, sentence: str, report: Iterable[str]) -> None:
        """Add an error of the program itself, and where it happened."""
        self._add(*(LogLine(text, "wrong") for text in (sentence, *report)))

    def _add(self, *lines: LogLine) -> None:
        cut = tuple(LogLine(x.text[:_LONGEST], x.kind, x.step) for x in lines)
        if cut != self._last:
            self._last = cut
            self._lines.extend(cut)
            self.added += len(cut)
