"""The last line: the keys that a beginner needs, each of them a button.

It stands apart from Textual's footer, which mounts a widget per key: this is one line, derived from
the commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.message import Message

from tui_backprop.render.text.content import Lines
from tui_backprop.render.text.spans import Span, width
from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.line_pane import LinePane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events

    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.content import Content
    from tui_backprop.tui.commands import AnyCommand

_GAP = 2
_ALWAYS: Final = frozenset({"help", "quit", "command"})
"""Whoever is lost needs these."""


class Footer(LinePane, can_focus=False):
    """Keys with a word each; a click does what the key does."""

    class Chosen(Message):
        """A person clicked on a command."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, charset: Charset, keys: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(charset, id="footer")
        self._keys = keys
        self._buttons: list[tuple[AnyCommand, int]] = []

    def make(self, width: int, height: int) -> Content:
        """As many commands as fit; some always, others are left out from the right."""
        del height
        named = [c for c in ALL_COMMANDS if c.short and self._keys.get(c.name)]
        others = [c for c in named if c.name not in _ALWAYS]
        while others and self._width(named) > width:
            named.remove(others.pop())
        spans = [Span(" ")]
        self._buttons = []
        for command in named:
            key = self._keys[command.name][0]
            self._buttons.append((command, self._item_width(command)))
            spans += [Span(key, "title"), Span(f" {command.short}" + " " * _GAP, "dim")]
        return Lines((tuple(spans),))

    def on_click(self, event: events.Click) -> None:
        """The command under the mouse."""
        event.stop()
        x = 1
        for command, cells in self._buttons:
            if x <= event.x < x + cells:
                self.post_message(self.Chosen(command.name))
            x += cells + _GAP

    def _width(self, commands: list[AnyCommand]) -> int:
        return 1 + sum(self._item_width(c) + _GAP for c in commands) - _GAP

    def _item_width(self, command: AnyCommand) -> int:
        return width(f"{self._keys[command.name][0]} {command.short}")
