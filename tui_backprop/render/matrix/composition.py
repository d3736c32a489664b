"""A matrix in a window: all its numbers, or as many as fit beside a picture of the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.render.matrix.picture import Picture
from tui_backprop.render.text.arrays import shape_text
from tui_backprop.render.text.spans import Line, Span, line_width, merge

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.render.matrix.fit import Shown
    from tui_backprop.render.matrix.grid import Grid
    from tui_backprop.render.matrix.sample import Sample

Sampled: TypeAlias = "Callable[[tuple[int, ...], int, int], Sample | None]"
"""What a picture is made from: (rows in sight, rows of blocks, columns of blocks) → entries."""

_LEAST: Final = (24, 4)
"""Cells and lines of a window below which numbers need all of it."""
_FEWEST: Final = 6
"""Columns that a picture keeps, however narrow the window is."""
_GAP: Final = 1
_STRIDE: Final = 8
"""Columns by which a picture becomes wider: numbers in sight may be longer a step later."""
_FRAME: Final = 2
"""Cells of the rulers of a picture, left and right."""
_LOWEST: Final = 3
"""Lines of a picture that is worth being shown below the numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Composition:
    """A grid, and where a picture stands beside or below it.

    Attributes:
        grid: the numbers.
        shown: what of them; None of a matrix without entries.
        picture: of the whole; None where everything is shown, or nothing is known of it.
        at: the cell of its upper left corner.
    """

    grid: Grid
    shown: Shown | None
    picture: Picture | None = None
    at: tuple[int, int] = (0, 0)

    @property
    def is_whole(self) -> bool:
        """Whether every entry is there, as a number or in the picture."""
        return self.shown is None or self.shown.is_whole or self.picture is not None

    def lines(self) -> list[Line]:
        """Its lines."""
        if self.shown is None:
            return [(Span(shape_text(self.grid.matrix.shape, self.grid.charset), "dim"),)]
        lines = self.grid.drawn(self.shown)
        if self.picture is None:
            return lines
        x, y = self.at
        drawn = self.picture.lines()
        lines += [()] * (y + len(drawn) - len(lines))
        for k, line in enumerate(drawn, start=y):
            lines[k] = merge((*lines[k], Span(" " * (x - line_width(lines[k]))), *line))
        return lines

    def entry_at(self, x: int, y: int) -> tuple[int, int] | None:
        """(row, column) of what a cell shows; None for names and gaps."""
        found = None if self.shown is None else self.grid.entry_at(self.shown, x, y)
        if found is None and self.picture is not None:
            return self.picture.entry_at(x - self.at[0], y - self.at[1])
        return found


def composed(grid: Grid, sampled: Sampled, cells: int, height: int) -> Composition:
    """All numbers where they fit, else a part of them and a picture.

    Args:
        grid: the numbers.
        sampled: gives what a picture is made from; it is asked only where one is wanted.
        cells: how wide the window is.
        height: how many lines it has.
    """
    whole = grid.whole(cells, height)
    if whole is not None or not all(grid.matrix.shape):
        return Composition(grid, whole)
    if cells < _LEAST[0] or height < _LEAST[1]:
        return Composition(grid, grid.fit(cells, height))
    below = _below(grid, sampled, cells, height)
    return below or _beside(grid, sampled, cells, height)


def _below(grid: Grid, sampled: Sampled, cells: int, height: int) -> Composition | None:
    """Where there are few rows and many lines; None elsewhere."""
    m, n = grid.matrix.shape
    spare = height - (m + 1) - 1
    if spare < min(m, _LOWEST) + 1:
        return None
    shown = grid.fit(cells, m + 1)
    if shown is None:
        return None
    sample = sampled(shown.visible_rows, min(m, spare - 1), min(n, cells - _FRAME))
    return _pictured(grid, shown, sample, (0, shown.height + 1))


def _beside(grid: Grid, sampled: Sampled, cells: int, height: int) -> Composition:
    """At the right end, as wide at every step of an edge."""
    n = grid.matrix.shape[1]
    across = min(n, max(3 * cells // 8 - _FRAME - _GAP, _FEWEST))
    shown = grid.fit(cells - across - _FRAME - _GAP, height)
    if shown is None:
        return Composition(grid, shown)
    if None not in shown.bands[0]:
        # All columns are there, and what they leave over makes blocks smaller.
        spare = cells - shown.width - _FRAME - _GAP
        across = n if spare >= n else max(across, spare // _STRIDE * _STRIDE)
    sample = sampled(shown.visible_rows, height - 1, across)
    if sample is None:
        return Composition(grid, grid.fit(cells, height))
    return _pictured(grid, shown, sample, (cells - across - _FRAME, 0))


def _pictured(grid: Grid, shown: Shown, sample: Sample | None, at: tuple[int, int]) -> Composition:
    if sample is None:
        return Composition(grid, shown)
    columns = tuple(c for band in shown.bands for c in band if c is not None)
    seen = shown.visible_rows, columns
    picture = Picture(sample, grid.known, seen, grid.current, grid.charset)
    return Composition(grid, shown, picture, at)
