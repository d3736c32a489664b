"""What the scenario's author has to say about the step.

It stands apart because most scenarios have no notes, and then it gives its place to others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.note import note_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.content import Content
    from tui_backprop.render.view import View


class NotePane(ViewPane):
    """The narration."""

    def __init__(self, view: View) -> None:
        super().__init__(view, "note", id="note")

    def picture(self, view: View, width: int, height: int) -> Content:
        """The notes that hang on the step."""
        return note_content(view, width, height)
