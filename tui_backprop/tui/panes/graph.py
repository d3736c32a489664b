"""The graph: a drawing, or the tape.

It stands apart from the choice between the two, which is made where both are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.panes.graph import Drawing, graph_content
from tui_backprop.tui.view_pane import Remembered, ViewPane

if TYPE_CHECKING:
    from tui_backprop.render.text.content import Content
    from tui_backprop.render.view import View


class GraphPane(ViewPane):
    """Follows the node and the edge of the step.

    Attributes:
        is_tape: whether the tape is on screen rather than the drawing.
    """

    def __init__(self, view: View) -> None:
        super().__init__(view, graph_content, id="graph", title="graph")
        self.is_tape = False

    def make(self, width: int, height: int) -> Content:
        """The drawing or the tape, as the view says or as there is room."""
        content = super().make(width, height)
        made = content.content if isinstance(content, Remembered) else content
        self.is_tape = not isinstance(made, Drawing)
        return content
