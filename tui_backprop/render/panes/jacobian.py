"""The Jacobian pane: J of the edge as far as it is visited, or the whole ∂of/∂input.

It stands apart from the grid because it knows what has been visited and what is structurally zero.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.graph.jacobian import TotalJacobian
from tui_backprop.language.phrases import phrase
from tui_backprop.render.panes.grid import Grid
from tui_backprop.render.text.arrays import shape_text
from tui_backprop.render.text.content import Lines
from tui_backprop.render.text.spans import Span
from tui_backprop.render.text.wrapping import wrap
from tui_backprop.timeline.landmarks import step_of_partial

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.text.content import Content
    from tui_backprop.render.text.spans import SpanRole
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import IntArray


def jacobian_content(view: View, width: int, height: int) -> Content:
    """A window of J around the current partial."""
    frame = view.frame
    if frame.edge is None or frame.J is None:
        lines = wrap(phrase(view.language, "J_later"), max(2, width))
        return Lines([(Span(text, "dim"),) for text in lines], title="J")
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
        role=_role,
        focus=(frame.row, frame.column),
        current=(frame.row, frame.column),
        charset=view.charset,
    )

    def leads(x: int, y: int) -> int | None:
        """To the step of a partial."""
        found = grid.entry_at(x, y, width, height)
        return None if found is None else step_of_partial(frame, *found)

    lines = grid.lines(width, height)
    return Lines(lines, title=_title(view, edge.node, edge.parent), leads=leads)


def _total(view: View, width: int, height: int, edge: Edge) -> Content:
    frame, namer = view.frame, view.namer
    trace = frame.timeline.trace
    of = frame.timeline.walk(frame.pass_number).run.of
    wrt = edge.parent if trace.is_input(edge.parent) else next(iter(trace.graph.inputs.values()))
    jacobian = _total_jacobian(trace, of, wrt)
    column = frame.column if wrt == edge.parent else 0
    grid = Grid(
        matrix=jacobian,
        row_name=lambda j: namer.entry(of, j),
        column_name=lambda i: namer.entry(wrt, i),
        known=_always,
        role=_role,
        focus=(frame.row if of == edge.node else 0, column),
        current=None,
        charset=view.charset,
    )
    return Lines(grid.lines(width, height), title=_title(view, of, wrt, is_total=True))


def _title(view: View, node: int, parent: int, *, is_total: bool = False) -> str:
    """What J is of, first what tells it from another: the end is cut where room is short."""
    nodes = view.namer.graph.nodes
    y, x = view.namer.label(node), view.namer.label(parent)
    shape = shape_text((nodes[node].size, nodes[parent].size), view.charset)
    named = view.namer.jacobian(node, parent)
    total = f"{phrase(view.language, 'total')}  " if is_total else ""
    return f"{named}  {shape}  {total}" + phrase(view.language, "rows_columns", y=y, x=x)


def _always(rows: IntArray, columns: IntArray) -> IntArray:
    return np.ones(np.broadcast_shapes(rows.shape, columns.shape), dtype=bool)


def _role(_row: int, _column: int, value: float) -> SpanRole:
    if not np.isfinite(value):
        return "error"
    return "dim" if value == 0 else ""


@lru_cache(maxsize=4)
def _total_jacobian(trace: Evaluation, of: int, wrt: int) -> TotalJacobian:
    """The rows that were looked at stay while one walks."""
    return TotalJacobian(trace, of, wrt)
