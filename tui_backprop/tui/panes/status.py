"""Where we are, in words: the one line that is always on screen.

It stands apart from the timeline because it is what a person reads first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.panes.status import header_line
from tui_backprop.render.text.content import Lines
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.text.content import Content
    from tui_backprop.render.view import View


def status_pane(view: View) -> ViewPane:
    """Title, phase, step, direction, node, and why it stopped."""
    return ViewPane(view, _line, id="status")


def _line(view: View, width: int, _height: int) -> Content:
    return Lines((header_line(view, width),))
