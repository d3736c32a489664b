"""The numbers of a matrix as texts, column by column, and the marks around the current one."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np

from tui_backprop.render.text.numbers import aligned, numerals_in
from tui_backprop.render.text.spans import width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import SpanRole
    from tui_backprop.rules.types import Array, IntArray

_KEPT: Final = 4096
"""Columns of texts that one matrix keeps: a few screens of them."""


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

    def text(self, k: int, *, is_known: bool) -> str:
        """One of them, or what stands in its place."""
        return self.texts[k] if is_known else self.unknown


def column_of(values: Array, charset: Charset, cells: int | None = None) -> Column:
    """A column written as the panes write numbers.

    Args:
        values: the numbers, from the top.
        charset: glyphs.
        cells: the widest that it may be; digits are dropped until it fits. None for no limit.
    """
    # One more, which is not known, so that there is a place for what is not.
    with_unknown = np.append(values, 0.0)
    known = np.arange(with_unknown.size) < values.size
    *texts, unknown = aligned(with_unknown, known, numerals_in(charset), cells)
    return Column(tuple(values.tolist()), tuple(texts), unknown)


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
    """The columns of a matrix as texts, each made once for the rows in sight."""

    def __init__(self, matrix: Matrix, charset: Charset) -> None:
        self._matrix = matrix
        self._charset = charset
        self._values: dict[tuple[tuple[int, ...], int], Array] = {}
        self._made: dict[tuple[tuple[int, ...], int, int | None], Column] = {}

    def of(
        self, rows: tuple[int, ...], columns: Sequence[int], cells: int | None = None
    ) -> list[Column]:
        """Some columns, each at most so wide.

        Args:
            rows: those in sight.
            columns: which; what is not read yet is read in one go.
            cells: as for `column_of`.
        """
        if len(self._made) + len(columns) > _KEPT:
            self._made.clear()
            self._values.clear()
        self._read(rows, [c for c in columns if (rows, c) not in self._values])
        return [self._column(rows, c, cells) for c in columns]

    def _read(self, rows: tuple[int, ...], columns: list[int]) -> None:
        if columns:
            block = self._matrix.block(np.array(rows), np.array(columns))
            self._values.update(((rows, c), block[:, k]) for k, c in enumerate(columns))

    def _column(self, rows: tuple[int, ...], column: int, cells: int | None) -> Column:
        key = rows, column, cells
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = column_of(self._values[rows, column], self._charset, cells)
        return found


@lru_cache(maxsize=4)
def columns_of(matrix: Matrix, charset: Charset) -> Columns:
    """The texts of a matrix; those of the last ones are kept while one walks."""
    return Columns(matrix, charset)
