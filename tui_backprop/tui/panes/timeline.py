"""All steps at once, as a bar: a click goes there.

It stands apart from the status, which says where we are in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.progress import progress_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.content import Content
    from tui_backprop.render.view import View


class TimelinePane(ViewPane, can_focus=False):
    """Build and backward, the cursor, the breakpoints."""

    def __init__(self, view: View) -> None:
        super().__init__(view, id="timeline")

    def picture(self, view: View, width: int, height: int) -> Content:
        """The bar."""
        return progress_content(view, width, height)
