"""The search rules out whole stretches; asking every step finds the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from tests.debug.conditions.conditions import arrays, conditions
from tests.strategies import GraphMaker, traces
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


@pytest.mark.parametrize(
    "text", ["prod(v) < -9", "std(ravel(E)) < step", "sum(v) > 0 and step > 3"]
)
def test_a_node_without_entries_has_no_step_to_ask(text: str) -> None:
    """Its v has a shape of its own all the same, and its deviation no smallest entry."""
    maker = GraphMaker()
    empty, full = maker.input(np.zeros(0), "E"), maker.input([1.0, -2.0, 3.0], "X")
    sums = [maker.op("sum", maker.op("abs", x)) for x in (full, empty)]
    maker.op("add", *sums)
    check_all(maker.trace(), text)


@pytest.mark.parametrize(
    "text",
    ["prod(w.grad) > 0.9", "prod(v) == 1", "prod(J) < 0.5", "std(w.grad) > 1", "norm(w.grad) > 2",
     "prod(w.grad) * step > 200", "sum(sin(w.grad)) > 2", "prod(J) > prod(w.grad)"],
)  # fmt: skip
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("last", [1.0, np.nan, np.inf])
def test_a_long_recurrence_is_searched_as_step_by_step(text: str, dtype: str, last: float) -> None:
    """More steps than are asked together at first, edges that add row by row among them."""
    maker = GraphMaker(dtype)
    w, h = maker.input([0.9, -0.7, 1.1], "w"), maker.input([1.0, 0.4, last], "h")
    m = maker.input([[0.5, 0.1, 0], [0, 0.9, 0.2], [0.1, 0, 0.7]], "M")
    for _ in range(30):
        h = maker.op("matmul", m, maker.op("sin", maker.op("multiply", w, h)))
    maker.op("sum", h)
    check_all(maker.trace(), text)


def check_all(trace: Trace, text: str) -> None:
    """Ask for the first and the last step of all that there are, and for those beside them."""
    timeline = trace.timeline
    question = holds(Expression(text, trace.graph))
    met = [k for k in range(len(timeline)) if question.is_met(timeline[k])]
    for k in {0, len(timeline), *met[:2], *met[-2:]}:
        later, sooner = range(k, len(timeline)), range(k)
        forth, back = (
            first(timeline, question, later),
            first(timeline, question, sooner, reverse=True),
        )
        assert run_to_end(forth) == next((at for at in met if at >= k), None)
        assert run_to_end(back) == next((at for at in reversed(met) if at < k), None)
