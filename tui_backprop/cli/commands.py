"""All commands of the command line, in the order of the help, and their argument parser.

Adding a command is adding its file and a line here. Its file is imported when it is asked for, so
that opening a screen pays for no other.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NoReturn

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import SupportsWrite


DEFAULT: Final = "open"
"""What is done when no command is named."""

_MODULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        DEFAULT: "open",
        "trace": "trace",
        "replay": "replay",
        "check": "check",
        "compare": "compare",
        "health": "health",
        "run": "run",
        "init": "init",
        "list": "list",
        "ops": "ops",
        "schema": "schema",
        "completion": "completion",
    }
)

NAMES: Final = tuple(_MODULES)
"""The words that mean a command."""


def find(name: str) -> Command:
    """The command of that name."""
    found: Command = import_module(f"tui_backprop.cli.{_MODULES[name]}").COMMAND
    return found


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: the word that is typed.
        summary: one line for the list of commands.
        description: what its own help says first.
        configure: adds its arguments.
        run: does it; imports what it needs only then, and returns the exit status.
    """

    name: str
    summary: str
    description: str
    configure: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]


# argparse and not click: click's import costs 29 ms before the first screen, argparse's 8.
class Parser(argparse.ArgumentParser):
    """An argument parser whose messages are text, whatever was typed."""

    def error(self, message: str) -> NoReturn:
        """Usage and message to stderr, then exit status 2."""
        from tui_backprop.cli.output import forgotten_if_broken
        from tui_backprop.errors import shortened
        from tui_backprop.render.text.spans import printable

        said = printable(shortened(message))
        with forgotten_if_broken(sys.stderr):
            self.print_usage(sys.stderr)
            self._print_message(f"{self.prog}: error: {said}\n", sys.stderr)
            sys.stderr.flush()
        self.exit(2)

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """Write; that nothing can be written is an error, which argparse does not tell."""
        (file or sys.stderr).write(message)
