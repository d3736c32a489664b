"""Where a walk says what cannot be done: over the graph, so that the step stays in sight."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.widgets._toast import Toast

from tui_backprop.render.text.spans import wrap
from tui_backprop.tui.style_sheets import read_once

if TYPE_CHECKING:
    from textual.geometry import Region
    from textual.screen import Screen

_RULES: Final = Path(__file__).with_name("toasts.tcss")
_WIDEST: Final = 62
_MARGIN: Final = 5
"""Cells of a toast at most, and of those on its left and its right that hold no text."""


class Broken(str):
    """A message in lines for one width.

    Attributes:
        whole: the same without the breaks.
    """

    __slots__ = ("whole",)

    whole: str


def placed(screen: Screen[None], graph: Region, message: str) -> Broken:
    """Make room for a message over the graph; the message as it fits there.

    It covers no more than one pane: Textual cuts wide characters where the panes below meet. Lines
    are broken here, since Textual breaks those of wide characters at their few blanks only, and
    counts the lines of others before it knows how narrow they are.
    """
    read_once(screen.app, _RULES)
    cells = graph.width or screen.size.width
    for rack in screen.query("ToastRack"):
        rack.styles.margin = (1, 0, 0, graph.x)
        rack.styles.width = cells
    found = Broken("\n".join(wrap(message, max(min(cells, _WIDEST) - _MARGIN, 2))))
    found.whole = message
    return found


def place_again(screen: Screen[None], graph: Region) -> None:
    """The messages that stand there over the graph, which lies elsewhere now or is not as wide."""
    for toast in screen.query(Toast):
        notification = toast._notification  # noqa: SLF001 - a toast has nothing else that says it
        if isinstance(notification.message, Broken):
            notification.message = placed(screen, graph, notification.message.whole)
            toast.refresh(layout=True)
