"""A forward walk: its steps add up to the tangents, one ∂y_j/∂x_i · t_i at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.graph.test_forward_mode import seeds_of, tame
from tests.strategies import GraphMaker, traces
from tui_backprop.timeline.frame import Phase, Tangents
from tui_backprop.timeline.landmarks import destination, step_of_partial, writes
from tui_backprop.timeline.timeline import Timeline

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


def forward(trace: Trace, *, zeros: bool = False) -> Timeline:
    """The forward walk of every input."""
    return Timeline(trace, zeros=zeros, tangents=Tangents(seeds_of(trace)))


@given(traces(most_ops=4), st.booleans())
def test_each_step_adds_one_product_to_one_entry(trace: Trace, zeros: bool) -> None:
    """What was before, plus the partial times the parent's entry, is what is after."""
    tame(trace)
    timeline = forward(trace, zeros=zeros)
    for k in range(0, timeline.length, max(1, timeline.length // 40)):
        frame = timeline[k]
        if frame.edge is None or frame.J is None or frame.partial is None:
            continue
        p = frame.partial
        t = timeline.walk(0).run.cotangents[frame.edge.parent].ravel()
        assert frame.target == frame.edge.node
        assert (p.j, p.i) == (frame.entry, frame.taken)
        assert p.value == frame.J.entry(p.j, p.i)
        assert p.v == t[p.i]
        np.testing.assert_allclose(p.contribution, p.value * t[p.i])
        np.testing.assert_allclose(
            p.after, (p.before or 0.0) + p.contribution, rtol=1e-6, atol=1e-5 * (1 + abs(p.after))
        )
        entry = frame.adjoint(frame.target).entry(p.j)
        assert entry == p.after
        assert step_of_partial(frame, p.j, p.i) == k
        terms = frame.terms(frame.target, p.j, most=10**6)
        np.testing.assert_allclose(
            sum(term.value for term in terms), p.after, rtol=1e-6, atol=1e-5 * (1 + abs(p.after))
        )


@given(traces(most_ops=4))
def test_the_end_of_the_walk_has_the_tangents(trace: Trace) -> None:
    """Every node that was reached has the tangent of the whole pass, and no other has one."""
    timeline = forward(trace)
    end, tangents = timeline[-1], timeline.walk(0).run.cotangents
    for node in trace.graph.nodes:
        found = end.adjoint(node.id)
        wanted = tangents.get(node.id)
        assert found.is_unknown is (wanted is None) or not node.size
        if wanted is not None:
            np.testing.assert_array_equal(found.toarray()[0], wanted)


@given(traces(most_ops=4))
def test_nothing_is_known_before_it_is_computed(trace: Trace) -> None:
    """At the first seed only that input has a tangent; while building nothing has."""
    timeline = forward(trace)
    seeds = timeline.walk(0).seeds
    assert [timeline[k].node.id for _, k in seeds] == [*trace.graph.inputs.values()]
    first = timeline[seeds[0][1]]
    assert first.phase is Phase.SEED
    for node in trace.graph.nodes:
        known = not first.adjoint(node.id).is_unknown
        assert known is (node.id == seeds[0][0]) or not node.size
        assert timeline[0].adjoint(node.id).is_unknown


@given(traces(most_ops=4))
def test_a_visited_entry_of_j_has_a_step_at_or_before(trace: Trace) -> None:
    """Row by row: the pane of J shows as numbers what the walk has multiplied."""
    timeline = forward(trace)
    for k in range(0, timeline.length, max(1, timeline.length // 25)):
        frame = timeline[k]
        if frame.edge is None or frame.J is None:
            continue
        m, n = frame.J.shape
        for j, i in np.ndindex(min(m, 4), min(n, 4)):
            step = step_of_partial(frame, j, i)
            if step is not None:
                visited = bool(frame.is_visited(np.array(j), np.array(i)))
                assert visited is (step <= k)


def product() -> tuple[Timeline, int, int]:
    """Of y = A x with A 2 × 3: a row of J is a row of A."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0, 3.0])
    y = maker.op("matmul", maker.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), x)
    trace = maker.trace()
    return Timeline(trace, tangents=Tangents({x: np.array([1.0, 0.0, -1.0])})), x, y


def test_rows_are_summed_one_after_the_other() -> None:
    """ẏ₁ first: 1·1, 2·0, 3·(−1), then ẏ₂."""
    timeline, x, y = product()
    start = timeline.walk(0).start
    frames = timeline[start:]
    assert [(f.row, f.column) for f in frames] == [(j, i) for j in range(2) for i in range(3)]
    assert [f.partial.after for f in frames if f.partial] == [1, 1, -2, 4, 4, -2]
    assert timeline[start - 1].v is not None
    assert [*writes(timeline, y, 1, range(timeline.length))] == [range(start + 3, start + 6)]
    assert [*writes(timeline, x, None, range(timeline.length))] == [range(start - 1, start)]
    assert destination(timeline, start - 1, "edge", 1) == timeline.length - 1


def test_the_order_of_a_long_running_sum_takes_no_room() -> None:
    """Half of a million partials: the walk is addressed, not listed."""
    maker = GraphMaker()
    x = maker.input(np.ones(1000))
    maker.op("cumsum", x)
    timeline = Timeline(maker.trace(), tangents=Tangents({x: np.ones(1000)}))
    assert timeline.length == 2 + 1 + 1000 * 1001 // 2
    last = timeline[-1].partial
    assert last is not None
    assert (last.j, last.i) == (999, 999)
    assert last.after == pytest.approx(1000)
