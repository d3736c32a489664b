"""The least that a Textual app can be, with the settings it comes with: header, label, footer.

It runs as a program of its own and imports nothing that it does not need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.widgets import Footer, Header, Label

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class BareApp(App[None]):
    """Counts how often ``s`` or ``S`` was pressed."""

    BINDINGS: ClassVar[list[BindingType]] = [("s,S", "step", "Step")]

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def compose(self) -> ComposeResult:
        """Header, label, footer."""
        yield Header()
        yield Label("count 0")
        yield Footer()

    def action_step(self) -> None:
        """Change the label."""
        self.count += 1
        self.query_one(Label).update(f"count {self.count}")


if __name__ == "__main__":
    BareApp().run()
