"""A window onto lines: it draws what is visible, and only what changed.

Here a step is fast or slow: nothing lays anything out, and a line that looks as before is not
painted again. Textual's own scroll views move by a new layout of the screen; this one keeps its own
place in the content instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui_backprop.language.message import said
from tui_backprop.render.text.charset import ascii_text
from tui_backprop.render.text.spans import ROLES, Span, clip, lines_of, printable, width, wrap
from tui_backprop.tui.camera import Camera
from tui_backprop.tui.runtime import paint
from tui_backprop.tui.runtime.faults import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual import events
    from textual.binding import BindingType

    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content, Line, SpanRole
    from tui_backprop.tui.camera import Extent
    from tui_backprop.tui.runtime.paint import Patch


_WHEEL: Final = 3
_NARROWEST: Final = 2
"""Cells that 中 needs; nothing is shown in less."""
_KEPT_STRIPS: Final = 128
"""Lines of a pane that are kept as they are painted."""
_NO_LABEL: Final = ("", "", -1)
Label: TypeAlias = tuple[str, str, int]
"""What a border says: the content's name, the rows in sight, and for which width."""


class LinePane(Widget, can_focus=True):
    """A widget that shows a `Content` which it makes anew at every step.

    A subclass says what it shows in `make`. Its colours are the ``role--*`` component classes of
    the screen it stands on.
    """

    ALLOW_SELECT = False
    is_cut = False
    """Whether what is too wide is cut without a word, which its title says then."""
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

    class Failed(Message):
        """What the pane shows could not be made."""

        def __init__(self, error: Exception, pane: str) -> None:
            super().__init__()
            self.error = error
            self.pane = pane

    def __init__(self, charset: Charset, title: str = "", *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._charset = charset
        self._title = title
        self._content: Content = lines_of(())
        self._extent: Extent = (0, 0)
        self._camera = Camera()
        self._lines: list[Line] = []
        self._window: Extent = (-1, -1)
        self._label: Label = _NO_LABEL
        self._early_label: tuple[Label, Strip] = (_NO_LABEL, Strip.blank(0))
        self._styles_by_role: dict[SpanRole, Style] = {}
        self._strips: dict[tuple[int, Line], Strip] = {}

    def make(self, width: int, height: int) -> Content:
        """What is to be shown in a window of that many cells."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Make the content anew; Textual paints what changed, in its own time."""
        rows = self._look(self.content_size)
        if self._has_other_label():
            self.refresh(Region(-1, -1, self.outer_size.width, 1))
        if rows:
            self.refresh(*(Region(0, row, self._window[0], 1) for row in rows))

    def forget(self) -> None:
        """Make all of it anew when it is next shown: it was hidden, and does not know its size."""
        self._window, self._label, self._lines = (-1, -1), _NO_LABEL, []
        self.refresh()

    def patches(self) -> list[Patch]:
        """Make the content anew; the cells of the terminal that are not right any more."""
        x, y, width, height = self.content_region
        rows = self._look((width, height))
        if rows:
            paint.forget(self)
        patches = [paint.Patch(x, y + row, self.render_line(row)) for row in rows]
        if self._has_other_label():
            label, strip = self._early_label
            x, y, _, _ = self.region
            patches.append(paint.Patch(x, y, strip if label == self._label else self._border()))
        return patches

    def paint_early(self, content: Content, camera: Camera) -> None:
        """Make the strips of the rows that a content will change, without showing it."""
        width, height = self._window
        console = self.app.console
        for row, before in enumerate(self._lines[:height]):
            line = content.line(camera.y + row, camera.x, camera.x + width)
            if line != before:
                self._strip(line, width).render(console)

    def label_early(self, content: Content, camera: Camera) -> None:
        """Draw the border that a content will have, without showing it."""
        label = self._label_of(content, camera, content.size)
        is_new = label not in {self._label, self._early_label[0]}
        if is_new and self.styles.border_top[0] and paint.can_retitle(self):
            paint.retitle(self, self._said(label))
            self._early_label = label, self._border()
            paint.retitle(self, self._said(self._label))

    def _border(self) -> Strip:
        """The row with the label, drawn by Textual."""
        return super().render_lines(Region(0, 0, self.outer_size.width, 1))[0]

    def _look(self, window: Extent) -> list[int]:
        """Make the content, keep its focus in sight; the rows that are not what they were."""
        self._window = window
        if self.is_readable(window):
            try:
                self._show(self.make(*window))
                return self._compare()
            except Exception as error:  # noqa: BLE001 - whatever it is, the other panes are live
                self._show(self._apology(error))
        return self._compare()

    def _show(self, content: Content) -> None:
        self._content = content
        self._extent = content.size
        self._camera = self._camera.followed(content.focus, self._extent, self._window)

    def _apology(self, error: Exception) -> Content:
        """The content shown where the right one cannot be made; `Failed` reports the error."""
        self.app.post_message(self.Failed(error, self._title or self.id or ""))
        text = said("an error of the program itself, {error}", error=shown(error))
        return lines_of(
            tuple((Span(line),) for line in wrap(self.translated(text), self._window[0]))
        )

    def translated(self, text: str) -> str:
        """A sentence in the language of the pane."""
        return text

    @staticmethod
    def is_readable(window: Extent) -> bool:
        """Whether a window has room for anything."""
        return window[0] >= _NARROWEST and window[1] > 0

    def _compare(self) -> list[int]:
        """Read the rows in sight; those that are not what they were."""
        width, height = self._window
        x, y = self._camera
        line = self._content.line
        rows = range(y, y + height) if width >= _NARROWEST else ()
        lines = [line(row, x, x + width) for row in rows]
        before, self._lines = self._lines, lines
        if len(before) != len(lines):
            return list(range(len(lines)))
        return [k for k, pair in enumerate(zip(before, lines, strict=True)) if pair[0] != pair[1]]

    def _has_other_label(self) -> bool:
        """Set the border's label, if it is another one; whether it is."""
        label = self._label_of(self._content, self._camera, self._extent)
        if label == self._label or not label[2]:
            return False
        self._label = label
        if not self.styles.border_top[0]:
            return False
        paint.retitle(self, self._said(label))
        return True

    def _label_of(self, content: Content, camera: Camera, extent: Extent) -> Label:
        """The content's name, which rows are in sight if not all, and at which sides it goes on."""
        width, height = self._window
        (left, top), (columns, rows) = camera, extent
        place = f"  {top + 1}-{min(top + height, rows)}/{rows}" if rows > height > 0 else ""
        is_more = self.is_cut and left + width < columns
        sides = self._charset.more_left * (left > 0) + self._charset.more_right * is_more
        place += f"  {sides}" if sides else ""
        return content.title or self.translated(self._title), place, width

    def _said(self, label: Label) -> str:
        """A label as far as there is room for it."""
        is_boxed = bool(self.styles.border_left[0])
        name, place, _ = label
        # A cell of the line at each end, a blank around the text, and the corners of a box.
        room = max(self.outer_size.width - (6 if is_boxed else 4), 0)
        text = self._title_within(name, room - len(place)) + place
        return text if is_boxed or not text else f" {text} "

    def _title_within(self, names: str, room: int) -> str:
        """The first line of a title that there is room for; of the last one as much as there is."""
        shown = [self._shown(printable(line)) for line in names.split("\n")]
        fitting = (text for text in shown if width(text) <= room)
        return next(fitting, clip(shown[-1], room, self._charset.ellipsis))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The first time, and when the size has changed, the content is made for the new size."""
        window = self.content_size
        if self._window != window:
            self._label = _NO_LABEL
            self._look(window)
            self._has_other_label()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One row of the window."""
        width = self._window[0]
        if not 0 <= y < len(self._lines):
            return Strip.blank(width, self._style(""))
        return self._strip(self._lines[y], width)

    def _strip(self, line: Line, width: int) -> Strip:
        """A line as it is painted; the strip remembers how, and lines come again."""
        found = self._strips.get((width, line))
        if found is None:
            if len(self._strips) >= _KEPT_STRIPS:
                self._strips.clear()
            shown, style = self._shown, self._style
            found = Strip([Segment(shown(text), style(role)) for text, role in line], width)
            self._strips[width, line] = found
        return found

    def _shown(self, text: str) -> str:
        """Whatever a file holds, a plain terminal gets ASCII."""
        return ascii_text(text) if self._charset.is_ascii else text

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
            found = self._styles_by_role[role] = paint.filtered(self, found)
        return found

    def notify_style_update(self) -> None:
        """Another theme, or another focus: the colours are asked for again."""
        super().notify_style_update()
        self._styles_by_role.clear()
        self._strips.clear()
        self._early_label = _NO_LABEL, Strip.blank(0)

    def action_pan(self, columns: int, rows: int) -> None:
        """Move the window over the content."""
        moved = self._camera.moved(columns, rows, self._extent, self._window)
        if moved != self._camera:
            self._camera = moved
            self._has_other_label()
            try:
                self._compare()
            except Exception as error:  # noqa: BLE001 - as in `_look`
                self._show(self._apology(error))
                self._compare()
            self.refresh()

    def action_page(self, pages: int) -> None:
        """Move the window by its own height."""
        self.action_pan(0, pages * max(1, self._window[1] - 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Wheel down; with shift or control to the right."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Wheel up; with shift or control to the left."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, sign: int) -> None:
        event.stop()
        if event.shift or event.ctrl:
            self.action_pan(2 * sign * _WHEEL, 0)
        else:
            self.action_pan(0, sign * _WHEEL)

    def on_click(self, event: events.Click) -> None:
        """Do what the cell under the mouse stands for."""
        at = event.get_content_offset(self)
        if at is not None and self.point(*(at + self._camera)):
            event.stop()

    def point(self, x: int, y: int) -> bool:
        """Post `Pointed` with the step shown at this cell, if there is one."""
        step = self._content.step_at(x, y)
        if step is not None:
            self.post_message(self.Pointed(step))
        return step is not None


_BOXED: Final = frozenset({"-full", "-tall"})
"""The classes of a screen on which there are boxes around panes, as in ``app.tcss``."""
_COLUMNS: Final = ((0, "-slim"), (60, "-narrow"), (100, "-wide"), (150, "-vast"))
_LINES: Final = ((0, "-tiny"), (10, "-low"), (20, "-compact"), (30, "-full"), (44, "-tall"))


class BaseScreen(Screen[None]):
    """Has a component class for each role, to be coloured in ``app.tcss``.

    Roles are styled once per screen, not once per pane: a stylesheet that is asked ten times
    instead of a hundred starts the program noticeably sooner.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"role--{role}" for role in ROLES if role}
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [*_COLUMNS]  # noqa: RUF012 - Textual declares no class variable
    VERTICAL_BREAKPOINTS = [*_LINES]  # noqa: RUF012 - Textual declares no class variable

    @property
    def language(self) -> str:
        """The code of the language of its words; empty where it has none of its own."""
        return ""

    def told(self, text: str) -> str:
        """A sentence in the language of the screen."""
        return text

    @staticmethod
    def classes_of(width: int, height: int) -> str:
        """The classes that Textual would give it after its first layout, which is one too late."""
        return f"{_reached(width, _COLUMNS)} {_reached(height, _LINES)}"

    @staticmethod
    def has_boxes(height: int) -> bool:
        """Whether there will be boxes around panes on a screen of so many lines."""
        return _reached(height, _LINES) in _BOXED

    @staticmethod
    def is_boxed(classes: Iterable[str]) -> bool:
        """Whether there are boxes around panes on a screen of these classes."""
        return not _BOXED.isdisjoint(classes)

    def lay_out_for(self, width: int, height: int) -> None:
        """Take the classes of a size."""
        reached = self.classes_of(width, height).split()
        self.update_classes(
            {name: name in reached for _, name in (*_COLUMNS, *_LINES)}, animate=False
        )


def _reached(length: int, breakpoints: Sequence[tuple[int, str]]) -> str:
    """The class of the last breakpoint that is not above ``length``."""
    return [name for least, name in breakpoints if length >= least][-1]
