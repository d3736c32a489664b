"""Writing to stdout: lines, tables, and what the stream can show.

It stands apart so that every command is cut off and encoded alike.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from tui_backprop.render.charset import Charset

_GLYPHS = "∂·₁⁽²⁾−→▸ᵀ…×"


def write_lines(lines: Iterable[str]) -> None:
    """Each with a newline, as they come."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


def charset_of(args: argparse.Namespace) -> Charset:
    """Unicode, unless ASCII is asked for or is all that the stream can encode."""
    from tui_backprop.render.charset import ASCII, UNICODE  # noqa: PLC0415 - help shows nothing

    return ASCII if args.ascii or not _can_encode(_GLYPHS) else UNICODE


def terminal_width() -> int | None:
    """Columns of the terminal; None where the output goes elsewhere and nothing need be cut."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def prepare_streams() -> None:
    """Let nothing that a file holds stop the output: what cannot be encoded is escaped."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _can_encode(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
