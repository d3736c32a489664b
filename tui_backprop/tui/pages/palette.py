"""The command palette, and the list of themes, in the form in which Textual asks for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from tui_backprop.language.message import said
from tui_backprop.tui.colours import THEMES, about
from tui_backprop.tui.commands import ALL_COMMANDS, find
from tui_backprop.tui.line_pane import BaseScreen
from tui_backprop.tui.pages.picker import Picker
from tui_backprop.tui.screen import DebugScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.screen import Screen
    from textual.types import IgnoreReturnCallbackType

    Offered: TypeAlias = tuple[str, str, IgnoreReturnCallbackType]
    """A line of the palette, what is said below it, and what it does."""


def command_palette(screen: Screen[Any]) -> CommandPalette:
    """The list of commands over a screen."""
    return CommandPalette(id="--command-palette", placeholder=_told(screen, said("find a command")))


def theme_palette(screen: Screen[Any]) -> CommandPalette:
    """The list of themes over a screen."""
    return CommandPalette([ThemeProvider], placeholder=_told(screen, said("find a theme")))


def _told(screen: Screen[Any], text: str) -> str:
    """A sentence in the language of a screen, as far as a plain terminal can show it."""
    return screen.told(text) if isinstance(screen, BaseScreen) else text


class _Offers(Provider):
    """A list that is shown whole before anything is typed, then what matches."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for text, told, run in self.offered():
            yield DiscoveryHit(text, run, help=told)

    async def search(self, query: str) -> Hits:
        """Those that match, by name or by what they do; or one that says that none does."""
        matcher = self.matcher(query)
        is_found = False
        for text, told, run in self.offered():
            score = max(matcher.match(text), matcher.match(told) * 0.9)
            if score > 0:
                is_found = True
                yield Hit(score, matcher.highlight(text), run, text=text, help=told)
        if not is_found:  # Textual would say so in English
            text = _told(self.screen, said("nothing here has '{text}'", text=query))
            yield Hit(1.0, text, lambda: None, text=text)

    def offered(self) -> Iterator[Offered]:
        """Every line."""
        raise NotImplementedError


class CommandProvider(_Offers):
    """What can be done: in a walk every command, in the list what there is to open."""

    def offered(self) -> Iterator[Offered]:
        """As there is something to do."""
        screen = self.screen
        if isinstance(screen, DebugScreen):
            yield from _in_walk(screen)
        elif isinstance(screen, Picker):
            yield from _in_list(screen)


def _in_walk(screen: DebugScreen) -> Iterator[Offered]:
    """Commands with their keys, then a question for every word of the field."""
    for command in ALL_COMMANDS:
        keys = ", ".join(screen.keys.get(command.name, ()))
        text = f"{command.name}  ({keys})" if keys else command.name
        yield text, _told(screen, command.help), partial(screen.choose, command.name)
    from tui_backprop.debug.glossary.words import WORDS

    for word in WORDS:
        text = _told(screen, said("What is {word}?", word=word.name))
        yield text, _told(screen, word.gist), partial(screen.attempt, f"help word {word.name}")


def _in_list(picker: Picker) -> Iterator[Offered]:
    """What is no walk's alone, then everything that can be opened, by its title too."""
    app = picker.app
    runs: dict[str, IgnoreReturnCallbackType] = {
        "help": picker.action_help,
        "language": picker.speak_next,
        "theme": lambda: app.push_screen(theme_palette(picker)),
        "quit": app.exit,
    }
    for name, run in runs.items():
        help_ = said("What there is to pick, and how.") if name == "help" else find(name).help
        yield name, _told(picker, help_), run
    for path, name, title in picker.offers:
        yield name, title, partial(picker.post_message, Picker.Picked(path))


class ThemeProvider(_Offers):
    """Every theme with what it is for: ours first, which are made to be read from afar."""

    def offered(self) -> Iterator[Offered]:
        """As they are listed."""
        for name, theme in THEMES.items():
            yield name, _told(self.screen, about(theme)), partial(self._choose, name)

    def _choose(self, name: str) -> None:
        self.app.theme = name
