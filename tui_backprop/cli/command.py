"""What a command of the command line is.

It stands apart so that the commands know each other as little as the parser knows what they do.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NoReturn

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import SupportsWrite


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
        from tui_backprop.cli.output import forgotten_if_broken  # noqa: PLC0415 - only an error
        from tui_backprop.errors import shortened  # noqa: PLC0415 - the same
        from tui_backprop.render.text.spans import printable  # noqa: PLC0415 - the same

        said = printable(shortened(message))
        with forgotten_if_broken(sys.stderr):
            self.print_usage(sys.stderr)
            self._print_message(f"{self.prog}: error: {said}\n", sys.stderr)
            sys.stderr.flush()
        self.exit(2)

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """Write; that nothing can be written is an error, which argparse does not tell."""
        (file or sys.stderr).write(message)
