"""Where we are, in words: the one line that is always on screen.

It stands apart from the timeline because it is what a person reads first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.content import Lines
from tui_backprop.render.status import header_line
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.content import Content
    from tui_backprop.render.view import View


class StatusPane(ViewPane, can_focus=False):
    """Title, phase, step, direction, node, and why it stopped."""

    def __init__(self, view: View) -> None:
        super().__init__(view, id="status")

    def picture(self, view: View, width: int, height: int) -> Content:
        """One line."""
        del height
        return Lines((header_line(view, width),))
