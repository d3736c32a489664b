"""The Jacobian pane: J of the edge as far as it is visited, or the whole ∂of/∂input, as a grid."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.jacobian import TotalJacobian
from tui_backprop.render.text.arrays import shape_text, window
from tui_backprop.render.text.numbers import aligned, numerals_in
from tui_backprop.render.text.spans import Line, Span, clip_start, lines_of, merge, pad, width, wrap
from tui_backprop.render.view import total_input
from tui_backprop.timeline.landmarks import step_of_partial

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.text.arrays import Index
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content, SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array, IntArray

    Indices = tuple[Index, ...]


def jacobian_content(view: View, width: int, height: int) -> Content:
    """A window of J around the current partial."""
    frame = view.frame
    if frame.edge is None or frame.J is None:
        said = view.spoken.say(
            "J comes with the backward pass: rows are outputs, columns are inputs."
        )
        lines = wrap(said, max(2, width))
        title = view.spoken.say("Jacobian") if view.namer.binds("J") else "J"
        return lines_of([(Span(text, "dim"),) for text in lines], title=title)
    if view.total:
        return _total(view, width, height, frame.edge)
    return _local(view, width, height, frame.edge, frame.J)


def _local(view: View, width: int, height: int, edge: Edge, jacobian: LocalJacobian) -> Content:
    frame, namer = view.frame, view.namer
    grid = Grid(
        matrix=jacobian,
        row_name=lambda j: namer.entry(edge.node, j),
        column_name=lambda i: namer.entry(edge.parent, i),
        known=frame.is_visited,
        focus=(frame.row, frame.column),
        current=(frame.row, frame.column),
        charset=view.charset,
    )

    def leads(x: int, y: int) -> int | None:
        """To the step of a partial."""
        found = grid.entry_at(x, y, width, height)
        return None if found is None else step_of_partial(frame, *found)

    lines = grid.lines(width, height)
    return lines_of(lines, title=_title(view, edge.node, edge.parent), leads=leads)


def _total(view: View, width: int, height: int, edge: Edge) -> Content:
    frame, namer = view.frame, view.namer
    trace = frame.timeline.trace
    of = frame.timeline.walk(frame.pass_number).run.of
    wrt = total_input(frame, edge)
    jacobian = _total_jacobian(trace, of, wrt)
    column = frame.column if wrt == edge.parent else 0
    grid = Grid(
        matrix=jacobian,
        row_name=lambda j: namer.entry(of, j),
        column_name=lambda i: namer.entry(wrt, i),
        known=_always,
        focus=(frame.row if of == edge.node else 0, column),
        current=None,
        charset=view.charset,
    )
    return lines_of(grid.lines(width, height), title=_title(view, of, wrt, is_total=True))


def _title(view: View, node: int, parent: int, *, is_total: bool = False) -> str:
    """What J is of, first what tells it from another: the end is cut where room is short."""
    nodes = view.namer.graph.nodes
    y, x = view.namer.label(node), view.namer.label(parent)
    shape = shape_text((nodes[node].size, nodes[parent].size), view.charset)
    named = view.namer.jacobian(node, parent)
    say = view.spoken.say
    total = say("whole graph") + "  " if is_total else ""
    return f"{named}  {shape}  {total}" + say("rows {y}, columns {x}", y=y, x=x)


def _always(rows: IntArray, columns: IntArray) -> IntArray:
    return np.ones(np.broadcast_shapes(rows.shape, columns.shape), dtype=bool)


def _role(value: float) -> SpanRole:
    if not np.isfinite(value):
        return "error"
    return "dim" if value == 0 else ""


@lru_cache(maxsize=4)
def _total_jacobian(trace: Evaluation, of: int, wrt: int) -> TotalJacobian:
    """The rows that were looked at stay while one walks."""
    return TotalJacobian(trace, of, wrt)


class Matrix(Protocol):
    """Numbers that are read where they are looked at."""

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""

    def block(self, rows: IntArray, columns: IntArray) -> Array:
        """The entries where these rows and columns cross."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """How a matrix is shown.

    Attributes:
        matrix: the numbers.
        row_name: what stands before a row.
        column_name: what stands over a column.
        known: which entries of a block to show: ``(rows, columns)`` → booleans.
        focus: (row, column) that must be seen.
        current: (row, column) that is marked; None for none.
        charset: glyphs.
    """

    matrix: Matrix
    row_name: Callable[[int], str]
    column_name: Callable[[int], str]
    known: Callable[[IntArray, IntArray], IntArray]
    focus: tuple[int, int]
    current: tuple[int, int] | None
    charset: Charset

    def lines(self, cells: int, height: int) -> list[Line]:
        """At most ``height`` lines, each at most ``cells`` wide, around the focus."""
        m, n = self.matrix.shape
        if not m or not n:
            return [(Span(shape_text((m, n), self.charset), "dim"),)]
        rows, columns, label, entry = self._window(cells, height)
        header = self._header(columns, label, entry)
        texts = self._texts(rows, columns, entry)
        return [header, *(self._row(r, columns, label, entry, texts) for r in rows)]

    def entry_at(self, x: int, y: int, cells: int, height: int) -> tuple[int, int] | None:
        """(row, column) of the entry at a cell; None for names and gaps."""
        if not all(self.matrix.shape):
            return None
        rows, columns, label, entry = self._window(cells, height)
        across = (x - label - 1) // (entry + 2)
        if not (1 <= y <= len(rows) and 0 <= across < len(columns)):
            return None
        row, column = rows[y - 1], columns[across]
        return None if row is None or column is None else (row, column)

    def _window(self, cells: int, height: int) -> tuple[Indices, Indices, int, int]:
        """Rows and columns in sight, the width of a row's name and of an entry."""
        rows = window(self.matrix.shape[0], self.focus[0], max(1, height - 1))
        longest = max(width(self.row_name(r)) for r in rows if r is not None)
        label = min(longest, max(cells // 2, 1))
        columns, entry = self._columns(cells - label - 1, rows)
        return rows, columns, label, entry

    def _columns(self, cells: int, rows: Indices) -> tuple[Indices, int]:
        """Which columns fit, and how wide an entry is: the narrower, the more of them."""
        n = self.matrix.shape[1]
        widest = self._entry_width(rows, range(min(n, 64)))
        for entry in range(widest, 3, -1):
            room = max(1, cells // (entry + 2))
            if n <= room or entry <= 6:
                return window(n, self.focus[1], room), entry
        return window(n, self.focus[1], max(1, cells // (widest + 2))), widest

    def _entry_width(self, rows: Indices, columns: range) -> int:
        """From every entry in sight, visited or not, so that columns do not jump."""
        shown = np.array([r for r in rows if r is not None])
        block = self.matrix.block(shown, np.array(columns))
        distinct = np.unique(block)[:200]
        texts = aligned(distinct, None, numerals_in(self.charset), None)
        names = (
            self.column_name(c) for c in (*columns[:1], *columns[-1:], self.matrix.shape[1] - 1)
        )
        return max(width(texts[0]) if texts else 1, *(width(name) for name in names))

    def _texts(
        self, rows: Indices, columns: Indices, entry: int
    ) -> dict[tuple[int, int], tuple[str, float, bool]]:
        shown = np.array([r for r in rows if r is not None])
        across = np.array([c for c in columns if c is not None])
        block = self.matrix.block(shown, across)
        known = np.broadcast_to(self.known(shown[:, None], across[None, :]), block.shape)
        texts = aligned(block, known, numerals_in(self.charset), entry)
        places = [(int(r), int(c)) for r in shown for c in across]
        cells = zip(places, texts, block.ravel(), known.ravel(), strict=True)
        return {place: (text, float(x), bool(k)) for place, text, x, k in cells}

    def _header(self, columns: Indices, label: int, entry: int) -> Line:
        spans = [Span(" " * (label + 1))]
        for c in columns:
            is_current = self.current is not None and c == self.current[1]
            text = (
                self.charset.ellipsis[0] if c is None else self._short(self.column_name(c), entry)
            )
            shown = f" {pad(text, entry, 'right')} "
            spans.append(Span(shown, "title" if is_current else "dim"))
        return merge(tuple(spans))

    def _row(
        self,
        row: Index,
        columns: Indices,
        label: int,
        entry: int,
        texts: dict[tuple[int, int], tuple[str, float, bool]],
    ) -> Line:
        if row is None:
            return (Span(pad(self.charset.elided_rows, label, "right"), "dim"),)
        is_current = self.current is not None and row == self.current[0]
        name = pad(self._short(self.row_name(row), label), label, "right") + " "
        spans = [Span(name, "title" if is_current else "dim")]
        for c in columns:
            if c is None:
                spans.append(Span(f" {pad(self.charset.ellipsis[0], entry, 'right')} ", "dim"))
            else:
                spans += self._cell(row, c, entry, texts[row, c])
        return merge(tuple(spans))

    def _short(self, name: str, cells: int) -> str:
        """A name as far as there is room: its end tells entries apart, of what is in the title."""
        return clip_start(name, cells, self.charset.ellipsis)

    def _cell(self, row: int, column: int, entry: int, cell: tuple[str, float, bool]) -> list[Span]:
        text, value, is_known = cell
        shown = pad(text, entry, "right")
        if (row, column) == self.current:
            left, right = ("[", "]") if self.charset.is_ascii else ("▐", "▌")
            return [Span(left + shown + right, "current")]
        role: SpanRole = _role(value) if is_known else "unknown"
        return [Span(f" {shown} ", role)]
