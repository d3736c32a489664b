"""The help page: how to read the screen, and every command with its keys.

It is made from the commands, so it can leave none out.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands import COMMANDS
from tui_backprop.render.text.spans import Span, fit, width, wrap
from tui_backprop.tui.sheets import Sheet
from tui_backprop.tui.view_commands import VIEW_COMMANDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Line
    from tui_backprop.tui.commands import AnyCommand

_KEYS: Final = 9
_NARROWEST: Final = 24
_SCROLLING: Final = (
    ("tab", "the next pane; shift+tab the one before, a click any of them"),
    ("shift+arrow", "scroll the pane that has the focus; so do page up, page down and the wheel"),
    ("ctrl+p", "the palette: every command, found by typing"),
    ("ctrl+z", "to the shell, where fg comes back"),
    ("escape", "close this page, the command line, a pane over the whole screen; stop a search"),
    (
        "click",
        "a node, an entry of J or of a gradient, the timeline: to its step; a breakpoint: off, on",
    ),
)
_TYPING: Final = (
    "Any command can be typed after ':', with a part of its name if no other begins so: "
    "':fin', ':goto 12', ':goto h', ':watch W.grad[0, 1]', ':set v = [1, 0, 0]'. "
    "There, as in programs, entries count from 0. tab completes a word, up brings back a line. "
    "An answer of more than a line opens the log; enter on a line of it goes to the line's step. "
    "':help break' says all about a command."
)

Row = tuple[str, str]


def help_sheet(keys: Mapping[str, tuple[str, ...]], charset: Charset) -> Sheet:
    """The page on a screen of its own."""
    return Sheet("help: escape closes", partial(help_lines, keys, charset), charset)


def help_lines(keys: Mapping[str, tuple[str, ...]], charset: Charset, cells: int) -> list[Line]:
    """The whole page.

    Args:
        keys: the keys in force, by command name.
        charset: the glyphs that the legend explains.
        cells: how wide the page is.
    """
    lines = _section("How to read the screen", _legend(charset), cells)
    for group in dict.fromkeys(command.group for command in COMMANDS):
        rows = [_row(c, keys) for c in COMMANDS if c.group == group]
        lines += _section(group, rows, cells)
    return [
        *lines,
        *_section("The screen", [_row(c, keys) for c in VIEW_COMMANDS], cells),
        *_section("Moving about", _SCROLLING, cells),
        (Span("Typing commands", "title"),),
        *((Span(line),) for line in wrap(_TYPING, cells)),
    ]


def _legend(charset: Charset) -> list[Row]:
    d = charset.partial
    return [
        ("J", f"the local Jacobian of one edge, J[j, i] = {d}y_j/{d}x_i: outputs by inputs"),
        ("v", "the vector that is pulled back; y.backward(v) computes v times J"),
        ("X.grad", "the gradient of X as far as it is summed: a partial adds v_j times J[j, i]"),
        (charset.unknown, "not computed yet, which is not the same as 0"),
        (charset.pointer, "here: the line, the entry, the node of this step"),
        (charset.back, "what this step added; what is being pulled back into"),
        (charset.breakpoint, "a breakpoint; " + charset.conditional + " one with a condition"),
        (charset.other, "not what it was before other numbers were set"),
    ]  # fmt: skip


def _row(command: AnyCommand, keys: Mapping[str, tuple[str, ...]]) -> Row:
    """``s right  step [COUNT]``, and what it does."""
    return f"{' '.join(keys.get(command.name, ())):<{_KEYS}} {command.usage}", command.help


def _section(title: str, rows: Sequence[Row], cells: int) -> list[Line]:
    """A heading and a table, its right column broken under itself."""
    left = min(max(width(key) for key, _ in rows), max(cells - _NARROWEST - 4, 2))
    right = max(cells - left - 4, 2)
    lines: list[Line] = [(Span(title, "title"),)]
    for key, text in rows:
        for n, part in enumerate(wrap(text, right)):
            lines.append((Span(f"  {fit('' if n else key, left)}  ", "title"), Span(part)))
    return [*lines, ()]
