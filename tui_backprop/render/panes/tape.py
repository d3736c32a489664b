"""The tape: one row per node in program order, with lanes for its edges.

It stands apart from frames so that a row can be drawn from plain arrays. Everything that holds
for the whole graph is decided once per width; a row costs what it shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.graph.model import Role
from tui_backprop.render.panes.lane_cells import RowLanes
from tui_backprop.render.panes.tape_columns import ADJOINT_LABEL, GAP, Columns, fit_columns, wished
from tui_backprop.render.panes.tape_gutter import Gutter
from tui_backprop.render.text.arrays import NO_MARKS, Values, shape_text, summary
from tui_backprop.render.text.charset import UNICODE, Charset
from tui_backprop.render.text.numbers import numerals_in
from tui_backprop.render.text.spans import (
    Line,
    Span,
    fit_line,
    merge,
    pad,
    plain,
    slice_line,
    width,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.model import Graph
    from tui_backprop.render.panes.node_state import RowState
    from tui_backprop.render.text.arrays import Entries
    from tui_backprop.render.text.names import Namer
    from tui_backprop.render.text.spans import SpanRole
    from tui_backprop.rules.types import Array

_MARGIN: Final = 3
_KEPT_ROWS: Final = 1024
_NO_MARK: Final = Span(" ")

_GUTTERS: Final = ((72, (8, 15)), (48, (6, 10)), (0, (3, 7)))
"""From which width on there may be how many lanes and how many cells for stubs."""


class Tape:
    """The rows of one graph.

    Attributes:
        graph: the final graph; rows are asked for by node id.
        namer: how nodes are called.
        charset: Unicode or ASCII.
    """

    def __init__(self, namer: Namer, charset: Charset = UNICODE) -> None:
        self.graph: Graph = namer.graph
        self.namer = namer
        self.charset = charset
        self._numerals = numerals_in(charset)
        self._wish = wished(namer)
        self._gutters: dict[tuple[int, int], Gutter] = {}
        self._columns: dict[int, Columns] = {}
        self._kept: dict[tuple[int, int], tuple[Array, Line]] = {}

    def row(self, k: int, state: RowState, cells: int) -> Line:
        """The row of node ``k``, exactly ``cells`` wide; empty where the node is not built."""
        if state.value is None:
            return fit_line((), cells)
        columns = self.columns(cells)
        line = merge(
            (
                *self._margin(state),
                *self._graph(k, state, cells),
                *self._table(k, state, state.value, cells),
                *self._cell(columns.adjoint, self._adjoint(k, state, columns)),
            )
        )
        if state.notes:
            line = self._noted(line, state.notes, cells)
        return fit_line(line, cells, self.charset.ellipsis)

    def gutter(self, cells: int) -> Gutter:
        """The lanes of a tape ``cells`` wide; there are three kinds, each made when first seen."""
        size = next(size for least, size in _GUTTERS if cells >= least)
        if size not in self._gutters:
            self._gutters[size] = Gutter(self.namer, self.charset, *size)
        return self._gutters[size]

    def columns(self, cells: int) -> Columns:
        """The columns of a tape ``cells`` wide."""
        if cells not in self._columns:
            room = cells - _MARGIN - self.gutter(cells).cells
            self._columns[cells] = fit_columns(self._wish, room)
        return self._columns[cells]

    def _margin(self, state: RowState) -> Line:
        """Where breakpoints stand, where the walk is, and where its step adds something."""
        stop = Span(state.breakpoint or " ", "marker")
        if state.is_current:
            return stop, Span(f"{self.charset.pointer} ", "current")
        is_added_to = "changed" in state.adjoint_marks.values()
        return stop, Span("+ " if is_added_to else "  ", "changed")

    def _cell(self, cells: int, content: Line, mark: Span = _NO_MARK) -> Line:
        """A gap, which ends in a mark, and a column; nothing where the column is left out."""
        if not cells:
            return ()
        gap = Span(" " * (GAP - 1)), mark
        return (*gap, *fit_line(content, cells, self.charset.ellipsis))

    def _graph(self, k: int, state: RowState, cells: int) -> Line:
        role: SpanRole = state.value_role or ("current" if state.is_current else "")
        return self.gutter(cells).line(RowLanes(k, self.graph.nodes[k].parents, role, state.edge))

    def _table(self, k: int, state: RowState, value: Array, cells: int) -> Line:
        """From the name to the value. Few rows change in a step: the others are kept."""
        if state.is_current or state.value_role or state.is_other:
            return self._new_table(k, state, value, cells)
        kept = self._kept.get((k, cells))
        if kept is not None and kept[0] is value:
            return kept[1]
        line = self._new_table(k, state, value, cells)
        if len(self._kept) >= _KEPT_ROWS:
            self._kept.clear()
        self._kept[k, cells] = (value, line)
        return line

    def _new_table(self, k: int, state: RowState, value: Array, cells: int) -> Line:
        node, columns = self.graph.nodes[k], self.columns(cells)
        role: SpanRole = "current" if state.is_current else "title" if node.name else "dim"
        name = Span(self.namer.label(k), role)
        text = Span(self.namer.application(k), "dim")
        shape = Span(shape_text(node.shape, self.charset), "dim")
        entries = self._summary(Values(value), columns.value, columns, state.value_role)
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
        word = "grad" if self.graph.nodes[k].role is Role.INPUT else "v"
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
