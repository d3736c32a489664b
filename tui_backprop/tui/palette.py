"""The command palette: our commands, and the themes, in the form in which Textual asks for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import said
from tui_backprop.tui.colours import THEMES, about
from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.types import IgnoreReturnCallbackType

    Offered: TypeAlias = tuple[str, str, IgnoreReturnCallbackType]
    """A line of the palette, what is said below it, and what it does."""


class _Offers(Provider):
    """A list that is shown whole before anything is typed, then what matches."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for text, told, run in self.offered():
            yield DiscoveryHit(text, run, help=told)

    async def search(self, query: str) -> Hits:
        """Those that match, by name or by what they do."""
        matcher = self.matcher(query)
        for text, told, run in self.offered():
            score = max(matcher.match(text), matcher.match(told) * 0.9)
            if score > 0:
                yield Hit(score, matcher.highlight(text), run, text=text, help=told)

    def offered(self) -> Iterator[Offered]:
        """Every line."""
        raise NotImplementedError


class CommandProvider(_Offers):
    """Every command with its keys, and a question for every word of the field."""

    def offered(self) -> Iterator[Offered]:
        """Commands, then words."""
        screen = self.screen
        if not isinstance(screen, DebugScreen):
            return
        for command in ALL_COMMANDS:
            keys = ", ".join(screen.keys.get(command.name, ()))
            text = f"{command.name}  ({keys})" if keys else command.name
            yield text, command.help, partial(screen.action_run, command.name)
        from tui_backprop.debug.glossary.words import WORDS

        spoken = screen.view_model.spoken
        for word in WORDS:
            text = spoken.retold(said("What is {word}?", word=word.name))
            yield text, spoken.retold(word.gist), partial(screen.attempt, f"help word {word.name}")


class ThemeProvider(_Offers):
    """Every theme with what it is for: ours first, which are made to be read from afar."""

    def offered(self) -> Iterator[Offered]:
        """As they are listed."""
        screen = self.screen
        code = screen.view_model.language if isinstance(screen, DebugScreen) else "en"
        for name, theme in THEMES.items():
            yield name, language_of(code).retold(about(theme)), partial(self._choose, name)

    def _choose(self, name: str) -> None:
        self.app.theme = name
