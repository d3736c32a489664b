"""Code without a loop computes what the loops over the tape compute, bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.marks import together
from tests.rules.cases import CASES, Case
from tests.strategies import GraphMaker, traces
from tui_backprop.graph.model import Backward
from tui_backprop.graph.straight import StraightLines
from tui_backprop.progress import Progress, listening

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.straight import Computed
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Trace

_SPECIAL: Final = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.3, 1e-320, 1e308])
_OFTEN: Final = 30
"""Runs after which a small graph has its code."""


def _straightly(trace: Trace, leaves: Mapping[str, Array] | None = None) -> Computed | None:
    line = StraightLines(trace.graph, trace.plan).of(trace.passes)
    if line is None:
        return None
    given_leaves = {**trace.leaves, **(leaves or {})}
    with np.errstate(all="ignore"):
        return line.run(trace.plan.start(given_leaves))


def _assert_same_bits(one: Any, other: Any) -> None:
    one, other = np.asarray(one), np.asarray(other)
    assert (one.shape, one.dtype) == (other.shape, other.dtype)
    # A NaN may have any bits, and which operand's it has is for the processor to say.
    np.testing.assert_array_equal(one, other)
    known = ~np.isnan(one)
    np.testing.assert_array_equal(np.signbit(one[known]), np.signbit(other[known]))


def _assert_straight_as_by_loops(trace: Trace, leaves: Mapping[str, Array]) -> None:
    by_loops, straight = trace.rerun(leaves), _straightly(trace, leaves)
    assert straight is not None
    for one, other in zip(by_loops.node_values, straight.node_values, strict=True):
        _assert_same_bits(one, other)
    run = by_loops.runs[0]
    assert run is not None
    assert run.cotangents.keys() == straight.run.cotangents.keys()
    for node, adjoint in run.cotangents.items():
        _assert_same_bits(adjoint, straight.run.cotangents[node])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@together("case", CASES)
def test_every_row_is_what_it_is_in_a_loop(case: Case, dtype: str) -> None:
    """With each of its examples; each operand is read twice, and its value goes on."""
    maker = GraphMaker(dtype)
    operands = [maker.input(x) for x in case.operands(dtype=dtype)]
    y, again = (maker.apply(case.rule, *operands, **case.params) for _ in range(2))
    maker.op("multiply", y, again)
    trace = maker.trace()
    _assert_straight_as_by_loops(trace, {})
    with np.errstate(over="ignore"):
        special_numbers = _SPECIAL.astype(dtype)
    if case.rule.elementwise:  # others may refuse, or never end in, what is not finite
        special = {
            name: np.resize(np.roll(special_numbers, 3 * k), trace.leaves[name].shape)
            for k, name in enumerate(trace.graph.inputs)
        }
        _assert_straight_as_by_loops(trace, special)


@given(traces(most_passes=1))
def test_every_graph_is_what_it_is_in_a_loop(trace: Trace) -> None:
    """Of any ops on any shapes, with constants, and numbers that the program writes."""
    _assert_straight_as_by_loops(trace, {})


@pytest.mark.parametrize("number", [0.0, -0.0, 1.0, 2.0, 0.5, -1.0, 3.0, np.inf, np.nan])
@pytest.mark.parametrize("op", ["add", "subtract", "multiply", "divide", "power", "maximum"])
def test_a_number_of_the_program_is_known_beforehand(op: str, number: float) -> None:
    """The formula is chosen by it once, and is that which it chooses each time."""
    maker = GraphMaker()
    x = maker.input(_SPECIAL)
    maker.op("add", maker.op(op, x, maker.number(number)), maker.op(op, maker.number(number), x))
    _assert_straight_as_by_loops(maker.trace(), {})


@pytest.mark.parametrize("links", [1, 31, 32, 33, 100])
def test_sums_of_many_are_kept_where_the_loop_keeps_them(links: int) -> None:
    """Of a node that so many read: the same sums at the same places, and none changes later."""
    maker = GraphMaker()
    h, w = maker.input([0.1, 0.7, -0.4]), maker.input([1.1, 0.9, 0.3])
    for _ in range(links):
        h = maker.op("sin", maker.op("multiply", h, w))
    trace = maker.trace()
    straight, run = _straightly(trace), trace.rerun().runs[0]
    assert straight is not None
    assert run is not None
    for count in range(links + 1):
        one, other = (r.checkpoints.nearest(w, count) for r in (run, straight.run))
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert one[0] == other[0]
            _assert_same_bits(one[1], other[1])


def _network(width: int = 96) -> Trace:
    """Of arrays that are large enough to be used again."""
    maker = GraphMaker()
    chance = np.random.default_rng(0)
    x, w = (maker.input(chance.normal(size=(width, width))) for _ in range(2))
    h = maker.op("tanh", maker.op("matmul", x, w))
    y = maker.op("multiply", maker.op("matmul", h, w), maker.op("transpose", h, axes=None))
    maker.op("sum", y)
    return maker.trace()


@given(st.lists(st.tuples(st.sampled_from(["drop", "grad", "values", "view", "all"]),
                          st.integers(0, 3)), min_size=1, max_size=8))  # fmt: skip
def test_nobody_sees_a_number_change(plan: list[tuple[str, int]]) -> None:
    """Whatever of earlier evaluations is still held, it is what it was."""
    trace = _network()
    names = tuple(trace.graph.inputs)
    for _ in range(_OFTEN):
        trace.rerun()
    held: list[tuple[Array, Array]] = []
    kept: list[Trace] = []
    for what, seed in plan:
        leaf = np.random.default_rng(seed).normal(size=trace.leaves[names[0]].shape)
        again = trace.rerun({names[0]: leaf})
        some = {
            "drop": [],
            "grad": [again.grad[names[1]]],
            "values": [again.node_values[3], again.leaves[names[0]]],
            "view": [again.node_values[4][1:5].T, again.grad[names[0]][:, 3]],
            "all": [],
        }[what]
        held += [(array, array.copy()) for array in some]
        if what == "all":
            kept.append(again)
            held += [(array, array.copy()) for array in again.node_values]
        leaf[:] = 0.0
    for array, before in held:
        np.testing.assert_array_equal(array, before)
        assert not array.flags.writeable


def test_large_arrays_are_used_again() -> None:
    """What nobody holds is where the next evaluation writes."""
    trace = _network()
    for _ in range(_OFTEN):
        trace.rerun()
    (name, *_) = trace.graph.inputs
    places = {trace.rerun().grad[name].__array_interface__["data"][0] for _ in range(6)}
    assert len(places) <= 2


def test_leaves_in_another_order_are_the_same_numbers() -> None:
    """Column by column, or every second of more: what is computed has the same bits."""
    trace, other = _network(), _network()
    (name, *_) = trace.graph.inputs
    leaf = np.random.default_rng(1).normal(size=trace.leaves[name].shape)
    expected = other.rerun({name: leaf}).grad[name]
    for _ in range(_OFTEN):
        trace.rerun()
    for same in (np.asfortranarray(leaf), np.repeat(leaf, 2, axis=1)[:, ::2], leaf.tolist()):
        np.testing.assert_array_equal(trace.rerun({name: same}).grad[name], expected)


def test_a_graph_that_is_evaluated_often_has_code_and_a_listener_its_loops() -> None:
    """Who may give the work up is told of every op."""
    trace = _network()
    runs = [trace.rerun() for _ in range(_OFTEN)]
    assert trace.straight(trace.passes) is not None
    with listening(Progress()):
        assert trace.straight(trace.passes) is None
        listened = trace.rerun()
    for one, other in zip(listened.node_values, runs[-1].node_values, strict=True):
        _assert_same_bits(one, other)


def test_other_passes_have_their_own_code_or_loops() -> None:
    """Another output, another v, two passes: each is what it is at first."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0])
    y = maker.op("multiply", x, x, name="y")
    z = maker.op("sin", y)
    trace = maker.trace(Backward(z))
    for _ in range(_OFTEN):
        trace.rerun()
    seed = np.array([3.0, 5.0])
    for passes in ((Backward(z, seed),), (Backward(z), Backward(z)), (Backward(z),)):
        expected = maker.trace(*passes)
        found = trace.again(trace.leaves, passes)
        np.testing.assert_array_equal(found.grad["x0"], expected.grad["x0"])
