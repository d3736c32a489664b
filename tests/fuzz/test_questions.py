"""What the debugger claims about drawn numbers: it never raises, and what can be tried is true."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.debug.why.test_nonfinite import walked
from tests.debug.why.test_zero_laws import assert_independent
from tests.fuzz.effort import effort
from tests.fuzz.scenarios import opened, valid_documents
from tui_backprop.debug.health.measures import health
from tui_backprop.debug.why.contributions import Agreement, why
from tui_backprop.debug.why.contributions_text import why_answer
from tui_backprop.debug.why.nonfinite import origins
from tui_backprop.debug.why.nonfinite_text import origin_answer
from tui_backprop.debug.why.zero import Verdict, why_zero
from tui_backprop.debug.why.zero_text import why_zero_answer
from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from tui_backprop.timeline.timeline import Timeline

LINES = ("health", "health plot", "origin nan", "origin inf", "J", "J total", "list", "where",
         "why",
         "why zero", "info", "info node")  # fmt: skip


def drawn_walk(data: st.DataObject, text: str) -> tuple[Timeline, int]:
    """A walk that is not long, and a step of it."""
    timeline = opened(text).trace().timeline
    assume(len(timeline) < 1500)
    return timeline, data.draw(st.integers(0, len(timeline) - 1))


@effort(0.2)
@given(st.data(), valid_documents(most=5))
def test_every_question_is_answered_at_every_entry(data: st.DataObject, text: str) -> None:
    """Also where nothing is finite, nothing is there, or nothing was reached."""
    timeline, cursor = drawn_walk(data, text)
    for node in timeline.nodes:
        for flat in range(min(node.size, 6)):
            found = why(timeline, cursor, node.id, flat)
            assert why_answer(timeline, found).text
            value = timeline[cursor].adjoint(node.id).entry(flat)
            assert repr(found.status.value) == repr(value)
            if value is not None and found.agreement is Agreement.EQUAL:
                assert found.total == value or np.isnan([found.total, value]).all()
            assert why_zero_answer(timeline, why_zero(timeline, cursor, node.id, flat)).text
    session = opened(text).session()
    session.goto(cursor)
    for line in LINES:
        try:
            answer = session.execute(line)
        except CommandError as error:  # there is nothing pulled back here to ask about
            answer = str(error)
        assert answer or line == "list"


@effort(0.2)
@given(st.data(), valid_documents(most=5))
def test_what_is_said_to_reach_nothing_reaches_nothing(data: st.DataObject, text: str) -> None:
    """Of a single pass: whatever such an entry is, the output stays the same."""
    trace = opened(text).trace()
    assume(len(trace.passes) == 1 and len(trace.timeline) < 1500)
    assume(all(bool(np.isfinite(x).all()) for x in trace.node_values))
    assume(trace.graph.dtype == np.float64)
    timeline = trace.timeline
    for node in timeline.nodes:
        if node.size:
            flat = data.draw(st.integers(0, node.size - 1))
            found = why_zero(timeline, len(timeline) - 1, node.id, flat)
            said = why_zero_answer(timeline, found).text
            if found.verdict is Verdict.NOTHING and "derivative" not in said:
                assert_independent(trace, node.id, flat)


@effort(0.2)
@given(valid_documents(most=5), st.sampled_from(["nan", "inf"]))
def test_an_origin_is_the_one_that_a_walk_finds(text: str, what: Any) -> None:
    """Entry by entry through every frame; and each can be told."""
    timeline = opened(text).trace().timeline
    assume(len(timeline) < 800)
    # Of a singular system LAPACK gives other NaNs for all of v than for its entries one by one.
    assume(not {"solve", "inv", "det"} & {node.op for node in timeline.nodes})
    found = list(origins(timeline, what))
    expected = list(walked(timeline, what, frozenset()))
    assert [one for one in found if one.j >= 0 or one.edge is None] == expected
    for one in (*found[:5], None):
        assert origin_answer(timeline, what, one).text


@effort(0.2)
@given(valid_documents(most=5))
def test_health_measures_what_is_there(text: str) -> None:
    """Norms neither over- nor underflow; a flag for what is not finite is where something is."""
    trace = opened(text).trace()
    for node, found in zip(trace.graph.nodes, health(trace).nodes, strict=True):
        value = np.asarray(trace.value(node.id), dtype=np.float64)
        assert ("nan value" in found.flags) == bool(np.isnan(value).any()), found
        if np.isfinite(value).all() and np.abs(value).max(initial=0) < 1e150:
            size = math.hypot(*value.ravel())
            assert found.value is not None
            np.testing.assert_allclose(found.value, size, rtol=1e-6, atol=1e-300)
        assert found.dead is None or 0 <= found.dead <= 1
        assert found.saturated is None or 0 <= found.saturated <= 1
