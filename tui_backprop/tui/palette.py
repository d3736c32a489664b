"""The command palette: our commands in the form in which Textual asks for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.types import IgnoreReturnCallbackType

    from tui_backprop.tui.commands import AnyCommand


class CommandProvider(Provider):
    """Every command with its keys."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for command, text, run in self._commands():
            yield DiscoveryHit(text, run, help=command.help)

    async def search(self, query: str) -> Hits:
        """Those that match, by name or by what they do."""
        matcher = self.matcher(query)
        for command, text, run in self._commands():
            score = max(matcher.match(text), matcher.match(command.help) * 0.9)
            if score > 0:
                yield Hit(score, matcher.highlight(text), run, text=text, help=command.help)

    def _commands(self) -> Iterator[tuple[AnyCommand, str, IgnoreReturnCallbackType]]:
        screen = self.screen
        if not isinstance(screen, DebugScreen):
            return
        for command in ALL_COMMANDS:
            keys = ", ".join(screen.keys.get(command.name, ()))
            text = f"{command.name}  ({keys})" if keys else command.name
            yield command, text, partial(screen.action_run, command.name)
