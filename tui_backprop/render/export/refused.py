"""A command that cannot be carried out: why, the line, a caret under the place.

It stands apart because files of commands, replays and the words of a shell are refused alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.errors import window
from tui_backprop.render.text.spans import printable, width

if TYPE_CHECKING:
    from tui_backprop.errors import CommandError


def refused(line: str, error: CommandError) -> str:
    """The message with the line, and a caret where one column of it is meant.

    Of a long line there is a window around that column.
    """
    piece, start = window(line, error.column or 0)
    shown = f"{error}\n    {printable(piece)}"
    if error.column is None:
        return shown
    return f"{shown}\n    {' ' * width(printable(piece[:start]))}^"
