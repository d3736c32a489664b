"""One pass backward: sums over edges, order, and what stays untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import assume, given

from tests.strategies import GraphMaker, traces
from tui_backprop.graph.jacobian import LocalJacobian
from tui_backprop.graph.passes import accumulate, run_backward

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


@given(traces(most_passes=1))
def test_each_adjoint_is_the_sum_of_vT_J_over_its_edges(trace: Trace) -> None:
    """x̄ = Σ_e v_eᵀ J_e with every J written out as a matrix, where all values are numbers.

    Beside a NaN an entry that is 0 by structure is 0 in the matrix and may be NaN in the VJP.
    """
    assume(all(np.isfinite(value).all() for value in trace.node_values))
    run = trace.runs[0]
    assert run is not None
    sums = {run.of: run.seed.ravel().astype(float)}
    with np.errstate(all="ignore"):
        for edge in run.walk.edges(trace.graph.nodes):
            J = LocalJacobian(trace, edge).toarray()
            assume(np.all(np.abs(J) < 1e15))
            pulled = run.cotangents[edge.node].ravel() @ J
            sums[edge.parent] = sums.get(edge.parent, 0) + pulled
    assert sums.keys() == run.cotangents.keys()
    for node, expected in sums.items():
        assume(np.all(np.abs(expected) < 1e15))
        scale = max(1.0, np.abs(expected).max(initial=0))
        found = run.cotangents[node].ravel()
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * scale)


@given(traces())
def test_cotangents_have_their_nodes_shapes_and_are_read_only(trace: Trace) -> None:
    """Broadcasting is undone wherever it happened."""
    for run in trace.runs:
        for node, cotangent in (run.cotangents if run is not None else {}).items():
            assert cotangent.shape == trace.graph.nodes[node].shape
            assert not cotangent.flags.writeable


@given(traces(most_passes=1))
def test_a_pass_adds_to_the_gradients_it_finds(trace: Trace) -> None:
    """Starting from gradients is starting from nothing and adding them at the end."""
    run = trace.runs[0]
    assert run is not None
    initial = {n: np.ones(trace.graph.nodes[n].shape) for n in trace.graph.inputs.values()}
    with np.errstate(all="ignore"):
        again = run_backward(trace.graph.nodes, trace.node_values, run.walk, run.seed, initial)
    for name, node in trace.graph.inputs.items():
        found, expected = again[node], trace.grad[name] + 1
        finite = np.isfinite(expected) & (np.abs(expected) < 1e15)
        np.testing.assert_allclose(found[finite], expected[finite], rtol=1e-9, atol=1e-9)


def test_accumulating_leaves_the_old_sum_as_it_was() -> None:
    """Earlier frames show it still."""
    first = accumulate(None, np.array([1.0, 2.0]))
    second = accumulate(first, np.array([10.0, 20.0]))
    assert (first.tolist(), second.tolist()) == ([1, 2], [11, 22])
    assert not first.flags.writeable
    assert not second.flags.writeable


def test_the_same_operand_twice_receives_two_contributions() -> None:
    """d(x·x)/dx = x + x, and d(x·x + x·x·x)/dx at 2 is 16."""
    maker = GraphMaker()
    x = maker.input(2.0, "x")
    square = maker.op("multiply", x, x)
    maker.op("add", square, maker.op("multiply", square, x))
    assert maker.trace().grad["x"] == 16
