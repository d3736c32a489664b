"""The step as a formula with its numbers, and in words.

It stands apart because it alone waits for the algebra, which is loaded after the first frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.equation import equation_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.content import Content
    from tui_backprop.render.view import View


class EquationPane(ViewPane):
    """The partial, the product, the sum."""

    def __init__(self, view: View) -> None:
        super().__init__(view, "step", id="equation")

    def picture(self, view: View, width: int, height: int) -> Content:
        """The formulas and the sentence."""
        return equation_content(view, width, height)
