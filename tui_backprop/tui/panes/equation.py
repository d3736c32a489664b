"""The step as a formula with its numbers, and in words.

It stands apart because it alone waits for the algebra, which is loaded after the first frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.panes.equation import equation_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.view import View


def equation_pane(view: View) -> ViewPane:
    """The partial, the product, the sum."""
    return ViewPane(view, equation_content, id="equation", title="step")
