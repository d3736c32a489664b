"""The gradient as it accumulates, each entry with its sum written out.

It stands apart from v because it is what the walk is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.panes.gradient import gradient_content
from tui_backprop.tui.view_pane import ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.view import View


def gradient_pane(view: View) -> ViewPane:
    """The entry that the step changed marked."""
    return ViewPane(view, gradient_content, id="gradient", title="gradient")
