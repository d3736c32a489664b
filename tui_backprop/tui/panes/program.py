"""The source of the program, the current expression marked.

It stands apart as every pane does: it can be taken away, and nothing else notices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.panes.program import program_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.view import View


def program_pane(view: View) -> ViewPane:
    """Follows the current line."""
    return ViewPane(view, program_content, id="program", title="program")
