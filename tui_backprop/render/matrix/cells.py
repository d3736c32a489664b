"""The numbers of a matrix as texts, column by column, and the marks around the current one."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from tui_backprop.named_tuple import NamedTuple
from tui_backprop.render.text.numbers import Numerals, aligned, number_within, numerals_in
from tui_backprop.render.text.spans import pad, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import SpanRole
    from tui_backprop.rules.types import Array, IntArray

_WIDEST: Final = 12
"""Cells in which any number has two digits."""
_MOST_WIDER: Final = 2
"""Cells that a column may have more than it should, so that its points are below each other."""
_KEPT: Final = 4096
"""Columns of texts that one matrix keeps: a few screens of them."""
_WINDOWS: Final = 16
"""Windows of rows of which one matrix keeps the numbers."""


class Matrix(Protocol):
    """Numbers that are read where they are looked at."""

    def __hash__(self) -> int:
        """By which its texts are kept: its identity, since its numbers never change."""

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""

    def block(self, rows: IntArray, columns: IntArray) -> Array:
        """The entries where these rows and columns cross."""


class Column(NamedTuple):
    """A column of numbers, every text as wide as any other.

    Attributes:
        values: the numbers.
        texts: how they are written, their points below each other.
        unknown: what stands in place of one that is not computed yet, where its last whole digit
            would stand.
    """

    values: tuple[float, ...]
    texts: tuple[str, ...]
    unknown: str

    @property
    def cells(self) -> int:
        """How wide it is."""
        return width(self.unknown)

    def spread(self, places: Sequence[int]) -> Column:
        """The column that has each of these numbers where it is told."""
        values, texts, unknown = self
        return Column(tuple(values[k] for k in places), tuple(texts[k] for k in places), unknown)

    def text(self, k: int, *, is_known: bool) -> str:
        """One of them, or what stands in its place."""
        return self.texts[k] if is_known else self.unknown


def column_of(values: Array, charset: Charset, cells: int | None = None) -> Column:
    """A column written as the panes write numbers.

    Args:
        values: the numbers, from the top.
        charset: glyphs.
        cells: the widest that it should be; digits are dropped until it fits, but no number as a
            whole. None for no limit.
    """
    # One more, which is not known, so that there is a place for what is not.
    with_unknown = np.append(values, values.dtype.type(0))
    known = np.arange(with_unknown.size) < values.size
    numerals = numerals_in(charset)
    wider = (None,) if cells is None else range(cells, cells + _MOST_WIDER + 1)
    for room in wider:
        *texts, unknown = aligned(with_unknown, known, numerals, room)
        is_aligned = len({_point(text) for text in texts} - {-1}) <= 1
        if room is None or (is_aligned and all(map(_tells, texts))):
            return Column(tuple(values.tolist()), tuple(texts), unknown)
    return _unaligned(values, numerals, cells or 1)


def _point(text: str) -> int:
    """Where a number's point stands, or what takes its place; -1 for none."""
    return next((k for k, character in enumerate(text) if character in ".e…"), -1)


def _unaligned(values: Array, numerals: Numerals, cells: int) -> Column:
    """Each number for itself, to the right: with as few cells more as show some of it."""
    texts = [_readable(value, cells, numerals) for value in values.tolist()]
    widest = max(map(width, texts), default=1)
    *padded, unknown = (pad(t, widest, "right") for t in (*texts, numerals.charset.unknown))
    return Column(tuple(values.tolist()), tuple(padded), unknown)


def _readable(value: float, cells: int, numerals: Numerals) -> str:
    """A number in the fewest cells from ``cells`` on that show some of it."""
    found = (number_within(room, value, numerals) for room in range(cells, _WIDEST + 1))
    return next(filter(_tells, found), numerals.charset.ellipsis)


def _tells(text: str) -> bool:
    """Whether a text shows some of its number, and not only that there is one."""
    return bool(text.strip(" .…"))


def role_of_entry(value: float, *, is_known: bool = True) -> SpanRole:
    """The role of an entry that nothing else marks: a zero is faint, as everybody skips it."""
    if not is_known:
        return "unknown"
    if not np.isfinite(value):
        return "error"
    return "dim" if value == 0 else ""


def marks(charset: Charset) -> tuple[str, str]:
    """What stands left and right of the current entry, a cell each."""
    return ("[", "]") if charset.is_ascii else ("▐", "▌")


class Columns:
    """The columns of a matrix as texts, each read once for the rows in sight."""

    def __init__(self, matrix: Matrix, charset: Charset) -> None:
        self._matrix = matrix
        self._charset = charset
        self._read: dict[tuple[int, ...], dict[int, Array]] = {}
        # By the numbers that occur: most columns of a sparse matrix are alike.
        self._seen: dict[tuple[tuple[int, ...], int | None], dict[int, Column]] = {}
        self._made: dict[tuple[bytes, int | None], Column] = {}

    def of(
        self, rows: tuple[int, ...], columns: Sequence[int], cells: int | None = None
    ) -> list[Column]:
        """Some columns, each at most so wide.

        Args:
            rows: those in sight.
            columns: which; what is not read yet is read in one go.
            cells: as for `column_of`.
        """
        kept = self._seen.setdefault((rows, cells), {})
        missing = [c for c in columns if c not in kept]
        if missing:
            read = self.read(rows, missing)
            if len(self._made) > _KEPT:
                self._made = {}
            kept.update((c, self._column(read[c], cells)) for c in missing)
        found = [kept[c] for c in columns]
        if len(self._seen) > _WINDOWS or len(kept) > _KEPT:
            self._seen = {}
        return found

    def read(self, rows: tuple[int, ...], columns: Sequence[int]) -> dict[int, Array]:
        """What is read of some rows, these columns among it."""
        if len(self._read) > _WINDOWS:
            self._read = {}
        read = self._read.setdefault(rows, {})
        missing = [c for c in columns if c not in read]
        if missing:
            block = self._matrix.block(np.array(rows), np.array(missing))
            read.update((c, block[:, k]) for k, c in enumerate(missing))
        return read

    def _column(self, values: Array, cells: int | None) -> Column:
        distinct, places = np.unique(values, return_inverse=True)
        key = distinct.tobytes(), cells
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = column_of(distinct, self._charset, cells)
        return found.spread(places.tolist())


@lru_cache(maxsize=2)
def columns_of(matrix: Matrix, charset: Charset) -> Columns:
    """The texts of a matrix; those of the last ones are kept while one walks."""
    return Columns(matrix, charset)
