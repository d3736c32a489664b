"""A place is found by arithmetic; walking step by step finds the same steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.strategies import GraphMaker, seed_example, traces
from tui_backprop import Session
from tui_backprop.debug.stops import Stop, Write, nearest_write, write_stop
from tui_backprop.graph.model import Role
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.timeline.timeline import Frame
    from tui_backprop.timeline.trace import Trace


@st.composite
def stops(draw: st.DrawFn, trace: Trace) -> Stop:
    """Nodes, phases, a write, a step, or some of them together."""
    nodes = trace.graph.nodes
    node = draw(st.sampled_from(nodes))
    flat = draw(st.none() | st.integers(0, node.size - 1)) if node.size else None
    ids = st.frozensets(st.integers(0, len(nodes) - 1), min_size=1, max_size=3)
    return Stop(
        nodes=draw(st.none() | ids),
        phases=draw(st.none() | st.frozensets(st.sampled_from(Phase), min_size=1)),
        write=draw(st.none() | st.just(Write(node.id, flat))),
        step=draw(st.none() | st.none() | st.integers(0, trace.timeline.length + 3)),
    )


def is_stop(stop: Stop, before: Frame | None, frame: Frame) -> bool:
    """What a place means, said of one step and the one before it."""
    if stop.phases is not None and frame.phase not in stop.phases:
        return False
    if stop.step is not None and frame.k != stop.step:
        return False
    if stop.write is not None:
        return is_write(stop.write, frame) and (stop.nodes is None or frame.node.id in stop.nodes)
    return stop.nodes is None or is_arrival(stop.nodes, before, frame)


def is_arrival(nodes: frozenset[int], before: Frame | None, frame: Frame) -> bool:
    """Whether the walk comes to one of some nodes: built, seeded, about to be pulled through."""
    if frame.node.id not in nodes or frame.phase is Phase.ZERO_GRAD:
        return False
    was_here = before is not None and before.edge is not None and before.node is frame.node
    same_pass = before is not None and before.pass_number == frame.pass_number
    return frame.edge is None or not (was_here and same_pass)


def is_write(write: Write, frame: Frame) -> bool:
    """Whether a step writes an adjoint, or one entry of it."""
    changed = frame.changed
    if frame.phase is Phase.BUILD:
        return False
    if frame.phase is Phase.ZERO_GRAD:
        return frame.timeline.nodes[write.node].role is Role.INPUT
    if changed.node != write.node:
        return False
    return write.flat is None or changed.entries is None or write.flat in changed.entries


@given(traces(), st.data())
def test_a_place_is_the_steps_that_it_says(trace: Trace, data: st.DataObject) -> None:
    """Each kind, and any combination: the steps of all of it that each part of it has."""
    stop = data.draw(stops(trace))
    frames = list(trace.timeline)
    expected = [
        frame.k
        for before, frame in zip([None, *frames], frames, strict=False)
        if is_stop(stop, before, frame)
    ]
    assert [k for r in stop.steps(trace.timeline) for k in r] == expected


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


def test_a_row_is_marked_where_its_node_stops() -> None:
    """By arriving at it, or by writing its adjoint; a phase marks no row."""
    assert Stop(nodes=frozenset({1, 2})).marks(2)
    assert write_stop(3, 0).marks(3)
    assert not write_stop(3, 0).marks(2)
    assert not Stop(phases=frozenset({Phase.SEED})).marks(0)


def test_a_step_that_this_walk_does_not_have_is_the_next_one_that_it_has() -> None:
    """As the cursor goes on to that, where zeros are skipped."""
    session = Session(seed_example())
    session.execute("break step 11")
    session.toggle_zeros()
    assert session.continue_().k == session.last == 6
    assert session.reason == "breakpoint 1: step 6"


def test_a_write_is_found_however_far_away() -> None:
    """The next write of one entry, far out in a walk that nobody could search step by step."""
    maker = GraphMaker()
    W = maker.input(np.ones((300, 300)), "W")
    maker.op("matmul", W, maker.input(np.ones((300, 300))))
    session = Session(maker.trace(zeros=True))
    session.execute("break write W.grad[299,299]")
    assert session.continue_().column == 89_999
    assert session.end().k - session.reverse_continue().k == 90_000 * 90_000


@given(st.data())
def test_the_nearest_write_is_the_last_one_else_the_first(data: st.DataObject) -> None:
    """As walking step by step finds it."""
    trace = data.draw(traces())
    node = data.draw(st.sampled_from(trace.graph.nodes))
    assume(node.size)
    flat = data.draw(st.integers(0, node.size - 1))
    k = data.draw(st.integers(0, trace.timeline.length - 1))
    written = [f.k for f in trace.timeline if is_write(Write(node.id, flat), f)]
    expected = max((w for w in written if w <= k), default=min(written, default=None))
    assert nearest_write(trace.timeline, node.id, flat, k) == expected
