"""v: the vector that is pulled back.

It stands apart from the gradient because v is finished and the gradient is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.panes.cotangent import v_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.view import View


def cotangent_pane(view: View) -> ViewPane:
    """The entry of the current row marked."""
    return ViewPane(view, v_content, id="cotangent", title="v")
