"""How deeply a text nests where no bracket stands, counted before `ast` nests as deeply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator


DEEPEST: Final = 300
"""Levels: as many again for the terms of a sum, and every version of Python still reads it."""

_TOKEN: Final = pattern(r"\*\*|//|<<|>>|[-+*/%@~&|^.,;=<>!()\[\]{}\n]|\w+")
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")
_SIGNS: Final = frozenset("+-~")
_TIGHT: Final = frozenset({"**", "*", "/", "//", "%", "@", "."})
_LOOSE: Final = frozenset({"<<", ">>", "&", "|", "^", "lambda", "if", "not", "await", "yield"})
_FLAT: Final = frozenset({"<", ">", "!", "and", "or", "in", "is", "else"})
_SEPARATORS: Final = frozenset({",", ";", "=", "\n"})
_KEYWORDS: Final = frozenset({"for", "return", "elif", *_LOOSE, *_FLAT})


class Chains:
    """How deeply a text nests without brackets, counted in one pass before `ast` sees it.

    `ast` nests one level per operator and per ``[…]`` or ``.name`` after an operand, and its own
    limit differs between versions of Python. Each bracket has counts of its own.

    A sum begins the count of what binds tighter anew. It nests itself too, but is flattened where
    it is long; where a comma stands or a line ends, nothing is open any more.

    Attributes:
        long_sums: offsets of signs in sums of more terms than may nest.
    """

    def __init__(self, plain: str) -> None:
        self.long_sums: list[int] = []
        self._plain = plain
        self._tight = self._loose = self._terms = 0
        self._outer: list[tuple[int, int, int]] = []
        self._around = self._terms_around = self._branches = 0

    def too_deep(self) -> Iterator[tuple[int, int]]:
        """The places where statements nest too deeply, one for each such chain."""
        follows_operand = False
        for match in _TOKEN.finditer(self._plain):
            mark = match[0]
            is_word = mark[0].isalnum() or mark[0] == "_"
            if is_word and mark not in _KEYWORDS:  # most of a text, and it opens nothing
                follows_operand = True
                continue
            if follows_operand and mark in _SIGNS:  # so are the others of a sum: it nests less
                self._begin_term(match.start())
                follows_operand = False
                continue
            before = self._depth()
            self._count(mark, follows_operand=follows_operand)
            if before <= DEEPEST < self._depth():
                yield match.span()
            follows_operand = mark in _CLOSING

    def _depth(self) -> int:
        return self._around + self._tight + self._loose + self._branches

    def _begin_term(self, at: int) -> None:
        self._tight = 0
        self._terms += 1
        if self._terms_around + self._terms == DEEPEST:
            self.long_sums.append(at)

    def _count(self, mark: str, *, follows_operand: bool) -> None:
        if mark in _OPENING:
            self._tight += follows_operand
            self._open()
        elif mark in _CLOSING:
            self._close()
        elif mark in _TIGHT or mark in _SIGNS:
            self._tight += 1
        elif mark in _LOOSE or mark in _FLAT:
            self._loose += mark in _LOOSE
            self._tight = 0
        elif mark in _SEPARATORS and (mark != "\n" or not self._outer):
            self._tight = self._loose = self._terms = 0
        self._branches += mark == "elif"

    def _open(self) -> None:
        self._outer.append((self._tight, self._loose, self._terms))
        self._around += self._tight + self._loose + 1
        self._terms_around += self._terms
        self._tight = self._loose = self._terms = 0

    def _close(self) -> None:
        if self._outer:
            self._tight, self._loose, self._terms = self._outer.pop()
            self._around -= self._tight + self._loose + 1
            self._terms_around -= self._terms
