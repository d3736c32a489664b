"""A person's walk over a timeline: a cursor, its direction, breakpoints, and undo.

The session decides; it never prints and knows no screen, so a terminal, a file of commands and a
test drive the same session.
"""

from __future__ import annotations

from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from tui_backprop.debug.history import History, in_few
from tui_backprop.debug.hunt.accused import Hunt
from tui_backprop.debug.place_names import seed_word
from tui_backprop.errors import CommandError
from tui_backprop.graph.modules import Modules, held_by
from tui_backprop.language.message import said, said_many
from tui_backprop.progress import bounded, run_to_end
from tui_backprop.timeline.groups import Hop, over
from tui_backprop.timeline.landmarks import counterpart, destination, event_node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import numpy.typing as npt

    from tui_backprop.debug.breakpoints import Breakpoint
    from tui_backprop.debug.conditions.expression import Expression
    from tui_backprop.debug.stops import Stop
    from tui_backprop.graph.model import Graph
    from tui_backprop.graph.modules import Held
    from tui_backprop.progress import Resumable
    from tui_backprop.timeline.frame import Tangents
    from tui_backprop.timeline.landmarks import Unit
    from tui_backprop.timeline.timeline import Frame, Timeline
    from tui_backprop.timeline.trace import Trace

    State: TypeAlias = Mapping[str, Any]
    """What a session was at some moment."""


Direction: TypeAlias = Literal["forward", "reverse"]


class Session:
    """A cursor on the timeline of a trace.

    Attributes:
        trace: the numbers.
        timeline: the walk; `toggle_zeros` exchanges it for one that visits more or less. Of a
            training it is that of the iteration that the cursor is in, and so is the trace.
        cursor: the step that we stand on; its frame is the state after it.
        direction: of the last move.
        reason: why the last move stopped, in a few words; empty where there is nothing to say.
        breakpoints: and watchpoints, in the order they were set.
        displays: expressions that are shown at every stop.
        given: numbers of the breakpoints that the scenario itself sets.
        kept: the breakpoints and displays that a file keeps, as `saved.marks` writes them.
        numbers: the last number that a breakpoint got.
        commands_file: where ``save`` keeps commands if no file is named; None for nowhere.
        most_searched: how many steps one search looks at one by one; None for any number, where
            somebody is there to give it up.
        sourcing: how many files of commands are being carried out, one inside the other.
        inside: the module that the person is in, whose nodes are seen one by one; ``""`` outside of
            all. `next` goes over others as one.
        history: what was set to other numbers, so that it can be undone.
        hunt: what was accused of the bug that is planted in the walk.
        listener: told each line that was carried out; None where nobody listens.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.timeline: Timeline = trace.timeline
        self.cursor = 0
        self.direction: Direction = "forward"
        self.reason = ""
        self.breakpoints: tuple[Breakpoint, ...] = ()
        self.displays: tuple[Expression, ...] = ()
        self.commands_file: Path | None = None
        self.most_searched: int | None = None
        self.sourcing = 0
        self.inside = ""
        self.given: frozenset[int] = frozenset()
        self.kept: frozenset[str] = frozenset()
        self.numbers = 0
        self.history = History()
        self.hunt = Hunt()
        self._shown: Frame | None = None
        self._modules: tuple[Graph, Modules] | None = None
        self.listener: Callable[[str], None] | None = None

    @property
    def frame(self) -> Frame:
        """The state at the cursor; the same object, with what it computed, until it moves."""
        shown = self._shown
        if shown is None or shown.k != self.cursor or shown.timeline is not self.timeline:
            shown = self._shown = self.timeline[self.cursor]
        return shown

    @property
    def modules(self) -> Modules:
        """Which module each node lies in; found once."""
        graph = self.trace.graph
        if self._modules is None or self._modules[0] is not graph:
            self._modules = graph, Modules(graph)
        return self._modules[1]

    def module_at(self, k: int) -> str:
        """The module of the node that a step is about; who walks to it has gone in."""
        if self.modules.is_plain:
            return ""
        node = event_node(self.timeline, k)
        return self.modules.of(node) if node >= 0 else ""

    @property
    def last(self) -> int:
        """The address of the last step."""
        return self.timeline.length - 1

    @property
    def may_go_on(self) -> bool:
        """Whether there is another step to play, and nothing that stops us here."""
        return not self.reason and self.cursor < self.last

    @property
    def stops(self) -> tuple[Stop, ...]:
        """The places of the breakpoints in force, for their markers."""
        return tuple(b.place for b in self.breakpoints if b.is_enabled and b.place is not None)

    def step(self, count: int = 1) -> Frame:
        """Forward by partials (nodes while building), as far as the next breakpoint."""
        return run_to_end(self.walk("step", "forward", count))

    def reverse_step(self, count: int = 1) -> Frame:
        """Backward by partials (nodes while building), as far as the previous breakpoint."""
        return run_to_end(self.walk("step", "reverse", count))

    def next(self, count: int = 1) -> Frame:
        """Forward to where an edge's VJP is complete (a node while building), or a breakpoint.

        Over a module that one is not in, all of it.
        """
        return run_to_end(self.walk("edge", "forward", count))

    def reverse_next(self, count: int = 1) -> Frame:
        """Backward to before the edge's VJP was begun, or a breakpoint; over modules as `next`."""
        return run_to_end(self.walk("edge", "reverse", count))

    def finish(self) -> Frame:
        """Forward to where every edge of the node has been pulled back, or a breakpoint."""
        return run_to_end(self.walk("node", "forward"))

    def reverse_finish(self) -> Frame:
        """Backward to before the node was begun, or a breakpoint."""
        return run_to_end(self.walk("node", "reverse"))

    def continue_(self) -> Frame:
        """Forward to the next breakpoint or watchpoint, else to the end."""
        return run_to_end(self.travel("forward"))

    def reverse_continue(self) -> Frame:
        """Backward to the previous breakpoint or watchpoint, else to the start."""
        return run_to_end(self.travel("reverse"))

    def walk(self, unit: Unit, direction: Direction, count: int = 1) -> Resumable[Frame]:
        """So many steps, edges or nodes further, in as many pieces as the search takes.

        Yields:
            Steps that the search has come to.
        """
        if unit == "edge" and not self.modules.is_plain:
            return (yield from self._walk_over(direction, count))
        is_forward = direction == "forward"
        target = destination(self.timeline, self.cursor, unit, count if is_forward else -count)
        return (yield from self.travel(direction, target))

    def _walk_over(self, direction: Direction, count: int) -> Resumable[Frame]:
        """So many edges, nodes or folded modules further."""
        reverse = direction == "reverse"
        hop, left = Hop(self.cursor, self.inside), count
        while left:
            k, hop = hop.k, over(self.timeline, self.modules, hop.k, hop.inside, reverse=reverse)
            if hop.k == k:
                break
            left -= 1
        past = -left if reverse else left
        frame = yield from self.travel(direction, hop.k + past, inside=hop.inside)
        if hop.over and not self.reason and frame.k == hop.k:
            self.reason = _gone_over(
                hop.module, held_by([self.timeline.nodes[n] for n in hop.over])
            )
        return frame

    def travel(
        self,
        direction: Direction,
        target: int | None = None,
        also: tuple[Breakpoint, ...] = (),
        inside: str | None = None,
    ) -> Resumable[Frame]:
        """To the next stop, in as many pieces as the search takes.

        Nothing changes before the last piece: who gives up in between has not moved.

        Args:
            direction: of the move.
            target: the step where it ends if nothing stops it, which may lie outside the walk;
                None for the end of the walk that lies ahead.
            also: breakpoints that are for this move only.
            inside: the module that one is in if nothing stops it; None for that of the step.

        Yields:
            Steps that the search has come to.
        """
        reverse = direction == "reverse"
        if target is None:
            target = 0 if reverse else self.last
            inside = ""  # at either end nobody has gone in
        asked = (*also, *self.breakpoints)
        if not asked:
            yield from self.reaching(target)
            return self._move(target, direction, inside)
        # Searching is imported when there is something to search for: the first screen has none.
        from tui_backprop.debug.breakpoints import (
            counted,
            reason_of,
            travel,
        )

        limit = min(max(target, 0), self.last)
        search = travel(self.timeline, asked, self.cursor, limit, reverse=reverse)
        arrival = yield from bounded(search, self.most_searched)
        stopped = [b for b in asked if b.number in arrival.stopped]
        kept = (counted(b, arrival) for b in self.breakpoints)
        left = tuple(b for b in kept if b is not None)
        self.breakpoints = self.breakpoints if left == self.breakpoints else left
        if arrival.k is None:
            frame = self._move(target, direction, inside)
        else:
            frame = self._move(arrival.k, direction)
        self.reason = reason_of(stopped, self.timeline, frame) or self.reason
        return frame

    def reaching(self, k: int) -> Resumable[None]:
        """Compute what a step needs that lies in another iteration of a training, in pieces.

        Yields:
            Steps that it has come to.
        """
        iterations = self.timeline.iterations
        if iterations is not None and k not in self.timeline.steps:
            yield from iterations.reaching(min(max(k, 0), self.last))

    def goto(self, k: int) -> Frame:
        """Straight to a step.

        Raises:
            CommandError: there is no such step; the session stays where it is.
        """
        if not 0 <= k <= self.last:
            raise CommandError(
                said(
                    "step {k} is outside the walk: its steps count from 0 to {last}",
                    k=k,
                    last=self.last,
                )
            )
        return self._move(k, "forward" if k >= self.cursor else "reverse")

    def restart(self) -> Frame:
        """Back to the first step."""
        return self._move(0, "reverse", "")

    def end(self) -> Frame:
        """On to the last step."""
        return self._move(self.last, "forward", "")

    def number(self) -> int:
        """A number for a new breakpoint; it is never given again."""
        self.numbers += 1
        return self.numbers

    def toggle_zeros(self) -> Frame:
        """Visit structural zeros, or skip them; the cursor stays on the same event."""
        zeros = not self.timeline.zeros
        reason = said("structural zeros: shown") if zeros else said("structural zeros: skipped")
        timeline = self.trace.walked_with(self.timeline.tangents, zeros=zeros)
        return self._exchange(timeline, reason)

    def push_forward(self, tangents: Tangents | None) -> Frame:
        """Walk forward with tangents of some inputs, or backward again for None.

        While building the cursor stays; elsewhere it comes to the seed, which both modes have. Of a
        training one iteration is walked forward, that at hand.

        Raises:
            UnknownError: an op is another program's, and does not tell its JVP.
        """
        timeline = self.trace.walked_with(tangents, zeros=self.timeline.zeros)
        reason = said("forward mode") if tangents is not None else said("reverse mode")
        return self._exchange(timeline, reason)

    def set_v(self, v: npt.ArrayLike) -> Frame:
        """Another seed for every backward pass; the cursor stays on the same event.

        Raises:
            ShapeError: v does not fit the output; the session stays as it is.
        """
        return self.apply(seed_word(self.trace.graph), self.trace.rerun(v=v))

    def apply(self, what: str, trace: Trace) -> Frame:
        """Walk over other numbers of the same graph; the cursor stays on the same event.

        Args:
            what: was set, in a few words.
            trace: the numbers.
        """
        self.history = self.history.with_set(what, self.trace)
        return self._retrace(trace, said("{what} was set", what=in_few(what)))

    def undo(self) -> Frame:
        """Back to the numbers before the last `apply`.

        Raises:
            CommandError: nothing was set.
        """
        what, trace, self.history = self.history.without_last(self.trace)
        return self._retrace(
            trace, said("{what} is undone: the numbers before it are back", what=in_few(what))
        )

    def redo(self) -> Frame:
        """The numbers that the last `undo` took away.

        Raises:
            CommandError: nothing was undone.
        """
        what, trace, self.history = self.history.with_undone(self.trace)
        return self._retrace(trace, said("{what} was set again", what=in_few(what)))

    def _retrace(self, trace: Trace, reason: str) -> Frame:
        self.trace = trace
        now = self.timeline
        return self._exchange(trace.walked_with(now.tangents, zeros=now.zeros), reason)

    def _exchange(self, timeline: Timeline, reason: str) -> Frame:
        """Walk on over another timeline from the same event; breakpoints at steps keep theirs."""
        self.cursor = counterpart(timeline, self.frame)
        self.breakpoints = tuple(self._carried(b, timeline) for b in self.breakpoints)
        self.timeline, self.reason = timeline, reason
        return self.frame

    def _carried(self, one: Breakpoint, timeline: Timeline) -> Breakpoint:
        """A breakpoint of this timeline on another; a step that this one lacks has no event."""
        k = None if one.place is None else one.place.step
        if k is None or k > self.last:
            return one
        return one.at_step(counterpart(timeline, self.timeline[k]))

    def _enter(self, timeline: Timeline) -> None:
        """Go into another iteration of a training."""
        self.timeline = timeline
        self.trace = timeline.trace  # type: ignore[assignment]  # an iteration is a Trace

    def _move(self, k: int, direction: Direction, inside: str | None = None) -> Frame:
        self.direction = direction
        self.cursor = min(max(k, 0), self.last)
        if self.cursor not in self.timeline.steps:
            self._enter(self.timeline.at(self.cursor))
        self.inside = self.module_at(self.cursor) if inside is None else inside
        self.reason = ""
        if self.cursor != k:
            self.reason = said("end of the walk") if k > 0 else said("start of the walk")
        return self.frame


def _gone_over(module: str, held: Held) -> str:
    count = held.number
    if held.is_ops:
        return said_many(
            count, "over {module}: {count} op", "over {module}: {count} ops", module=module
        )
    return said_many(
        count,
        "over {module}: {count} parameter",
        "over {module}: {count} parameters",
        module=module,
    )


_APART: Final = ("listener", "_shown", "_modules")
"""Who listens is no part of the walk; what was looked at follows from it."""


def state_of(session: Session) -> State:
    """Everything that commands can change in a session; unchanged parts are shared."""
    state = vars(session).copy()
    for name in _APART:
        del state[name]
    return MappingProxyType(state)


def restore_state(session: Session, state: State) -> None:
    """Restore a session to a state that was taken."""
    vars(session).update(state)


@contextmanager
def transaction(session: Session) -> Iterator[None]:
    """Run several commands as a transaction: on error or when given up, the session is restored."""
    state = state_of(session)
    try:
        yield
    except BaseException:
        restore_state(session, state)
        raise
