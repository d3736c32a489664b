"""The graph pane: the drawing where it fits or is asked for, else the tape."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Role
from tui_backprop.graph.modules import Modules
from tui_backprop.render.kept import Kept, Made
from tui_backprop.render.layout import Canvas, Layout, Marks, layout, pick
from tui_backprop.render.panes.node_state import made_of, rows_state, rows_title
from tui_backprop.render.rows import Rows
from tui_backprop.render.text.arrays import summary
from tui_backprop.render.text.numbers import numerals_in
from tui_backprop.render.text.spans import Box, Span, clip, fit_line, line_width, merge, pad, width
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.render.panes.node_state import RowState
    from tui_backprop.render.panes.tape import Tape
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.names import Namer
    from tui_backprop.render.text.spans import Content, Line
    from tui_backprop.render.view import View


_MOST_DRAWN: Final = 80
"""Nodes beyond which a drawing is not even tried unless it is asked for."""


def graph_content(view: View, cells: int, height: int) -> Content:
    """The drawing or the tape, following the cursor."""
    rows, trace = _rows(view), view.frame.timeline.trace
    if view.graph_view == "drawing" or (
        view.graph_view == "auto" and _fits(view, trace, cells, height)
    ):
        layout = drawing_layout(rows, trace)
        return Drawing(view, layout, cells, rows_title(view, rows))
    from tui_backprop.render.panes.tape_content import tape_content

    return tape_content(_tape(rows, view.charset), view, cells, height)


_MOST_ROWS: Final = 40
"""Rows of a tape that its folded modules may have: how many they are changes as one walks."""
_MOST_CELLS: Final = 110


def graph_size(view: View) -> tuple[int, int]:
    """(cells, rows) that show a whole tape, in any module; or a drawing, where one is asked for."""
    rows = _unfolded(view.namer, view.language)
    if view.graph_view == "drawing" and len(view.namer.graph.nodes) <= _MOST_DRAWN:
        layout = drawing_layout(rows, view.frame.timeline.trace)
        return layout.width, layout.height
    is_plain = _modules(view.namer).is_plain
    cells = min(_tape(rows, view.charset).natural, _MOST_CELLS) if len(rows) <= _MOST_ROWS else (
        _MOST_CELLS)  # fmt: skip
    return cells, len(rows) if is_plain else min(len(rows), _MOST_ROWS)


def _fits(view: View, trace: Evaluation, cells: int, height: int) -> bool:
    """Whether there is room for every node: then there is for folded modules, wherever one is."""
    if len(view.namer.graph.nodes) > _MOST_DRAWN:
        return False
    layout = drawing_layout(_unfolded(view.namer, view.language), trace)
    return layout.width <= cells and layout.height <= height


@lru_cache(maxsize=8)
def _tape(rows: Rows, charset: Charset) -> Tape:
    """The lanes of a graph are the same for every frame, as long as one stays in a module."""
    from tui_backprop.render.panes.tape import Tape

    return Tape(rows.namer, charset, rows)


def _rows(view: View) -> Rows:
    """The rows of a view; without modules they are the same whatever it says."""
    modules = _modules(view.namer)
    if modules.is_plain:
        return _unfolded(view.namer, view.language)
    return _seen(view.namer, modules, view.inside, view.language)


@lru_cache(maxsize=4)
def _modules(namer: Namer) -> Modules:
    return Modules(namer.graph)


@lru_cache(maxsize=4)
def _unfolded(namer: Namer, language: str) -> Rows:
    return Rows(namer, language=language)


@lru_cache(maxsize=8)
def _seen(namer: Namer, modules: Modules, inside: str, language: str) -> Rows:
    return Rows(namer, modules.seen_from(inside), language)


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
        frame, rows = self.view.frame, _rows(self.view)
        a = self.layout.box(rows.row_of(frame.node.id))
        b = a if frame.edge is None else self.layout.box(rows.row_of(frame.edge.parent))
        x, y = min(a.x, b.x), min(a.y, b.y)
        right, bottom = max(a.x + a.width, b.x + b.width), max(a.y + a.height, b.y + b.height)
        return Box(x + self._left, y, right - x, bottom - y)

    def line(self, y: int, x0: int, x1: int) -> Line:
        """One row of cells."""
        left, right = x0 - self._left, x1 - self._left
        drawn = _drawn(self.view)
        made = drawn.made_of(y, left, right)
        kept = drawn.lines.find((y, left, right), made)
        if kept is None:
            kept = fit_line(drawn.canvas.line(y, left, right), x1 - x0)
            drawn.lines.keep((y, left, right), made, kept)
        return kept

    def step_at(self, x: int, y: int) -> int | None:
        """The step that builds the first node of the box that was hit."""
        hit = pick(_drawn(self.view).canvas, x - self._left, y)
        if not isinstance(hit, int):
            return None
        return self.view.frame.timeline.built(_rows(self.view).nodes(hit).start)

    @property
    def _left(self) -> int:
        return max(0, (self.cells - self.layout.width) // 2)


class _Drawn:
    """One canvas for all the lines of a view.

    Attributes:
        canvas: what is drawn.
        lines: those that are kept from one step to the next: few change in one.
    """

    def __init__(self, view: View) -> None:
        frame, rows = view.frame, _rows(view)
        self._view, self._rows = view, rows
        self._boxes: dict[int, tuple[Line, ...]] = {}
        self._states: dict[int, RowState] = {}
        edges = frame.node.edges if frame.phase is Phase.BUILD else ()
        seen = [rows.edge(edge) for edge in (edges if frame.edge is None else (frame.edge,))]
        marks = Marks(
            node=rows.row_of(frame.node.id),
            edges=tuple(edge for edge in seen if edge is not None),
            is_backward=frame.edge is not None and not frame.is_forward,
            stop=lambda row: self._state(row).breakpoint,
            other=lambda row: view.charset.other if self._state(row).is_other else "",
            number=lambda row: rows.nodes(row).start,
        )
        layout = drawing_layout(rows, frame.timeline.trace)
        charset: Literal["ascii", "unicode"] = "ascii" if view.charset.is_ascii else "unicode"
        self.canvas = Canvas(layout, self._box, rows.built(frame.built), marks, charset)
        self.lines, self._kept_boxes = _kept_parts(layout, charset)
        self._marked = marks.node, marks.edges, marks.is_backward, self.canvas.reveal

    def made_of(self, y: int, x0: int, x1: int) -> Made:
        """What a line is made of: the wires, and what it shows of the boxes it goes through."""
        line, boxes = self.canvas.boxes(y, x0, x1)
        return Made((), (self._marked, *(self._shown(row, line - 1) for row in boxes)))

    def _shown(self, row: int, line: int) -> tuple[object, ...]:
        """A line of the text of a box, and the signs on its border."""
        state, lines = self._state(row), self._box(row)
        return (
            state.breakpoint,
            state.is_other,
            lines[line] if 0 <= line < len(lines) else None,
        )

    def _state(self, row: int) -> RowState:
        found = self._states.get(row)
        if found is None:
            found = self._states[row] = rows_state(self._view, self._rows, row)
        return found

    def _box(self, row: int) -> tuple[Line, ...]:
        """The text of a box; each of its lines asks for all of them."""
        found = self._boxes.get(row)
        if found is None:
            state, cells = self._state(row), int(self.canvas.layout.text[row])
            made = made_of(state)
            found = None if made is None else self._kept_boxes.find((row, cells), made)
            if found is None:
                found = _box_lines(self._view, self._rows, row, state, cells)
                if made is not None:
                    self._kept_boxes.keep((row, cells), made, found)
            self._boxes[row] = found
        return found


_drawn = lru_cache(maxsize=2)(_Drawn)


@lru_cache(maxsize=4)
def _kept_parts(layout: Layout, charset: str) -> tuple[Kept[Line], Kept[tuple[Line, ...]]]:
    """The lines of one drawing, and the texts of its boxes."""
    del layout, charset
    return Kept(), Kept()


@lru_cache(maxsize=8)
def drawing_layout(rows: Rows, trace: Evaluation) -> Layout:
    """Laid out once for the final graph; the trace gives the widths of its values."""
    del trace  # a walk with other numbers gets boxes that fit them
    every = range(len(rows))
    widths = np.array([_box_width(rows, row) for row in every], dtype=np.intp)
    heights = np.array([_box_height(rows, row) for row in every], dtype=np.intp)
    return layout(rows.parents, widths, heights)


def _box_width(rows: Rows, row: int) -> int:
    node = rows.node(row)
    head = min(_TEXT, width(_head(rows, row)))
    if node is None or node.literal is not None:
        return head
    numbers = min(_VALUE, 2 + 6 * max(node.size, 1))
    word = _ADJOINT_WORD if node.role is not Role.CONSTANT else 0
    return max(head, word + numbers)


def _box_height(rows: Rows, row: int) -> int:
    """A number needs one line, a constant its value too, everything else its adjoint as well."""
    node = rows.node(row)
    if node is None or (node.literal is not None and not rows.is_group(row)):
        return 1
    return 2 if node.role is Role.CONSTANT else 3


def _head(rows: Rows, row: int) -> str:
    """The name and how it was written; in a large drawing the number, since stubs name it."""
    label, start, call = rows.label(row), rows.nodes(row).start, rows.composed(row)
    start = start if call is None else call.result
    if rows.has_name(row) and len(rows) > _NUMBERED:
        label = f"#{start} {label}"
    if rows.is_group(row):
        return f"{label} {'=' if call else ''} {rows.text(row)}"
    is_op = rows.graph.nodes[start].role is Role.OP
    return f"{label} = {rows.namer.text(start)}" if is_op else label


def _box_lines(view: View, rows: Rows, row: int, state: RowState, cells: int) -> tuple[Line, ...]:
    """Name and text, value, adjoint: the same state as a row of the tape."""
    numerals = numerals_in(view.charset)
    head = Span(clip(_head(rows, row), cells, view.charset.ellipsis), "title")
    lines: list[Line] = [(head,)]
    node = rows.node(row)
    if node is None or state.value is None or _box_height(rows, row) == 1:
        return (*lines,)
    lines.append(
        summary(
            state.value, cells, numerals=numerals, role=state.value_role, marks=state.value_marks
        )
    )
    if state.adjoint is not None:
        word = pad(state.word, _ADJOINT_WORD)
        entries = summary(
            state.adjoint,
            cells - len(word),
            numerals=numerals,
            role=state.adjoint_role,
            marks=state.adjoint_marks,
        )
        lines.append(merge((Span(word, "dim"), *entries)))
    return tuple(line for line in lines if line_width(line) <= cells)
