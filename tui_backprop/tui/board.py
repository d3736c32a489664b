"""The table of panes, and how a view reaches them.

A pane is one row here and one function in `render.panes`; where it lies is in ``app.tcss``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from textual.message import Message

from tui_backprop.render.panes.cotangent import v_content
from tui_backprop.render.panes.equation import equation_content
from tui_backprop.render.panes.gradient import gradient_content
from tui_backprop.render.panes.graph import Drawing, graph_content
from tui_backprop.render.panes.jacobian import jacobian_content
from tui_backprop.render.panes.note import note_content
from tui_backprop.render.panes.program import program_content
from tui_backprop.render.panes.status import header_content
from tui_backprop.render.panes.timeline import progress_content
from tui_backprop.tui.runtime.paint import can_paint, paint
from tui_backprop.tui.view_pane import Remembered, ViewPane

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui_backprop.render.panes.watching import Watching
    from tui_backprop.render.text.content import Content
    from tui_backprop.render.view import View
    from tui_backprop.tui.view_pane import Picture

_RULES: Final = Path(__file__).with_name("watching.tcss")


class GraphPane(ViewPane):
    """Follows the node and the edge of the step.

    Attributes:
        is_tape: whether the tape is on screen rather than the drawing.
    """

    is_tape = False

    def make(self, width: int, height: int) -> Content:
        """The drawing or the tape, as the view says or as there is room."""
        content = super().make(width, height)
        made = content.content if isinstance(content, Remembered) else content
        self.is_tape = not isinstance(made, Drawing)
        return content


class WatchingPane(ViewPane):
    """Displays and breakpoints."""

    class Switched(Message):
        """A breakpoint was clicked on."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def point(self, x: int, y: int) -> bool:
        """Switch the breakpoint of a row."""
        del x
        number = _watching_content(self.view, *self.content_size).breakpoint_at(y)
        if number is not None:
            self.post_message(self.Switched(number))
        return number is not None


def _watching_content(view: View, width: int, height: int) -> Watching:
    """Its code is read when there is something to show."""
    from tui_backprop.render.panes.watching import watching_content

    return watching_content(view, width, height)


class _Row(NamedTuple):
    """One pane.

    Attributes:
        id: its name in ``app.tcss``.
        picture: what it shows.
        title: on its border; a pane without one cannot be focused.
        is_light: whether its picture reads no array, and so never takes long.
        kind: what it does beyond showing a picture.
    """

    id: str
    picture: Picture
    title: str = ""
    is_light: bool = False
    kind: type[ViewPane] = ViewPane

    def pane(self, view: View) -> ViewPane:
        """The widget, before its first picture."""
        pane = self.kind(view, self.picture, id=self.id, title=self.title)
        pane.is_light = self.is_light
        return pane


_PANES: Final = (
    _Row("status", header_content, is_light=True),
    _Row("program", program_content, "program", is_light=True),
    _Row("graph", graph_content, "graph", kind=GraphPane),
    _Row("jacobian", jacobian_content, "J"),
    _Row("cotangent", v_content, "v"),
    _Row("gradient", gradient_content, "gradient"),
    _Row("equation", equation_content, "step"),
    _Row("note", note_content, "note", is_light=True),
    _Row("timeline", progress_content, is_light=True),
)
"""In the order of the grid."""

_WATCHING: Final = _Row("watching", _watching_content, "watching", kind=WatchingPane)
"""There only while there is something in it."""


class Board:
    """The panes.

    Attributes:
        graph: the one that is a drawing or a tape.
        panes: all of them, in the order of the grid; what is watched comes last.
    """

    def __init__(self, view: View) -> None:
        self.panes = tuple(row.pane(view) for row in _PANES)
        self.graph = next(pane for pane in self.panes if isinstance(pane, GraphPane))
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
            screen.app.stylesheet.read(_RULES)
            screen.app.refresh_css(animate=False)
            self._watching = _WATCHING.pane(view)
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
