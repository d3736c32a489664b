"""A program text as the reader sees it: places, snippets, and the problems found so far.

It stands apart because every stage speaks about places of the same text, and because the number of
problems that one text can raise is bounded here for all of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import field
from typing import Final

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import Problem
from tui_backprop.graph.model import Span

_HEAD: Final = 80
_TAIL: Final = 30
_MOST_PROBLEMS: Final = 100
_LONGEST_MESSAGE: Final = 400

_DEFINED: Final = r"^[ \t]*def[ \t]+{name}\b"


@dataclass(frozen=True, slots=True)
class Source:
    """One text in two readings of equal length, so that a place means the same in both.

    Attributes:
        text: as given, unprintable characters replaced; problems quote it.
        plain: without comments. What is parsed of it is ASCII, so `ast`, which counts columns in
            bytes, counts them in characters too.
        starts: offset of each line.
    """

    text: str
    plain: str
    starts: tuple[int, ...]

    def offset(self, line: int, column: int) -> int:
        """The offset of a place; lines from 1, columns from 0."""
        return self.starts[line - 1] + column

    def span(self, start: int, stop: int) -> Span:
        """The place of a range of offsets."""
        line = bisect_right(self.starts, start)
        end_line = bisect_right(self.starts, stop)
        return Span(line, start - self.starts[line - 1], end_line, stop - self.starts[end_line - 1])

    def head(self, start: int) -> str:
        """How a long range begins that starts there."""
        return _collapsed(self.plain[start : start + _HEAD])

    def snippet(self, start: int, stop: int, head: str = "") -> str:
        """The code of a range, whitespace collapsed, the middle of a long one left out.

        Args:
            start: offset of its beginning.
            stop: of its end.
            head: see `head`; given where many ranges begin alike.
        """
        if stop - start <= _HEAD + _TAIL:
            return _collapsed(self.plain[start:stop])
        tail = self.plain[stop - _TAIL : stop]
        return f"{head or self.head(start)} … {_collapsed(tail)}"

    def find(self, name: str, span: Span) -> Span:
        """The first place of a name within a span; the span itself if it is not there."""
        start = self.offset(span.line, span.column)
        stop = self.offset(span.end_line, span.end_column)
        found = re.compile(rf"\b{re.escape(name)}\b").search(self.plain, start, stop)
        return self.span(*found.span()) if found else span

    def line_of_definition(self, name: str) -> int | None:
        """The line of ``def name``, wherever it stands."""
        found = re.search(_DEFINED.format(name=re.escape(name)), self.plain, re.MULTILINE)
        return self.plain.count("\n", 0, found.start()) + 1 if found else None


class ProblemError(Exception):
    """A problem at a place of the program, on its way to the place where problems are kept.

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


def _collapsed(code: str) -> str:
    """Code on one line; where it stood on several, brackets close up again."""
    text = " ".join(code.split())
    return re.sub(r"(?<=[(\[]) | (?=[)\]])", "", text) if "\n" in code else text


def _clipped(message: str) -> str:
    """A message that a list of 10⁵ axes found its way into stays one that can be read."""
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]} …"


@dataclass(slots=True)
class Problems:
    """Every problem found, each place once, up to a number that a person can still read."""

    found: list[Problem] = field(default_factory=list)
    _places: set[tuple[int, int]] = field(default_factory=set)

    def add(self, span: Span, message: str, hint: str = "") -> None:
        """Keep a problem, unless its place has one already; of several lines mark the first."""
        place = (span.line, span.column)
        if place in self._places or self.is_full:
            return
        self._places.add(place)
        width = span.end_column - span.column if span.line == span.end_line else _HEAD
        clipped = _clipped(message)
        self.found.append(Problem(clipped, span.line, span.column + 1, max(1, width), hint))

    @property
    def is_full(self) -> bool:
        """Whether looking for more would help nobody."""
        return len(self.found) >= _MOST_PROBLEMS
