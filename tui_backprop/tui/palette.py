"""The command palette: our commands, and the themes, in the form in which Textual asks for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import said
from tui_backprop.tui.colours import THEMES, about
from tui_backprop.tui.commands import ALL_COMMANDS
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.screen import Screen
    from textual.types import IgnoreReturnCallbackType

    Offered: TypeAlias = tuple[str, str, IgnoreReturnCallbackType]
    """A line of the palette, what is said below it, and what it does."""


def command_palette(screen: Screen[Any]) -> CommandPalette:
    """The list of commands over a screen."""
    placeholder = _told(screen, said("find a command"))
    return CommandPalette(id="--command-palette", placeholder=placeholder)


def theme_palette(screen: Screen[Any]) -> CommandPalette:
    """The list of themes over a screen."""
    return CommandPalette([ThemeProvider], placeholder=_told(screen, said("find a theme")))


def _told(screen: Screen[Any], text: str) -> str:
    """A sentence in the language of a screen, as far as a plain terminal can show it."""
    if not isinstance(screen, DebugScreen):
        return text
    told = language_of(screen.view_model.language).retold(text)
    return text if screen.view_model.charset.is_ascii and not told.isascii() else told


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
            yield text, command.help, partial(screen.choose, command.name)
        from tui_backprop.debug.glossary.words import WORDS

        for word in WORDS:
            text = _told(screen, said("What is {word}?", word=word.name))
            yield text, _told(screen, word.gist), partial(screen.attempt, f"help word {word.name}")


class ThemeProvider(_Offers):
    """Every theme with what it is for: ours first, which are made to be read from afar."""

    def offered(self) -> Iterator[Offered]:
        """As they are listed."""
        for name, theme in THEMES.items():
            yield name, _told(self.screen, about(theme)), partial(self._choose, name)

    def _choose(self, name: str) -> None:
        self.app.theme = name
