"""A person's walk over a timeline: a cursor, the direction it moved, and where to stop.

It decides; it never prints and knows no screen, so a terminal, a file of commands and a test drive
the same session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_backprop.debug.landmarks import counterpart, next_boundary, previous_boundary
from tui_backprop.debug.stops import next_hit, previous_hit
from tui_backprop.debug.timeline import Timeline
from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    import numpy.typing as npt

    from tui_backprop.debug.frame import Frame
    from tui_backprop.debug.stops import Stop
    from tui_backprop.debug.trace import Trace

Direction: TypeAlias = Literal["forward", "reverse"]


class Session:
    """A cursor on the timeline of a trace.

    Attributes:
        trace: the numbers.
        timeline: the walk; `toggle_zeros` exchanges it for one that visits more or less.
        cursor: the step that we stand on; its frame is the state after it.
        direction: of the last move.
        reason: why the last move stopped, in a few words; empty where there is nothing to say.
        stops: breakpoints and watches, in the order they were set.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.timeline: Timeline = trace.timeline
        self.cursor = 0
        self.direction: Direction = "forward"
        self.reason = ""
        self.stops: tuple[Stop, ...] = ()

    @property
    def frame(self) -> Frame:
        """The state at the cursor."""
        return self.timeline[self.cursor]

    @property
    def last(self) -> int:
        """The address of the last step."""
        return self.timeline.length - 1

    def step(self, count: int = 1) -> Frame:
        """Forward by partials (nodes while building)."""
        return self._move(self.cursor + count, "forward")

    def reverse_step(self, count: int = 1) -> Frame:
        """Backward by partials (nodes while building)."""
        return self._move(self.cursor - count, "reverse")

    def next(self, count: int = 1) -> Frame:
        """Forward to where an edge's VJP is complete (a node while building)."""
        k = self.cursor
        for done in range(count):
            found = next_boundary(self.timeline, k)
            if found == k:
                return self._move(k + count - done, "forward")
            k = found
        return self._move(k, "forward")

    def reverse_next(self, count: int = 1) -> Frame:
        """Backward to before the edge's VJP was begun."""
        k = self.cursor
        for done in range(count):
            found = previous_boundary(self.timeline, k)
            if found == k:
                return self._move(k - count + done, "reverse")
            k = found
        return self._move(k, "reverse")

    def finish(self) -> Frame:
        """Forward to where every edge of the node has been pulled back."""
        k = next_boundary(self.timeline, self.cursor, whole_node=True)
        return self._move(k if k != self.cursor else k + 1, "forward")

    def reverse_finish(self) -> Frame:
        """Backward to before the node was begun."""
        k = previous_boundary(self.timeline, self.cursor, whole_node=True)
        return self._move(k if k != self.cursor else k - 1, "reverse")

    def continue_(self) -> Frame:
        """Forward to the next breakpoint or watch, else to the end."""
        hit = next_hit(self.timeline, self.stops, self.cursor)
        return self._arrive(
            self.last if hit is None else hit.k, hit.stop if hit else None, "forward"
        )

    def reverse_continue(self) -> Frame:
        """Backward to the previous breakpoint or watch, else to the start."""
        hit = previous_hit(self.timeline, self.stops, self.cursor)
        return self._arrive(0 if hit is None else hit.k, hit.stop if hit else None, "reverse")

    def goto(self, k: int) -> Frame:
        """Straight to a step.

        Raises:
            CommandError: there is no such step; the session stays where it is.
        """
        if not 0 <= k <= self.last:
            raise CommandError(f"step {k} is outside the walk: 0 to {self.last}")
        return self._move(k, "forward" if k >= self.cursor else "reverse")

    def restart(self) -> Frame:
        """Back to the first step."""
        return self._move(0, "reverse")

    def end(self) -> Frame:
        """On to the last step."""
        return self._move(self.last, "forward")

    def add_stop(self, stop: Stop) -> None:
        """Set a breakpoint or watch; the same one twice is one."""
        if stop not in self.stops:
            self.stops = (*self.stops, stop)

    def remove_stop(self, stop: Stop) -> None:
        """Take one away again."""
        self.stops = tuple(s for s in self.stops if s != stop)

    def toggle_zeros(self) -> Frame:
        """Visit structural zeros, or skip them; the cursor stays on the same event."""
        frame = self.frame
        self.timeline = Timeline(self.trace, zeros=not self.timeline.zeros)
        self.cursor = counterpart(self.timeline, frame)
        self.reason = f"structural zeros: {'shown' if self.timeline.zeros else 'skipped'}"
        return self.frame

    def set_v(self, v: npt.ArrayLike) -> Frame:
        """Another seed for every backward pass; the cursor stays on the same event.

        Raises:
            ShapeError: v does not fit the output; the session stays as it is.
        """
        frame = self.frame
        self.trace = self.trace.rerun(v=v)
        self.timeline = Timeline(self.trace, zeros=self.timeline.zeros)
        self.cursor = counterpart(self.timeline, frame)
        self.reason = "v was set"
        return self.frame

    def execute(self, line: str) -> str:
        """One line of the command language; returns what to report.

        Raises:
            CommandError: it cannot be carried out; the session stays as it was.
        """
        from tui_backprop.debug.commands import execute  # noqa: PLC0415 - commands drive sessions

        return execute(self, line)

    def _arrive(self, k: int, stop: Stop | None, direction: Direction) -> Frame:
        frame = self._move(k, direction)
        if stop is not None:
            self.reason = stop.label
        return frame

    def _move(self, k: int, direction: Direction) -> Frame:
        self.direction = direction
        self.cursor = min(max(k, 0), self.last)
        if self.cursor == k:
            self.reason = ""
        else:
            self.reason = "end of the walk" if k > self.last else "start of the walk"
        return self.frame
