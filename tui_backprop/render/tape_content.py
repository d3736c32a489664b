"""The tape of a frame: what each row shows at one step.

It stands apart from the tape, which draws rows from plain arrays and knows no steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.frame import Phase
from tui_backprop.debug.landmarks import arrivals, writes
from tui_backprop.debug.stops import NodeStop, WriteStop
from tui_backprop.graph.model import Role
from tui_backprop.render.content import Box
from tui_backprop.render.phrases import phrase
from tui_backprop.render.spans import fit_line, slice_line
from tui_backprop.render.summary import NO_MARKS
from tui_backprop.render.tape import RowState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.debug.adjoint import Adjoint
    from tui_backprop.debug.frame import Frame
    from tui_backprop.render.spans import Line, SpanRole
    from tui_backprop.render.tape import Tape
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


def row_state(view: View, k: int) -> RowState:
    """What row ``k`` shows in a frame."""
    frame = view.frame
    value = frame.value(k)
    if value is None:
        return RowState()
    is_current = k == frame.node.id and frame.phase is not Phase.ZERO_GRAD
    return RowState(
        value=value,
        adjoint=_adjoint(frame, k),
        value_role="changed" if is_current and frame.phase is Phase.BUILD else "",
        adjoint_role=_adjoint_role(frame, k),
        adjoint_marks=_adjoint_marks(frame, k),
        edge=frame.edge,
        is_current=is_current,
        has_breakpoint=any(
            isinstance(stop, NodeStop | WriteStop) and stop.node == k for stop in view.stops
        ),
        notes=_notes(view) if is_current else (),
    )


def _adjoint(frame: Frame, k: int) -> Adjoint | None:
    """The adjoint once something has arrived; of an input through the whole backward phase."""
    if frame.phase is Phase.BUILD:
        return None
    adjoint = frame.adjoint(k)
    is_input = frame.timeline.nodes[k].role is Role.INPUT
    return adjoint if is_input or not adjoint.is_unknown else None


def _adjoint_role(frame: Frame, k: int) -> SpanRole:
    """Whether the step made all of it."""
    if frame.phase is Phase.SEED and k == frame.node.id:
        return "changed"
    is_zeroed = frame.phase is Phase.ZERO_GRAD and frame.timeline.nodes[k].role is Role.INPUT
    return "changed" if is_zeroed else ""


def _adjoint_marks(frame: Frame, k: int) -> Mapping[int, SpanRole]:
    """The entry that the step adds to, and the v_j that it multiplies."""
    if frame.edge is None:
        return NO_MARKS
    if k == frame.edge.parent:
        return {frame.column: "changed"}
    return {frame.row: "current"} if k == frame.edge.node else NO_MARKS


def _notes(view: View) -> tuple[str, ...]:
    """What the walk does at the current node, from the longest way to say it."""
    frame = view.frame
    if frame.phase is Phase.SEED:
        return phrase(view.language, "seed_here"), "v"
    if frame.edge is None:
        return ()
    x = view.namer.label(frame.edge.parent)
    pulling = phrase(view.language, "pulling", name=x)
    if frame.node.parents.count(frame.edge.parent) < 2:
        return pulling, x, ""
    number = frame.edge.argument + view.namer.subscripts
    return phrase(view.language, "pulling_argument", name=x, number=number), pulling, x, ""
