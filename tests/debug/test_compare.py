"""The first step in which two walks differ: the one that taking every step finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import GraphMaker, seed_example, traces
from tui_backprop.debug.compare import compare, comparison_answer
from tui_backprop.graph.model import Backward, ZeroGrad
from tui_backprop.language.catalogue import language_of
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.timeline import Timeline

if TYPE_CHECKING:
    from tui_backprop.debug.lockstep import Side
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.timeline import Frame
    from tui_backprop.timeline.trace import Trace


def shown(frame: Frame) -> list[tuple[str, Any]]:
    """What a step shows, in the order in which it counts."""
    node = frame.node
    found: list[tuple[str, Any]] = [("event", (frame.phase, frame.pass_number))]
    if frame.phase is Phase.BUILD:
        structure = (node.op, node.parents, node.shape, node.name, repr(node.params))
        value = frame.value(node.id)
        assert value is not None
        return [*found, ("node", structure), *(("value", x) for x in value.ravel().tolist())]
    if frame.phase is Phase.SEED:
        assert frame.v is not None
        return [*found, ("event", node.id), *(("seed", x) for x in frame.v.ravel().tolist())]
    partial = frame.partial
    if partial is None:
        return found
    numbers = (partial.value, partial.v, partial.contribution, partial.after)
    aspects = ("partial", "v", "contribution", "adjoint")
    return [
        *found,
        ("event", (frame.edge, partial.j, partial.i)),
        *zip(aspects, numbers, strict=True),
    ]


def is_near(a: Any, b: Any, rtol: float) -> bool:
    """NaN is NaN; an infinity is itself."""
    if not isinstance(a, float) or a == b or (np.isnan(a) and np.isnan(b)):
        return bool(a == b) or (isinstance(a, float) and bool(np.isnan(a)))
    return bool(np.isfinite([a, b]).all() and abs(a - b) <= rtol * max(abs(a), abs(b)))


def walked(left: Timeline, right: Timeline, rtol: float) -> tuple[int, str] | None:
    """The first step that differs, and what of it, by taking every step of both."""
    for k in range(max(len(left), len(right))):
        if k >= len(left) or k >= len(right):
            return k, "event"
        ours, theirs = shown(left[k]), shown(right[k])
        for (aspect, a), (other, b) in zip(ours, theirs, strict=False):
            if aspect != other or not is_near(a, b, rtol):
                return k, aspect
    return None


def assert_found(left: Timeline, right: Timeline, rtol: float = 0.0) -> None:
    """`compare` finds what taking every step finds."""
    found = compare(left, right, rtol)
    difference = found.difference
    step = None if difference is None else difference.steps[0]
    at = found.alike if difference is not None and step is None else step
    expected = walked(left, right, rtol)
    assert (None if difference is None else (at, difference.aspect)) == expected


def perturbed(draw: st.DrawFn, trace: Trace, by: float) -> Trace:
    """The same graph with one entry of a leaf moved a little, or made strange."""
    leaves = {n: x for n, x in trace.leaves.items() if x.size}
    if not leaves:
        return trace.rerun()
    name = draw(st.sampled_from(sorted(leaves)))
    array: Array = np.array(leaves[name])
    flat = draw(st.integers(0, array.size - 1))
    x = float(array.flat[flat])
    array.flat[flat] = draw(st.sampled_from([x * (1 + by), -x if x == 0 else x, np.nan, x + 1]))
    return trace.rerun({name: array})


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Trace, Trace, float]:
    """Two traces: of one graph on other leaves or another v, with other passes, or of two."""
    left = draw(traces(most_ops=3, most_passes=2))
    rtol = draw(st.sampled_from([0.0, 1e-7]))
    kind = draw(st.sampled_from(["same", "leaf", "little", "v", "passes", "graph"]))
    if kind == "same":
        return left, left.rerun(), rtol
    if kind in {"leaf", "little"}:
        return left, perturbed(draw, left, 3e-8 if kind == "little" else 0.5), rtol
    if kind == "v":
        first = next(p for p in left.passes if isinstance(p, Backward))
        shape = left.graph.nodes[first.of].shape
        size = int(np.prod(shape))
        v = draw(st.lists(st.sampled_from([0.0, 1.0, -2.0]), min_size=size, max_size=size))
        changed = Backward(first.of, np.reshape(v, shape))
        passes = [changed if p is first else p for p in left.passes]
        return left, left.again(left.leaves, passes), rtol
    if kind == "passes":
        more = draw(st.sampled_from([left.passes[:1], (*left.passes, ZeroGrad())]))
        return left, left.again(left.leaves, more), rtol
    return left, draw(traces(most_ops=3, most_passes=2)), rtol


@given(pairs(), st.booleans())
def test_it_is_the_step_that_taking_every_step_finds(
    pair: tuple[Trace, Trace, float], zeros: bool
) -> None:
    """Whatever differs: graphs, numbers, seeds or passes; with structural zeros or without."""
    left, right, rtol = pair
    assert_found(Timeline(left, zeros=zeros), Timeline(right, zeros=zeros), rtol)


@given(traces(most_ops=4))
def test_a_walk_equals_itself_computed_again(trace: Trace) -> None:
    """NaN included."""
    found = compare(trace.timeline, trace.rerun().timeline)
    assert (found.verdict, found.alike, found.graphs) == ("equal", len(trace.timeline), None)


def _pair(left: list[float], right: list[float], op: str, rtol: float) -> tuple[int, str, Side]:
    found = []
    for numbers in (left, right):
        maker = GraphMaker()
        maker.op(op, maker.input(numbers, "X"), name="Y")
        found.append(maker.trace().timeline)
    difference = compare(found[0], found[1], rtol).difference
    assert_found(found[0], found[1], rtol)
    assert difference is not None
    assert difference.steps[0] is not None
    return difference.steps[0], f"{difference.aspect} {difference.place}", difference.sides[1]


def test_values_within_the_tolerance_may_have_slopes_that_are_not() -> None:
    """Zeros of both signs are equal, and 1/x tells them apart; x and 1/x agree longer than 1/x²."""
    assert _pair([0.0, 0.0], [0.0, -0.0], "log", 0.0) == (4, "partial dY[1]/dX[1]", -np.inf)
    assert _pair([1.0, 2.0], [1.0, 2.00001], "reciprocal", 6e-6)[:2] == (4, "partial dY[1]/dX[1]")


@pytest.mark.parametrize("op", ["cumsum", "softmax", "matmul"])
@pytest.mark.parametrize("zeros", [True, False])
def test_dense_and_ragged_jacobians(op: str, zeros: bool) -> None:
    """Columns of one length are compared together, columns of many lengths one by one."""
    rng = np.random.default_rng(3)
    square = rng.normal(size=(3, 3))
    nearly = square * (1 + 2e-7 * rng.uniform(-1, 1, size=(3, 3)))
    for rtol in (1e-8, 1.7e-7, 2.5e-7, 1e-5):
        both = []
        for numbers in (square, nearly):
            maker = GraphMaker()
            x = maker.input(numbers, "X")
            y = maker.op(op, x, x) if op == "matmul" else maker.op(op, x)
            maker.op("exp", y)
            both.append(Timeline(maker.trace(), zeros=zeros))
        assert_found(both[0], both[1], rtol)


def test_another_v_differs_at_the_seed() -> None:
    """With both numbers, and told with the step to go to."""
    left = seed_example()
    found = compare(left.timeline, left.rerun(v=[1, 2, 5]).timeline)
    difference = found.difference
    assert difference is not None
    assert (difference.steps, difference.aspect) == ((3, 3), "seed")
    assert (difference.place, difference.sides) == ("v[2]", (3.0, 5.0))
    answer = comparison_answer(found)
    assert answer.text.splitlines() == [
        "3 steps alike", "first difference at step 3: seed v[2]", "  here   3.0", "  there  5.0",
    ]  # fmt: skip
    assert [line.step for line in answer.lines] == [None, 3, 3, 3]
    assert [line.heard for line in answer.lines] == [None, None, "here: 3.0", "there: 5.0"]
    chinese = language_of("zh").answered(answer).lines
    assert [line.text for line in chinese[:2]] == ["3 步相同", "第一处不同在第 3 步：种子 v[2]"]


def test_numbers_come_before_a_graph_that_differs_later() -> None:
    """The first step is what is asked for; that the graphs differ too is said beside it."""
    both = []
    for value, op in ((1.0, "exp"), (2.0, "sin")):
        maker = GraphMaker()
        maker.op(op, maker.input(value, "x"), name="y")
        both.append(maker.trace().timeline)
    found = compare(both[0], both[1])
    assert found.difference is not None
    assert found.graphs is not None
    assert (found.difference.aspect, found.difference.steps) == ("value", (0, 0))
    assert (found.graphs.aspect, found.graphs.steps) == ("node", (1, 1))
    assert found.graphs.sides == ("y = exp(x) of shape ()", "y = sin(x) of shape ()")
    assert "graphs at step 1: node y" in comparison_answer(found).text


def test_a_walk_that_ends_earlier() -> None:
    """The step after its last is the first that differs; the other one's address is its own."""
    left = seed_example()
    longer = left.again(left.leaves, (*left.passes, ZeroGrad()))
    difference = compare(left.timeline, longer.timeline).difference
    assert difference is not None
    assert difference.steps == (None, 13)
    assert difference.sides == ("the walk has ended", "zero_grad")
    assert "after the last step" in comparison_answer(compare(left.timeline, longer.timeline)).text


def test_each_walk_has_its_own_addresses() -> None:
    """One shows structural zeros, the other does not: one event, two steps."""
    left = seed_example(zeros=True)
    right = Timeline(left.rerun({"X": [1, 2, 3]}, v=[1, 2, 3]), zeros=False)
    assert compare(left.timeline, right).verdict == "equal"
    maker = GraphMaker()
    y = maker.op("log", maker.input([1.0, 0.0], "X"), name="Y")
    first = maker.trace(Backward(y), zeros=True)
    second = Timeline(first.rerun({"X": [1.0, -0.0]}), zeros=False)
    difference = compare(first.timeline, second).difference
    assert difference is not None
    assert (difference.steps, difference.place) == ((6, 4), "dY[1]/dX[1]")


def test_equal_walks_are_told_with_their_tolerance() -> None:
    """Nothing to go to."""
    left = seed_example()
    right = left.rerun({"X": [1, 2, 3 * (1 + 1e-9)]})
    answer = comparison_answer(compare(left.timeline, right.timeline, 1e-6))
    assert answer.text == "no event differs: 13 steps, numbers within 1e-06 of the larger"


def test_a_large_equal_pair_takes_no_step_at_all() -> None:
    """2·10⁹ partials: only arrays are looked at."""
    maker = GraphMaker()
    n = 1000
    a, b = maker.input(np.ones((n, n)), "A"), maker.input(np.eye(n), "B")
    maker.op("matmul", a, b, name="C")
    trace = maker.trace()
    other = trace.rerun({"A": np.full((n, n), 1.0)})
    assert compare(trace.timeline, other.timeline).alike == 2 * n**3 + 4


def test_numbers_that_name_other_rows_within_the_tolerance() -> None:
    """Two walks of one length visit other partials: the first of them is where they differ."""

    def walk(row: float) -> Timeline:
        maker = GraphMaker()
        table = maker.input([[3.0, 5.0], [3.0, 5.0]], "T")
        maker.op("embedding", maker.constant([row]), table, name="y")
        return maker.trace().timeline

    found = compare(walk(0.5 - 1e-9), walk(0.5 + 1e-9), 1e-6).difference
    assert found is not None
    assert (found.aspect, found.place, found.sides) == ("partial", "dy[0,0]/dT[0,0]", (1.0, 0.0))
