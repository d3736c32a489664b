"""A screen of text to read and close: help, or what is wrong with a file.

It stands apart from the debugger's screen because it has nothing to step through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual.binding import Binding

from tui_backprop.render.text.content import Lines
from tui_backprop.render.text.spans import Span, printable
from tui_backprop.tui.base_screen import RoleScreen
from tui_backprop.tui.line_pane import LinePane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.content import Content
    from tui_backprop.render.text.spans import Line

Writer: TypeAlias = "Callable[[int], Sequence[Line]]"
"""Gives the lines for a width."""


class Page(LinePane):
    """A text as long as it likes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "pan(0, -1)", "Up", show=False),
        Binding("down,j", "pan(0, 1)", "Down", show=False),
        Binding("left,h", "pan(-4, 0)", "Left", show=False),
        Binding("right,l", "pan(4, 0)", "Right", show=False),
        Binding("space", "page(1)", "Page down", show=False),
        Binding("home,g", "page(-1000000)", "To the start", show=False),
        Binding("end,G", "page(1000000)", "To the end", show=False),
    ]

    def __init__(self, title: str, write: Writer, charset: Charset) -> None:
        super().__init__(charset, title, id="page")
        self._write = write

    def make(self, width: int, height: int) -> Content:
        """The whole text, broken for the width."""
        del height
        return Lines(self._write(width))


class Sheet(RoleScreen):
    """A page and the keys that close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "close", "Close", show=False)
    ]

    def __init__(self, title: str, write: Writer, charset: Charset) -> None:
        super().__init__()
        self._page = Page(title, write, charset)

    def compose(self) -> ComposeResult:
        """The page alone."""
        yield self._page

    def on_mount(self) -> None:
        """The arrows scroll at once."""
        self._page.focus()

    def action_close(self) -> None:
        """Back to where one came from."""
        self.dismiss()


def problem_sheet(name: str, message: str, charset: Charset) -> Sheet:
    """What is wrong with a scenario, as the command line would say it: a caret keeps its place."""
    lines = [(Span(printable(line)),) for line in message.splitlines()]
    return Sheet(f"{name} cannot be opened: escape goes back", lambda _width: lines, charset)
