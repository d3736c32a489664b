"""The search rules out whole stretches; asking every step finds the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, reject
from hypothesis import strategies as st

from tests.debug.conditions.conditions import arrays, conditions
from tests.strategies import traces
from tui_backprop.debug.conditions.expression import Expression
from tui_backprop.debug.conditions.questions import (
    Question,
    can_be_computed,
    cannot_be_computed,
    differs,
    fails,
    holds,
)
from tui_backprop.debug.conditions.search import first
from tui_backprop.errors import CommandError
from tui_backprop.progress import run_to_end

if TYPE_CHECKING:
    from tui_backprop.timeline.timeline import Timeline
    from tui_backprop.timeline.trace import Trace


@given(traces(), st.data())
def test_the_search_finds_what_asking_every_step_finds(trace: Trace, data: st.DataObject) -> None:
    """For any condition, any part of the walk, both ways: when it holds and when it does not.

    Also where it has more than one entry, which is no answer.
    """
    timeline = trace.timeline
    try:
        expression = Expression(data.draw(conditions(trace) | arrays(trace)), trace.graph)
    except CommandError:
        reject()
    question = data.draw(st.sampled_from([holds, fails, cannot_be_computed, can_be_computed]))
    check(timeline, question(expression), data)


@given(traces(), st.data())
def test_a_change_is_found_where_it_is(trace: Trace, data: st.DataObject) -> None:
    """Of any value, from any step on."""
    timeline = trace.timeline
    text = data.draw(arrays(trace) | st.sampled_from(["op", "phase", "node"]) | conditions(trace))
    try:
        expression = Expression(text, trace.graph)
        before = timeline[data.draw(st.integers(0, len(timeline) - 1))]
        expression.sample(before)
    except CommandError:
        reject()
    check(timeline, differs(expression, before), data)


def check(timeline: Timeline, question: Question, data: st.DataObject) -> None:
    """Compare with every step, in a part of the walk."""
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(timeline))] * 2)))
    within = range(low, high)
    met = [k for k in within if question.is_met(timeline[k])]
    forth, back = (first(timeline, question, within, reverse=r) for r in (False, True))
    assert run_to_end(forth) == (met[0] if met else None)
    assert run_to_end(back) == (met[-1] if met else None)
