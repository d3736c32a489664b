"""J: the local Jacobian of the edge, or the whole ∂of/∂input.

It stands apart from v, with which it is multiplied, because each scrolls on its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.panes.jacobian import jacobian_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.view import View


def jacobian_pane(view: View) -> ViewPane:
    """Visited entries as numbers, the current one marked."""
    return ViewPane(view, jacobian_content, id="jacobian", title="J")
