"""v: the vector that is pulled back.

It stands apart from the gradient because v is finished and the gradient is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.cotangent import v_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.content import Content
    from tui_backprop.render.view import View


class CotangentPane(ViewPane):
    """The entry of the current row marked."""

    def __init__(self, view: View) -> None:
        super().__init__(view, "v", id="cotangent")

    def picture(self, view: View, width: int, height: int) -> Content:
        """A window of v."""
        return v_content(view, width, height)
