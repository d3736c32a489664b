"""A picture of a matrix: one glyph for each entry, or for a block of entries.

Beside the few entries that a pane has room for, it shows where in the whole these lie, which
entries are zero because nothing is read there, and sign and size of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import said
from tui_backprop.render.text.spans import Line, Span, merge
from tui_backprop.rules.blocks import stretch_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.render.matrix.sample import Sample
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import SpanRole
    from tui_backprop.rules.types import Array, IntArray

UNREAD: Final = 0
"""Nothing there is read: zero whatever the numbers are."""
UNKNOWN: Final = 1
"""Not computed yet."""
ZERO: Final = 2
"""Zero by these numbers."""
UNSEEN: Final = 3
"""Computed, but not looked at, or only in part and what was looked at is 0."""
SMALL: Final = 4
"""Positive."""
LARGE: Final = 5
"""Positive, half as large as the largest or more."""
SMALL_NEGATIVE: Final = 6
LARGE_NEGATIVE: Final = 7
BROKEN: Final = 8
"""One of them is NaN or infinite."""

_GLYPHS: Final = " ·0?▴▲▾▼!"
_ASCII_GLYPHS: Final = " .0?+#-=!"
_ROLES: Final[tuple[SpanRole, ...]] = (
    "", "unknown", "dim", "dim", "", "", "negative", "negative", "error",
)  # fmt: skip
_LARGE: Final = 0.5
"""The share of the largest from which an entry looks large."""


@dataclass(frozen=True, slots=True)
class _Rulers:
    """What stands over a picture and before it: marks of the window and of the current entry."""

    here_across: str
    here_down: str
    seen_across: str
    seen_down: str
    across: str
    down: str


_RULERS: Final = _Rulers("↓", "▸", "━", "┃", "─", "│")
_ASCII_RULERS: Final = _Rulers("v", ">", "=", "|", "-", ":")


def glyphs(charset: Charset) -> str:
    """The glyph of each look, from `UNREAD` to `BROKEN`."""
    return _ASCII_GLYPHS if charset.is_ascii else _GLYPHS


def looks(sample: Sample, known: IntArray) -> IntArray:
    """What each block looks like, counted row by row: `UNREAD` … `BROKEN`.

    The number that is furthest from 0 stands for its block. NaN and infinities win over it.

    Args:
        sample: the entries that are looked at.
        known: which of them are computed yet.
    """
    found = np.full(sample.blocks.count, UNREAD if sample.is_pattern else UNKNOWN)
    if sample.starts.size:
        found[sample.numbers] = _looks(sample, known)
    return found


def _looks(sample: Sample, known: IntArray) -> IntArray:
    starts = sample.starts
    is_begun = np.logical_or.reduceat(known, starts)
    is_done = np.logical_and.reduceat(known, starts)
    if sample.values is None:
        return np.where(is_begun, UNSEEN, UNKNOWN)
    is_finite = np.isfinite(sample.values)
    is_broken = np.logical_or.reduceat(known & ~is_finite, starts)
    shown = np.where(known & is_finite, sample.values, 0)
    above, below = np.maximum.reduceat(shown, starts), np.minimum.reduceat(shown, starts)
    is_negative = -below > above
    size = np.maximum(above, -below)
    largest = _largest(sample.values, is_finite)
    zero = ZERO if sample.is_complete else UNSEEN
    empty = np.where(is_done, zero, np.where(is_begun & (zero == UNSEEN), UNSEEN, UNKNOWN))
    is_large = size >= _LARGE * largest
    look = np.where(is_negative, SMALL_NEGATIVE, SMALL) + is_large
    return np.where(is_broken, BROKEN, np.where(size > 0, look, empty))


def _largest(values: Array, is_finite: IntArray) -> float:
    """Of all that are looked at, computed or not: a glyph stays while one walks."""
    return float(np.max(np.abs(values), where=is_finite, initial=0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture with its rulers.

    Attributes:
        sample: what it is made from.
        known: which entries are computed yet: ``(rows, columns)`` → booleans.
        seen: rows and columns that the grid beside it shows.
        current: (row, column) that is marked; None for none.
        charset: glyphs.
    """

    sample: Sample
    known: Callable[[IntArray, IntArray], IntArray]
    seen: tuple[tuple[int, ...], tuple[int, ...]]
    current: tuple[int, int] | None
    charset: Charset

    def lines(self) -> list[Line]:
        """A ruler, then a line for each row of blocks."""
        blocks = self.sample.blocks
        height, across = blocks.shape
        known = np.broadcast_to(self.known(self.sample.j, self.sample.i), self.sample.j.shape)
        found = looks(self.sample, known).reshape(height, across)
        here = self._here()
        rulers = _ASCII_RULERS if self.charset.is_ascii else _RULERS
        seen_down = _marked(blocks.rows, self.seen[0])
        seen_across = _marked(blocks.columns, self.seen[1])
        marks = [rulers.seen_across if k in seen_across else rulers.across for k in range(across)]
        top = [Span(mark, "dim") for mark in marks]
        if here is not None:
            top[here[1]] = Span(rulers.here_across, "title")
        lines = [merge((Span(" "), *top, Span(" ")))]
        for k in range(height):
            start = Span(rulers.seen_down if k in seen_down else rulers.down, "dim")
            if here is not None and here[0] == k:
                start = Span(rulers.here_down, "title")
            lines.append(self._row(start, found[k], k, here, Span(rulers.down, "dim")))
        return lines

    def entry_at(self, x: int, y: int) -> tuple[int, int] | None:
        """(row, column) of the first entry that a cell stands for; None where there is none."""
        height, across = self.sample.blocks.shape
        if not (1 <= y <= height and 1 <= x <= across):
            return None
        return self.sample.first((y - 1) * across + x - 1)

    def _row(
        self, start: Span, looks: IntArray, k: int, here: tuple[int, int] | None, end: Span
    ) -> Line:
        shown = glyphs(self.charset)
        cells = [Span(shown[look], _ROLES[look]) for look in looks.tolist()]
        if here is not None and here[0] == k:
            cells[here[1]] = Span(cells[here[1]].text, "current")
        return merge((start, *cells, end))

    def _here(self) -> tuple[int, int] | None:
        """The block of the current entry."""
        if self.current is None:
            return None
        j, i = (np.array([at]) for at in self.current)
        row, column = divmod(int(self.sample.blocks.number(j, i)[0]), self.sample.blocks.shape[1])
        return row, column


def _marked(edges: IntArray, positions: tuple[int, ...]) -> set[int]:
    """The stretches that some positions lie in."""
    return {*stretch_of(edges, np.array(positions)).tolist()}


def legend(charset: Charset) -> tuple[str, ...]:
    """What a picture is, and its glyphs, a sentence each."""
    shown = glyphs(charset)
    rulers = _ASCII_RULERS if charset.is_ascii else _RULERS
    return (
        said(
            "Where not all of J fits, a picture of the whole stands beside its numbers: a sign for "
            "each entry, or for a block of them, of which the entry furthest from 0 is shown."
        ),
        said(
            "{large} {small}: positive, large and small. {large_negative} {small_negative}: "
            "negative. Large is at least half as large as the largest.",
            large=shown[LARGE],
            small=shown[SMALL],
            large_negative=shown[LARGE_NEGATIVE],
            small_negative=shown[SMALL_NEGATIVE],
        ),
        said(
            "Blank: 0 whatever the numbers are, since the input is not read there. {zero}: 0 by "
            "these numbers. {unknown}: not computed yet. {broken}: NaN or infinite.",
            zero=shown[ZERO],
            unknown=shown[UNKNOWN],
            broken=shown[BROKEN],
        ),
        said(
            "Of each block of a large J a few entries are looked at. {unseen}: these are 0, or "
            "none was.",
            unseen=shown[UNSEEN],
        ),
        said(
            "Each row of the J of a whole graph takes a backward pass: of a large one only the "
            "rows that are shown as numbers are computed."
        ),
        said(
            "{down} {across} before and above it: the row and the column of this step; "
            "{seen_down} {seen_across}: those that are shown as numbers.",
            down=rulers.here_down,
            across=rulers.here_across,
            seen_down=rulers.seen_down,
            seen_across=rulers.seen_across,
        ),
    )
