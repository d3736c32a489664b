"""The tape of a frame: what each row shows at one step.

It stands apart from the tape, which draws rows from plain arrays and knows no steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.render.panes.node_state import row_state
from tui_backprop.render.text.content import Box
from tui_backprop.render.text.spans import fit_line, slice_line
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.landmarks import arrivals, writes

if TYPE_CHECKING:
    from tui_backprop.render.panes.tape import Tape
    from tui_backprop.render.text.spans import Line
    from tui_backprop.render.view import View

_NEAR: Final = 6
"""Rows that are kept in sight together."""


@dataclass(frozen=True, slots=True, eq=False)
class TapeContent:
    """The rows of a tape at one step, as wide as the pane.

    Attributes:
        tape: draws rows; made once for the graph.
        view: the step and how it is shown.
        cells: width of the pane.
    """

    tape: Tape
    view: View
    cells: int

    @property
    def title(self) -> str:
        """The pane's own."""
        return ""

    @property
    def size(self) -> tuple[int, int]:
        """One row for each node that is built."""
        return self.cells, self.view.frame.built

    @property
    def focus(self) -> Box:
        """The node's row, with the parent's where it is near; the inputs that are set to zero."""
        frame = self.view.frame
        first = last = frame.node.id
        if frame.edge is not None:
            first = frame.edge.parent
        elif frame.phase is Phase.ZERO_GRAD:
            inputs = frame.timeline.trace.graph.inputs.values()
            first, last = min(inputs, default=first), max(inputs, default=last)
        if last - first > _NEAR:
            first = last
        return Box(0, first, self.cells, last - first + 1)

    def line(self, y: int, x0: int, x1: int) -> Line:
        """Part of a row."""
        if not 0 <= y < self.view.frame.built:
            return fit_line((), x1 - x0)
        row = self.tape.row(y, row_state(self.view, y), self.cells)
        return fit_line(slice_line(row, x0, x1), x1 - x0)

    def step_at(self, _x: int, y: int) -> int | None:
        """Where the current pass first touches the node; where it does not, its build step."""
        frame = self.view.frame
        if not 0 <= y < frame.built:
            return None
        timeline = frame.timeline
        sections = [s for s in timeline.sections if s.pass_number == frame.pass_number]
        here = range(sections[0].start, sections[-1].stop)
        written = (steps.start for steps in writes(timeline, y, None, here))
        first = next((k for k in written if k in here), None)
        touched = [k for k in arrivals(timeline, y) if k in here]
        return min(touched if first is None else [*touched, first], default=y)
