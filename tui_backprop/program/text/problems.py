"""The problems of a program, whichever stage finds them: each with its place, up to a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.errors import Problem, Problems
from tui_backprop.language.message import Said

if TYPE_CHECKING:
    from tui_backprop.graph.model import Span

_MOST_PROBLEMS: Final = 100
_LONGEST_MESSAGE: Final = 400
_MARKED: Final = 80
"""Columns that are marked where a problem spans several lines."""


class ProblemError(Exception):
    """A problem at a place of the program, raised until it reaches the list of problems.

    Attributes:
        span: where.
        hint: what to type instead.
        is_final: whether nothing after it can be looked at: a limit of the whole graph.
    """

    def __init__(self, span: Span, message: str, hint: str = "", *, is_final: bool = False) -> None:
        super().__init__(message)
        self.span = span
        self.hint = hint
        self.is_final = is_final


def _clipped(message: str) -> str:
    """Shorten a message that quotes something huge, such as a list of 10⁵ axes."""
    if len(message) <= _LONGEST_MESSAGE:
        return message
    text = f"{message[:_LONGEST_MESSAGE]} …"
    return message.abridged(text) if isinstance(message, Said) else text


class ProgramProblems(Problems):
    """The problems of a program, one for each place."""

    def __init__(self) -> None:
        super().__init__(_MOST_PROBLEMS)
        self._places: set[tuple[int, int]] = set()

    def add(self, span: Span, message: str, hint: str = "") -> None:
        """Keep a problem, unless its place has one already; of several lines mark the first."""
        place = (span.line, span.column)
        if place in self._places or self.is_full:
            return
        self._places.add(place)
        width = span.end_column - span.column if span.line == span.end_line else _MARKED
        self.keep(Problem(_clipped(message), span.line, span.column + 1, max(1, width), hint))
