"""The graph pane: the drawing where it fits or is asked for, else the tape.

It stands apart from both because they know nothing of frames: here a frame becomes their marks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from tui_backprop.debug.frame import Phase
from tui_backprop.debug.stops import NodeStop
from tui_backprop.graph.model import Role
from tui_backprop.render.content import Box
from tui_backprop.render.drawing import Canvas, Layout, Marks, layout
from tui_backprop.render.numbers import Numerals
from tui_backprop.render.phrases import phrase
from tui_backprop.render.spans import Span, clip, fit_line, line_width, merge, slice_line, width
from tui_backprop.render.summary import NO_MARKS, Values, summary
from tui_backprop.render.tape import RowState, Tape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.model import Node
    from tui_backprop.render.charset import Charset
    from tui_backprop.render.content import Content
    from tui_backprop.render.names import Namer
    from tui_backprop.render.spans import Line, SpanRole
    from tui_backprop.render.view import View

_MOST_DRAWN: Final = 80
"""Nodes beyond which a drawing is not even tried unless it is asked for."""

_TEXT: Final = 28
_VALUE: Final = 22
_ADJOINT_WORD: Final = 5


def graph_content(view: View, cells: int, height: int) -> Content:
    """The drawing or the tape, following the cursor."""
    nodes = len(view.namer.graph.nodes)
    if view.graph_view == "tape" or (view.graph_view == "auto" and nodes > _MOST_DRAWN):
        return TapeContent(view, cells)
    drawn = _layout(view.namer, view.frame.timeline.trace)
    fits = drawn.width <= cells and drawn.height <= height
    return Drawing(view, drawn, cells) if fits or view.graph_view == "drawing" else TapeContent(
        view, cells)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class TapeContent:
    """One row per node.

    Attributes:
        view: the state.
        cells: the width of a row.
    """

    view: View
    cells: int
    title: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """As many rows as the final graph has nodes, so that nothing jumps."""
        return self.cells, len(self.view.namer.graph.nodes)

    @property
    def focus(self) -> Box:
        """The current node's row, and its parent's while it is pulled back."""
        frame = self.view.frame
        rows = (frame.node.id, frame.node.id if frame.edge is None else frame.edge.parent)
        top = min(rows)
        return Box(0, top, 1, max(rows) - top + 1)

    def line(self, y: int, x0: int, x1: int) -> Line:
        """One node."""
        if not 0 <= y < len(self.view.namer.graph.nodes):
            return fit_line((), x1 - x0)
        tape = _tape(self.view.namer, self.view.charset)
        row = tape.row(y, _row_state(self.view, y), self.cells)
        return fit_line(slice_line(row, x0, x1), x1 - x0) if x0 or x1 != self.cells else row

    def step_at(self, _x: int, y: int) -> int | None:
        """The step that builds the node."""
        return y if 0 <= y < len(self.view.namer.graph.nodes) else None


def _row_state(view: View, node: int) -> RowState:
    frame = view.frame
    is_current = frame.node.id == node and frame.phase is not Phase.ZERO_GRAD
    adjoint = frame.adjoint(node) if frame.phase is not Phase.BUILD else None
    return RowState(
        value=frame.value(node),
        adjoint=None if adjoint is None or adjoint.is_unknown else adjoint,
        value_role="changed" if is_current and frame.phase is Phase.BUILD else "",
        adjoint_role=_adjoint_role(view, node),
        adjoint_marks=_adjoint_marks(view, node),
        edge=frame.edge,
        is_current=is_current,
        has_breakpoint=any(isinstance(s, NodeStop) and s.node == node for s in view.stops),
        notes=_notes(view) if is_current and frame.edge is not None else (),
    )


def _adjoint_role(view: View, node: int) -> SpanRole:
    """``changed`` where the step made the whole adjoint: a seed, or all gradients zeroed."""
    frame = view.frame
    if frame.phase is Phase.SEED:
        return "changed" if node == frame.node.id else ""
    is_zeroed = frame.phase is Phase.ZERO_GRAD and frame.timeline.trace.is_input(node)
    return "changed" if is_zeroed else ""


def _adjoint_marks(view: View, node: int) -> Mapping[int, SpanRole]:
    frame = view.frame
    if frame.edge is None:
        return NO_MARKS
    if node == frame.edge.parent:
        return {frame.column: "changed"}
    return {frame.row: "current"} if node == frame.edge.node else NO_MARKS


def _notes(view: View) -> tuple[str, ...]:
    edge = view.frame.edge
    if edge is None:
        return ()
    parent = view.namer.label(edge.parent)
    arrow = "->" if view.charset.is_ascii else "→"
    return (phrase(view.language, "pulling", name=parent), f"{arrow} {parent}")


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
        hit = self._canvas().hit(x - self._left, y)
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
    )
    drawn = _layout(view.namer, frame.timeline.trace)
    charset: Literal["ascii", "unicode"] = "ascii" if view.charset.is_ascii else "unicode"
    return Canvas(drawn, lambda n: _box_lines(view, n, int(drawn.text[n])), frame.built, marks,
                  charset)  # fmt: skip


@lru_cache(maxsize=4)
def _layout(namer: Namer, trace: object) -> Layout:
    """Laid out once for the final graph; the trace gives the widths of its values."""
    del trace  # a walk with other numbers gets boxes that fit them
    nodes = namer.graph.nodes
    widths = np.array([_box_width(namer, node) for node in nodes], dtype=np.intp)
    heights = np.array([_box_height(node) for node in nodes], dtype=np.intp)
    return layout([node.parents for node in nodes], widths, heights)


@lru_cache(maxsize=4)
def _tape(namer: Namer, charset: Charset) -> Tape:
    """The lanes of a graph are the same for every frame."""
    return Tape(namer, charset)


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
    label = namer.label(node.id)
    return f"{label} = {namer.text(node.id)}" if node.role is Role.OP else label


def _box_lines(view: View, node_id: int, cells: int) -> tuple[Line, ...]:
    node = view.namer.graph.nodes[node_id]
    frame, numerals = view.frame, Numerals(charset=view.charset)
    head = Span(clip(_head(view.namer, node), cells, view.charset.ellipsis), "title")
    if node.literal is not None:
        return ((head,),)
    value = frame.value(node_id)
    is_new = frame.phase is Phase.BUILD and frame.node.id == node_id
    lines: list[Line] = [(head,)]
    if value is not None:
        role: SpanRole = "changed" if is_new else ""
        lines.append(summary(Values(value), cells, numerals=numerals, role=role))
    adjoint = frame.adjoint(node_id)
    if not adjoint.is_unknown:
        word = "grad " if node.role is Role.INPUT else "v    "
        entries = summary(adjoint, cells - len(word), numerals=numerals,
                          role=_adjoint_role(view, node_id),
                          marks=_adjoint_marks(view, node_id))  # fmt: skip
        lines.append(merge((Span(word, "dim"), *entries)))
    return tuple(line for line in lines if line_width(line) <= cells)
