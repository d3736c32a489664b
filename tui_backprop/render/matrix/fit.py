"""Which rows and columns of a matrix are shown in a window, and how wide.

Where all of them fit they are all there. What is given up, in this order, is names in the labels,
blanks between columns, digits, and only then columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.named_tuple import NamedTuple
from tui_backprop.render.text.arrays import window
from tui_backprop.render.text.spans import width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.render.matrix.cells import Columns
    from tui_backprop.render.matrix.labels import Labels
    from tui_backprop.render.text.arrays import Index

_WIDE_GAP: Final = 2
_SHORT_NUMBER: Final = 5
"""Cells of a number where room is short: ``0.143``, ``−2.5…``."""
_CUT_NUMBER: Final = 6
"""Cells of a number where not even so all columns fit: a column more tells less than a digit."""
_LARGE: Final = (100, 20)
"""Cells and lines of a window in which a small matrix is drawn larger."""
_LARGEST_GAP: Final = 10


class Shown(NamedTuple):
    """What a window shows of a matrix.

    Attributes:
        shape: of the matrix.
        labels: of rows and columns.
        rows: those in sight; None marks a gap.
        bands: columns in sight, in as many rows of columns as there is room for; mostly one.
        cells: how wide each column in sight is.
        head: how wide the labels of the rows are.
        gap: blanks before each column; the marks of the current entry stand in them.
        cut: the widest that numbers may be; None where no digit is dropped.
        lead: blank lines above each row but the first.
        margin: blank cells before all.
        top: blank lines above all.
    """

    shape: tuple[int, int]
    labels: Labels
    rows: tuple[Index, ...]
    bands: tuple[tuple[Index, ...], ...]
    cells: dict[Index, int]
    head: int
    gap: int
    cut: int | None = None
    lead: int = 0
    margin: int = 0
    top: int = 0

    @property
    def visible_rows(self) -> tuple[int, ...]:
        """Rows in sight without the gaps."""
        return tuple(r for r in self.rows if r is not None)

    @property
    def width(self) -> int:
        """Cells of the widest line."""
        return max(self.extent(band) for band in self.bands)

    @property
    def height(self) -> int:
        """Number of lines."""
        return self.top + len(self.bands) * self.lines_of_band

    @property
    def lines_of_band(self) -> int:
        """Lines of a row of columns with its header."""
        return 1 + len(self.rows) + self.lead * (len(self.rows) - 1)

    @property
    def is_whole(self) -> bool:
        """Whether every entry is in sight."""
        columns = sum(c is not None for band in self.bands for c in band)
        return (len(self.visible_rows), columns) == self.shape

    def extent(self, band: Sequence[Index]) -> int:
        """Cells of a line; the last is for the mark behind the last column."""
        return self.margin + self.head + sum(self.gap + self.cells[c] for c in band) + 1

    def starts(self, band: Sequence[Index]) -> Iterator[tuple[Index, int]]:
        """The columns of a band, each with the cell at which its numbers begin."""
        x = self.margin + self.head
        for c in band:
            x += self.gap
            yield c, x
            x += self.cells[c]


class Fitting:
    """Finds what a window shows.

    Attributes:
        columns: the numbers.
        shape: of the matrix.
        focus: (row, column) that must be seen.
        ellipsis: what stands in place of columns that are left out.
    """

    def __init__(
        self,
        columns: Columns,
        shape: tuple[int, int],
        focus: tuple[int, int],
        ellipsis: str,
    ) -> None:
        self.columns = columns
        self.shape = shape
        self.focus = focus
        self.ellipsis = ellipsis

    def fit(self, whole: Labels, short: Labels, cells: int, height: int) -> Shown:
        """The best way to show it in a window of so many cells and lines."""
        rows = window(self.shape[0], self.focus[0], max(1, height - 1))
        found = self.whole(whole, short, cells, height)
        return found if found is not None else self._cut(short, rows, cells)

    def whole(self, whole: Labels, short: Labels, cells: int, height: int) -> Shown | None:
        """With every column in sight; None where that is not possible."""
        n = self.shape[1]
        rows = window(self.shape[0], self.focus[0], max(1, height - 1))
        bands = max(height // (self.shape[0] + 1), 1)
        if 2 * n > cells * bands:
            return None
        ways = self._whole(whole, short, rows, cells, bands)
        found = next((way for way in ways if way.width <= cells), None)
        return None if found is None else self._larger(found, cells, height)

    def _whole(
        self, whole: Labels, short: Labels, rows: tuple[Index, ...], cells: int, bands: int
    ) -> Iterator[Shown]:
        """Every way to show all columns, the best first."""
        every = range(self.shape[1])
        visible = tuple(r for r in rows if r is not None)
        for labels in (whole, short):
            head = _head(labels, visible)
            if labels is short:
                head = min(head, max(cells // 3, 1))
            if labels is whole and 3 * head > cells:  # what a name takes the numbers would lack
                continue
            natural = self._cells(labels, visible, every, None)
            widest = max(natural.values())
            same: dict[Index, int] = dict.fromkeys(every, widest)
            # As wide as the names of the corner, where that costs nothing.
            for start in dict.fromkeys((max(head, width(labels.corner)), head)):
                yield Shown(self.shape, labels, rows, (tuple(every),), same, start, _WIDE_GAP)
        yield Shown(self.shape, short, rows, (tuple(every),), natural, head, _WIDE_GAP)
        for cut in (None, *range(widest - 1, _SHORT_NUMBER - 1, -1)):
            found = self._cells(short, visible, every, cut)
            same = dict.fromkeys(every, max(found.values()))
            for count in range(1, bands + 1):
                length = -(-self.shape[1] // count)
                parts = [tuple(every[k : k + length]) for k in range(0, self.shape[1], length)]
                one = found if len(parts) == 1 else same
                yield Shown(
                    self.shape, short, rows, tuple(parts), one, head, len(parts[1:2]) + 1, cut
                )

    def _cut(self, labels: Labels, rows: tuple[Index, ...], cells: int) -> Shown:
        """As many columns as fit around the one that must be seen: a walk goes to its neighbours.

        They are taken from its two sides in turn.
        """
        n, at = self.shape[1], self.focus[1]
        visible = tuple(r for r in rows if r is not None)
        head = min(_head(labels, visible), max(cells // 3, 1))
        gap = width(self.ellipsis) + 1
        likely = range(max(at - cells // 8, 0), min(at + cells // 8, n))
        self.columns.read(visible, likely)

        def needed(start: int, stop: int) -> int:
            """Cells of the line with the columns from start to stop."""
            own = sum(found[c] + 1 for c in range(start, stop))
            return head + own + 1 + gap * ((start > 0) + (stop < n))

        found = self._cells(labels, visible, [at], _CUT_NUMBER)
        start, stop = at, at + 1
        ahead = True
        stuck = 0
        while stuck < 2:
            wider = (start, stop + 1) if ahead else (start - 1, stop)
            ahead = not ahead
            if wider[0] < 0 or wider[1] > n:
                stuck += 1
                continue
            new = wider[1] - 1 if wider[1] > stop else wider[0]
            found[new] = width(labels.column(new))
            if needed(*wider) > cells:  # whatever its numbers are
                stuck += 1
                continue
            found.update(self._cells(labels, visible, [new], _CUT_NUMBER))
            if needed(*wider) > cells:
                stuck += 1
                continue
            (start, stop), stuck = wider, 0
        before, behind = (None,) * (start > 0), (None,) * (stop < n)
        cut = _CUT_NUMBER
        if stop - start == 1:
            # A lone column takes what there is.
            cut = max(1, cells - head - 2 - gap * (len(before) + len(behind)))
            found = self._cells(labels, visible, [at], cut)
            found[at] = min(found[at], cut)
        found[None] = gap - 1
        shown = (*before, *range(start, stop), *behind)
        return Shown(self.shape, labels, rows, (shown,), found, head, 1, cut)

    def _cells(
        self, labels: Labels, rows: tuple[int, ...], columns: Sequence[int], cut: int | None
    ) -> dict[Index, int]:
        """How wide columns are: from every entry in sight, visited or not, so that none jumps."""
        made = self.columns.of(rows, columns, cut)
        return {
            c: max(column.cells, width(labels.column(c)))
            for c, column in zip(columns, made, strict=True)
        }

    def _larger(self, shown: Shown, cells: int, height: int) -> Shown:
        """A small matrix in a large window, in the middle of it."""
        if cells < _LARGE[0] or height < _LARGE[1] or len(shown.bands) > 1:
            return shown
        rows, columns = len(shown.rows), len(shown.bands[0])
        spare = (cells * 2 // 3 - shown.width) // max(columns, 1)
        lead = min(max((height * 2 // 3 - 1) // max(rows, 1) - 1, 0), 2)
        wider = shown._replace(gap=min(shown.gap + max(spare, 0), _LARGEST_GAP), lead=lead)
        margin, top = (cells - wider.width) // 2, (height - wider.height) // 3
        return wider._replace(margin=max(margin, 0), top=max(top, 0))


def _head(labels: Labels, rows: Sequence[int]) -> int:
    return max((width(labels.row(r)) for r in rows), default=0)
