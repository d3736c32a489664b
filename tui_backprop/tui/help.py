"""The help page: how to read the screen, and every command with its keys.

It stands apart from the commands because it is made from them, so it can leave none out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.render.spans import Span, pad, width
from tui_backprop.tui.commands import ALL_COMMANDS, VIEW_COMMANDS
from tui_backprop.tui.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.render.charset import Charset
    from tui_backprop.render.spans import Line
    from tui_backprop.tui.commands import AnyCommand

_SCROLLING: Final = (
    ("tab", "The next pane; shift+tab the one before. A click does the same."),
    ("shift+arrows", "Scroll the pane that has the focus; so do pageup, pagedown and the wheel."),
    ("ctrl+p", "The palette: every command, found by typing."),
    ("escape", "Close: this page, the command line, a pane over the whole screen."),
)


def help_sheet(keys: Mapping[str, tuple[str, ...]], charset: Charset) -> Sheet:
    """The page on a screen of its own."""
    return Sheet("help: escape closes", help_lines(keys, charset), charset.ellipsis)


def help_lines(keys: Mapping[str, tuple[str, ...]], charset: Charset) -> list[Line]:
    """The whole page.

    Args:
        keys: the keys in force, by command name.
        charset: the glyphs that the legend explains.
    """
    debugger = [c for c in ALL_COMMANDS if c not in VIEW_COMMANDS]
    return [
        _heading("How to read the screen"),
        *_table(_legend(charset)),
        (),
        _heading("Walking"),
        *_table([_row(c, keys) for c in debugger]),
        (),
        _heading("The screen"),
        *_table([*(_row(c, keys) for c in VIEW_COMMANDS), *_SCROLLING]),
        (),
        _heading("Words"),
        (Span("A command can be typed after ':'; the start of its name is enough: 'rev' no,"),),
        (Span("'fin' yes. Numbers in commands count from 0, as NumPy does: X.grad[0]."),),
    ]


def _legend(charset: Charset) -> list[tuple[str, str]]:
    d = charset.partial
    return [
        ("J", f"the local Jacobian of one edge: J[j, i] = {d}y_j/{d}x_i; rows y, columns x"),
        ("v", "the vector pulled back: y.backward(v) computes v'J, entry by entry"),
        ("X.grad", "the gradient as summed so far: each partial adds v_j * J[j, i]"),
        (charset.unknown, "not computed yet; never the same as 0"),
        (charset.pointer, "here: the current line, entry or node"),
        (charset.back, "what this step added, and what is being pulled back"),
        (charset.breakpoint, "a breakpoint or a watch"),
    ]


def _heading(text: str) -> Line:
    return (Span(text, "title"),)


def _row(command: AnyCommand, keys: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    """``s, right   step [COUNT]``, and what it does."""
    return f"{', '.join(keys.get(command.name, ())):<12} {command.usage}", command.help


def _table(rows: Sequence[tuple[str, str]]) -> list[Line]:
    first = max(width(left) for left, _ in rows)
    return [(Span(f"  {pad(left, first)}  ", "title"), Span(right)) for left, right in rows]
