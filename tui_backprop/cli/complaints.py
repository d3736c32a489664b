"""How an error reads on stderr: one block, without a traceback, whatever the file held.

It stands apart because the entry point reports the error that ended a command, and ``check`` those
that did not.
"""

from __future__ import annotations

import sys
from typing import Final

from tui_backprop.cli.output import forgotten_if_broken
from tui_backprop.errors import LocatedError, TuiBackpropError

TRACEBACK: Final = "TUI_BACKPROP_TRACEBACK"
"""In the environment, the same as ``--traceback``."""


def complain(error: BaseException) -> None:
    """Write an error to stderr, as far as that takes anything."""
    from tui_backprop.render.text.spans import printable  # noqa: PLC0415 - only an error needs it

    with forgotten_if_broken(sys.stderr):
        for line in _block(error).splitlines():
            print(printable(line), file=sys.stderr)
        sys.stderr.flush()


def _block(error: BaseException) -> str:
    if isinstance(error, LocatedError):
        return str(error)
    if isinstance(error, TuiBackpropError):
        return f"tui-backprop: {error}"
    if isinstance(error, MemoryError):
        return "tui-backprop: there is not enough memory for this scenario"
    if isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        return f"tui-backprop: {name}{error.strerror or error}"
    said = (str(error).splitlines() or [""])[0][:200]
    return (
        f"tui-backprop: an error of the program itself: {type(error).__name__}: {said}\n"
        f"Please report it with what the same command says under --traceback (or {TRACEBACK}=1)."
    )
