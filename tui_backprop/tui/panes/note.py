"""What the scenario's author has to say about the step.

It stands apart because most scenarios have no notes, and then it gives its place to others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.panes.note import note_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.view import View


def note_pane(view: View) -> ViewPane:
    """The narration."""
    return ViewPane(view, note_content, id="note", title="note")
