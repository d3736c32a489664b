"""What a pane shows: lines that are made when they are looked at.

A pane asks for the lines in its window, a transcript for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from tui_backprop.dataclass import dataclass
from tui_backprop.render.text.spans import fit_line, line_width, slice_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.render.text.spans import Line


class Box(NamedTuple):
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int


class Content(Protocol):
    """A picture of text, as large as it likes; only what is visible costs anything."""

    @property
    def title(self) -> str:
        """The text on the pane's border; empty leaves the pane's own."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in cells."""

    @property
    def focus(self) -> Box | None:
        """What must stay in sight."""

    def line(self, y: int, x0: int, x1: int) -> Line:
        """The cells ``x0`` to ``x1`` of line ``y``, exactly ``x1 − x0`` wide."""

    def step_at(self, x: int, y: int) -> int | None:
        """The step that a click on this cell goes to; None where it means nothing."""


def nowhere(_x: int, _y: int) -> int | None:
    """The link of cells that lead to no step."""
    return None


@dataclass(frozen=True, slots=True)
class Lines:
    """A few lines that are all made at once.

    Attributes:
        lines: from top to bottom.
        focus: what must stay in sight.
        title: for the border.
        leads: where a click on a cell goes to.
    """

    lines: Sequence[Line]
    focus: Box | None = None
    title: str = ""
    leads: Callable[[int, int], int | None] = nowhere

    @property
    def size(self) -> tuple[int, int]:
        """As wide as the widest line."""
        return max((line_width(line) for line in self.lines), default=0), len(self.lines)

    def line(self, y: int, x0: int, x1: int) -> Line:
        """A slice, padded with spaces."""
        if not 0 <= y < len(self.lines):
            return fit_line((), x1 - x0)
        return fit_line(slice_line(self.lines[y], x0, x1), x1 - x0)

    def step_at(self, x: int, y: int) -> int | None:
        """Where the cell leads, which is nowhere unless it was said."""
        return self.leads(x, y)
