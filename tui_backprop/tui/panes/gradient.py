"""The gradient as it accumulates, each entry with its sum written out.

It stands apart from v because it is what the walk is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.gradient import gradient_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.content import Content
    from tui_backprop.render.view import View


class GradientPane(ViewPane):
    """The entry that the step changed marked."""

    def __init__(self, view: View) -> None:
        super().__init__(view, "gradient", id="gradient")

    def picture(self, view: View, width: int, height: int) -> Content:
        """A window of the adjoint."""
        return gradient_content(view, width, height)
