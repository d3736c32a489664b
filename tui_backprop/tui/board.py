"""All panes of the debugger, and how a view reaches them.

It stands apart from the screen because which panes there are is one list, and nothing else needs
to know them by name.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_backprop.tui.paint import can_paint, paint
from tui_backprop.tui.panes.cotangent import cotangent_pane
from tui_backprop.tui.panes.equation import equation_pane
from tui_backprop.tui.panes.gradient import gradient_pane
from tui_backprop.tui.panes.graph import GraphPane
from tui_backprop.tui.panes.jacobian import jacobian_pane
from tui_backprop.tui.panes.note import note_pane
from tui_backprop.tui.panes.program import program_pane
from tui_backprop.tui.panes.status import status_pane
from tui_backprop.tui.panes.timeline import timeline_pane

_LIGHT: Final = frozenset({"status", "program", "timeline", "note"})
"""Panes that read no array."""
_RULES: Final = Path(__file__).with_name("watching.tcss")

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui_backprop.render.view import View
    from tui_backprop.tui.view_pane import ViewPane


class Board:
    """The panes.

    Attributes:
        graph: the one that is a drawing or a tape.
        panes: all of them, in the order of the grid; what is watched comes last.
    """

    def __init__(self, view: View) -> None:
        self.graph = GraphPane(view)
        self.panes: tuple[ViewPane, ...] = (
            status_pane(view),
            program_pane(view),
            self.graph,
            jacobian_pane(view),
            cotangent_pane(view),
            gradient_pane(view),
            equation_pane(view),
            note_pane(view),
            timeline_pane(view),
        )
        for pane in self.panes:
            pane.is_light = pane.id in _LIGHT
        self._watching: ViewPane | None = None

    @property
    def is_watching(self) -> bool:
        """Whether the pane of displays and breakpoints is there."""
        return self._watching is not None

    def watch(self, screen: Screen[None], view: View) -> None:
        """Bring the pane of displays and breakpoints where there are some, else take it away."""
        if self._watching is not None:
            self._watching.remove()
            self.panes = tuple(pane for pane in self.panes if pane is not self._watching)
            self._watching = None
        else:
            # Its code and its rules are read when there is something to show.
            from tui_backprop.tui.watching_pane import WatchingPane

            screen.app.stylesheet.read(_RULES)
            screen.app.refresh_css(animate=False)
            self._watching = WatchingPane(view)
            screen.mount(self._watching, after=self.graph)
            self.panes = (*self.panes, self._watching)
        screen.set_class(self.is_watching, "-watching")

    def make_early(self, view: View) -> None:
        """Make all pictures of a view; see `ViewPane.make_early`."""
        for pane in self.panes:
            if not pane.is_light:
                pane.make_early(view)

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
