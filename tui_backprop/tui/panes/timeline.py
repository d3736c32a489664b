"""All steps at once, as a bar: a click goes there.

It stands apart from the status, which says where we are in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.panes.timeline import progress_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.view import View


def timeline_pane(view: View) -> ViewPane:
    """Build and backward, the cursor, the breakpoints."""
    return ViewPane(view, progress_content, id="timeline")
