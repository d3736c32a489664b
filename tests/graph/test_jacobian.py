"""Local and total Jacobians: every way of reading them agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.strategies import GraphMaker, traces
from tui_backprop.graph.jacobian import LocalJacobian, TotalJacobian, local_vjp, picked
from tui_backprop.graph.model import Backward, Edge

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


def edges(trace: Trace) -> list[Edge]:
    """Every edge that some walk could go."""
    return [edge for walk in trace.plan.walks.values() for edge in walk.edges(trace.graph.nodes)]


@given(traces())
def test_rows_columns_blocks_and_entries_read_the_same_matrix(trace: Trace) -> None:
    """Whichever part is looked at, its numbers are those of the whole."""
    for edge in edges(trace):
        J = LocalJacobian(trace, edge)
        m, n = J.shape
        whole = J.toarray()
        assert whole.shape == (m, n)
        for j in range(m):
            np.testing.assert_array_equal(J.row(j), whole[j])
        for i in range(n):
            np.testing.assert_array_equal(J.column(i), whole[:, i])
            rows, partials = J.column_entries(i)
            assert rows.shape == partials.shape
            np.testing.assert_array_equal(partials, whole[rows, i])
        for j, i in np.ndindex(min(m, 3), min(n, 3)):
            np.testing.assert_equal(J.entry(j, i), whole[j, i])


@given(traces())
def test_outside_the_sparsity_every_partial_is_zero(trace: Trace) -> None:
    """Structural zeros are exactly 0, also where numbers are NaN or infinite."""
    for edge in edges(trace):
        J = LocalJacobian(trace, edge)
        m, n = J.shape
        outside = ~J.sparsity.contains(np.arange(m)[:, None], np.arange(n)[None, :])
        assert not J.toarray()[outside].any()


@given(traces())
def test_vT_J_is_the_vjp(trace: Trace) -> None:
    """The matrix and the vectorised rule are one derivative."""
    for edge in edges(trace):
        J = LocalJacobian(trace, edge)
        whole = J.toarray()
        assume(np.all(np.abs(whole) < 1e15))
        v = np.arange(1.0, J.shape[0] + 1).reshape(trace.graph.nodes[edge.node].shape)
        found = local_vjp(trace, edge, v)
        assert found.shape == trace.graph.nodes[edge.parent].shape
        np.testing.assert_allclose(found.ravel(), v.ravel() @ whole, rtol=1e-9, atol=1e-9)


@given(traces(most_ops=3))
def test_the_total_jacobian_times_v_is_the_gradient(trace: Trace) -> None:
    """Row by row by unit vectors, or at once by v: vᵀ · ∂of/∂input."""
    run = next(run for run in trace.runs if run is not None)
    alone = type(trace)(trace.graph, trace.leaves, [Backward(run.of, run.seed)])
    for name, node in trace.graph.inputs.items():
        total = TotalJacobian(alone, run.of, node)
        whole = total.toarray()
        assume(np.all(np.abs(whole) < 1e15))
        np.testing.assert_allclose(
            run.seed.ravel() @ whole, alone.grad[name].ravel(), rtol=1e-8, atol=1e-8
        )
        for j in range(total.shape[0]):
            np.testing.assert_array_equal(total.row(j), whole[j])
            assert not total.row(j).flags.writeable


def test_the_total_jacobian_of_an_input_with_respect_to_itself_is_the_identity() -> None:
    """∂x/∂x, without a single edge to walk."""
    maker = GraphMaker()
    x = maker.input([1.0, 2.0])
    trace = maker.trace(Backward(x))
    assert TotalJacobian(trace, x, x).toarray().tolist() == [[1, 0], [0, 1]]


def test_rows_that_were_looked_at_do_not_pile_up() -> None:
    """All rows of a tall matrix are read; the memory held stays within a bound."""
    maker = GraphMaker()
    x = maker.input(np.ones(1 << 16))
    trace = maker.trace(Backward(maker.op("exp", x)))
    total = TotalJacobian(trace, 1, x)
    for j in range(200):
        assert total.row(j)[j] == np.exp(1.0)
    assert len(total._rows) * (8 << 16) <= 64 << 20


@given(st.data())
def test_picking_reads_any_layout(data: st.DataObject) -> None:
    """Transposed, repeated, sliced or 0-d: flat positions count in C order of the shape."""
    base = np.arange(24.0)
    layouts = [
        base, base.reshape(4, 6).T, np.broadcast_to(base[:3], (2, 3)), base.reshape(4, 6)[:, ::2],
        np.array(7.0), np.zeros((0, 3)), base.reshape(2, 3, 4).swapaxes(0, 2),
    ]  # fmt: skip
    array = data.draw(st.sampled_from(layouts))
    flat = np.arange(array.size)
    np.testing.assert_array_equal(picked(array, flat), array.ravel())
    np.testing.assert_array_equal(picked(array, flat[:, None]), array.ravel()[:, None])
    if array.size:
        assert picked(array, 0) == array.ravel()[0]
