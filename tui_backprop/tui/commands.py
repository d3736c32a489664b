"""All commands, of the debugger and of the screen, and the way from a word or a key to its action.

Footer, palette, help screen and key bindings are derived from this list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.commands import COMMANDS, Command
from tui_backprop.debug.commands.command import look_up
from tui_backprop.errors import CommandError
from tui_backprop.tui.view_commands import VIEW_COMMANDS, ViewCommand

if TYPE_CHECKING:
    from tui_backprop.debug.session import Session

AnyCommand: TypeAlias = Command | ViewCommand

ALL_COMMANDS: Final[tuple[AnyCommand, ...]] = (*COMMANDS, *VIEW_COMMANDS)
"""The debugger's, then the screen's, in the order of help and footer."""


def find(word: str, argument: str = "") -> AnyCommand:
    """The command that a word means: its name, an alias, its letter, or a unique prefix.

    Args:
        word: as it was typed.
        argument: what follows it.

    Raises:
        CommandError: none, or several; the message names the nearest.
    """
    return look_up(word, ALL_COMMANDS, argument, by_key=True)


@dataclass(frozen=True, slots=True)
class Typed:
    """A line, understood as far as its first word.

    Attributes:
        command: what is to be done.
        argument: the rest of the line.
        shift: how far the line as the debugger gets it begins before the line that was typed.
    """

    command: AnyCommand
    argument: str
    shift: int

    @property
    def line(self) -> str:
        """With the whole name of the command."""
        return f"{self.command.name} {self.argument}"


def read(line: str) -> Typed | None:
    """What a line asks for; None where it asks for nothing.

    Raises:
        CommandError: its first word means no command.
    """
    bare = line.lstrip()
    lead = len(line) - len(bare)
    if not bare or bare.startswith("#"):
        return None
    if bare.startswith("/"):
        return Typed(find("search"), bare[1:], lead)
    word, _, argument = bare.partition(" ")
    try:
        command = find(word.rstrip(), argument)
    except CommandError as error:
        raise error.moved(lead) from None
    return Typed(command, argument, lead + len(word) - len(command.name))


def is_moving(command: AnyCommand) -> bool:
    """Whether a search that is under way stands against it."""
    return command.moves if isinstance(command, ViewCommand) else command.name != "help"


def needs_argument(command: AnyCommand) -> bool:
    """Whether it can do nothing without the rest of its line."""
    return bool(command.argument) and not command.argument.startswith("[")


def first_words(session: Session, command: AnyCommand) -> str:
    """How the line begins that a person completes; ``v`` comes with its present numbers."""
    return f"{command.name} {_present_v(session)}" if command.name == "set" else f"{command.name} "


_MOST_EDITED: Final = 64


def _present_v(session: Session) -> str:
    """``v = [1, 2, 3]``: the seed of the present pass, or of the first."""
    timeline = session.timeline
    number = max(session.frame.pass_number, 0)
    walk = timeline.walks[number] if timeline.walks else None
    if walk is None or walk.run.seed.size > _MOST_EDITED:
        return "v = "
    return "v = " + re.sub(r"\.0(?![0-9])", "", str(walk.run.seed.tolist()))
