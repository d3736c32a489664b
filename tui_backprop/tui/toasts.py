"""Where a walk says what cannot be done: over the graph, so that the step stays in sight."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_backprop.render.text.spans import wrap
from tui_backprop.tui.style_sheets import read_once

if TYPE_CHECKING:
    from tui_backprop.tui.screen import DebugScreen

_RULES: Final = Path(__file__).with_name("toasts.tcss")
_WIDEST: Final = 62
_MARGIN: Final = 5
"""Cells of a toast at most, and of those on its left and its right that hold no text."""


def placed(screen: DebugScreen, message: str) -> str:
    """Make room for a message over the graph; the message as it fits there.

    It covers no more than one pane: Textual cuts wide characters where the panes below meet. Lines
    are broken here, since Textual breaks those of wide characters at their few blanks only, and
    counts the lines of others before it knows how narrow they are.
    """
    app, graph = screen.app, screen.grid.graph.region
    read_once(app, _RULES)
    cells = graph.width or screen.size.width
    for rack in screen.query("ToastRack"):
        rack.styles.margin = (1, 0, 0, graph.x)
        rack.styles.width = cells
    return "\n".join(wrap(message, max(min(cells, _WIDEST) - _MARGIN, 2)))
