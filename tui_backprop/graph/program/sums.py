"""Sums and comparisons, read back from the flat chain that `Source.flat` makes of them.

They stand apart because the syntax says ``a < b < c`` here whatever the text says: which sign
stands between two operands is looked up in the text, where only brackets and spaces surround it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.program.source import Source

_AROUND: Final = " \t\n()"


@dataclass(frozen=True, slots=True)
class Sign:
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
    """Operands ``first`` to ``first + len(signs)`` of a sum, read from the left.

    Attributes:
        first: number of the first operand.
        signs: between them.
        start: offset where the text of the chain begins.
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
