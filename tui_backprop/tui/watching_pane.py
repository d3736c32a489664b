"""What the person watches: displays and breakpoints.

It stands apart from the other panes because it is there only while there is something in it; a
click on a breakpoint switches it off or on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tui_backprop.render.panes.watching import watching_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.view import View


class WatchingPane(ViewPane):
    """Displays and breakpoints."""

    class Switched(Message):
        """A breakpoint was clicked on."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, view: View) -> None:
        super().__init__(view, watching_content, id="watching", title="watching")

    def point(self, x: int, y: int) -> bool:
        """Switch the breakpoint of a row."""
        del x
        content = watching_content(self.view, *self.content_size)
        number = content.breakpoint_at(y)
        if number is not None:
            self.post_message(self.Switched(number))
        return number is not None
