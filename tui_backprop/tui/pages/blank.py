"""A screen with nothing on it, for as long as a class is to look elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.tui.line_pane import BaseScreen

if TYPE_CHECKING:
    from textual import events


class BlankScreen(BaseScreen):
    """Dark; any key or click brings back what was there, and does nothing else."""

    def on_key(self, event: events.Key) -> None:
        """Go away."""
        event.stop()
        event.prevent_default()
        self.dismiss()

    def on_click(self, event: events.Click) -> None:
        """Go away."""
        event.stop()
        self.dismiss()
