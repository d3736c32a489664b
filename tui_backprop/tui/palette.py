"""The command palette: our commands in the form in which Textual asks for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui_backprop.language.message import said
from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.types import IgnoreReturnCallbackType

    Offered: TypeAlias = tuple[str, str, IgnoreReturnCallbackType]
    """A line of the palette, what is said below it, and what it does."""


class CommandProvider(Provider):
    """Every command with its keys, and a question for every word of the field."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for text, about, run in (*self._commands(), *self._questions()):
            yield DiscoveryHit(text, run, help=about)

    async def search(self, query: str) -> Hits:
        """Those that match, by name or by what they do."""
        matcher = self.matcher(query)
        for text, about, run in (*self._commands(), *self._questions()):
            score = max(matcher.match(text), matcher.match(about) * 0.9)
            if score > 0:
                yield Hit(score, matcher.highlight(text), run, text=text, help=about)

    def _commands(self) -> Iterator[Offered]:
        screen = self.screen
        if not isinstance(screen, DebugScreen):
            return
        for command in ALL_COMMANDS:
            keys = ", ".join(screen.keys.get(command.name, ()))
            text = f"{command.name}  ({keys})" if keys else command.name
            yield text, command.help, partial(screen.action_run, command.name)

    def _questions(self) -> Iterator[Offered]:
        screen = self.screen
        if not isinstance(screen, DebugScreen):
            return
        from tui_backprop.debug.glossary.words import WORDS

        spoken = screen.view_model.spoken
        for word in WORDS:
            text = spoken.retold(said("What is {word}?", word=word.name))
            yield text, spoken.retold(word.gist), partial(screen.attempt, f"help word {word.name}")
