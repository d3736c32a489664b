"""The board: v as a row, times J, is the gradient, entry under entry, as one writes it by hand.

::

                     x₁   x₂   x₃
               y₁  ⎡ 2    0    ·  ⎤
    [ 1 2 3 ] × y₂ ⎢ 0   ▐2▌   ·  ⎥
               y₃  ⎣ 0    ·    ·  ⎦
                          ↓ 1·0 + 2·2 + …
         X.grad =  [ 2    4    ·  ]

It is one picture in place of three panes, for matrices that fit into it whole.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.errors import UnknownError
from tui_backprop.render.kept import Kept, Made
from tui_backprop.render.matrix.labels import short_labels, whole_labels
from tui_backprop.render.panes.board_lines import Board
from tui_backprop.render.text.numbers import aligned, distinct, number, numerals_in
from tui_backprop.render.text.spans import Span, lines_of, merge, width
from tui_backprop.render.view import coming_content
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import why_unknown

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.text.names import Namer
    from tui_backprop.render.text.numbers import Numerals
    from tui_backprop.render.text.spans import Content
    from tui_backprop.render.view import View
    from tui_backprop.timeline.frame import Adjoint
    from tui_backprop.timeline.timeline import Frame, Timeline

_MOST_ROWS: Final = 24
_MOST_COLUMNS: Final = 40
"""A matrix beyond this is no picture that one takes in, however large the screen."""
_MOST_BOARDS: Final = 4
_LEAST_ENTRY: Final = 6
"""Cells of an entry, however many there are: half a number is another number."""


def is_on_board(view: View, cells: int, height: int) -> bool:
    """Whether the matrix that a view is about fits whole into so many cells."""
    frame = view.frame
    edge = edge_on_board(frame)
    # The board has v as a row on the left; forward t is a column on the right.
    is_elsewhere = view.total or view.product or frame.is_forward
    if edge is None or is_elsewhere or not _may_fit(frame, edge, cells, height):
        return False
    if frame.edge is None and frame.timeline.trace.is_recorded:
        return False  # J of what is recorded is computed by the program's own ops, when needed
    if frame.edge is not None and why_unknown(frame):
        return False
    try:
        return drawn_board(view, cells, height) is not None
    except UnknownError:
        return False


def rows_needed(m: int, n: int, *, has_earlier: bool = False) -> int:
    """Lines of the board of an m × n matrix; 0 for one that never stands on it.

    Two more are for what had arrived before, and for vᵀJ that is added to it.
    """
    return m + 3 + 2 * has_earlier if 0 < m <= _MOST_ROWS and 0 < n <= _MOST_COLUMNS else 0


def board_content(view: View, cells: int, height: int) -> Content:
    """The picture, in the middle of the pane; before the backward pass, what will stand there."""
    is_built = view.frame.phase is not Phase.BUILD
    drawn = drawn_board(view, cells, height) if is_built else None
    if drawn is None:
        return coming_content(view, cells)
    left = max(0, (cells - drawn.width) // 2)
    lines = drawn.lines(left)
    top = max(0, (height - len(lines)) // 3)

    def leads(x: int, y: int) -> int | None:
        """To the step of a partial, or to the one that wrote the entry of the gradient."""
        return drawn.step_at(x - left, y - top)

    moved = [merge((Span(" " * left), *line)) if line else line for line in lines]
    return lines_of([()] * top + moved, title=drawn.title, leads=leads)


def edge_on_board(frame: Frame) -> Edge | None:
    """The edge being pulled back; before the first, the one that comes next. None without any."""
    if frame.edge is not None:
        return frame.edge
    return _next_edge(frame.timeline, frame.timeline.section_at(frame.k).start)


@lru_cache(maxsize=32)
def _next_edge(timeline: Timeline, start: int) -> Edge | None:
    """The first edge of the first partials from a section on, else of the last before it."""
    starts = [s.start for s in timeline.sections if s.phase is Phase.PARTIAL]
    later = [k for k in starts if k >= start]
    found = later[0] if later else starts[-1] if starts else None
    return None if found is None else timeline[found].edge


def _may_fit(frame: Frame, edge: Edge, cells: int, height: int) -> bool:
    """Told by the shapes alone, before any number is read."""
    nodes = frame.timeline.nodes
    m, n = nodes[edge.node].size, nodes[edge.parent].size
    needed = rows_needed(m, n)
    return 0 < needed <= height and n * (_LEAST_ENTRY - 3) + 2 * m < cells


@lru_cache(maxsize=4)
def drawn_board(view: View, cells: int, height: int) -> Board | None:
    """The board with as many digits as there is room for; None where it does not fit."""
    frame = view.frame
    edge = edge_on_board(frame)
    if edge is None or not _may_fit(frame, edge, cells, height):
        return None
    before, nodes = frame.adjoint_before_edge, frame.timeline.nodes
    m, n = nodes[edge.node].size, nodes[edge.parent].size
    if rows_needed(m, n, has_earlier=before is not None) > height:
        return None
    known = frame.is_visited(np.arange(m)[:, None], np.arange(n)[None, :])
    adjoint, kept = frame.adjoint(edge.parent), _kept_boards(view.namer)
    # Whatever its columns are as wide as, and what stands before it.
    arrays = frame.timeline, view.charset, frame.v, before, adjoint.before, adjoint.after
    made, place = Made(arrays, (edge, view.language)), (edge.node, edge.argument, cells)
    found = kept.find(place, made)
    if found is not None:
        return None if found.board is None else found.board.moved(view, known, adjoint)
    board = Board(
        view=view,
        edge=edge,
        labels=whole_labels(view.namer, edge.node, edge.parent),
        block=frame.timeline.jacobian(edge).block(np.arange(m), np.arange(n)),
        known=known,
        cells=0,
        adjoint=adjoint,
        before=before,
    )
    fitted = _fitted(board, cells)
    kept.keep(place, made, _Fitted(fitted))
    return fitted


class _Fitted(NamedTuple):
    """What became of an edge: its board, or that it fits on none."""

    board: Board | None


@lru_cache(maxsize=2)
def _kept_boards(namer: Namer) -> Kept[_Fitted]:
    """The last boards of a graph: a walk stays on its edge, and its numbers do not change there."""
    del namer
    return Kept(_MOST_BOARDS)


def _fitted(board: Board, cells: int) -> Board | None:
    """A board with names and entries as long as fit; None where not even the shortest do."""
    view, edge = board.view, board.edge
    short = short_labels(view.namer, edge.node, edge.parent)
    for labelled in (board, replace(board, labels=short)):
        natural = replace(labelled, cells=_natural(labelled))
        if natural.width <= cells:
            return natural
    fewer = range(natural.cells - 1, _LEAST_ENTRY - 1, -1)
    narrower = (replace(natural, cells=room) for room in fewer)
    return next((found for found in narrower if found.width <= cells), None)


def _natural(board: Board) -> int:
    """Cells of an entry in which no number loses a digit, and no name of a column its start."""
    numerals = numerals_in(board.view.charset)
    return max(
        _LEAST_ENTRY - 3,
        *map(width, board.columns),
        *map(width, aligned(distinct(board.block)[:200], None, numerals)[:1]),
        *_sum_widths(board.adjoint, numerals),
    )


def _sum_widths(adjoint: Adjoint, numerals: Numerals) -> list[int]:
    """Of the gradient before this edge and after it: its columns do not jump within an edge."""
    known = (x for x in (adjoint.before, adjoint.after) if x is not None)
    return [width(number(float(x), numerals)) for array in known for x in array.ravel()]
