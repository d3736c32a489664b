"""Why an entry is zero: no path is called dead that is alive, and the cause is the true one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.debug.why.entries import every_entry
from tests.strategies import GraphMaker, traces
from tui_backprop.debug.why.zero import Verdict, WhyZero, why_zero
from tui_backprop.debug.why.zero_text import why_zero_answer
from tui_backprop.graph.model import Backward, ZeroGrad
from tui_backprop.rules.slope_reasons import Kind

if TYPE_CHECKING:
    from tui_backprop.debug.why.first_zero import StoppedPath
    from tui_backprop.timeline.timeline import Timeline
    from tui_backprop.timeline.trace import Trace


@given(traces(most_ops=6), st.data())
def test_every_path_called_dead_has_a_factor_of_zero(trace: Trace, data: st.DataObject) -> None:
    """The named factor is 0, the product is 0, and the walk shows both."""
    timeline = trace.timeline
    for cursor, node, flat in every_entry(trace, data):
        found = why_zero(timeline, cursor, node, flat, size=10**6)
        for one in found.explained:
            assert one.contribution.value == 0
            if one.causes is None:
                assert one.contribution.edge is None or not one.contribution.is_structural
                continue
            for along in one.causes.paths:
                for stopped in along:
                    assert_dead(timeline, one.contribution.pass_number, stopped)
                    assert stopped.path.entries[-1] == (node, flat)


def assert_dead(timeline: Timeline, pass_number: int, stopped: StoppedPath) -> None:
    """A path has the factor of zero that is named, and no other cause is named twice."""
    path, zero_hop = stopped.path, stopped.zero_hop
    assert path.product == 0
    if zero_hop is None:
        run = timeline.walk(pass_number).run
        top, j = path.entries[0]
        assert run.cotangents[top].flat[j] == 0
    elif stopped.cause.kind is not Kind.UNDERFLOW:
        hop = path.hops[zero_hop]
        assert hop.partial == 0
        shown = timeline[hop.step].partial
        assert shown is not None
        assert shown.value == 0


@given(traces(), st.data())
def test_the_verdict_is_about_the_entry(trace: Trace, data: st.DataObject) -> None:
    """Zero is called zero and nothing else is; counts add up."""
    timeline = trace.timeline
    for cursor, node, flat in every_entry(trace, data):
        found = why_zero(timeline, cursor, node, flat, size=10**6)
        value = timeline[cursor].adjoint(node).entry(flat)
        assert (found.verdict is Verdict.UNKNOWN) == (value is None)
        assert (found.verdict is Verdict.NOT_ZERO) == (value is not None and value != 0)
        assert len(found.explained) == found.zeros <= found.count
        answer = why_zero_answer(timeline, found)
        assert set(answer.text) - {"∂", "·", "Σ"} <= {chr(c) for c in range(32, 127)} | {"\n"}
        steps = [line.step for line in answer.lines if line.step is not None]
        assert all(0 <= k < len(timeline) for k in steps)


def asked(maker: GraphMaker, node: int, flat: int = 0, **more: Any) -> tuple[WhyZero, str]:
    """`why zero` at the end of the walk, and its answer."""
    timeline = maker.trace(*more.get("passes", ())).timeline
    found = why_zero(timeline, len(timeline) - 1, node, flat)
    return found, why_zero_answer(timeline, found).text


def kind(found: WhyZero) -> Kind:
    """The only cause."""
    (one,) = found.explained
    assert one.stopped is not None
    return one.stopped.cause.kind


@pytest.mark.parametrize(
    ("op", "x", "params", "expected", "says"),
    [
        ("relu", -3.0, {}, Kind.OFF, "relu is off: x = -3 < 0"),
        ("relu", 0.0, {}, Kind.KINK, "x = 0: relu'(0) = 0 by convention"),
        ("abs", 0.0, {}, Kind.KINK, "x = 0: abs'(0) = 0 by convention"),
        ("clip", 5.0, {"min": 0, "max": 1}, Kind.CLIPPED, "clipped: x = 5 lies outside 0 to 1"),
        ("clip", 5.0, {"min": None, "max": 1}, Kind.CLIPPED, "clipped: x = 5 lies above 1"),
        ("clip", -5.0, {"min": 0, "max": None}, Kind.CLIPPED, "clipped: x = -5 lies below 0"),
        ("hardtanh", 2.0, {}, Kind.CLIPPED, "x = 2 does not lie between -1 and 1"),
        ("hardtanh", 1.0, {}, Kind.KINK, "the slope is 1 from the left and 0 from the right"),
        ("relu", 0.0, {}, Kind.KINK, "the slope is 0 from the left and 1 from the right"),
        ("abs", 0.0, {}, Kind.KINK, "the slope is -1 from the left and 1 from the right"),
        ("tanh", 20.0, {}, Kind.SATURATED, "y = 1 at x = 20, and its slope there is 0 in float64"),
        ("sigmoid", 40.0, {}, Kind.SATURATED, "sigmoid is saturated: y = 1 at x = 40"),
        ("floor", 1.5, {}, Kind.FLAT, "floor is constant between jumps"),
        ("square", 0.0, {}, Kind.VALUE, "x = 0, and the slope is a multiple of it"),
        ("exp", -800.0, {}, Kind.UNDERFLOW, "exp underflows: y = 0 at x = -800"),
        ("cos", 0.0, {}, Kind.OTHER, "the slope of cos is 0 at x = 0, y = 1"),
    ],
)  # fmt: skip
def test_ops_that_let_nothing_through_are_recognised(
    op: str, x: float, params: dict[str, Any], expected: Kind, says: str
) -> None:
    """By the row and the numbers, each with the number that decided it."""
    maker = GraphMaker()
    at = maker.input(x, "x")
    maker.op(op, at, name="y", **params)
    found, text = asked(maker, at)
    assert found.verdict is Verdict.ALL_ZERO
    assert kind(found) is expected
    assert says in text


def test_a_factor_of_zero_is_named() -> None:
    """In a product of arrays too, and the entry of the weight is the right one."""
    maker = GraphMaker()
    w = maker.input([[1.0, 0.0], [2.0, 3.0]], "W")
    x = maker.input([5.0, 7.0], "x")
    maker.op("index", maker.op("matmul", w, x, name="h"), key=(0,), name="y")
    timeline = maker.trace().timeline
    found = why_zero(timeline, len(timeline) - 1, x, 1)
    text = why_zero_answer(timeline, found).text
    assert "∂h[0]/∂x[1] = 0, it is multiplied by W[0,1] = 0" in text
    assert "nothing that y depends on reads it" in text


@pytest.mark.parametrize(("condition", "zero"), [(1.0, "b"), (0.0, "a")])
def test_the_branch_not_taken_is_named(condition: float, zero: str) -> None:
    """The condition says which it took and why; maximum and max say what they took instead."""
    maker = GraphMaker()
    a, b, c = maker.input(1.0, "a"), maker.input(2.0, "b"), maker.input(condition, "c")
    maker.op("where", c, a, b, name="y")
    found, text = asked(maker, {"a": a, "b": b}[zero])
    taken = {"b": "a = 1", "a": "b = 2"}[zero]
    says = "holds" if condition else "does not hold"
    assert kind(found) is Kind.BRANCH
    assert f"where takes the other branch, {taken}: c {says} there" in text


def test_what_was_not_the_largest_is_named() -> None:
    """The maximum of two, max of many."""
    maker = GraphMaker()
    a, b = maker.input(1.0, "a"), maker.input(2.0, "b")
    maker.op("maximum", a, b, name="y")
    assert "maximum takes the other operand: b = 2, and not a = 1" in asked(maker, a)[1]
    maker = GraphMaker()
    x = maker.input([1.0, 4.0], "x")
    maker.op("max", x, name="y")
    assert "max takes another entry: y = 4, and not x[0] = 1" in asked(maker, x)[1]


def test_cancelled_is_not_killed() -> None:
    """Of x − x: two contributions, neither of them 0."""
    maker = GraphMaker()
    x = maker.input(3.0, "x")
    maker.op("subtract", x, x, name="y")
    found, text = asked(maker, x)
    assert found.verdict is Verdict.CANCELLED
    assert [c.value for c in found.extremes] == [1.0, -1.0]
    assert "not killed but cancelled, 2 contributions add up to 0" in text


def test_the_first_factor_from_the_output_is_blamed() -> None:
    """Where v is 0 already further up: the seed, a relu above, or a sum that cancels."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0], "x")
    h = maker.op("square", x, name="h")
    y = maker.op("negative", h, name="y")
    found, text = asked(maker, x, passes=(Backward(y, np.array([0.0, 1.0])),))
    assert kind(found) is Kind.SEED
    assert "y[0] -> h[0] -> x[0]: the seed is 0 at y[0]" in text
    maker = GraphMaker()
    x = maker.input(0.0, "x")
    h = maker.op("square", x, name="h")
    maker.op(
        "relu", maker.op("negative", maker.op("add", h, maker.number(1.0)), name="z"), name="y"
    )
    found, text = asked(maker, x)
    assert kind(found) is Kind.OFF
    maker = GraphMaker()
    x = maker.input(2.0, "x")
    h = maker.op("square", x, name="h")
    maker.op("subtract", h, h, name="y")
    found, text = asked(maker, x)
    assert kind(found) is Kind.CANCELLED
    assert "h.grad is 0: 2 contributions cancel: 1, -1" in text


def test_a_slope_that_is_almost_nothing_is_shown_with_its_threshold() -> None:
    """Not 0, but a saturated tanh left next to nothing."""
    maker = GraphMaker()
    x = maker.input(9.0, "x")
    maker.op("tanh", x, name="y")
    found, text = asked(maker, x)
    assert found.verdict is Verdict.NOT_ZERO
    assert "tanh is nearly flat at x = 9: its slope there is 6.09e-08, at most 0.0001" in text


def test_nothing_reaches_it() -> None:
    """An entry that no output reads, and a gradient that was set to zero."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0], "x")
    y = maker.op("index", x, key=(0,), name="y")
    found, text = asked(maker, x, 1)
    assert found.verdict is Verdict.NOTHING
    assert "x.grad[1] = 0 after step 3: nothing reads x[1]; x is read by x[0]" in text
    found, text = asked(maker, x, passes=(Backward(y), ZeroGrad()))
    assert found.verdict is Verdict.NOTHING
    assert "zero_grad set it to 0" in text


def test_what_cancels_is_not_said_to_be_unread() -> None:
    """Where structural zeros are walked: the entry itself is read, those of others are not."""
    maker = GraphMaker()
    x = maker.input([[1.0, 2.0]], "x")
    maker.op("batch_norm", x, name="y")
    timeline = maker.trace(zeros=True).timeline
    text = why_zero_answer(timeline, why_zero(timeline, len(timeline) - 1, x, 0)).text
    assert "y[0,0] does not depend on x[0,0], since of one entry the mean is" in text
    assert "y[0,1] does not read x[0,0]" in text


def test_a_comparison_reads_too() -> None:
    """It has no derivative, so that nothing comes; but the entry is read."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0], "x")
    above = maker.op("greater", x, maker.number(0.0))
    maker.op("multiply", maker.op("index", x, key=(slice(0, 1),)), above, name="y")
    text = asked(maker, x, 1)[1]
    assert "nothing that has a derivative reads x[1]; x is read by" in text
    assert "x > 0.0 reads x too, and has no derivative for it" in text


def test_numbers_of_classes_are_read_too() -> None:
    """They choose, also where they stand among the inputs: another number, another loss."""
    maker = GraphMaker()
    scores = maker.input([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]], "s")
    labels = maker.input([2.0, 1.0], "t")
    maker.op("cross_entropy", scores, labels, name="y")
    text = asked(maker, labels, 0)[1]
    assert "nothing that has a derivative reads t[0]; t is read by cross_entropy(s, t" in text
    assert "reads t too" not in text  # once is enough


@pytest.mark.parametrize(
    ("scenario", "entry", "says"),
    [
        ("dead-relu", "w", "relu is off: z = -8 < 0"),
        ("saturated-tanh", "x", "tanh is saturated: y[2] = 1 at x[2] = 20"),
    ],
)
def test_the_classics_are_explained(scenario: str, entry: str, says: str) -> None:
    """The shipped scenarios about dying gradients."""
    timeline = tb.load(scenario).trace().timeline
    node = timeline.trace.graph.inputs[entry]
    flat = timeline.nodes[node].size - 1
    answer = why_zero_answer(timeline, why_zero(timeline, len(timeline) - 1, node, flat))
    assert says in answer.text
