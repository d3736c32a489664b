"""Forward, backward, and evaluating the same graph again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given

from tests.strategies import GraphMaker, seed_example, traces
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.model import Backward, Role, ZeroGrad
from tui_backprop.program import build

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


@given(traces())
def test_values_have_the_shapes_that_the_graph_states(trace: Trace) -> None:
    """Every value, in the graph's dtype, read-only, whatever the rule gave."""
    for node in trace.graph.nodes:
        value = trace.value(node.id)
        assert value.shape == node.shape
        assert value.dtype == trace.graph.dtype
        assert not value.flags.writeable


@given(traces(dtype="float32"))
def test_float32_stays_float32(trace: Trace) -> None:
    """Values and gradients alike: a scenario's dtype is that of every number."""
    cotangents = [x for run in trace.runs if run is not None for x in run.cotangents.values()]
    for array in (*trace.values.values(), *trace.grad.values(), *cotangents):
        assert array.dtype == np.float32


@given(traces())
def test_gradients_have_the_inputs_shapes_and_are_read_only(trace: Trace) -> None:
    """One for every input, also where nothing reaches it."""
    assert list(trace.grad) == list(trace.graph.inputs)
    for name, node in trace.graph.inputs.items():
        assert trace.grad[name].shape == trace.graph.nodes[node].shape
        assert not trace.grad[name].flags.writeable


@given(traces())
def test_running_again_gives_the_same_numbers(trace: Trace) -> None:
    """Two runs are equal, to the last bit."""
    again = trace.rerun()
    for name in trace.values:
        np.testing.assert_array_equal(again.values[name], trace.values[name])
    for name in trace.grad:
        np.testing.assert_array_equal(again.grad[name], trace.grad[name])


@given(traces(most_passes=1))
def test_rerun_on_other_leaves_is_a_fresh_evaluation(trace: Trace) -> None:
    """The plan is shared, the numbers are those of the new leaves, the old trace stays."""
    before = {name: value.tolist() for name, value in trace.values.items()}
    leaves = {name: np.cos(value) for name, value in trace.leaves.items()}
    again = trace.rerun(leaves)
    fresh = Evaluation(trace.graph, leaves, trace.passes)
    for name in trace.grad:
        np.testing.assert_array_equal(again.grad[name], fresh.grad[name])
    assert again.plan is trace.plan
    assert type(again) is type(trace)
    assert str({name: value.tolist() for name, value in trace.values.items()}) == str(before)


@given(traces(most_passes=1))
def test_the_gradient_is_linear_in_v(trace: Trace) -> None:
    """Twice the seed, exactly twice the gradient: doubling does not round."""
    run = trace.runs[0]
    assert run is not None
    doubled = trace.rerun(v=2 * run.seed)
    for name in trace.grad:
        np.testing.assert_array_equal(doubled.grad[name], 2 * trace.grad[name])


def test_leaving_v_out_is_all_ones_and_says_so() -> None:
    """The same gradient; only the run without v remembers that ones were assumed."""
    with_ones, without = seed_example().rerun(v=[1, 1, 1]), _without_v()
    assert with_ones.grad["X"].tolist() == without.grad["X"].tolist() == [2, 2, 2]
    assert [run and run.assumed_ones for run in (*with_ones.runs, *without.runs)] == [False, True]


def _without_v() -> Trace:
    maker = GraphMaker()
    maker.op("multiply", maker.number(2.0), maker.input([1, 2, 3], "X"))
    return maker.trace()


def test_gradients_accumulate_until_zero_grad() -> None:
    """What each pass leaves behind, by its number."""
    maker = GraphMaker()
    x = maker.input(3.0)
    y = maker.op("square", x)
    trace = maker.trace(Backward(y), Backward(y), ZeroGrad(), Backward(x))
    assert [trace.gradients_after(n)[x].item() for n in range(4)] == [6, 12, 0, 1]
    assert trace.gradients_after(-1) == {}


def test_an_input_that_nothing_reaches_has_gradient_zero() -> None:
    """Zeros in its shape; what was not computed is for frames to say."""
    maker = GraphMaker()
    maker.input(np.ones((2, 0, 3)), "unused")
    maker.op("exp", maker.input(1.0))
    grad = maker.trace().grad["unused"]
    assert (grad.shape, grad.size) == ((2, 0, 3), 0)


def test_a_leaf_is_not_the_callers_array() -> None:
    """Whoever gave it may change it afterwards, without changing the trace."""
    mine = np.array([1.0, 2.0])
    trace = GraphMaker()
    trace.op("exp", trace.input(mine, "X"))
    evaluation = trace.trace().rerun({"X": mine})
    mine[0] = 99
    assert evaluation.values["X"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("leaves", "v", "error", "message"),
    [
        ({"X": [1, 2]}, None, ShapeError, r"'X' has shape \(3,\), not \(2,\)"),
        ({"x": 1}, None, ArgumentError, "no input or constant 'x'; there are: X"),
        (None, [[1, 2, 3]], ShapeError, r"shape of 'Y', \(3,\); found \(1, 3\)"),
    ],
)
def test_what_does_not_fit_is_refused(
    leaves: Any, v: Any, error: type[Exception], message: str
) -> None:
    """The message shows what was expected and what was found."""
    with pytest.raises(error, match=message):
        seed_example().rerun(leaves, v)


def test_a_single_number_fits_any_output_of_one_entry() -> None:
    """``v = 3`` and ``v = [3]`` mean the same for shapes () and (1, 1)."""
    maker = GraphMaker()
    maker.op("square", maker.input([[5.0]], "X"))
    trace = maker.trace()
    assert trace.rerun(v=3).grad["X"].tolist() == trace.rerun(v=[3]).grad["X"].tolist() == [[30]]


def test_leaves_that_shaped_the_graph_cannot_change() -> None:
    """A loop bound or an index is part of the structure; the message says what to do."""
    maker = GraphMaker()
    maker.op("exp", maker.input(1.0, "n"))
    graph = maker.graph()
    fixed = type(graph)(graph.nodes, graph.names, graph.inputs, graph.constants, "", graph.dtype,
                        frozenset({"n"}))  # fmt: skip
    with pytest.raises(ArgumentError, match="load it again"):
        Evaluation(fixed, {"n": np.array(1.0)}, [Backward(1)]).rerun({"n": 2.0})


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308])
def test_nan_infinity_and_overflow_are_data(value: float) -> None:
    """Forward and backward go on, and nothing warns."""
    maker = GraphMaker()
    x = maker.input([value, 1.0], "X")
    maker.op("sum", maker.op("log", maker.op("exp", maker.op("multiply", x, x))))
    grad = maker.trace().grad["X"]
    assert grad[1] == 2
    assert not np.isfinite(grad[0])


@pytest.mark.parametrize("number", ["1e300", "[-1e300, 1]", "(1e300 - 2e300)"])
def test_a_number_of_the_program_that_float32_cannot_hold_is_infinite(number: str) -> None:
    """It is written, so it stays; nothing warns."""
    kind = np.dtype(np.float32)
    x = np.ones(2, kind)
    graph = build(f"y = x + {number}", {"x": x}, {}, kind)
    assert np.isinf(Evaluation(graph, {"x": x}, [Backward(graph.names["y"])]).values["y"][0])


@pytest.mark.exhaustive
@pytest.mark.exhaustive
def test_a_chain_of_many_nodes_needs_no_recursion() -> None:
    """10⁵ nodes forward and back."""
    maker = GraphMaker()
    h = maker.input(1.5, "x")
    for _ in range(10**5):
        h = maker.op("negative", h)
    trace = maker.trace()
    assert trace.value(h) == 1.5
    assert trace.grad["x"] == 1.0


def test_only_inputs_have_gradients() -> None:
    """Constants and intermediate nodes are not asked."""
    trace = seed_example()
    assert [trace.is_input(n.id) for n in trace.graph.nodes] == [True, False, False]
    assert trace.graph.nodes[1].role is Role.CONSTANT
    assert list(trace.grad) == ["X"]
