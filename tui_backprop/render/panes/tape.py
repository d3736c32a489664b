"""The tape: one row per node in program order, or per folded module, with lanes for its edges.

Everything that holds for the whole graph is decided once per width; a row costs what it shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.render.kept import Kept
from tui_backprop.render.panes.node_state import made_of
from tui_backprop.render.panes.tape_columns import (
    ADJOINT_LABEL,
    GAP,
    LEAST,
    LONG_PATH,
    PATH,
    Columns,
    fit_columns,
    wished,
)
from tui_backprop.render.panes.tape_lanes import Gutter, RowLanes
from tui_backprop.render.rows import Rows
from tui_backprop.render.text.arrays import NO_MARKS, Values, shape_text, summary
from tui_backprop.render.text.charset import UNICODE, Charset
from tui_backprop.render.text.numbers import numerals_in
from tui_backprop.render.text.spans import (
    Line,
    Span,
    clip,
    clip_start,
    fit_line,
    line_width,
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


MARGIN: Final = 3
_KEPT_ROWS: Final = 1024
_NOTE: Final = 12
"""Cells of a note for which a row gives up digits."""
_FEWEST_DIGITS: Final = 6
"""Cells of numbers that no note takes."""
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
        self._widths: dict[tuple[int, int, int], tuple[Array | None, int]] = {}
        self._kept: dict[tuple[int, Columns, bool], tuple[Array | None, Line]] = {}
        self._lines: Kept[Line] = Kept()
        self._tables: Kept[Line] = Kept()

    def row(self, k: int, state: RowState, cells: int) -> Line:
        """Row ``k``, exactly ``cells`` wide; empty where its node is not built."""
        if state.value is None and not self.rows.is_group(k):
            return fit_line((), cells)
        made = made_of(state)
        if made is None:
            return self._row(k, state, cells, self._columned(k, state, cells))
        place, whole = (k, cells), made.passed_by(self.rows.edge(state.edge), k)
        kept = self._lines.find(place, whole)
        if kept is None:
            columned = self._tables.find(place, made)  # where a lane has come or gone, and no more
            if columned is None:
                columned = self._columned(k, state, cells)
                self._tables.keep(place, made, columned)
            kept = self._row(k, state, cells, columned)
            self._lines.keep(place, whole, kept)
        return kept

    def _columned(self, k: int, state: RowState, cells: int) -> Line:
        """Everything behind the lanes but the note: the columns, as wide as this row has them."""
        room = self._room(cells) - self._kept_free(state)
        columns, adjoint = self._shared(k, state, self.columns(cells), room)
        if state.notes:
            note = min(width(f"{self.charset.back} {_shortest(state.notes)}"), _NOTE)
            room = self._room(cells) - GAP - note
            columns, adjoint = self._made_room(k, state, columns, adjoint, room)
        return (*self._table(k, state, columns), *self._cell(line_width(adjoint), adjoint))

    def _row(self, k: int, state: RowState, cells: int, columned: Line) -> Line:
        line = merge((*self._margin(state), *self._graph(k, state, cells), *columned))
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
            room = self._room(cells)
            path = max(PATH, min(cells // 5, LONG_PATH))
            least = path if self.rows.has_modules else LEAST
            self._columns[cells] = fit_columns(self._wish, room, least)
        return self._columns[cells]

    @property
    def natural(self) -> int:
        """Cells in which no row is cut, if its numbers are as long as most."""
        return MARGIN + self.gutter(_GUTTERS[0][0]).cells + self._wish.total

    def _room(self, cells: int) -> int:
        """Cells for all columns together, each with the gap before it."""
        return cells - MARGIN - self.gutter(cells).cells

    def _kept_free(self, state: RowState) -> int:
        """Cells for the note of a row, behind its last column: not the longest way to say it."""
        if not state.notes:
            return 0
        return GAP + width(f"{self.charset.back} {state.notes[-2:][0]}")

    def _shared(self, k: int, state: RowState, columns: Columns, room: int) -> tuple[Columns, Line]:
        """The columns of one row, and its adjoint: nothing is cut while cells of it are free.

        A row keeps the columns of the others unless it would be cut in them. Then its adjoint, its
        value and its texts take what the row has free, in this order.
        """
        if state.value is None:
            return columns, ()
        free = room - replace(columns, adjoint=0, note=0).total
        adjoint: Line = ()
        if state.adjoint is not None and columns.adjoint:
            most = max(free - GAP, columns.adjoint)
            adjoint = self._adjoint(state, replace(columns, adjoint=most))
            free -= GAP + line_width(adjoint)
        value = self._value_cells(k, state, columns, columns.value + max(free, 0))
        free -= value - columns.value if not adjoint else max(value - columns.value, 0)
        # Behind a value that nothing follows no column need be kept.
        value = max(value, columns.value) if adjoint else value
        name, text, shape = columns.name, columns.text, columns.shape
        if free > 0:
            wanted = self.rows.label(k), self.rows.text(k), self._shape(k)
            sizes = [name, text, shape]
            for column, words in enumerate(wanted):
                if sizes[column]:
                    more = max(min(width(words) - sizes[column], free), 0)
                    sizes[column], free = sizes[column] + more, free - more
            name, text, shape = sizes
        found = Columns(name, text, shape, value, columns.adjoint, columns.note)
        return (columns if found == columns else found), adjoint

    def _made_room(
        self, k: int, state: RowState, columns: Columns, adjoint: Line, room: int
    ) -> tuple[Columns, Line]:
        """The columns of a row narrower, as far as its note needs that.

        First go the blanks behind the value and the name, then digits of the adjoint, then those
        of the value.
        """
        short = replace(columns, adjoint=line_width(adjoint), note=0).total - room
        if short <= 0 or state.value is None:
            return columns, adjoint
        used = line_width(self._valued(state, columns.value, columns))
        value, short = _narrowed(columns.value, used, short)
        name, short = _narrowed(columns.name, width(self.rows.label(k)), short)
        if short and adjoint:
            whole = line_width(adjoint)
            most, _ = _narrowed(whole, ADJOINT_LABEL + _FEWEST_DIGITS, short)
            adjoint = self._adjoint(state, replace(columns, adjoint=most))
            short -= whole - line_width(adjoint)
        value, _ = _narrowed(value, _FEWEST_DIGITS, short)
        return replace(columns, name=name, value=value), adjoint

    def _shape(self, k: int) -> str:
        node = self.rows.node(k)
        return "" if node is None else shape_text(node.shape, self.charset)

    def _value_cells(self, k: int, state: RowState, columns: Columns, most: int) -> int:
        """How wide a value is written with so much room; kept, since few change in a step."""
        value = state.value
        of = value.array if isinstance(value, Values) else None
        key = (k, most, columns.shape)
        found = self._widths.get(key)
        if found is not None and found[0] is of and of is not None:
            return found[1]
        if value is None:
            return 0
        used = line_width(self._valued(state, most, columns))
        if len(self._widths) >= _KEPT_ROWS:
            self._widths.clear()
        self._widths[key] = of, used
        return used

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

    def _table(self, k: int, state: RowState, columns: Columns) -> Line:
        """From the name to the value. Few rows change in a step: the others are kept."""
        value = state.value
        if state.is_current or state.value_role or state.is_other:
            return self._new_table(k, state, columns)
        key = (k, columns, value is None)
        kept = self._kept.get(key)
        of = value.array if isinstance(value, Values) else None
        if kept is not None and kept[0] is of:
            return kept[1]
        line = self._new_table(k, state, columns)
        if len(self._kept) >= _KEPT_ROWS:
            self._kept.clear()
        self._kept[key] = (of, line)
        return line

    def _new_table(self, k: int, state: RowState, columns: Columns) -> Line:
        rows, value = self.rows, state.value
        role: SpanRole = "current" if state.is_current else "title" if rows.has_name(k) else "dim"
        label, text = rows.label(k), Span(rows.text(k), "dim")
        if rows.has_modules:
            label = clip_start(label, columns.name, self.charset.ellipsis)
        name = Span(label, role)
        shape = Span(self._shape(k), "dim")
        if value is None:  # what it holds has the place of the numbers too
            others = columns.text, columns.shape, columns.value, columns.adjoint
            room = sum(size + GAP for size in others if size) - GAP
            return merge((*self._cell(columns.name, (name,)), *self._cell(room, (text,))))
        entries = self._valued(state, columns.value, columns)
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

    def _adjoint(self, state: RowState, columns: Columns) -> Line:
        """``grad [2 ▸4 ·]``; ``v [1 2 3]`` of the node that is pulled back."""
        if state.adjoint is None or not columns.adjoint:
            return ()
        role = state.adjoint_role
        pointer = Span(self.charset.pointer, role) if role else Span(" ")
        room = columns.adjoint - ADJOINT_LABEL
        entries = self._summary(state.adjoint, room, columns, role, state.adjoint_marks)
        return (Span(pad(state.word, ADJOINT_LABEL - 1), "dim"), pointer, *entries)

    def _valued(self, state: RowState, cells: int, columns: Columns) -> Line:
        """The value of a row that has one."""
        if state.value is None:
            return ()
        return self._summary(state.value, cells, columns, state.value_role, state.value_marks)

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
        room = cells - used - GAP - width(f"{self.charset.back} ")
        cut = clip(_shortest(notes), room, self.charset.ellipsis)
        for note in (*filter(None, notes), cut, ""):
            text = f"{self.charset.back} {note}".rstrip()
            if used + GAP + width(text) <= cells:
                return (*slice_line(line, 0, used), Span(" " * GAP), Span(text, "current"))
        return line


def _narrowed(cells: int, least: int, short: int) -> tuple[int, int]:
    """What a column of so many cells keeps where some are short, and how many then still are."""
    given = max(min(cells - least, short), 0)
    return cells - given, short - given


def _shortest(notes: tuple[str, ...]) -> str:
    """The shortest note that says anything."""
    return next(filter(None, reversed(notes)), "")
