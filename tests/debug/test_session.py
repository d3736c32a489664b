"""The laws of moving: every move has its reverse, and equals so many steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import GraphMaker, seed_example, traces
from tui_backprop import Session
from tui_backprop.errors import CommandError, ShapeError
from tui_backprop.graph.model import Backward, ZeroGrad
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.timeline.trace import Trace


def ends_of_edges(session: Session) -> list[int]:
    """Steps after which an edge is complete; outside the backward phase, all."""
    frames = list(session.timeline)
    edges = [(f.pass_number, f.edge) if f.edge else f.k for f in frames]
    return last_of_each(edges)


def ends_of_nodes(session: Session) -> list[int]:
    """Steps after which a node has been pulled back; outside the backward phase, all."""
    frames = list(session.timeline)
    return last_of_each([(f.pass_number, f.node.id) if f.edge else f.k for f in frames])


def last_of_each(keys: Sequence[object]) -> list[int]:
    """Where runs of equal keys end."""
    return [k for k, key in enumerate(keys) if k + 1 == len(keys) or keys[k + 1] != key]


@given(traces(), st.data())
def test_a_step_and_its_reverse_are_the_identity(trace: Trace, data: st.DataObject) -> None:
    """From any step that has a neighbour, there and back again."""
    session = Session(trace)
    k = data.draw(st.integers(0, session.last - 1))
    session.goto(k)
    found = [(move().k, session.direction) for move in (session.step, session.reverse_step)]
    assert found == [(k + 1, "forward"), (k, "reverse")]


@given(traces(), st.data())
def test_so_many_steps_at_once_are_so_many_steps(trace: Trace, data: st.DataObject) -> None:
    """``step 3`` is three steps, ``next 2`` two nexts; likewise backward, and past the end."""
    one, other = Session(trace), Session(trace)
    start = data.draw(st.integers(0, one.last))
    count = data.draw(st.integers(1, 6))
    for name in ("step", "next", "reverse_step", "reverse_next"):
        one.goto(start)
        other.goto(start)
        getattr(one, name)(count)
        for _ in range(count):
            getattr(other, name)()
        assert (one.cursor, one.reason) == (other.cursor, other.reason)


@given(traces())
def test_walking_forth_and_back_visits_the_same_steps(trace: Trace) -> None:
    """Steps, nexts and finishes each run over the same places both ways."""
    session = Session(trace)
    for forth, back, stops in (
        ("step", "reverse_step", list(range(session.last + 1))),
        ("next", "reverse_next", ends_of_edges(session)),
        ("finish", "reverse_finish", ends_of_nodes(session)),
    ):
        session.restart()
        assert [0, *walked(session, forth)] == sorted({0, *stops})
        assert [session.last, *walked(session, back)] == sorted({0, *stops}, reverse=True)


def walked(session: Session, move: str) -> list[int]:
    """Where a move stops, again and again until it stays."""
    found: list[int] = []
    while not found or found[-1] != session.cursor:
        found.append(session.cursor)
        getattr(session, move)()
    return found[1:]


@given(traces(), st.data())
def test_next_and_finish_go_to_the_nearest_end(trace: Trace, data: st.DataObject) -> None:
    """From anywhere: the first end after, the last end before."""
    session = Session(trace)
    start = data.draw(st.integers(0, session.last))
    for forth, back, ends in (
        ("next", "reverse_next", ends_of_edges(session)),
        ("finish", "reverse_finish", ends_of_nodes(session)),
    ):
        session.goto(start)
        assert getattr(session, forth)().k == min([e for e in ends if e > start] or [session.last])
        session.goto(start)
        assert getattr(session, back)().k == max([e for e in ends if e < start] or [0])


@given(traces(), st.data())
def test_toggling_zeros_twice_returns_to_the_same_event(
    trace: Trace, data: st.DataObject
) -> None:  # fmt: skip
    """Unless it stood on a structural zero: then on the next event that is visited, if any is."""
    session = Session(trace)
    frame = session.goto(data.draw(st.integers(0, session.last)))
    was_structural = frame.partial is None or frame.partial.is_structural
    between = session.toggle_zeros()
    assert between.timeline.zeros != frame.timeline.zeros
    if was_structural:
        expected = frame.phase, frame.node, frame.edge, frame.row, frame.column
        found = between.phase, between.node, between.edge, between.row, between.column
        assert found == expected
        assert session.toggle_zeros().k == frame.k
    else:
        later = frame.timeline[frame.k + 1 :]
        is_visited = any(f.partial is None or f.partial.is_structural for f in later)
        assert (session.toggle_zeros().k > frame.k) is is_visited


@given(traces(most_passes=1), st.data())
def test_another_v_keeps_the_cursor_on_its_event(trace: Trace, data: st.DataObject) -> None:
    """The walk stays where it is; the numbers are those of the new v."""
    session = Session(trace)
    k = data.draw(st.integers(0, session.last))
    session.goto(k)
    run = trace.runs[0]
    assert run is not None
    v = np.full(run.seed.shape, 2.0)
    assert session.set_v(v).k == k
    expected = trace.rerun(v=v)
    for name in trace.grad:
        np.testing.assert_array_equal(session.trace.grad[name], expected.grad[name])


def test_a_v_that_does_not_fit_leaves_the_session_alone() -> None:
    """The error names both shapes; trace and cursor stay."""
    session = Session(seed_example())
    before = session.step(7), session.trace
    with pytest.raises(ShapeError, match=r"\(3,\).*\(2,\)"):
        session.set_v([1.0, 2.0])
    assert (session.frame.k, session.trace) == (before[0].k, before[1])


@pytest.mark.parametrize("k", [-1, 13, 10**30])
def test_going_outside_is_refused(k: int) -> None:
    """The message says which steps there are, and the cursor stays."""
    session = Session(seed_example())
    session.goto(5)
    with pytest.raises(CommandError, match="0 to 12"):
        session.goto(k)
    assert session.cursor == 5


def test_the_ends_of_the_walk_are_named() -> None:
    """A move that is cut short says why; one that is not says nothing."""
    session = Session(seed_example())
    session.reverse_step()
    assert (session.cursor, session.reason) == (0, "start of the walk")
    session.step(99)
    assert (session.cursor, session.reason) == (12, "end of the walk")
    session.next()
    assert (session.cursor, session.reason) == (12, "end of the walk")
    session.goto(3)
    assert session.reason == ""


def test_a_huge_count_stops_at_the_end_at_once() -> None:
    """Not one turn per step that is left: a walk of 10¹² steps ends as soon."""
    maker = GraphMaker()
    x = maker.input(np.ones(10**4))
    maker.op("multiply", maker.op("exp", x), x)
    session = Session(maker.trace(zeros=True))
    assert session.last > 10**8
    assert session.next(10**18).k == session.last
    assert session.reverse_next(10**18).k == 0


def test_two_sessions_know_nothing_of_each_other() -> None:
    """Cursor, stops and v belong to one session, even on the same trace."""
    trace = seed_example()
    one, other = Session(trace), Session(trace)
    one.step(5)
    one.execute("break Y")
    one.set_v([0.0, 0.0, 1.0])
    assert (other.cursor, other.stops) == (0, ())
    assert other.trace.grad["X"].tolist() == [2, 4, 6]


@pytest.mark.exhaustive
@pytest.mark.exhaustive
def test_a_deep_chain_is_walked_without_recursion() -> None:
    """10⁵ nodes: every phase, both ends, there and back."""
    maker = GraphMaker()
    h = maker.input(0.5)
    for _ in range(10**5):
        h = maker.op("negative", h)
    session = Session(maker.trace(Backward(h), ZeroGrad(), Backward(h)))
    assert session.end().adjoint(0).entry(0) == 1.0
    assert session.reverse_finish().k == session.last - 1
    phases = [session.goto(k).phase for k in (10**5, 10**5 + 1, 10**5 + 2, 2 * 10**5 + 2)]
    assert phases == [Phase.BUILD, Phase.SEED, Phase.PARTIAL, Phase.ZERO_GRAD]
