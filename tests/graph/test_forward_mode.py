"""Tangents: they are J·t, the transpose of what backward gives, and what other libraries give."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given

from tests.strategies import GraphMaker, traces
from tui_backprop.errors import ShapeError
from tui_backprop.graph.forward_mode import counted, push_forward, run_tangents, tangent_for
from tui_backprop.graph.jacobian import LocalJacobian, TotalJacobian
from tui_backprop.graph.model import Backward

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Trace


def seeds_of(trace: Trace) -> dict[int, Array]:
    """A tangent of small whole numbers for every input."""
    rng = np.random.default_rng(len(trace.graph.nodes))
    return {
        n: rng.integers(-3, 4, trace.graph.nodes[n].shape).astype(trace.graph.dtype)
        for n in trace.graph.inputs.values()
    }


def tame(trace: Trace) -> None:
    """Leave out graphs whose slopes are so large that rounding is all one sees."""
    run = next(run for run in trace.runs if run is not None)
    for edge in run.walk.edges(trace.graph.nodes):
        J = LocalJacobian(trace, edge).toarray()
        assume(np.isfinite(J).all() and bool((np.abs(J) < 1e4).all()))


@given(traces())
def test_jvp_of_an_edge_is_j_times_t(trace: Trace) -> None:
    """The rule's own JVP and its matrix are one derivative."""
    tame(trace)
    run = next(run for run in trace.runs if run is not None)
    for edge in run.walk.edges(trace.graph.nodes):
        J = LocalJacobian(trace, edge).toarray()
        t = np.arange(1.0, J.shape[1] + 1).reshape(trace.graph.nodes[edge.parent].shape)
        found = push_forward(trace, edge, t)
        assert found.shape == trace.graph.nodes[edge.node].shape
        assert not found.flags.writeable
        np.testing.assert_allclose(found.ravel(), J @ t.ravel(), rtol=1e-7, atol=1e-7)


@given(traces(most_ops=4))
def test_tangents_are_j_times_t_assembled_from_local_jacobians(trace: Trace) -> None:
    """Of every node: the sum over its edges of the local J times the parent's tangent."""
    tame(trace)
    seeds = seeds_of(trace)
    run = run_tangents(trace, seeds)
    edges = run.walk.edges(trace.graph.nodes)
    for node in run.walk.nodes:
        parts = [
            LocalJacobian(trace, e).toarray() @ run.cotangents[e.parent].ravel()
            for e in edges if e.node == node
        ]  # fmt: skip
        np.testing.assert_allclose(
            run.cotangents[node].ravel(), reduce(np.add, parts), rtol=1e-7, atol=1e-6
        )


@given(traces(most_ops=4))
def test_backward_and_forward_are_dual(trace: Trace) -> None:
    """The same number both ways: v · (J t) = (vᵀ J) · t, summed over all inputs."""
    tame(trace)
    first = next(run for run in trace.runs if run is not None)
    v = np.arange(1.0, first.seed.size + 1).reshape(first.seed.shape)
    alone = type(trace)(trace.graph, trace.leaves, [Backward(first.of, v)])
    seeds = seeds_of(trace)
    run = run_tangents(alone, seeds)
    t = run.cotangents.get(first.of)
    pushed = 0.0 if t is None else float(np.vdot(v, t))
    parts = [(alone.grad[name] * seeds[node]).ravel() for name, node in trace.graph.inputs.items()]
    pulled = sum(float(part.sum()) for part in parts)
    size = 1 + sum(float(np.abs(part).sum()) for part in parts)
    assume(np.isfinite(size) and size < 1e8)
    assert pushed == pytest.approx(pulled, rel=1e-7, abs=1e-7 * size)


@given(traces(most_ops=3))
def test_tangents_are_differences(trace: Trace) -> None:
    """J·t is the total Jacobian of each input times its tangent, added up."""
    tame(trace)
    first = next(run for run in trace.runs if run is not None)
    seeds = seeds_of(trace)
    found = run_tangents(trace, seeds).cotangents.get(first.of)
    totals = [
        TotalJacobian(trace, first.of, n).toarray() @ seed.ravel() for n, seed in seeds.items()
    ]
    wanted = reduce(np.add, totals)
    shown = np.zeros(first.seed.size) if found is None else found.ravel()
    assume(bool((np.abs(wanted) < 1e8).all()))
    np.testing.assert_allclose(shown, wanted, rtol=1e-6, atol=1e-5)


def smooth() -> tuple[Trace, int, int, int]:
    """Of tanh(A x) · x + Σ exp(x/4): x is read three times."""
    maker = GraphMaker()
    x = maker.input([0.3, -0.7, 0.2], "x")
    w = maker.input([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0], [-2.0, 1.0, 1.0]], "A")
    h = maker.op("tanh", maker.op("matmul", w, x))
    y = maker.op("multiply", h, x)
    grown = maker.op("exp", maker.op("divide", x, maker.number(4.0)))
    out = maker.op("add", y, maker.op("sum", grown))
    return maker.trace(Backward(out)), x, w, out


def test_tangents_are_what_differences_give() -> None:
    """Central differences along the direction, of a smooth graph with fan-out."""
    trace, x, w, out = smooth()
    seeds = {x: np.array([1.0, -2.0, 0.5]), w: np.linspace(-1, 1, 9).reshape(3, 3)}
    found = run_tangents(trace, seeds).cotangents[out]
    h = 1e-6
    ends = [
        trace.rerun({
            "x": trace.leaves["x"] + s * h * seeds[x], "A": trace.leaves["A"] + s * h * seeds[w],
        }).value(out)
        for s in (1, -1)
    ]  # fmt: skip
    np.testing.assert_allclose(found, (ends[0] - ends[1]) / (2 * h), rtol=1e-7, atol=1e-8)


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is:DeprecationWarning")  # its own import
def test_tangents_are_what_pytorch_and_jax_give() -> None:
    """The same function written in either, where it is installed."""
    trace, x, w, out = smooth()
    seeds = {x: np.array([1.0, -2.0, 0.5]), w: np.linspace(-1, 1, 9).reshape(3, 3)}
    found = run_tangents(trace, seeds).cotangents[out]
    leaves = trace.leaves["x"], trace.leaves["A"]
    torch = pytest.importorskip("torch")
    primals = tuple(torch.tensor(np.array(a)) for a in leaves)
    tangents = tuple(torch.tensor(seeds[n]) for n in (x, w))
    _, theirs = torch.func.jvp(
        lambda a, m: torch.tanh(m @ a) * a + torch.exp(a / 4).sum(), primals, tangents
    )
    np.testing.assert_allclose(found, theirs.numpy(), rtol=1e-12)
    jax = pytest.importorskip("jax")
    import jax.numpy as jnp

    with jax.enable_x64(True):
        _, given_by_jax = jax.jvp(
            lambda a, m: jnp.tanh(m @ a) * a + jnp.exp(a / 4).sum(),
            tuple(jnp.asarray(a) for a in leaves), tuple(jnp.asarray(seeds[n]) for n in (x, w)),
        )  # fmt: skip
        np.testing.assert_allclose(found, np.asarray(given_by_jax), rtol=1e-12)


def test_an_input_without_a_tangent_is_held_fixed() -> None:
    """Only what depends on the seeded input has a tangent."""
    trace, x, w, out = smooth()
    run = run_tangents(trace, {w: np.ones((3, 3))})
    assert run.cotangents.get(x) is None
    assert run.seeded == (w,)
    J = TotalJacobian(trace, out, w).toarray()
    np.testing.assert_allclose(run.cotangents[out], J @ np.ones(9))


def test_a_tangent_has_the_shape_of_its_input() -> None:
    """Both shapes are told."""
    trace, x, _, _ = smooth()
    assert tangent_for(trace.graph, x, [1, 2, 3]).tolist() == [1, 2, 3]
    with pytest.raises(ShapeError, match=r"the shape of 'x', \(3,\); found \(2,\)"):
        tangent_for(trace.graph, x, [1, 2])


def test_what_both_modes_cost() -> None:
    """Of y = sum(w * x): 3 partials of the sum, 3 of the product for each operand.

    Each of the 6 columns of J goes through the sum and through one operand.
    """
    maker = GraphMaker()
    w, x = maker.input([1.0, 2.0, 3.0]), maker.input([4.0, 5.0, 6.0])
    y = maker.op("sum", maker.op("multiply", w, x))
    trace = maker.trace()
    both = counted(trace, y)
    assert (both.one_pass, both.outputs, both.inputs) == (9, 1, 6)
    assert (both.whole_backward, both.whole_forward) == (9, 36)


def test_reverse_mode_is_counted_towards_the_same_inputs() -> None:
    """Of one input the other's partials count in neither mode, nor does what leads elsewhere."""
    maker = GraphMaker()
    w, x = maker.input([1.0, 2.0, 3.0]), maker.input([4.0, 5.0, 6.0])
    y = maker.op("sum", maker.op("multiply", w, x))
    maker.op("exp", x)  # y does not read it
    one = counted(maker.trace(), y, (x,))
    assert (one.one_pass, one.inputs) == (6, 3)
    assert (one.whole_backward, one.whole_forward) == (6, 18)


@given(traces(most_ops=4))
def test_one_number_by_one_number_costs_the_same_either_way(trace: Trace) -> None:
    """And by any input J of one row is not dearer in reverse mode, nor of one column forward."""
    of = next(run.of for run in trace.runs if run is not None)
    for n in trace.graph.inputs.values():
        both = counted(trace, of, (n,))
        assert both.whole_backward * both.inputs == both.whole_forward * both.outputs
