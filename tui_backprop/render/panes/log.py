"""The log as a page: every line broken for the width, the chosen one marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tui_backprop.dataclass import dataclass
from tui_backprop.render.text.spans import Box, Span, fit_line, pad, printable, slice_line, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.log import LogKind, LogLine
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Line, SpanRole

_MARGIN: Final = 3
_ROLES: Final[dict[LogKind, SpanRole]] = {"typed": "title", "said": "", "wrong": "error"}


class LogRow(NamedTuple):
    """Part of a line of the log, as much as fits.

    Attributes:
        line: which line.
        text: the part.
        is_first: whether the line begins here.
    """

    line: int
    text: str
    is_first: bool


def log_rows(lines: Sequence[LogLine], cells: int) -> list[LogRow]:
    """Every line broken for a page ``cells`` wide, between words where it can be."""
    room = max(cells - _MARGIN, 2)
    return [
        LogRow(number, part, is_first=not n)
        for number, line in enumerate(lines)
        for n, part in enumerate(wrap(printable(line.text), room) or [""])
    ]


@dataclass(frozen=True, slots=True, eq=False)
class LogContent:
    """The page.

    Attributes:
        lines: of the log.
        rows: the same, broken.
        chosen: which line is marked.
        charset: glyphs.
        in_sight: the rows to be kept in sight.
        title: for the border.
    """

    lines: Sequence[LogLine]
    rows: Sequence[LogRow]
    chosen: int
    charset: Charset
    in_sight: range
    title: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """As high as it is; rows are never wider than the page."""
        return 1, len(self.rows)

    @property
    def focus(self) -> Box | None:
        """The chosen line."""
        return Box(0, self.in_sight.start, 1, len(self.in_sight)) if self.in_sight else None

    def line(self, y: int, x0: int, x1: int) -> Line:
        """Margin and text."""
        if not 0 <= y < len(self.rows):
            return fit_line((), x1 - x0)
        row = self.rows[y]
        line = self.lines[row.line]
        is_chosen = row.line == self.chosen
        role: SpanRole = "current" if is_chosen else _ROLES[line.kind]
        margin = Span(pad(self._mark(line, is_chosen=is_chosen) if row.is_first else "", _MARGIN),
                      "current" if is_chosen else "marker")  # fmt: skip
        return fit_line(slice_line((margin, Span(row.text, role)), x0, x1), x1 - x0)

    def step_at(self, _x: int, y: int) -> int | None:
        """Where the line leads."""
        return self.lines[self.rows[y].line].step if 0 <= y < len(self.rows) else None

    def _mark(self, line: LogLine, *, is_chosen: bool) -> str:
        if line.kind == "typed":
            return ":"
        if line.step is None:
            return self.charset.pointer if is_chosen else ""
        return self.charset.pointer if is_chosen else self.charset.is_read
