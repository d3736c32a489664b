"""Where a replay stands; a click on its bar goes there.

It stands apart from the other panes because it is there only in a replay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tui_backprop.render.panes.replay import position_at, replay_content
from tui_backprop.tui.line_pane import LinePane

if TYPE_CHECKING:
    from tui_backprop.render.panes.replay import ReplayState
    from tui_backprop.render.text.content import Content


class ReplayPane(LinePane, can_focus=False):
    """The bar of a replay, and what is being said.

    Attributes:
        state: what is shown.
    """

    class Chosen(Message):
        """A place of the bar was clicked on."""

        def __init__(self, position: int) -> None:
            super().__init__()
            self.position = position

    def __init__(self, state: ReplayState) -> None:
        super().__init__(state.charset, "replay", id="replay")
        self.state = state

    def make(self, width: int, height: int) -> Content:
        """The bar and the narration."""
        return replay_content(self.state, width, height)

    def point(self, x: int, y: int) -> bool:
        """Jump to where the bar was clicked on."""
        position = position_at(self.state, x, self.content_size.width) if y == 0 else None
        if position is not None:
            self.post_message(self.Chosen(position))
        return position is not None
