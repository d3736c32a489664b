"""The tape: one row per node in program order, or per folded module, with lanes for its edges.

Everything that holds for the whole graph is decided once per width; a row costs what it shows.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.graph.model import Role
from tui_backprop.render.panes.node_state import rows_state, rows_title
from tui_backprop.render.panes.tape_lanes import Gutter, RowLanes
from tui_backprop.render.rows import Rows
from tui_backprop.render.text.arrays import NO_MARKS, Values, shape_text, summary
from tui_backprop.render.text.charset import UNICODE, Charset
from tui_backprop.render.text.numbers import numerals_in
from tui_backprop.render.text.spans import (
    Box,
    Line,
    Lines,
    Span,
    clip_start,
    fit_line,
    merge,
    pad,
    plain,
    slice_line,
    width,
)
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.landmarks import arrivals, writes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.model import Graph
    from tui_backprop.render.panes.node_state import RowState
    from tui_backprop.render.text.arrays import Entries, Unsaved
    from tui_backprop.render.text.names import Namer
    from tui_backprop.render.text.spans import Content, SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array, Shape
    from tui_backprop.timeline.timeline import Frame


_MARGIN: Final = 3
_KEPT_ROWS: Final = 1024
_NO_MARK: Final = Span(" ")

_GUTTERS: Final = ((72, (8, 15)), (48, (6, 10)), (0, (3, 7)))
"""From which width on there may be how many lanes and how many cells for stubs."""


class Tape:
    """The rows of one graph.

    Attributes:
        graph: the final graph.
        rows: what is shown of it one below the other.
        charset: Unicode or ASCII.
    """

    def __init__(self, namer: Namer, charset: Charset = UNICODE, rows: Rows | None = None) -> None:
        self.graph: Graph = namer.graph
        self.rows = Rows(namer) if rows is None else rows
        self.charset = charset
        self._numerals = numerals_in(charset)
        self._wish = wished(self.rows)
        self._gutters: dict[tuple[int, int], Gutter] = {}
        self._columns: dict[int, Columns] = {}
        self._kept: dict[tuple[int, int, bool], tuple[Array | None, Line]] = {}

    def row(self, k: int, state: RowState, cells: int) -> Line:
        """Row ``k``, exactly ``cells`` wide; empty where its node is not built."""
        if state.value is None and not self.rows.is_group(k):
            return fit_line((), cells)
        columns = self.columns(cells)
        has_numbers = state.value is not None
        line = merge(
            (
                *self._margin(state),
                *self._graph(k, state, cells),
                *self._table(k, state, state.value, cells),
                *self._cell(columns.adjoint * has_numbers, self._adjoint(k, state, columns)),
            )
        )
        if state.notes:
            line = self._noted(line, state.notes, cells)
        return fit_line(line, cells, self.charset.ellipsis)

    def gutter(self, cells: int) -> Gutter:
        """The lanes of a tape ``cells`` wide; there are three kinds, each made when first seen."""
        size = next(size for least, size in _GUTTERS if cells >= least)
        if size not in self._gutters:
            self._gutters[size] = Gutter(self.rows, self.charset, *size)
        return self._gutters[size]

    def columns(self, cells: int) -> Columns:
        """The columns of a tape ``cells`` wide."""
        if cells not in self._columns:
            room = cells - _MARGIN - self.gutter(cells).cells
            path = max(_PATH, min(cells // 5, _LONG_PATH))
            least = path if self.rows.has_modules else _NAME
            self._columns[cells] = fit_columns(self._wish, room, least)
        return self._columns[cells]

    def _margin(self, state: RowState) -> Line:
        """Where breakpoints stand, where the walk is, and where its step adds something."""
        stop = Span(state.breakpoint or " ", "marker")
        if state.is_current:
            return stop, Span(f"{self.charset.pointer} ", "current")
        is_added_to = state.is_added_to or "changed" in state.adjoint_marks.values()
        return stop, Span("+ " if is_added_to else "  ", "changed")

    def _cell(self, cells: int, content: Line, mark: Span = _NO_MARK) -> Line:
        """A gap, which ends in a mark, and a column; nothing where the column is left out."""
        if not cells:
            return ()
        gap = Span(" " * (GAP - 1)), mark
        return (*gap, *fit_line(content, cells, self.charset.ellipsis))

    def _graph(self, k: int, state: RowState, cells: int) -> Line:
        role: SpanRole = state.value_role or ("current" if state.is_current else "")
        edge = self.rows.edge(state.edge)
        return self.gutter(cells).line(RowLanes(k, self.rows.parents[k], role, edge))

    def _table(self, k: int, state: RowState, value: Values | Unsaved | None, cells: int) -> Line:
        """From the name to the value. Few rows change in a step: the others are kept."""
        if state.is_current or state.value_role or state.is_other:
            return self._new_table(k, state, value, cells)
        kept = self._kept.get((k, cells, value is None))
        of = value.array if isinstance(value, Values) else None
        if kept is not None and kept[0] is of:
            return kept[1]
        line = self._new_table(k, state, value, cells)
        if len(self._kept) >= _KEPT_ROWS:
            self._kept.clear()
        self._kept[k, cells, value is None] = (of, line)
        return line

    def _new_table(
        self, k: int, state: RowState, value: Values | Unsaved | None, cells: int
    ) -> Line:
        rows, columns = self.rows, self.columns(cells)
        role: SpanRole = "current" if state.is_current else "title" if rows.has_name(k) else "dim"
        label, text = rows.label(k), Span(rows.text(k), "dim")
        if rows.has_modules:
            label = clip_start(label, columns.name, self.charset.ellipsis)
        name = Span(label, role)
        node = rows.node(k)
        shape = Span("" if node is None else shape_text(node.shape, self.charset), "dim")
        if value is None:  # what it holds has the place of the numbers too
            others = columns.text, columns.shape, columns.value, columns.adjoint
            room = sum(size + GAP for size in others if size) - GAP
            return merge((*self._cell(columns.name, (name,)), *self._cell(room, (text,))))
        entries = self._summary(value, columns.value, columns, state.value_role)
        return merge(
            (
                *self._cell(columns.name, (name,)),
                *self._cell(columns.text, (text,)),
                *self._cell(columns.shape, (shape,)),
                *self._cell(columns.value, entries, self._value_mark(state)),
            )
        )

    def _value_mark(self, state: RowState) -> Span:
        """Before a value that the step made, or that is not what it was."""
        if state.is_other:
            return Span(self.charset.other, "marker")
        role = state.value_role
        return Span(self.charset.pointer, role) if role else _NO_MARK

    def _adjoint(self, k: int, state: RowState, columns: Columns) -> Line:
        """``grad [2 ▸4 ·]`` for an input, ``v [1 2 3]`` for any other node."""
        if state.adjoint is None or not columns.adjoint:
            return ()
        node = self.rows.node(k)
        word = "grad" if node is not None and node.role is Role.INPUT else "v"
        role = state.adjoint_role
        pointer = Span(self.charset.pointer, role) if role else Span(" ")
        room = columns.adjoint - ADJOINT_LABEL
        entries = self._summary(state.adjoint, room, columns, role, state.adjoint_marks)
        return (Span(pad(word, ADJOINT_LABEL - 1), "dim"), pointer, *entries)

    def _summary(
        self,
        entries: Entries,
        cells: int,
        columns: Columns,
        role: SpanRole,
        marks: Mapping[int, SpanRole] = NO_MARKS,
    ) -> Line:
        return summary(
            entries,
            cells,
            numerals=self._numerals,
            role=role,
            marks=marks,
            with_shape=not columns.shape,
        )

    def _noted(self, line: Line, notes: tuple[str, ...], cells: int) -> Line:
        """The line with the longest note that fits behind its last word."""
        used = width(plain(line).rstrip())
        for note in notes:
            text = f"{self.charset.back} {note}".rstrip()
            if used + GAP + width(text) <= cells:
                return (*slice_line(line, 0, used), Span(" " * GAP), Span(text, "current"))
        return line


GAP: Final = 2
"""Cells between columns; the second holds the pointer to a value that a step made."""

ADJOINT_LABEL: Final = 5
"""Cells of ``grad`` or ``v`` in front of an adjoint, with room for the pointer."""

_ENTRY: Final = 6
"""Cells that an entry is taken to need, with its space."""

_READ: Final = 500
"""Nodes whose text decides how wide the column is; those of a big graph are all alike."""

_TURNS: Final = (
    ("adjoint", ADJOINT_LABEL + 9),
    ("value", 14),
    ("adjoint", ADJOINT_LABEL + 14),
    ("text", 6),
    ("shape", 7),
    ("name", 12),
    ("text", 12),
    ("value", 18),
    ("adjoint", ADJOINT_LABEL + 18),
    ("note", 8),
    ("text", 16),
    ("note", 24),
    ("value", 22),
    ("adjoint", ADJOINT_LABEL + 22),
    ("note", 40),
    ("text", 28),
    ("value", 46),
    ("adjoint", ADJOINT_LABEL + 46),
)
"""Who gets the cells that are left, in turns, each up to a width.

A column that is not there yet comes with its whole first turn or waits; others take what is left.
"""


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells per column, without the gaps between them; 0 for one that is left out.

    Attributes:
        name: the label.
        text: how the node was written.
        shape: of the value.
        value: the forward value.
        adjoint: ``grad`` or ``v``.
        note: kept free for what the walk does in one row, which stands behind the last column.
    """

    name: int
    text: int
    shape: int
    value: int
    adjoint: int
    note: int

    @property
    def total(self) -> int:
        """Cells of all of them, each with the gap before it."""
        sizes = (self.name, self.text, self.shape, self.value, self.adjoint, self.note)
        return sum(size + GAP for size in sizes if size)


def wished(rows: Rows) -> Columns:
    """The widths that the rows of a graph can fill at most."""
    every = range(len(rows))
    shapes = {node.shape for row in every if (node := rows.node(row)) is not None}
    number = len(str(len(rows.graph.nodes))) + 1
    name = max((_name_cells(rows, row, number) for row in every), default=1)
    value = max((_value_cells(shape) for shape in shapes), default=1)
    return Columns(
        name=name,
        text=max((width(rows.text(row)) for row in every[:_READ]), default=1),
        shape=max((len(shape_text(shape)) for shape in shapes), default=1),
        value=value,
        adjoint=ADJOINT_LABEL + value,
        note=len("◂ pulling back into ") + name,
    )


def _name_cells(rows: Rows, row: int, number: int) -> int:
    """A node's name may be followed by which binding of it is meant."""
    if not rows.has_name(row):
        return number
    return rows.cells(row) + (0 if rows.is_group(row) else 2)


def _value_cells(shape: Shape) -> int:
    """A scalar has all its digits; entries of an array can do with fewer."""
    return 2 * len(shape) + _ENTRY * min(prod(shape), 100) if shape else 9


_NAME: Final = 6
"""Cells of a name, however little room there is."""

_PATH: Final = 14
"""The same of a name that is a module's path with something at its end."""

_LONG_PATH: Final = 28
"""The same where there is much room."""


def fit_columns(wish: Columns, room: int, least: int = _NAME) -> Columns:
    """The columns for ``room`` cells: name and value always, the others while they fit."""
    name = max(min(wish.name, least, room - 12), min(wish.name, _NAME))
    value = max(min(wish.value, 11, room - name - 2 * GAP), 1)
    columns = Columns(name, 0, 0, value, 0, 0)
    for column, most in _TURNS:
        before = getattr(columns, column)
        wanted = max(before, min(getattr(wish, column), most))
        free = room - columns.total - (0 if before else GAP)
        if before:
            wanted = min(wanted, before + max(free, 0))
        elif wanted > free:
            continue
        columns = replace(columns, **{column: wanted})
    return columns


_NEAR: Final = 6
"""Rows that are kept in sight together."""


def tape_content(tape: Tape, view: View, cells: int) -> Content:
    """The rows of a tape at one step, as wide as the pane."""
    frame, rows = view.frame, tape.rows
    height = rows.built(frame.built)

    def row(y: int) -> Line:
        return tape.row(y, rows_state(view, rows, y), cells)

    def leads(_x: int, y: int) -> int | None:
        """To where the current pass first touches the row; where it does not, its build step."""
        if not 0 <= y < height:
            return None
        return min(_first_touch(frame, n) for n in rows.nodes(y) if n < frame.built)

    return Lines((cells, height), row, _focus(frame, rows, cells), rows_title(view, rows), leads)


def _focus(frame: Frame, rows: Rows, cells: int) -> Box:
    """The node's row, with the parent's where it is near; the inputs that are set to zero."""
    first = last = frame.node.id
    if frame.edge is not None:
        first = frame.edge.parent
    elif frame.phase is Phase.ZERO_GRAD:
        inputs = frame.timeline.trace.graph.inputs.values()
        first, last = min(inputs, default=first), max(inputs, default=last)
    first, last = rows.row_of(first), rows.row_of(last)
    if last - first > _NEAR:
        first = last
    return Box(0, first, cells, last - first + 1)


def _first_touch(frame: Frame, node: int) -> int:
    timeline = frame.timeline
    sections = [s for s in timeline.sections if s.pass_number == frame.pass_number]
    here = range(sections[0].start, sections[-1].stop)
    written = (steps.start for steps in writes(timeline, node, None, here))
    first = next((k for k in written if k in here), None)
    touched = [k for k in arrivals(timeline, node) if k in here]
    return min(touched if first is None else [*touched, first], default=node)
