"""J: the local Jacobian of the edge, or the whole ∂of/∂input.

It stands apart from v, with which it is multiplied, because each scrolls on its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.matrix import jacobian_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.content import Content
    from tui_backprop.render.view import View


class JacobianPane(ViewPane):
    """Visited entries as numbers, the current one marked."""

    def __init__(self, view: View) -> None:
        super().__init__(view, "J", id="jacobian")

    def picture(self, view: View, width: int, height: int) -> Content:
        """A window of J."""
        return jacobian_content(view, width, height)
