"""Laws of walks over given numbers: they show what was recorded, and say what was not."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.attach.tapes import recorded
from tests.marks import FEW, spread
from tests.render.test_panes import PANES, SIZES
from tests.render.views import NAMES, opened, text_of, titled_view
from tests.strategies import traces
from tui_backprop.dataclass import replace
from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import ArgumentError, CommandError, UnknownError
from tui_backprop.render.export.document import document
from tui_backprop.render.export.json import trace_json
from tui_backprop.render.export.markdown import Markdown
from tui_backprop.render.export.text import trace_text
from tui_backprop.render.speech.transcript import plain_transcript
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.attach.recorded import RecordedTrace
    from tui_backprop.timeline.trace import Trace

ONE_PASS = tuple(
    name for name in NAMES if len(opened(name)[1].runs) == 1 and opened(name)[1].runs[0] is not None
)


def _nothing_saved(trace: Trace) -> RecordedTrace:
    return recorded(trace, lambda _node: False, knows_pattern=False, knows_columns=False)


def _is_close(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return bool(np.isclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True))


@given(traces(most_passes=1), st.data())
def test_a_walk_over_given_numbers_is_the_walk_that_gave_them(
    trace: Trace, data: st.DataObject
) -> None:
    """Same steps, same v, same partials and sums, though no op of the tape is known."""
    assume(all(np.isfinite(x).all() for x in trace.node_values))
    given_numbers = recorded(trace)
    ours, theirs = trace.timeline, given_numbers.timeline
    assert len(ours) == len(theirs)
    k = data.draw(st.integers(0, len(ours) - 1))
    a, b = ours[k], theirs[k]
    assert (a.phase, a.node.id, a.row, a.column) == (b.phase, b.node.id, b.row, b.column)
    np.testing.assert_array_equal(a.v if a.v is not None else 0, b.v if b.v is not None else 0)
    assert (a.partial is None) == (b.partial is None)
    if a.partial is not None and b.partial is not None:
        p, q = a.partial, b.partial
        assert _is_close(p.value, q.value), (a.edge, p, q)
        assert _is_close(p.contribution, q.contribution)
        assert _is_close(p.before, q.before)
        assert _is_close(p.after, q.after)


@given(traces(most_passes=1))
def test_gradients_are_the_recorded_ones(trace: Trace) -> None:
    """Bit for bit, whatever the ops know of themselves."""
    for found in (recorded(trace), _nothing_saved(trace)):
        assert found.grad.keys() == trace.grad.keys()
        for name, gradient in trace.grad.items():
            np.testing.assert_array_equal(found.grad[name], gradient)


def lines_of(trace: RecordedTrace) -> list[str]:
    """Commands of every kind, about what is there."""
    graph = trace.graph
    leaf = next(iter(graph.inputs))
    shape = graph.nodes[graph.inputs[leaf]].shape
    entry = f"{leaf}.grad" + ("[" + ",".join("0" for _ in shape) + "]" if shape else "")
    last = [n.name for n in graph.nodes if n.name][-1]
    return [
        "where", "health", "health norm", "origin nan", "origin inf", f"why {entry}",
        f"why zero {entry}", "why", f"info node {last}", f"print {last}", f"print {last}.grad",
        "print J", "print v", "set v = 2", f"set {leaf} = 1", "goto claim",
        f"break if norm({leaf}.grad) > 0", f"break if norm({last}) > 0", "watch norm(v)",
        "continue", "reverse-continue", "info breakpoints", "delete", "list", "zeros", "zeros",
        f"until {last}", "next", "finish", "step", "back",
    ]  # fmt: skip


@pytest.mark.few(2)
@pytest.mark.parametrize("count", FEW)
@pytest.mark.parametrize("name", ONE_PASS)
def test_every_command_answers_or_says_what_is_not_known(name: str, count: int) -> None:
    """No command fails in another way than by a sentence, wherever the walk stands."""
    trace = opened(name)[1]
    walks = recorded(trace, lambda n: n.id % 2 == 0), _nothing_saved(trace)
    for walked in (*walks, recorded(trace, refuses=True)):
        for k in spread(list(range(len(walked.timeline))), count):
            session = Debugger(walked)
            session.goto(k)
            for line in lines_of(walked):
                try:
                    answer = session.execute(line)
                except CommandError as error:
                    answer = str(error)
                assert "_elsewhere_" not in answer, line


@pytest.mark.parametrize("line", ["health", "origin nan", "origin inf", "info node y"])
def test_what_was_not_saved_does_not_stop_an_answer(line: str) -> None:
    """It is said and passed by."""
    answer = Debugger(_nothing_saved(opened("chain")[1])).execute(line)
    assert answer
    if line.startswith("origin"):
        assert "not saved" in answer


def test_a_value_that_was_not_saved_is_said_to_be() -> None:
    """With the way to have it; never a number."""
    session = Debugger(_nothing_saved(opened("chain")[1]))
    last = session.trace.graph.nodes[-1]
    session.end()
    with pytest.raises(CommandError, match="was not saved: record it to see it"):
        session.execute(f"print {last.name}")
    with pytest.raises(UnknownError, match="was not saved"):
        session.trace.value(last.id)
    assert last.name not in session.trace.values


def test_numbers_cannot_be_changed_here() -> None:
    """Neither by a command nor from Python; what is in force stays."""
    session = Debugger(recorded(opened("chain")[1]))
    leaf = next(iter(session.trace.graph.inputs))
    with pytest.raises(CommandError, match="come from your program: change them there"):
        session.execute(f"set {leaf} = 1")
    with pytest.raises(ArgumentError, match="change them there"):
        session.trace.rerun()
    assert not session.history.in_force


@pytest.mark.few(6)
@pytest.mark.parametrize("count", FEW)
@pytest.mark.parametrize("name", ONE_PASS)
def test_every_pane_shows_any_step(name: str, count: int) -> None:
    """Nothing that is not known is drawn as a number."""
    walked = _nothing_saved(opened(name)[1])
    view = titled_view(walked, symbolic=True)
    is_finite = all(np.isfinite(x).all() for x in opened(name)[1].node_values)
    is_finite &= all(np.isfinite(x).all() for x in walked.runs[0].cotangents.values())  # type: ignore[union-attr]  # it has a pass
    for k, (pane, make) in product(spread(list(range(len(walked.timeline))), count), PANES.items()):
        at = replace(view, frame=walked.timeline[k])
        for cells, height in SIZES[3:]:
            shown = " ".join(text_of(make(at, cells, height), cells, height))
            assert not is_finite or "nan" not in shown, (pane, k)
            is_built = at.frame.phase is Phase.BUILD and at.frame.node.rule is not None
            if pane == "equation" and is_built:
                assert "not saved" in shown


@pytest.mark.parametrize("name", ["chain", "matvec", "mlp-2-3-1"])
def test_every_transcript_is_written(name: str) -> None:
    """As text, words, JSON and Markdown; values that nobody saved are said to be missing."""
    walked = _nothing_saved(opened(name)[1])
    view = titled_view(walked, symbolic=True)
    for level in ("partial", "node"):
        for lines in (
            trace_text(view, "", level),
            plain_transcript(view, "", level),
            document(view, Markdown(), "", level),
        ):
            text = "\n".join(lines)
            assert "not saved" in text
            assert "nan" not in text
        json = "".join(trace_json(view, level))
        assert "NaN" not in json


@pytest.mark.parametrize("name", ["chain", "matvec", "mlp-2-3-1"])
def test_a_step_whose_partial_cannot_be_had_says_so(name: str) -> None:
    """In the step pane and in every transcript; what the edge adds is known all the same."""
    walked = recorded(opened(name)[1], refuses=True)
    view = titled_view(walked, symbolic=True)
    last = replace(view, frame=walked.timeline[-1])
    shown = " ".join(text_of(PANES["equation"](last, 80, 9), 80, 9))
    assert "J is not known here" in shown
    with pytest.raises(UnknownError, match="J is not known here"):
        text_of(PANES["jacobian"](last, 80, 9), 80, 9)
    for lines in (
        trace_text(view, "", "partial"),
        plain_transcript(view, "", "partial"),
        document(view, Markdown(), "", "partial"),
        trace_json(view, "partial"),
    ):
        assert "J is not known here".lower() in "\n".join(lines).lower()
    added = "\n".join(trace_text(view, "", "node"))
    assert "not known" not in added
    assert "vᵀJ = " in added


def test_no_formula_is_shown_for_an_op_that_has_no_row() -> None:
    """The step shows the number, and the summary says who computed it."""
    walked = recorded(opened("chain")[1])
    view = replace(titled_view(walked, symbolic=True), frame=walked.timeline[-1])
    shown = " ".join(text_of(PANES["equation"](view, 100, 9), 100, 9))
    assert "=" in shown
    assert "∂(" not in shown


def test_columns_are_refused_where_they_would_cost_every_row() -> None:
    """An op without JVP is asked for a few hundred rows at most; rows themselves are shown."""
    maker_trace = opened("matvec")[1]
    walked = recorded(maker_trace, knows_pattern=False, knows_columns=False)
    edge = next(f.edge for f in walked.timeline if f.edge is not None)
    jacobian = walked.timeline.jacobian(edge)
    assert jacobian.row(0).shape == (jacobian.shape[1],)
    assert jacobian.column(0).shape == (jacobian.shape[0],)  # few rows: asked for one by one
