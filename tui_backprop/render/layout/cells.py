"""A row of cells that is written from anywhere, in roles."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from tui_backprop.render.text.spans import Span, cells_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.render.text.spans import Line, SpanRole


class Cells:
    """The columns ``x0`` to ``x1``, exclusive, blank at first.

    Args:
        x0: the first column.
        x1: the one after the last.
        role: of the blanks.
    """

    def __init__(self, x0: int, x1: int, role: SpanRole = "") -> None:
        self.x0 = x0
        self._characters = [" "] * max(x1 - x0, 0)
        self._roles: list[SpanRole] = [role] * len(self._characters)

    def draw(self, x: int, glyphs: Sequence[str], role: SpanRole) -> None:
        """Write characters of one cell each from column ``x`` on."""
        size = len(self._characters)
        start, stop = max(x - self.x0, 0), min(x - self.x0 + len(glyphs), size)
        if start < stop:
            skipped = self.x0 + start - x
            self._characters[start:stop] = glyphs[skipped : skipped + stop - start]
            self._roles[start:stop] = [role] * (stop - start)

    def write(self, x: int, text: str, role: SpanRole) -> int:
        """Write any text from column ``x`` on; returns the column after it."""
        if text.isascii():
            self.draw(x, text, role)
            return x + len(text)
        for character in text:
            wide = cells_of(character) == 2
            is_cut = wide and not self.x0 <= x < self.x0 + len(self._characters) - 1
            self.draw(x, " " * (1 + wide) if is_cut else [character, ""][: 1 + wide], role)
            x += 1 + wide
        return x

    def line(self) -> Line:
        """The row, neighbours of one role joined."""
        x, spans = 0, []
        for role, cells in groupby(self._roles):
            stop = x + len(list(cells))
            spans.append(Span("".join(self._characters[x:stop]), role))
            x = stop
        return tuple(spans)
