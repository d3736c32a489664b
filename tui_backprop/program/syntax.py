"""From a scanned source to `ast` statements, and its complaints to problems with a place.

It stands apart because text is parsed in pieces: a mistake in one statement does not hide those in
others, and a file of 10⁵ statements is never one tree in memory.
"""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Span
from tui_backprop.program.sums import flattened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.program.scan import Scanned
    from tui_backprop.program.source import Problems, Source

_PIECE_LINES: Final = 200
_TOO_DEEP: Final = (MemoryError, RecursionError)
_UNREADABLE: Final = (SyntaxError, ValueError, *_TOO_DEEP)

_NO_BEGIN: Final = frozenset({"", " ", "\t", "\n"})
_CONTINUES: Final = ("else:", "elif ", "except", "finally:")
# Text, compiled when a program cannot be read: most can.
_BOUND: Final = r"(?:^|;)[ \t]*(\w+)[ \t]*=(?!=)|^[ \t]*for[ \t]+(\w+)"
_DEFINED: Final = r"^[ \t]*def[ \t]+(\w+)"


@dataclass(frozen=True, slots=True)
class Parsed:
    """Statements, and the number of lines before them: `ast` counts from the piece's first."""

    body: list[ast.stmt]
    lines_before: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A statement that cannot be read, and what it would have bound."""

    names: frozenset[str]
    functions: frozenset[str]
    line: int


def parse(scanned: Scanned, problems: Problems) -> Iterator[Parsed | Broken]:
    """The statements of a source, in order; those on refused lines are broken.

    Args:
        scanned: the text, with what the scan found.
        problems: receives what `ast` complains about.
    """
    source, refused, long_sums = scanned.source, scanned.refused, scanned.long_sums
    lines = _statement_lines(scanned)
    piece: list[tuple[int, int]] = []
    for first, last in pairwise(lines):
        if problems.is_full:
            return
        if refused and not refused.isdisjoint(range(first, last)):
            yield from _piece(source, piece, problems)
            piece = []
            yield _broken(source, first, last)
            continue
        if long_sums and not long_sums.isdisjoint(range(first, last)):
            yield from _piece(source, piece, problems)
            piece = []
            yield _statement(source, first, last, problems, is_long_sum=True)
            continue
        piece.append((first, last))
        if last - piece[0][0] >= _PIECE_LINES:
            yield from _piece(source, piece, problems)
            piece = []
    yield from _piece(source, piece, problems)


def _statement_lines(scanned: Scanned) -> list[int]:
    """The lines where statements begin outside any bracket, the first and the end included."""
    plain, found = scanned.source.plain, [1]
    decorates = False
    for line, start in enumerate(scanned.source.starts, 1):
        first = plain[start : start + 1]
        if first in _NO_BEGIN or start in scanned.continued:
            continue
        if line > 1 and not decorates and not plain.startswith(_CONTINUES, start):
            found.append(line)
        decorates = first == "@"
    found.append(len(scanned.source.starts) + 1)
    return found


def _piece(
    source: Source, piece: list[tuple[int, int]], problems: Problems
) -> Iterator[Parsed | Broken]:
    if not piece:
        return
    try:
        yield _parsed(source, piece[0][0], piece[-1][1])
    except _UNREADABLE:
        for first, last in piece:
            yield _statement(source, first, last, problems)
            if problems.is_full:
                return


def _statement(
    source: Source, first: int, last: int, problems: Problems, *, is_long_sum: bool = False
) -> Parsed | Broken:
    text = _text(source, first, last)
    text = flattened(text) if is_long_sum else text
    try:
        return Parsed(ast.parse(text).body, first - 1)
    except _UNREADABLE as error:
        problems.add(*_complaint(source, first, last, text, error))
    return _broken(source, first, last)


def _text(source: Source, first: int, last: int) -> str:
    stop = source.starts[last - 1] if last <= len(source.starts) else len(source.plain)
    return source.plain[source.starts[first - 1] : stop]


def _parsed(source: Source, first: int, last: int) -> Parsed:
    return Parsed(ast.parse(_text(source, first, last)).body, first - 1)


def _broken(source: Source, first: int, last: int) -> Broken:
    text = _text(source, first, last)
    names = {match[1] or match[2] for match in re.finditer(_BOUND, text, re.MULTILINE)}
    functions = {match[1] for match in re.finditer(_DEFINED, text, re.MULTILINE)}
    return Broken(frozenset(names), frozenset(functions), first)


def _complaint(
    source: Source, first: int, last: int, text: str, error: Exception
) -> tuple[Span, str, str]:
    """Where and what; asked again in its place, since messages name lines."""
    padded = "\n" * (first - 1) + text
    try:
        ast.parse(padded)
    except SyntaxError as syntax:
        return (*_syntax_problem(source, syntax, first, last), "")
    except (ValueError, *_TOO_DEEP):
        pass
    span = Span(first, 0, first, len(_text(source, first, first + 1).rstrip()))
    if not isinstance(error, _TOO_DEEP):
        return span, "this is not a statement of a program", ""
    return span, "this is nested too deeply to be read", "give parts of it names, on lines before"


def _syntax_problem(source: Source, error: SyntaxError, first: int, last: int) -> tuple[Span, str]:
    line = min(max(error.lineno or first, first), max(first, last - 1), len(source.starts))
    column = max(0, (error.offset or 1) - 1)
    end = column + 1
    if error.end_lineno == error.lineno and error.end_offset is not None:
        end = max(end, error.end_offset - 1)
    message = re.sub(r"\bon line (\d+)", r"on line \1 of the program", error.msg)
    return Span(line, column, line, end), message[:1].lower() + message[1:]
