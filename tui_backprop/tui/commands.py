"""The commands of the screen, and the one way from a word or a key to what it does.

It stands beside the debugger's own commands, which need no screen: footer, palette, help screen
and key bindings are derived from both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.commands import COMMANDS, Command
from tui_backprop.debug.commands.command import look_up
from tui_backprop.errors import CommandError
from tui_backprop.tui.search import find_node

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.tui.screen import DebugScreen

Action: TypeAlias = "Callable[[DebugScreen, str], str]"


@dataclass(frozen=True, slots=True)
class ViewCommand:
    """Something a person can ask of the screen.

    Attributes:
        name: its word; any unique prefix means it too.
        help: what it does, one sentence.
        run: does it; takes the screen and the rest of the line, returns what to report.
        keys: default keys.
        argument: how the rest of the line is written; empty where there is none.
        short: a word for the footer; empty where it is not shown there.
        aliases: other words for it.
    """

    name: str
    help: str
    run: Action
    keys: tuple[str, ...] = ()
    argument: str = ""
    short: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """Its word and its argument."""
        return f"{self.name} {self.argument}".strip()


AnyCommand: TypeAlias = Command | ViewCommand


def _toggle_tape(screen: DebugScreen, _argument: str) -> str:
    screen.stage.graph_view = "drawing" if screen.board.graph.is_tape else "tape"
    return ""


def _toggle_total(screen: DebugScreen, _argument: str) -> str:
    screen.stage.total = not screen.stage.total
    return "J of the whole graph" if screen.stage.total else "J of this edge"


def _toggle_language(screen: DebugScreen, _argument: str) -> str:
    screen.stage.language = "zh" if screen.stage.language == "en" else "en"
    return ""


def _play(screen: DebugScreen, _argument: str) -> str:
    if screen.player.is_playing:
        screen.player.stop()
        return "paused"
    screen.player.play(lambda: _tick(screen))
    return "playing"


def _tick(screen: DebugScreen) -> None:
    if not screen.stage.session.play():
        screen.player.stop()
    screen.stage.message = screen.stage.session.reason
    screen.mark()


def _change_speed(by: int) -> Action:
    def run(screen: DebugScreen, _argument: str) -> str:
        screen.player.change_speed(by)
        return f"a step every {screen.player.interval:g} s"

    return run


def _search(screen: DebugScreen, argument: str) -> str:
    stage = screen.stage
    stage.found = argument.strip() or stage.found
    if not stage.found:
        raise CommandError("search for what? A part of a name, an expression or an op")
    session = stage.session
    node = find_node(session.trace.graph, stage.found, session.frame.node.id)
    if node is None:
        raise CommandError(f"no node contains '{stage.found}'")
    session.goto(node.id)
    return f"'{stage.found}' found in {node.label}"


def _open(screen: DebugScreen, argument: str) -> str:
    screen.post_message(screen.Opened(argument.strip()))
    return ""


def _toggle_maximized(screen: DebugScreen, _argument: str) -> str:
    if screen.maximized is None:
        screen.maximize(screen.focused or screen.board.graph)
    else:
        screen.minimize()
    return ""


def _call(method: Callable[[DebugScreen, str], None]) -> Action:
    def run(screen: DebugScreen, argument: str) -> str:
        method(screen, argument.strip())
        return ""

    return run


VIEW_COMMANDS: Final[tuple[ViewCommand, ...]] = (
    ViewCommand("play", "Step by step on its own, until a breakpoint or the end; again to pause.",
                _play, ("space",), "", "play"),
    ViewCommand("faster", "Play faster.", _change_speed(1), ("+",)),
    ViewCommand("slower", "Play slower.", _change_speed(-1), ("-",)),
    ViewCommand("tape", "The graph as a drawing or as a tape.", _toggle_tape, ("t",), "", "tape"),
    ViewCommand("total", "J of this edge, or of the whole graph.", _toggle_total, ("j",)),
    ViewCommand("search", "To the next node whose name, expression or op contains a text.",
                _search, ("/",), "TEXT"),
    ViewCommand("search-again", "To the next node with the same text.",
                lambda screen, _: _search(screen, ""), ("*",)),
    ViewCommand("maximize", "One pane over the whole screen: the focused one, else the graph.",
                _toggle_maximized, ("m",)),
    ViewCommand("language", "Titles, notes and sentences in English or in Chinese.",
                _toggle_language, ("l",)),
    ViewCommand("theme", "Choose the colours.",
                _call(lambda screen, _: screen.app.search_themes()), ("T",)),
    ViewCommand("open", "Another scenario: by name, by path, or from the list.",
                _open, ("o",), "[SCENARIO]"),
    ViewCommand("quit", "Leave.", _call(lambda screen, _: screen.app.exit()), ("q",), "", "quit"),
    ViewCommand("command", "Type a command.",
                _call(lambda screen, line: screen.ask(line)), (":",), "", "command"),
)  # fmt: skip

ALL_COMMANDS: Final[tuple[AnyCommand, ...]] = (*COMMANDS[:-1], *VIEW_COMMANDS, COMMANDS[-1])
"""The debugger's, then the screen's, in the order of help and footer; help itself stands last."""


def find(word: str) -> AnyCommand:
    """The command that a word means: its name, an alias, its letter, or a unique prefix.

    Raises:
        CommandError: none, or several; the message names the nearest.
    """
    return look_up(word, ALL_COMMANDS, by_key=True)


def execute(screen: DebugScreen, line: str) -> str:
    """Carry out one line: a command of the screen or of the debugger.

    Returns:
        What to tell the person; may be empty.

    Raises:
        CommandError: it cannot be carried out.
    """
    word, _, argument = line.strip().partition(" ")
    if not word:
        return ""
    if word.startswith("/"):
        word, argument = "search", line.strip()[1:]
    command = find(word)
    if command.name == "help" and not argument.strip():
        return _help_page(screen)
    if isinstance(command, ViewCommand):
        return command.run(screen, argument)
    return screen.stage.session.execute(f"{command.name} {argument}")


def _help_page(screen: DebugScreen) -> str:
    """The whole of it, on a page of its own."""
    from tui_backprop.tui.help import help_sheet  # noqa: PLC0415 - it is made from this module

    screen.app.push_screen(help_sheet(screen.keys, screen.stage.charset))
    return ""


def needs_argument(command: AnyCommand) -> bool:
    """Whether it can do nothing without the rest of its line."""
    return bool(command.argument) and not command.argument.startswith("[")


def first_words(screen: DebugScreen, command: AnyCommand) -> str:
    """How the line begins that a person completes; ``v`` comes with its present numbers."""
    return f"{command.name} {_present_v(screen)}" if command.name == "set" else f"{command.name} "


_MOST_EDITED: Final = 64


def _present_v(screen: DebugScreen) -> str:
    """``v = [1, 2, 3]``: the seed of the present pass, or of the first."""
    timeline = screen.stage.session.timeline
    number = max(screen.stage.session.frame.pass_number, 0)
    walk = timeline.walks[number] if timeline.walks else None
    if walk is None or walk.run.seed.size > _MOST_EDITED:
        return "v = "
    return "v = " + re.sub(r"\.0(?![0-9])", "", str(walk.run.seed.tolist()))
