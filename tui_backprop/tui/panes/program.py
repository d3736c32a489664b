"""The source of the program, the current expression marked.

It stands apart as every pane does: it can be taken away, and nothing else notices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.program import program_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.content import Content
    from tui_backprop.render.view import View


class ProgramPane(ViewPane):
    """Follows the current line."""

    def __init__(self, view: View) -> None:
        super().__init__(view, "program", id="program")

    def picture(self, view: View, width: int, height: int) -> Content:
        """The source."""
        return program_content(view, width, height)
