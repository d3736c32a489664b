"""The tape at one step: which of its rows are there, and where a click on one leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.render.panes.node_state import rows_state, rows_title
from tui_backprop.render.panes.tape import MARGIN
from tui_backprop.render.text.spans import Box, Lines, Span, fit_line
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.landmarks import arrivals, writes

if TYPE_CHECKING:
    from tui_backprop.render.panes.tape import Tape
    from tui_backprop.render.rows import Rows
    from tui_backprop.render.text.spans import Content, Line
    from tui_backprop.render.view import View
    from tui_backprop.timeline.timeline import Frame

_FEWEST_LINES: Final = 3
"""Lines that two rows and the sign between them need."""


def tape_content(tape: Tape, view: View, cells: int, lines: int) -> Content:
    """The rows of a tape at one step, as wide as the pane; ``lines`` of them are in sight."""
    frame, rows = view.frame, tape.rows
    built = rows.built(frame.built)
    first, last = _span(frame, rows)
    left_out = _left_out(first, last, lines)
    gap = len(left_out)

    def row_at(y: int) -> int | None:
        """The row in a line; None in the line that stands for those that are left out."""
        if not gap or y < left_out.start:
            return y
        return None if y == left_out.start else y + gap - 1

    def line(y: int) -> Line:
        row = row_at(y)
        if row is None:
            return _gap(view, gap, cells)
        return tape.row(row, rows_state(view, rows, row), cells)

    def leads(_x: int, y: int) -> int | None:
        """To where the current pass first touches the row; where it does not, its build step."""
        row = row_at(y)
        if row is None or not 0 <= row < built:
            return None
        return min(_first_touch(frame, n) for n in rows.nodes(row) if n < frame.built)

    height = built - gap + bool(gap)
    if last - first + 1 > lines and not gap:
        first = last
    focus = Box(0, first, cells, last - first + 1 - gap + bool(gap))
    title = rows_title(view, rows)
    return Lines((cells, height), line, focus, title, leads, is_filled=True)


def _span(frame: Frame, rows: Rows) -> tuple[int, int]:
    """The node's row and its parent's; the inputs that are set to zero."""
    first = last = frame.node.id
    if frame.edge is not None:
        first = frame.edge.parent
    elif frame.phase is Phase.ZERO_GRAD:
        inputs = frame.timeline.trace.graph.inputs.values()
        first, last = min(inputs, default=first), max(inputs, default=last)
    return rows.row_of(first), rows.row_of(last)


def _left_out(first: int, last: int, lines: int) -> range:
    """The rows between two that must be seen together, where those between would push one out."""
    if last - first + 1 <= lines or lines < _FEWEST_LINES:
        return range(0)
    above = max(1, (lines - 1) // 2)
    return range(first + above, last - (lines - 1 - above) + 1)


def _gap(view: View, count: int, cells: int) -> Line:
    said = view.spoken.count("{count} row between", "{count} rows between", count, count=count)
    text = f"{view.charset.elided_rows}  {said}"
    return fit_line((Span(" " * (MARGIN + 1)), Span(text, "dim")), cells, view.charset.ellipsis)


def _first_touch(frame: Frame, node: int) -> int:
    timeline = frame.timeline
    sections = [s for s in timeline.sections if s.pass_number == frame.pass_number]
    here = range(sections[0].start, sections[-1].stop)
    written = (steps.start for steps in writes(timeline, node, None, here))
    first = next((k for k in written if k in here), None)
    touched = [k for k in arrivals(timeline, node) if k in here]
    return min(touched if first is None else [*touched, first], default=timeline.built(node))
