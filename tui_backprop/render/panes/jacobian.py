"""The Jacobian pane: J of the edge as far as it is visited, the whole ∂of/∂input, or a product."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.graph.jacobian import TotalJacobian
from tui_backprop.language.message import joined
from tui_backprop.render.matrix.composition import composed
from tui_backprop.render.matrix.grid import Grid
from tui_backprop.render.matrix.labels import edge_title, short_labels, total_title, whole_labels
from tui_backprop.render.text.spans import lines_of
from tui_backprop.render.view import coming_content, sentence_lines, total_node
from tui_backprop.timeline.landmarks import step_of_partial

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.matrix.sample import Sample
    from tui_backprop.render.text.spans import Content, Line
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import IntArray


def jacobian_content(view: View, width: int, height: int) -> Content:
    """A window of J around the current partial."""
    frame = view.frame
    if frame.edge is None or frame.J is None:
        return coming_content(view, width)
    if view.product:
        from tui_backprop.render.matrix.product import product_content

        return product_content(view, width, height, frame.edge)
    if view.total:
        return _total(view, width, height, frame.edge)
    return _local(view, width, height, frame.edge, frame.J)


def local_grid(view: View, edge: Edge, jacobian: LocalJacobian) -> Grid:
    """J of an edge, its entries as far as the walk has visited them."""
    frame, namer = view.frame, view.namer
    return Grid(
        matrix=jacobian,
        labels=whole_labels(namer, edge.node, edge.parent),
        short=short_labels(namer, edge.node, edge.parent),
        known=frame.is_visited,
        focus=(frame.row, frame.column),
        current=(frame.row, frame.column),
        charset=view.charset,
    )


def _local(view: View, width: int, height: int, edge: Edge, jacobian: LocalJacobian) -> Content:
    frame = view.frame
    grid = local_grid(view, edge, jacobian)
    title = edge_title(view, edge)

    def sampled(_seen: tuple[int, ...], rows: int, columns: int) -> Sample | None:
        from tui_backprop.render.matrix.sample import local_sample

        return local_sample(jacobian, rows, columns)

    found = composed(grid, sampled, width, height)
    said = [] if found.is_whole or jacobian.is_pattern_known else _unpictured(view, width)
    if len(said) > height // 3:
        said = []
    if said:
        found = composed(grid, sampled, width, height - len(said))

    def leads(x: int, y: int) -> int | None:
        """To the step of a partial."""
        entry = found.entry_at(x, y)
        return None if entry is None else step_of_partial(frame, *entry)

    return lines_of([*found.lines(), *said], title=title, leads=leads)


def _unpictured(view: View, cells: int) -> list[Line]:
    """Why there is no picture of the whole."""
    said = view.spoken.say("no picture: it is not known which entries can be other than 0")
    return sentence_lines(said, cells)


def _total(view: View, width: int, height: int, edge: Edge) -> Content:
    frame, namer = view.frame, view.namer
    trace = frame.timeline.trace
    of = frame.timeline.walk(frame.pass_number).run.of
    wrt = total_node(view, edge)
    jacobian = _total_jacobian(trace, of, wrt)
    column = frame.column if wrt == edge.parent else 0
    grid = Grid(
        matrix=jacobian,
        labels=whole_labels(namer, of, wrt),
        short=short_labels(namer, of, wrt),
        known=_always,
        focus=(frame.row if of == edge.node else 0, column),
        current=None,
        charset=view.charset,
    )

    def sampled(seen: tuple[int, ...], rows: int, columns: int) -> Sample:
        from tui_backprop.render.matrix.sample import total_sample

        return total_sample(jacobian, seen, rows, columns)

    title, said = total_title(view, of, wrt), _share(view, of, wrt, width)
    if len(said) > height // 3:
        said = []
    lines = composed(grid, sampled, width, height - len(said)).lines()
    return lines_of([*lines, *said], title=title)


def _share(view: View, of: int, wrt: int, cells: int) -> list[Line]:
    """In a forward walk from several inputs: that J by one of them gives only its share."""
    frame, namer = view.frame, view.namer
    seeded = frame.walk.run.seeded if frame.is_forward else ()
    if len(seeded) < 2 or wrt not in seeded:
        return []
    others = view.spoken.retold(joined(", ", [namer.label(n) for n in seeded if n != wrt]))
    said = view.spoken.say(
        "{product} is the share of {x} in {tangent}: the rest is that of {others}.",
        product=f"J{view.charset.dot}t", x=namer.label(wrt), tangent=namer.adjoint(of),
        others=others,
    )  # fmt: skip
    return sentence_lines(said, cells)


def _always(rows: IntArray, columns: IntArray) -> IntArray:
    return np.ones(np.broadcast_shapes(rows.shape, columns.shape), dtype=bool)


@lru_cache(maxsize=4)
def _total_jacobian(trace: Evaluation, of: int, wrt: int) -> TotalJacobian:
    """The rows that were looked at stay while one walks."""
    return TotalJacobian(trace, of, wrt)
