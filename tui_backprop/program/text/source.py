"""A program's text: its places and its snippets. Every stage speaks of places in one text."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Span
from tui_backprop.pattern import pattern

_HEAD: Final = 80
_TAIL: Final = 30

_DEFINED: Final = r"^[ \t]*def[ \t]+{name}\b"


@dataclass(frozen=True, slots=True)
class Source:
    """A text in two readings of equal length, so that an offset means the same place in both.

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

    def lines(self, first: int, stop: int) -> str:
        """The code of the lines from one to before another; lines from 1."""
        end = self.starts[stop - 1] if stop <= len(self.starts) else len(self.plain)
        return self.plain[self.starts[first - 1] : end]

    def head(self, start: int) -> str:
        """How a long range begins that starts there."""
        return _collapsed(self.plain[start : start + _HEAD])

    def snippet(self, start: int, stop: int, head: str = "") -> str:
        """The code of a range, whitespace collapsed, the middle of a long one left out.

        Where many ranges begin alike, their `head` is given.
        """
        if stop - start <= _HEAD + _TAIL:
            return _collapsed(self.plain[start:stop])
        tail = self.plain[stop - _TAIL : stop]
        return f"{head or self.head(start)} … {_collapsed(tail)}"

    def find(self, name: str, span: Span) -> Span:
        """The first place of a name within a span; the span itself if it is not there."""
        start = self.offset(span.line, span.column)
        stop = self.offset(span.end_line, span.end_column)
        found = pattern(rf"\b{re.escape(name)}\b").search(self.plain, start, stop)
        return self.span(*found.span()) if found else span

    def line_of_definition(self, name: str) -> int | None:
        """The line of ``def name``."""
        found = re.search(_DEFINED.format(name=re.escape(name)), self.plain, re.MULTILINE)
        return self.plain.count("\n", 0, found.start()) + 1 if found else None


def shortened(code: str) -> str:
    """Code on one line, the middle of a long one left out."""
    if len(code) <= _HEAD + _TAIL:
        return code
    return f"{code[:_HEAD]} … {code[-_TAIL:]}"


def _collapsed(code: str) -> str:
    """Code on one line; where it stood on several, brackets close up again."""
    text = " ".join(code.split())
    return re.sub(r"(?<=[(\[]) | (?=[)\]])", "", text) if "\n" in code else text
