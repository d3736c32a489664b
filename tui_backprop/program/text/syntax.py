"""From a scanned source to `ast` statements.

Text is parsed in pieces: a mistake in one statement does not hide those in others, and a file of
10⁵ statements is never one tree in memory.
"""

from __future__ import annotations

import ast
import keyword
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.program.text.problems import ProgramProblems
    from tui_backprop.program.text.scan import Scanned
    from tui_backprop.program.text.source import Source


_PIECE_LINES: Final = 200
_UNREADABLE: Final = (SyntaxError, ValueError, MemoryError, RecursionError)

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


def parse(scanned: Scanned, problems: ProgramProblems) -> Iterator[Parsed | Broken]:
    """The statements of a source, in order; those on refused lines are broken."""
    source, refused, long_sums = scanned.source, scanned.refused, scanned.long_sums
    lines = _statement_lines(scanned)
    piece: list[tuple[int, int]] = []
    for first, last in pairwise(lines):
        if problems.is_full:
            return
        is_refused = bool(refused) and not refused.isdisjoint(range(first, last))
        if is_refused or (long_sums and not long_sums.isdisjoint(range(first, last))):
            yield from _piece(source, piece, problems)
            piece = []
            if is_refused:
                yield _broken(source, first, last)
            else:
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
    source: Source, piece: list[tuple[int, int]], problems: ProgramProblems
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
    source: Source, first: int, last: int, problems: ProgramProblems, *, is_long_sum: bool = False
) -> Parsed | Broken:
    text = source.lines(first, last)
    text = flattened(text) if is_long_sum else text
    try:
        return Parsed(ast.parse(text).body, first - 1)
    except _UNREADABLE as error:
        from tui_backprop.program.text.complaints import complaint

        problems.add(*complaint(source, first, last, text, error))
    return _broken(source, first, last)


def _parsed(source: Source, first: int, last: int) -> Parsed:
    return Parsed(ast.parse(source.lines(first, last)).body, first - 1)


def _broken(source: Source, first: int, last: int) -> Broken:
    text = source.lines(first, last)
    names = {match[1] or match[2] for match in re.finditer(_BOUND, text, re.MULTILINE)}
    functions = {match[1] for match in re.finditer(_DEFINED, text, re.MULTILINE)}
    return Broken(frozenset(names), frozenset(functions), first)


_AROUND: Final = " \t\n()"
_TIGHT_SIGNS: Final = frozenset("+-")
# Compiled when a long sum comes, not at start-up.
_PIECE: Final = r"\.?[0-9](?:[eE][+-](?=[0-9])|[\w.])*|\w+|\.\.\.|->|[-+]=?|[^\s\w]"


def flattened(text: str) -> str:
    """Scanned code with each binary ``+`` and ``-`` written ``<``; all else stays in its place."""
    characters = list(text)
    follows_operand = False
    for token in re.finditer(_PIECE, text, re.ASCII):
        mark = token[0]
        if follows_operand and (mark == "+" or mark == "-"):  # noqa: PLR1714 - a third of the time
            characters[token.start()] = "<"
            follows_operand = False
        elif mark[0].isalnum() or mark[0] == "_":
            follows_operand = not keyword.iskeyword(mark) or mark in {"None", "True", "False"}
        else:
            follows_operand = mark in {")", "]", "}", "..."} or mark[1:2].isdigit()
    return "".join(characters)


class Sign(NamedTuple):
    """An operator between two operands, such as ``+``, ``<=`` or ``not in``, and its offsets."""

    text: str
    start: int
    stop: int

    @property
    def is_of_sum(self) -> bool:
        """Whether it binds tighter than a comparison."""
        return self.text in {"+", "-"}


@dataclass(frozen=True, slots=True)
class Chain:
    """A sum, read from the left.

    Attributes:
        first: number of its first operand.
        signs: between its operands.
        start: offset where its text begins.
        stops: offset where the text of each partial sum ends.
    """

    first: int
    signs: tuple[Sign, ...]
    start: int
    stops: tuple[int, ...]


def signs_between(source: Source, places: Sequence[tuple[int, int]]) -> list[Sign]:
    """The operator between each two neighbours, whose places leave out their own brackets."""
    found: list[Sign] = []
    for (_, stop), (start, _) in pairwise(places):
        between = source.plain[stop:start]
        if between in _TIGHT_SIGNS:  # no need to look around in a sum of 10⁵ terms
            found.append(Sign(between, stop, start))
            continue
        text = between.strip(_AROUND)
        at = stop + between.index(text)
        found.append(Sign(text, at, at + len(text)))
    return found


def chains(source: Source, signs: Sequence[Sign], place: tuple[int, int]) -> list[Chain]:
    """The sums that comparisons part from each other; without a comparison, one."""
    cuts = [number for number, sign in enumerate(signs) if not sign.is_of_sum]
    found: list[Chain] = []
    for before, after in pairwise([-1, *cuts, len(signs)]):
        own = tuple(signs[before + 1 : after])
        start = place[0] if before < 0 else _code_after(source, signs[before].stop)
        end = place[1] if after == len(signs) else _code_before(source, signs[after].start)
        stops = (*(_code_before(source, sign.start) for sign in own[1:]), end)[: len(own)]
        found.append(Chain(before + 1, own, start, stops))
    return found


def _code_after(source: Source, offset: int) -> int:
    while source.plain[offset] in " \t\n":
        offset += 1
    return offset


def _code_before(source: Source, offset: int) -> int:
    while source.plain[offset - 1] in " \t\n":
        offset -= 1
    return offset


def statements_within(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of the loops in it."""
    todo = list(body)
    while todo:
        statement = todo.pop()
        yield statement
        if isinstance(statement, ast.For):
            todo += statement.body


def names_stored(statement: ast.stmt) -> set[str]:
    """Every name that a statement assigns anywhere; those within a definition are its own."""
    if isinstance(statement, ast.FunctionDef):
        return set()
    names = (n for n in ast.walk(statement) if isinstance(n, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def functions_defined(statement: ast.stmt) -> set[str]:
    """The names of the definitions that a statement is or holds."""
    return {n.name for n in ast.walk(statement) if isinstance(n, ast.FunctionDef)}
