"""``continue`` finds a stop by arithmetic; walking step by step finds the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import GraphMaker, seed_example, traces
from tui_backprop.debug.frame import Frame, Phase
from tui_backprop.debug.session import Session
from tui_backprop.debug.stops import NodeStop, StepStop, Stop, WriteStop
from tui_backprop.graph.model import Role

if TYPE_CHECKING:
    from tui_backprop.debug.trace import Trace


@st.composite
def stops(draw: st.DrawFn, trace: Trace) -> Stop:
    """A breakpoint on a node or a step, or a watch on an adjoint or one of its entries."""
    node = draw(st.sampled_from(trace.graph.nodes))
    flat = draw(st.none() | st.integers(0, node.size - 1)) if node.size else None
    k = draw(st.integers(0, trace.timeline.length + 3))
    kinds: list[Stop] = [
        NodeStop(node.id, "node"),
        WriteStop(node.id, flat, "write"),
        StepStop(k, "step"),
    ]
    return draw(st.sampled_from(kinds))


def is_stop(stop: Stop, before: Frame | None, frame: Frame) -> bool:
    """What a stop means, said of one step and the one before it."""
    if isinstance(stop, StepStop):
        return frame.k == stop.k
    if isinstance(stop, WriteStop):
        return is_write(stop, frame)
    assert isinstance(stop, NodeStop)
    if frame.node.id != stop.node or frame.phase is Phase.ZERO_GRAD:
        return False
    was_here = before is not None and before.edge is not None and before.node is frame.node
    same_pass = before is not None and before.pass_number == frame.pass_number
    return frame.edge is None or not (was_here and same_pass)


def is_write(stop: WriteStop, frame: Frame) -> bool:
    """Whether a step writes the watched adjoint, or the watched entry of it."""
    changed = frame.changed
    if frame.phase is Phase.BUILD:
        return False
    if frame.phase is Phase.ZERO_GRAD:
        return frame.timeline.nodes[stop.node].role is Role.INPUT
    if changed.node != stop.node:
        return False
    return stop.flat is None or changed.entries is None or stop.flat in changed.entries


@given(traces(), st.data())
def test_continue_is_repeated_step_to_the_same_stop(trace: Trace, data: st.DataObject) -> None:
    """Forward and backward, for every kind of stop, alone and together."""
    session = Session(trace)
    for _ in range(data.draw(st.integers(1, 3))):
        session.add_stop(data.draw(stops(trace)))
    frames = list(trace.timeline)
    hits = [
        frame.k
        for before, frame in zip([None, *frames], frames, strict=False)
        if any(is_stop(stop, before, frame) for stop in session.stops)
    ]
    start = data.draw(st.integers(0, session.last))
    session.goto(start)
    assert session.continue_().k == min([k for k in hits if k > start], default=session.last)
    session.goto(start)
    assert session.reverse_continue().k == max([k for k in hits if k < start], default=0)


@given(traces(), st.data())
def test_steps_are_the_same_ones_both_ways(trace: Trace, data: st.DataObject) -> None:
    """Reversed, the same ranges come last first; a part of the walk gives its part of them."""
    stop = data.draw(stops(trace))
    timeline = trace.timeline
    forth = list(stop.steps(timeline))
    assert list(stop.steps(timeline, reverse=True)) == forth[::-1]
    assert all(forth)
    everywhere = [k for r in forth for k in r]
    assert everywhere == sorted(set(everywhere))
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(timeline))] * 2)))
    within = range(low, high)
    found = [k for r in stop.steps(timeline, within) for k in r]
    assert found == [k for k in everywhere if k in within]


def test_the_reason_is_the_stop_that_was_reached() -> None:
    """Where no stop is ahead, the walk ends and says nothing of stops."""
    session = Session(seed_example())
    session.add_stop(WriteStop(0, 1, "watch X.grad[1]"))
    assert [session.continue_().k for _ in range(4)] == [7, 8, 9, 12]
    assert session.reason == ""
    assert session.reverse_continue().k == 9
    assert session.reason == "watch X.grad[1]"


def test_a_step_that_this_walk_does_not_have_is_never_reached() -> None:
    """A breakpoint beyond the end, as toggling zeros may leave it, is passed over."""
    session = Session(seed_example())
    session.add_stop(StepStop(11, "breakpoint at step 11"))
    session.toggle_zeros()
    assert session.continue_().k == session.last == 6
    assert session.reason == ""


def test_a_watch_is_found_however_far_away() -> None:
    """The next write of one entry, far out in a walk that nobody could search step by step."""
    maker = GraphMaker()
    W = maker.input(np.ones((300, 300)))
    maker.op("matmul", W, maker.input(np.ones((300, 300))))
    session = Session(maker.trace(zeros=True))
    session.add_stop(WriteStop(W, 89_999, "watch W.grad[299, 299]"))
    assert session.continue_().column == 89_999
    assert session.end().k - session.reverse_continue().k == 90_000 * 90_000
