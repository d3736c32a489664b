"""Lines of the log, of which one is chosen; what leads to a step is gone to from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from tui_backprop.render.panes.log import log_content, log_rows
from tui_backprop.tui.line_pane import LinePane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType

    from tui_backprop.debug.log import LogLine
    from tui_backprop.render.panes.log import LogRow
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content


class LogPane(LinePane):
    """The lines, one of them chosen.

    A subclass says which lines there are, in `lines`, and tells a change of them by `edition`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "choose(-1)", "Up", show=False),
        Binding("down,j", "choose(1)", "Down", show=False),
        Binding("enter", "go", "Go to the step", show=False),
    ]

    def __init__(self, charset: Charset, title: str, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(charset, title, id=id)
        self._rows: list[LogRow] = []
        self._made = (-1, -1)
        self._chosen = 0
        self._answer = range(0)

    @property
    def lines(self) -> Sequence[LogLine]:
        """All that can be chosen."""
        raise NotImplementedError

    @property
    def edition(self) -> int:
        """Another number for other lines."""
        raise NotImplementedError

    def title_for(self, width: int, height: int) -> str:
        """What stands on the border; nothing means the title given at first."""
        del width, height
        return ""

    def choose_in(self, lines: range) -> None:
        """Choose the first of some lines that leads anywhere, and show as many as there is room."""
        self._answer, held = lines, self.lines
        leading = (n for n in lines if held[n].step is not None)
        self._chosen = next(leading, max(lines.start, 0))

    def make(self, width: int, height: int) -> Content:
        """Broken anew for another width, or when there is more to show."""
        lines = self.lines
        if self._made != (width, self.edition):
            self._made = width, self.edition
            self._rows = log_rows(lines, width)
        wanted = self._answer or range(self._chosen, self._chosen + 1)
        rows = [y for y, row in enumerate(self._rows) if row.line in wanted]
        in_sight = range(rows[0], rows[-1] + 1) if rows else range(0)
        title = self.title_for(width, height)
        return log_content(lines, self._rows, self._chosen, self._charset, in_sight, title)

    def action_choose(self, by: int) -> None:
        """Another line; as far as there are any."""
        self._chosen = max(min(self._chosen + by, len(self.lines) - 1), 0)
        self._answer = range(0)
        self.redraw()

    def action_go(self) -> None:
        """To the step of the chosen line, if it has one."""
        lines = self.lines
        step = lines[self._chosen].step if lines else None
        if step is not None:
            self.post_message(self.Pointed(step))
