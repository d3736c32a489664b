"""Checking a command line that sets a breakpoint before any number is known.

Evaluating a large graph takes longer than anybody should wait to hear of a misspelled word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.commands.breaking import PAUSING, asked_for, parted, watched_for
from tui_backprop.debug.commands.command import first_word
from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from tui_backprop.debug.session import Session
    from tui_backprop.graph.model import Graph

NO_BREAKPOINT: Final = "this sets no breakpoint and changes none"


@dataclass(frozen=True, slots=True, eq=False)
class _Numberless:
    """A session's graph and names without numbers; it is its own trace."""

    graph: Graph

    @property
    def trace(self) -> _Numberless:
        return self


def check_command(line: str) -> None:
    """Refuse a command that sets no breakpoint.

    Raises:
        CommandError: it is none.
    """
    words = {word for command in PAUSING for word in (command.name, *command.aliases)}
    if line.partition(" ")[0] not in words:
        raise CommandError(NO_BREAKPOINT)


def check_beforehand(graph: Graph, line: str) -> None:
    """Refuse a line that no numbers could make right.

    Raises:
        CommandError: carrying it out would raise it too.
    """
    check_command(line)
    word, argument = first_word(line)
    name = next(c.name for c in PAUSING if word in (c.name, *c.aliases))
    known = cast("Session", _Numberless(graph))
    if name == "watch":
        watched_for(known, argument, 1)
    elif name in {"break", "tbreak"} and argument and "step" not in parted(argument)[0].split():
        asked_for(known, argument)
