"""Why an entry is what it is: all contributions, their paths, their sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.debug.why.entries import every_entry
from tests.strategies import GraphMaker, seed_example, traces
from tests.timeline.test_timeline import is_tame
from tui_backprop.debug.why.contributions import Agreement, why
from tui_backprop.debug.why.contributions_text import why_answer
from tui_backprop.graph.model import Backward, ZeroGrad

if TYPE_CHECKING:
    from tui_backprop.timeline.timeline import Timeline
    from tui_backprop.timeline.trace import Trace


@given(traces(), st.data())
def test_the_contributions_add_up_to_the_entry(trace: Trace, data: st.DataObject) -> None:
    """At any step, for every entry that is known: over passes, from the last zero_grad on."""
    timeline = trace.timeline
    for cursor, node, flat in every_entry(trace, data):
        found = why(timeline, cursor, node, flat, size=10**6)
        value = timeline[cursor].adjoint(node).entry(flat)
        assert found.status.value == value
        if value is None:
            continue
        sizes = [abs(c.value) for c in found.contributions]
        assert found.total == pytest.approx(value, rel=1e-9, abs=1e-9 * (1 + sum(sizes)))
        assert sum(c.value for c in found.contributions) == pytest.approx(
            found.total, rel=1e-9, abs=1e-9 * (1 + sum(sizes))
        )
        if found.agreement is Agreement.EQUAL:
            assert found.total == value


@given(traces(most_ops=6), st.data())
def test_the_product_along_a_lone_path_is_the_contribution(
    trace: Trace, data: st.DataObject
) -> None:
    """Paths connect, start at the seed, and where there is one only its product is everything."""
    assume(is_tame(trace))
    timeline = trace.timeline
    cursor = len(timeline) - 1
    node = data.draw(st.sampled_from(timeline.nodes))
    for flat in range(node.size):
        for one in why(timeline, cursor, node.id, flat, size=10**6).contributions:
            if one.path is None:
                continue
            entries, hops = one.path.entries, one.path.hops
            assert entries[-1] == (node.id, flat)
            assert all((h.edge.parent, h.i) == e for h, e in zip(hops, entries[1:], strict=True))
            walked = [timeline[h.step].partial for h in hops]
            assert [p and p.value for p in walked] == pytest.approx([h.partial for h in hops])
            of = timeline.walk(one.pass_number).run.of
            assert (one.path.seed is None) == (entries[0][0] != of)
            if one.path.further == 0:
                assert one.path.fork is None
                assert one.path.product == pytest.approx(one.value, rel=1e-6, abs=1e-9)


@given(traces(most_ops=4), st.data())
def test_paths_are_counted_as_walking_them_all_counts_them(
    trace: Trace, data: st.DataObject
) -> None:
    """Every way from the seed down, one by one."""
    timeline = trace.timeline
    node = data.draw(st.sampled_from(timeline.nodes))
    for flat in range(node.size):
        found = why(timeline, len(timeline) - 1, node.id, flat, size=10**6)
        for one in found.contributions:
            if one.path is not None and one.path.further is not None:
                ways = _ways(timeline, one.pass_number, one.path.hops[-1].edge.node, one.j)
                assert one.path.further == max(0, ways - 1)


def _ways(timeline: Timeline, number: int, node: int, j: int) -> int:
    walk = timeline.walk(number)
    if node == walk.run.of:
        return 1
    edges = [walk.route.edge(int(e)) for e in walk.route.edges_into(node)]
    return sum(
        _ways(timeline, number, edge.node, int(row))
        for edge in edges
        for row in timeline.jacobian(edge).sparsity.rows(j)
    )


@given(traces(most_ops=3), st.integers(1, 5))
def test_pages_joined_are_the_whole(trace: Trace, size: int) -> None:
    """No contribution is lost or shown twice, and every page knows the same sum."""
    timeline = trace.timeline
    last = len(timeline) - 1
    for node in timeline.nodes:
        if not node.size:
            continue
        whole = why(timeline, last, node.id, 0, size=10**6)
        first = why(timeline, last, node.id, 0, size=size)
        pages = [why(timeline, last, node.id, 0, page, size) for page in range(first.pages)]
        joined = [c.step for page in pages for c in page.contributions]
        assert joined == [c.step for c in whole.contributions]
        np.testing.assert_equal([p.total for p in pages], [whole.total] * len(pages))
        assert all(len(p.contributions) <= size for p in pages)
        assert why(timeline, last, node.id, 0, 10**9, size).page == first.pages - 1


@given(traces(), st.data())
def test_every_line_leads_to_a_step(trace: Trace, data: st.DataObject) -> None:
    """Whatever is asked, there is an answer in plain text, and its steps exist."""
    timeline = trace.timeline
    cursor = data.draw(st.integers(0, len(timeline) - 1))
    node = data.draw(st.sampled_from(timeline.nodes))
    assume(node.size)
    flat = data.draw(st.integers(0, node.size - 1))
    answer = why_answer(timeline, why(timeline, cursor, node.id, flat, size=5))
    assert answer.text
    assert set(answer.text) - {"∂", "·", "Σ", "≈"} <= {chr(c) for c in range(32, 127)} | {"\n"}
    steps = [line.step for line in answer.lines if line.step is not None]
    assert all(0 <= k < len(timeline) for k in steps)


def test_the_answer_of_the_seed() -> None:
    """Y = 2X: one partial that is not a structural zero, and two that are."""
    shown, skipped = seed_example(zeros=True).timeline, seed_example(zeros=False).timeline
    assert why_answer(shown, why(shown, 12, 0, 1)).text.splitlines() == [
        "X.grad[1] = 4 after step 12: 3 contributions",
        "step 7: Y.grad[0] · ∂Y[0]/∂X[1] = 1 · 0 = 0, a structural zero: Y[0] does not read X[1]",
        "step 8: Y.grad[1] · ∂Y[1]/∂X[1] = 2 · 2 = 4",
        "    Y[1] -> X[1]: 2 · 2 = 4",
        "step 9: Y.grad[2] · ∂Y[2]/∂X[1] = 3 · 0 = 0, a structural zero: Y[2] does not read X[1]",
        "Σ = 4, which is X.grad[1] to the last bit",
    ]
    answer = why_answer(skipped, why(skipped, 6, 0, 1))
    assert answer.text.splitlines() == [
        "X.grad[1] = 4 after step 6: 1 contribution, 2 structural zeros not walked",
        "step 5: Y.grad[1] · ∂Y[1]/∂X[1] = 2 · 2 = 4",
        "    Y[1] -> X[1]: 2 · 2 = 4",
        "Σ = 4, which is X.grad[1] to the last bit",
    ]
    assert [line.step for line in answer.lines] == [None, 5, 5, None]


def test_rounded_digits_are_no_equation() -> None:
    """Of each line the two sides, as they are shown, are equal or are said not to be."""
    timeline = tb.load("mlp-2-3-1").trace().timeline
    w = timeline.trace.graph.names["W1"]
    found = why_answer(timeline, why(timeline, len(timeline) - 1, w, 3)).text.splitlines()
    assert found[1].endswith("= 4.06888 · 2 ≈ 8.13777")
    assert "(1 more) · -2 · 0.786448 · 1 · 2 = 8.13777" in found[2]  # nobody can multiply these
    timeline = tb.load("chain").trace().timeline
    found = why_answer(timeline, why(timeline, len(timeline) - 1, 0, 0)).text.splitlines()
    assert found[2].endswith("x: 1 · 2.17727 · -0.628174 · 3 ≈ -4.10312")


def test_a_path_shows_where_others_meet() -> None:
    """Of a fan-out the strongest way is followed, and the others are counted."""
    maker = GraphMaker()
    x = maker.input(2.0, "x")
    h = maker.op("square", x, name="h")
    a = maker.op("multiply", maker.number(3.0), h, name="a")
    b = maker.op("multiply", maker.number(5.0), h, name="b")
    maker.op("add", a, b, name="y")
    timeline = maker.trace().timeline
    answer = why_answer(timeline, why(timeline, len(timeline) - 1, x, 0))
    assert answer.text.splitlines()[1:3] == [
        "step 12: h.grad · ∂h/∂x = 8 · 4 = 32",
        (
            "    y -> b -> h -> x: 1 · 1 · 5 · 4 = 20; "
            "the strongest of 2 paths, 'why h.grad' says more"
        ),
    ]


def test_not_computed_is_an_answer_of_its_own() -> None:
    """While building: when it will be; for what nothing reaches: why not."""
    timeline = tb.load("chain").trace().timeline
    x = timeline.trace.graph.inputs["x"]
    early = why_answer(timeline, why(timeline, 0, x, 0))
    assert early.text.startswith("x.grad is not computed yet at step 0; step ")
    assert early.lines[0].step is not None
    maker = GraphMaker()
    x = maker.input([1.0], "x")
    z = maker.input([1.0], "z")
    maker.op("where", maker.op("greater", z, maker.number(0.0), name="c"), x, x, name="y")
    timeline = maker.trace().timeline
    last = len(timeline) - 1
    assert why_answer(timeline, why(timeline, last, z, 0)).text.splitlines() == [
        f"z.grad[0] is not computed yet at step {last}, and no later step computes it",
        "z is read by z > 0.0, which has no derivative for it",
    ]


def test_a_gradient_that_is_cut_says_so() -> None:
    """The op is there for it: no derivative is lacking."""
    maker = GraphMaker()
    x, z = maker.input([1.0], "x"), maker.input([2.0], "z")
    maker.op("multiply", maker.op("stop_gradient", z, name="k"), x, name="y")
    timeline = maker.trace().timeline
    answer = why_answer(timeline, why(timeline, len(timeline) - 1, z, 0))
    assert answer.text.splitlines()[1] == (
        "z is read by stop_gradient(z), which cuts the gradient: the value goes on, and nothing "
        "comes back"
    )


def test_an_unfinished_sum_says_so() -> None:
    """In the middle of a column, what comes next is named."""
    timeline = seed_example(zeros=True).timeline
    answer = why_answer(timeline, why(timeline, 8, 0, 1))
    assert answer.lines[-1].text == "not finished: step 9 adds to X.grad[1] next"
    assert answer.lines[-1].step == 9


def test_a_gradient_is_followed_over_passes() -> None:
    """From the last zero_grad on; an adjoint inside belongs to its pass alone."""
    maker = GraphMaker()
    x = maker.input(3.0, "x")
    y = maker.op("square", x, name="y")
    passes = (Backward(y), ZeroGrad(), Backward(y), Backward(y))
    timeline = maker.trace(*passes).timeline
    last = len(timeline) - 1
    found = why(timeline, last, x, 0)
    assert [c.pass_number for c in found.contributions] == [2, 3]
    assert found.status.zeroed_at == 4
    assert found.total == 12
    assert [c.value for c in why(timeline, last, y, 0).contributions] == [1.0]


@pytest.mark.parametrize("edges", [1, 10_000])
def test_ten_thousand_contributions_have_a_first_page(edges: int) -> None:
    """Through one edge or through as many: counted, summed, twenty shown."""
    maker = GraphMaker()
    w = maker.input(0.5, "w")
    if edges == 1:
        total = maker.op("sum", maker.op("multiply", w, maker.input(np.ones(10_000))))
    else:
        total = maker.input(0.0)
        for _ in range(edges):
            total = maker.op("add", total, w)
    timeline = maker.trace(Backward(total)).timeline
    found = why(timeline, len(timeline) - 1, w, 0)
    assert (found.count, found.pages, len(found.contributions)) == (10_000, 500, 20)
    assert found.total == 10_000


def test_a_slope_that_is_a_choice_says_whose_it_is() -> None:
    """Below the product that it is a factor of, measured or in words; smooth ops say nothing."""
    maker = GraphMaker()
    x = maker.input([0.0, 2.0, 2.0], "x")
    parts = [maker.op(op, x, name=op[0]) for op in ("abs", "relu", "max", "exp")]
    total = maker.op(
        "add", maker.op("add", parts[0], parts[1]), maker.op("add", parts[2], parts[3])
    )
    maker.op("sum", total, name="y")
    timeline = maker.trace().timeline
    last = len(timeline) - 1
    lines = [
        line.strip() for flat in range(3)
        for line in why_answer(timeline, why(timeline, last, x, flat)).text.splitlines()
        if "choice" in line or "differ there" in line
    ]  # fmt: skip
    tie = "the slope is a choice there: shared alike, as in PyTorch, JAX and TensorFlow"
    assert sorted(lines) == [
        "frameworks differ there: 0, as in PyTorch and TensorFlow; JAX: 1",
        "the slope is a choice there: relu'(0) = 0",
        tie,
        tie,
    ]


def test_where_nothing_arrives_no_slope_has_a_say() -> None:
    """0 times any slope is 0; but 0 times an infinite one is NaN, and there frameworks differ."""
    maker = GraphMaker()
    x = maker.input([0.0, 0.0], "x")
    r, s = maker.op("relu", x, name="r"), maker.op("sqrt", x, name="s")
    maker.op("multiply", maker.op("add", r, s, name="h"), maker.number(0.0), name="y")
    timeline = maker.trace().timeline
    text = why_answer(timeline, why(timeline, len(timeline) - 1, x, 0)).text
    assert "relu'(0)" not in text
    assert "frameworks differ there: NaN, as in PyTorch and JAX; TensorFlow: 0 where v is 0" in text
