"""Sums of thousands of terms, which `ast` nests one level per term until it gives up.

They stand apart as a detour for such statements alone: each binary ``+`` and ``-`` is written ``<``
before parsing, since a chain of comparisons is one flat node that binds just below a sum, and the
signs are read back from the text, where only brackets and spaces surround them.
"""

from __future__ import annotations

import keyword
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.program.source import Source

_AROUND: Final = " \t\n()"
_TIGHT_SIGNS: Final = frozenset("+-")
# Compiled when a long sum comes, not at start-up.
_PIECE: Final = r"\.?[0-9](?:[eE][+-](?=[0-9])|[\w.])*|\w+|\.\.\.|->|[-+]=?|[^\s\w]"


def flattened(text: str) -> str:
    """A text with each binary ``+`` and ``-`` written ``<``; all else stays in its place.

    Args:
        text: scanned code, without comments and strings.
    """
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
    """The operator between each pair of neighbours.

    Args:
        source: the text.
        places: offsets of the operands, their own brackets left out.
    """
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
    """The sums that comparisons part from each other; without a comparison, one.

    Args:
        source: the text.
        signs: all operators.
        place: offsets of the whole.
    """
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
