"""A window onto lines: it draws what is visible, and only what changed.

It stands apart from the panes because this is where a step is fast or slow: nothing here lays
anything out, and a line that looks as before is not painted again. Textual's own scroll views move
by a new layout of the screen; this one keeps its own place in the content instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.content import Content as Label
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_backprop.render.content import Lines
from tui_backprop.render.spans import clip, printable
from tui_backprop.tui.camera import Camera

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.binding import BindingType

    from tui_backprop.render.content import Content
    from tui_backprop.render.spans import Line, SpanRole

_WHEEL = 3
_EMPTY = Lines(())


class LinePane(Widget, can_focus=True):
    """A widget that shows a `Content` which it is given anew at every step.

    A subclass says what it shows in `make`, and calls `redraw` when that may have changed. Its
    colours are the ``role--*`` component classes of the screen it stands on.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+up", "pan(0, -1)", "Scroll up", show=False, id="scroll-up"),
        Binding("shift+down", "pan(0, 1)", "Scroll down", show=False, id="scroll-down"),
        Binding("shift+left", "pan(-4, 0)", "Scroll left", show=False, id="scroll-left"),
        Binding("shift+right", "pan(4, 0)", "Scroll right", show=False, id="scroll-right"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="page-down"),
    ]

    class Pointed(Message):
        """A person clicked on what stands for a step."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, title: str = "", *, ellipsis: str = "…", id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._title = title
        self._ellipsis = ellipsis
        self._content: Content = _EMPTY
        self._camera = Camera()
        self._lines: list[Line] = []
        self._looked_at: tuple[int, int] = (-1, -1)
        self._labels = ("", "")
        self._styles_by_role: dict[SpanRole, Style] = {}

    def make(self, width: int, height: int) -> Content:
        """What is to be shown in a window of that many cells."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Ask for the content anew, keep its focus in sight, and paint the lines that changed."""
        width, height = self._looked_at = self.content_size
        if not width or not height:
            self._lines = []
            return
        self._content = self.make(width, height)
        self._camera = self._camera.followed(self._content.focus, self._content.size, (width, height))
        self._look()

    def _look(self) -> None:
        """Read the lines in sight and mark those for painting that are not what they were."""
        width, height = self._looked_at
        x, y = self._camera
        line = self._content.line
        lines = [line(row, x, x + width) for row in range(y, y + height)]
        before, self._lines = self._lines, lines
        self._label()
        if len(before) != len(lines):
            self.refresh()
        elif changed := [k for k, pair in enumerate(zip(before, lines, strict=True))
                         if pair[0] != pair[1]]:  # fmt: skip
            self.refresh(*(Region(0, start, width, stop - start) for start, stop in _runs(changed)))

    def _label(self) -> None:
        """The border's title, and which lines are in sight where not all are."""
        _, y = self._camera
        height, most = self._looked_at[1], self._content.size[1]
        place = f"{y + 1}-{min(y + height, most)}/{most}" if most > height else ""
        title = self._content.title or self._title
        if self._labels == (title, place):
            return
        self._labels = (title, place)
        is_boxed = bool(self.styles.border_left[0])
        room = max(self.size.width - (8 if is_boxed else 4), 0)
        for name, text in (("border_title", printable(title)), ("border_subtitle", place)):
            label = clip(text, room, self._ellipsis)
            setattr(self, name, Label(label if is_boxed or not label else f" {label} "))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The first time, and when the size has changed, the content is made for the new size."""
        if self._looked_at != self.content_size:
            self._labels = ("", "")
            self.redraw()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        width = self._looked_at[0]
        if not 0 <= y < len(self._lines):
            return Strip.blank(width, self._style(""))
        return Strip([Segment(text, self._style(role)) for text, role in self._lines[y]], width)

    def _style(self, role: SpanRole) -> Style:
        """What the screen's stylesheet says about a role, over this pane's own colours."""
        found = self._styles_by_role.get(role)
        if found is None:
            found = self.rich_style
            if role:
                styles = self.screen.get_component_styles(f"role--{role}")
                background = self.background_colors[1] + styles.background
                color = background + styles.color
                found += Style.from_color(color.rich_color, background.rich_color)
                found += styles.text_style
            self._styles_by_role[role] = found
        return found

    def notify_style_update(self) -> None:
        """Another theme, or another focus: the colours are asked for again."""
        super().notify_style_update()
        self._styles_by_role.clear()

    def action_pan(self, columns: int, rows: int) -> None:
        """Move the window over the content."""
        moved = self._camera.moved(columns, rows, self._content.size, self._looked_at)
        if moved != self._camera:
            self._camera = moved
            self._look()

    def action_page(self, pages: int) -> None:
        """Move the window by its own height."""
        self.action_pan(0, pages * max(1, self._looked_at[1] - 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Wheel down; with shift or control to the right."""
        event.stop()
        sideways = event.shift or event.ctrl
        self.action_pan(_WHEEL if sideways else 0, 0 if sideways else _WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Wheel up; with shift or control to the left."""
        event.stop()
        sideways = event.shift or event.ctrl
        self.action_pan(-_WHEEL if sideways else 0, 0 if sideways else -_WHEEL)

    def on_click(self, event: events.Click) -> None:
        """Tell whoever listens which step the cell under the mouse stands for."""
        at = event.get_content_offset(self)
        step = None if at is None else self._content.step_at(*(at + self._camera))
        if step is not None:
            event.stop()
            self.post_message(self.Pointed(step))


def _runs(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending numbers as stretches without a gap: (start, stop)."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row:
            runs[-1] = (runs[-1][0], row + 1)
        else:
            runs.append((row, row + 1))
    return runs
