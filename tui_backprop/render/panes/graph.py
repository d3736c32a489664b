"""The graph pane: the drawing where it fits or is asked for, else the tape."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Role
from tui_backprop.render.layout import Canvas, Layout, Marks, layout, pick
from tui_backprop.render.panes.node_state import breakpoint_glyph, is_other_value, row_state
from tui_backprop.render.text.arrays import summary
from tui_backprop.render.text.numbers import numerals_in
from tui_backprop.render.text.spans import Box, Span, clip, fit_line, line_width, merge, width
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.render.panes.tape import Tape
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.names import Namer
    from tui_backprop.render.text.spans import Content, Line
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
    from tui_backprop.render.panes.tape import tape_content

    return tape_content(_tape(view.namer, view.charset), view, cells)


@lru_cache(maxsize=4)
def _tape(namer: Namer, charset: Charset) -> Tape:
    """The lanes of a graph are the same for every frame."""
    from tui_backprop.render.panes.tape import Tape

    return Tape(namer, charset)


_TEXT: Final = 28
_VALUE: Final = 22
_ADJOINT_WORD: Final = 5
_NUMBERED: Final = 40
"""Nodes beyond which wires end in stubs often enough for every box to show its number."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """Boxes and wires.

    Attributes:
        view: the state.
        layout: of the final graph.
        cells: width of the pane, so that a small drawing stands in the middle.
    """

    view: View
    layout: Layout
    cells: int
    title: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """The whole drawing."""
        return max(self.layout.width, self.cells), self.layout.height

    @property
    def focus(self) -> Box:
        """The current node's box, and its parent's while it is pulled back."""
        frame = self.view.frame
        a = self.layout.box(frame.node.id)
        b = a if frame.edge is None else self.layout.box(frame.edge.parent)
        x, y = min(a.x, b.x), min(a.y, b.y)
        right, bottom = max(a.x + a.width, b.x + b.width), max(a.y + a.height, b.y + b.height)
        return Box(x + self._left, y, right - x, bottom - y)

    def line(self, y: int, x0: int, x1: int) -> Line:
        """One row of cells."""
        return fit_line(self._canvas().line(y, x0 - self._left, x1 - self._left), x1 - x0)

    def step_at(self, x: int, y: int) -> int | None:
        """The step that builds the node whose box was hit."""
        hit = pick(self._canvas(), x - self._left, y)
        return hit if isinstance(hit, int) else None

    @property
    def _left(self) -> int:
        return max(0, (self.cells - self.layout.width) // 2)

    def _canvas(self) -> Canvas:
        return _canvas(self.view)


@lru_cache(maxsize=2)
def _canvas(view: View) -> Canvas:
    """One canvas for all the lines of a view."""
    frame = view.frame
    edges = frame.node.edges if frame.phase is Phase.BUILD else ()
    marks = Marks(
        node=frame.node.id,
        edges=edges if frame.edge is None else (frame.edge,),
        is_backward=frame.edge is not None,
        stop=lambda node: breakpoint_glyph(view, node),
        other=lambda node: view.charset.other if is_other_value(view, node) else "",
    )
    drawn = drawing_layout(view.namer, frame.timeline.trace)
    charset: Literal["ascii", "unicode"] = "ascii" if view.charset.is_ascii else "unicode"
    return Canvas(drawn, lambda n: _box_lines(view, n, int(drawn.text[n])), frame.built, marks,
                  charset)  # fmt: skip


@lru_cache(maxsize=4)
def drawing_layout(namer: Namer, trace: Evaluation) -> Layout:
    """Laid out once for the final graph; the trace gives the widths of its values."""
    del trace  # a walk with other numbers gets boxes that fit them
    nodes = namer.graph.nodes
    widths = np.array([_box_width(namer, node) for node in nodes], dtype=np.intp)
    heights = np.array([_box_height(node) for node in nodes], dtype=np.intp)
    return layout([node.parents for node in nodes], widths, heights)


def _box_width(namer: Namer, node: Node) -> int:
    numbers = min(_VALUE, 2 + 6 * max(node.size, 1))
    if node.literal is not None:
        return min(_TEXT, width(namer.label(node.id)))
    word = _ADJOINT_WORD if node.role is not Role.CONSTANT else 0
    return max(min(_TEXT, width(_head(namer, node))), word + numbers)


def _box_height(node: Node) -> int:
    """A number needs one line, a constant its value too, everything else its adjoint as well."""
    if node.literal is not None:
        return 1
    return 2 if node.role is Role.CONSTANT else 3


def _head(namer: Namer, node: Node) -> str:
    """The name and how it was written; in a large drawing the number, since stubs name it."""
    label = namer.label(node.id)
    if node.name and len(namer.graph.nodes) > _NUMBERED:
        label = f"{node.id} {label}"
    return f"{label} = {namer.text(node.id)}" if node.role is Role.OP else label


def _box_lines(view: View, node_id: int, cells: int) -> tuple[Line, ...]:
    """Name and text, value, adjoint: the same state as a row of the tape."""
    node = view.namer.graph.nodes[node_id]
    numerals = numerals_in(view.charset)
    head = Span(clip(_head(view.namer, node), cells, view.charset.ellipsis), "title")
    lines: list[Line] = [(head,)]
    state = row_state(view, node_id)
    if node.literal is not None or state.value is None:
        return (*lines,)
    lines.append(summary(state.value, cells, numerals=numerals, role=state.value_role))
    if state.adjoint is not None:
        word = "grad " if node.role is Role.INPUT else "v    "
        entries = summary(
            state.adjoint,
            cells - len(word),
            numerals=numerals,
            role=state.adjoint_role,
            marks=state.adjoint_marks,
        )
        lines.append(merge((Span(word, "dim"), *entries)))
    return tuple(line for line in lines if line_width(line) <= cells)
