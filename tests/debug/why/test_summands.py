"""All contributions to an entry at once, against the frames one by one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.strategies import GraphMaker, traces
from tui_backprop.debug.why.contributions import entry_status
from tui_backprop.debug.why.summands import Summands, summands_of
from tui_backprop.debug.why.zero import why_zero
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.timeline import Frame, Timeline

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace

Row: TypeAlias = tuple[int, int, float, float, float, bool]
"""Step, j, partial, v, contribution, whether inside the sparsity."""


def walked(timeline: Timeline) -> dict[tuple[int, int, int], list[Row]]:
    """What each partial of the walk adds, by (pass, node, entry)."""
    found: dict[tuple[int, int, int], list[Row]] = defaultdict(list)
    for frame in timeline:
        if frame.partial is not None and frame.edge is not None:
            p = frame.partial
            row = frame.k, p.j, p.value, p.v, p.contribution, p.is_structural
            found[frame.pass_number, frame.edge.parent, p.i].append(row)
    return found


def rows(found: Summands) -> list[Row]:
    """The same, one visit after the other."""
    every = map(found.summand, range(len(found)))
    return [(s.step, s.j, s.partial, s.v, s.value, s.inside) for s in every]


def assert_same(found: list[Row], expected: list[Row]) -> None:
    """Places equal, numbers to rounding: vectorised functions may differ in the last bit."""
    assert [(r[0], r[1], r[5]) for r in found] == [(r[0], r[1], r[5]) for r in expected]
    np.testing.assert_allclose(
        [r[2:5] for r in found], [r[2:5] for r in expected], rtol=1e-13, atol=1e-300
    )


@given(traces(), st.floats(0, 1), st.booleans())
def test_the_contributions_are_those_of_the_frames(trace: Trace, at: float, zeros: bool) -> None:
    """Of every entry in every pass, whole and up to a step; of those left out the count."""
    timeline = Timeline(trace, zeros=zeros)
    until = int(at * (len(timeline) - 1))
    expected = walked(timeline)
    for number, walk in enumerate(timeline.walks):
        if walk is None:
            continue
        for node in timeline.nodes:
            for flat in range(node.size):
                of_entry = expected[number, node.id, flat]
                whole = summands_of(timeline, number, node.id, flat)
                assert_same(rows(whole), of_entry)
                partial = summands_of(timeline, number, node.id, flat, until)
                assert_same(rows(partial), [row for row in of_entry if row[0] <= until])
                edges = walk.route.edges_into(node.id).tolist()
                visited = sum(timeline.nodes[walk.route.edge(e).node].size for e in edges)
                assert len(whole) + whole.skipped == visited


@given(traces(), st.data())
def test_an_entry_stands_as_the_frames_say(trace: Trace, data: st.DataObject) -> None:
    """Its value, the first step that knows it, and the next that adds to it."""
    timeline = trace.timeline
    cursor = data.draw(st.integers(0, len(timeline) - 1))
    last = max(s.stop for s in timeline.sections
               if s.pass_number == timeline.section_at(cursor).pass_number)  # fmt: skip
    for node in timeline.nodes:
        for flat in range(node.size):
            found = entry_status(timeline, cursor, node.id, flat)
            value = timeline[cursor].adjoint(node.id).entry(flat)
            np.testing.assert_equal(found.value, value)
            later = timeline[cursor + 1 :] if value is None else ()
            knows = (f.k for f in later if f.adjoint(node.id).entry(flat) is not None)
            assert found.computed_at == next(knows, None)
            adds = (f.k for f in timeline[cursor + 1 : last] if _adds(f, node.id, flat))
            assert found.next_step == next(adds, None)


def _adds(frame: Frame, node: int, flat: int) -> bool:
    if frame.edge is not None:
        return (frame.edge.parent, frame.column) == (node, flat)
    return frame.phase is Phase.SEED and frame.node.id == node


def test_structural_zeros_are_counted_and_not_stored() -> None:
    """However many rows do not read an entry, what is kept of it does not grow with them."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0, 3.0], "x")
    w = maker.input(np.ones((500, 3)), "W")
    maker.op("multiply", w, x)
    trace = maker.trace()
    found = summands_of(Timeline(trace, zeros=True), 0, x, 1)
    assert len(found) == 1500
    assert [len(a) for a in (found.rows, found.partials, found.v, found.values, found.steps)] == (
        [500] * 5
    )
    assert [found.summand(k).inside for k in range(3)] == [False, True, False]
    assert found.places(np.array([0, 499])).tolist() == [1, 1498]


@given(traces(), st.booleans(), st.integers(1, 4))
def test_zeros_are_listed_in_the_order_of_the_walk(trace: Trace, zeros: bool, size: int) -> None:
    """Page after page of ``why zero``: each contribution that is 0, and no other."""
    timeline = Timeline(trace, zeros=zeros)
    end = len(timeline) - 1
    frame = timeline[end]
    assume(frame.edge is not None)
    assert frame.edge is not None
    node, flat = frame.edge.parent, frame.column
    added = walked(timeline)[frame.pass_number, node, flat]
    expected = [row[0] for row in added if row[4] == 0]
    found = why_zero(timeline, end, node, flat, 0, size)
    assume(len(found.status.passes) == 1 and timeline.walk(frame.pass_number).run.of != node)
    pages = [why_zero(timeline, end, node, flat, k, size) for k in range(found.pages)]
    listed = [n.contribution.step for page in pages for n in page.explained]
    assert (found.count, found.zeros, listed) == (len(added), len(expected), expected)


def test_ten_thousand_edges_into_a_scalar_are_one_array() -> None:
    """A weight that every step of a loop reads: the sum of its contributions is its gradient."""
    maker = GraphMaker()
    w = maker.input(0.5, "w")
    h = maker.input(0.1, "h")
    for _ in range(1000):
        h = maker.op("tanh", maker.op("multiply", w, h))
    trace = maker.trace()
    found = summands_of(trace.timeline, 0, w, 0)
    assert len(found) == 1000
    np.testing.assert_allclose(found.values.sum(), trace.grad["w"])
    assert np.all(np.diff(found.steps) > 0)
