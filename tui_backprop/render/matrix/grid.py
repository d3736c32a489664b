"""A matrix as a grid of numbers under short labels, with the current entry marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.render.matrix.cells import columns_of, marks, role_of_entry
from tui_backprop.render.matrix.fit import Fitting
from tui_backprop.render.text.numbers import number_within, numerals_in
from tui_backprop.render.text.spans import Line, Span, clip_start, merge, pad, width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.render.matrix.cells import Column, Matrix
    from tui_backprop.render.matrix.fit import Shown
    from tui_backprop.render.matrix.labels import Labels
    from tui_backprop.render.text.arrays import Index
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.rules.types import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """How a matrix is shown.

    Attributes:
        matrix: the numbers.
        labels: of rows and columns, each with its name.
        short: the same with one name for all.
        known: which entries of a block to show: ``(rows, columns)`` → booleans.
        focus: (row, column) that must be seen.
        current: (row, column) that is marked; None for none.
        charset: glyphs.
    """

    matrix: Matrix
    labels: Labels
    short: Labels
    known: Callable[[IntArray, IntArray], IntArray]
    focus: tuple[int, int]
    current: tuple[int, int] | None
    charset: Charset

    def fit(self, cells: int, height: int) -> Shown | None:
        """What a window shows; None of a matrix without entries."""
        return self._fitting().fit(self.labels, self.short, cells, height) if self._has() else None

    def whole(self, cells: int, height: int) -> Shown | None:
        """What a window shows that has room for every entry; None where it has not."""
        if not self._has():
            return None
        found = self._fitting().whole(self.labels, self.short, cells, height)
        return found if found is not None and found.is_whole else None

    def _has(self) -> bool:
        return all(self.matrix.shape)

    def _fitting(self) -> Fitting:
        columns = columns_of(self.matrix, self.charset)
        return Fitting(columns, self.matrix.shape, self.focus, self._gap)

    @property
    def _gap(self) -> str:
        """What stands in place of columns that are left out: no wider than it must be."""
        return self.charset.ellipsis[:2]

    def drawn(self, shown: Shown) -> list[Line]:
        """The lines of what a window shows."""
        lines: list[Line] = [()] * shown.top
        for band in shown.bands:
            lines.append(self._header(shown, band))
            made = self._columns(shown, band)
            known = self._known(shown, [c for c in band if c is not None])
            for row in shown.rows:
                if row != shown.rows[0]:
                    lines += [()] * shown.lead
                lines.append(self._row(shown, band, row, made, known))
        return lines

    def entry_at(self, shown: Shown, x: int, y: int) -> tuple[int, int] | None:
        """(row, column) of the entry at a cell; None for names and gaps."""
        band, line = divmod(y - shown.top, shown.lines_of_band)
        nth, between = divmod(line - 1, 1 + shown.lead)
        if not 0 <= band < len(shown.bands) or line < 1 or between:
            return None
        row = shown.rows[nth]
        beside = int(shown.gap > 1)  # where no other column's mark would stand
        for column, start in shown.starts(shown.bands[band]):
            if row is not None and start - beside <= x < start + shown.cells[column] + beside:
                return None if column is None else (row, column)
        return None

    def _columns(self, shown: Shown, band: Sequence[Index]) -> dict[Index, Column]:
        known = [c for c in band if c is not None]
        columns = columns_of(self.matrix, self.charset)
        made = columns.of(shown.visible_rows, known, shown.cut)
        return dict(zip(known, made, strict=True))

    def _known(self, shown: Shown, columns: Sequence[int]) -> set[tuple[int, int]]:
        """The entries in sight that are computed yet."""
        rows, across = np.array(shown.visible_rows), np.array(columns)
        known = self.known(rows[:, None], across[None, :])
        found = np.argwhere(np.broadcast_to(known, (rows.size, across.size)))
        return {(int(rows[r]), int(across[c])) for r, c in found}

    def _header(self, shown: Shown, band: Sequence[Index]) -> Line:
        corner = shown.labels.corner
        head = shown.head + shown.margin
        spans = [Span(pad(corner if width(corner) <= shown.head else "", head, "right"), "dim")]
        for c, _ in shown.starts(band):
            is_current = self.current is not None and c == self.current[1]
            name = self._gap if c is None else shown.labels.column(c)
            text = pad(self._short(name, shown.cells[c]), shown.cells[c], "right")
            spans.append(Span(" " * shown.gap))
            spans.append(Span(text, "title" if is_current else "dim"))
        return merge(tuple(spans))

    def _row(
        self,
        shown: Shown,
        band: Sequence[Index],
        row: Index,
        made: dict[Index, Column],
        known: set[tuple[int, int]],
    ) -> Line:
        """A row; the blanks between two columns hold the marks of either."""
        margin = " " * shown.margin
        if row is None:
            return (Span(margin + pad(self.charset.elided_rows, shown.head, "right"), "dim"),)
        is_current = self.current is not None and row == self.current[0]
        label = pad(self._short(shown.labels.row(row), shown.head), shown.head, "right")
        spans = [Span(margin + label, "title" if is_current else "dim")]
        nth = shown.visible_rows.index(row)
        left, right = marks(self.charset)
        is_marked = False
        for c, _ in shown.starts(band):
            blank = " " * (shown.gap - is_marked)
            is_marked = self.current == (row, c)
            cells = shown.cells[c]
            if c is None:
                spans.append(Span(blank + pad(self._gap, cells, "right"), "dim"))
                continue
            is_known = (row, c) in known
            text = pad(self._text(made[c], nth, cells, is_known=is_known), cells, "right")
            if is_marked:
                spans += Span(blank[1:]), Span(left + text + right, "current")
            else:
                role = role_of_entry(made[c].values[nth], is_known=is_known)
                spans.append(Span(blank + text, role))
        return merge((*spans, Span("" if is_marked else " ")))

    def _text(self, column: Column, nth: int, cells: int, *, is_known: bool) -> str:
        """An entry; of a column that is cut off, as much as fits or that it does not."""
        text = column.text(nth, is_known=is_known)
        if width(text) <= cells:
            return text
        numerals = numerals_in(self.charset)
        return number_within(cells, column.values[nth], numerals) if is_known else text.strip()

    def _short(self, name: str, cells: int) -> str:
        """A name as far as there is room: its end tells entries apart, of what is in the title."""
        return clip_start(name, cells, self.charset.ellipsis)
