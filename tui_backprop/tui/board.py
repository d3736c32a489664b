"""All panes of the debugger, and how a view reaches them.

It stands apart from the screen because which panes there are is one list, and nothing else needs
to know them by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.tui.paint import can_paint, paint
from tui_backprop.tui.panes.cotangent import CotangentPane
from tui_backprop.tui.panes.equation import EquationPane
from tui_backprop.tui.panes.gradient import GradientPane
from tui_backprop.tui.panes.graph import GraphPane
from tui_backprop.tui.panes.jacobian import JacobianPane
from tui_backprop.tui.panes.note import NotePane
from tui_backprop.tui.panes.program import ProgramPane
from tui_backprop.tui.panes.status import StatusPane
from tui_backprop.tui.panes.timeline import TimelinePane

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui_backprop.render.view import View
    from tui_backprop.tui.view_pane import ViewPane


class Board:
    """The panes.

    Attributes:
        graph: the one that is a drawing or a tape.
        panes: all of them, in the order of the grid.
    """

    def __init__(self, view: View) -> None:
        self.graph = GraphPane(view)
        self.panes: tuple[ViewPane, ...] = (
            StatusPane(view),
            ProgramPane(view),
            self.graph,
            JacobianPane(view),
            CotangentPane(view),
            GradientPane(view),
            EquationPane(view),
            NotePane(view),
            TimelinePane(view),
        )

    def draw(self, screen: Screen[None], view: View) -> None:
        """Show a view: at once where nothing lies over the panes, else as Textual does."""
        for pane in self.panes:
            pane.view = view
        if can_paint(screen):
            paint(screen, [patch for pane in self.panes for patch in pane.patches()])
            return
        with screen.app.batch_update():
            for pane in self.panes:
                pane.redraw()
