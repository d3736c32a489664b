"""The graph pane: the drawing where it fits or is asked for, else the tape.

It stands apart from both because neither knows how large the other would be.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tui_backprop.render.panes.drawing_content import Drawing, drawing_layout

if TYPE_CHECKING:
    from tui_backprop.render.panes.tape import Tape
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.content import Content
    from tui_backprop.render.text.names import Namer
    from tui_backprop.render.view import View

_MOST_DRAWN: Final = 80
"""Nodes beyond which a drawing is not even tried unless it is asked for."""


def graph_content(view: View, cells: int, height: int) -> Content:
    """The drawing or the tape, following the cursor."""
    nodes = len(view.namer.graph.nodes)
    if view.graph_view == "drawing" or (view.graph_view == "auto" and nodes <= _MOST_DRAWN):
        layout = drawing_layout(view.namer, view.frame.timeline.trace)
        fits = layout.width <= cells and layout.height <= height
        if fits or view.graph_view == "drawing":
            return Drawing(view, layout, cells)
    from tui_backprop.render.panes.tape_content import TapeContent  # noqa: PLC0415 - small graphs are drawn

    return TapeContent(_tape(view.namer, view.charset), view, cells)


@lru_cache(maxsize=4)
def _tape(namer: Namer, charset: Charset) -> Tape:
    """The lanes of a graph are the same for every frame."""
    from tui_backprop.render.panes.tape import Tape  # noqa: PLC0415 - the same

    return Tape(namer, charset)
