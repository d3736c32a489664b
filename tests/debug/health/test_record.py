"""What is measured of a walk, and what is called sick."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.strategies import GraphMaker, traces
from tui_backprop.api import load
from tui_backprop.debug.health.measures import examined, health
from tui_backprop.debug.health.record import NodeHealth, Thresholds
from tui_backprop.debug.health.report import remarks, summary
from tui_backprop.debug.health.slopes import flattens
from tui_backprop.graph.jacobian import LocalJacobian
from tui_backprop.graph.model import Backward, ZeroGrad
from tui_backprop.graph.sizes import norm
from tui_backprop.progress import run_to_end
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


@given(traces())
def test_norms_are_those_of_the_whole_arrays(trace: Trace) -> None:
    """Of values, of adjoints of the last pass alone, and of every local Jacobian, made whole."""
    found = health(trace)
    last = [p for p in trace.passes if isinstance(p, Backward)][-1]
    alone = trace.again(trace.leaves, [last]).runs[0]
    assert alone is not None
    for node, measured in zip(trace.graph.nodes, found.nodes, strict=True):
        assert measured.value is not None
        np.testing.assert_allclose(measured.value, np.linalg.norm(trace.value(node.id)))
        adjoint = alone.cotangents.get(node.id)
        assert (adjoint is None) == (measured.adjoint is None) == (measured.depth is None)
        if adjoint is not None and measured.adjoint is not None:
            np.testing.assert_allclose(measured.adjoint, np.linalg.norm(adjoint), rtol=1e-12)
        arguments = trace.plan.arguments[node.id]
        whole = [LocalJacobian(trace, node.edges[a]).toarray() for a in arguments]
        assert (measured.jacobian is None) == (not whole)
        if measured.jacobian is not None:
            # An elementwise slope may differ in its last digit from the entry of the Jacobian.
            expected = np.linalg.norm([np.linalg.norm(J) for J in whole])
            np.testing.assert_allclose(measured.jacobian, expected, rtol=1e-9)


@given(st.lists(st.floats(-1e300, 1e300), max_size=5), st.sampled_from([1e-300, 1e-160, 1, 1e8]))
def test_a_norm_neither_overflows_nor_vanishes(numbers: list[float], scale: float) -> None:
    """Against math.hypot, which is careful."""
    x = np.array(numbers) * scale
    assume(np.isfinite(x).all())
    assert norm(x) == pytest.approx(math.hypot(*x.tolist()), rel=1e-12)


def test_a_norm_of_what_is_not_finite() -> None:
    """NaN wins over an infinity."""
    assert norm(np.array([np.inf, 1.0])) == np.inf
    assert np.isnan(norm(np.array([np.inf, np.nan])))
    assert norm(np.zeros(0)) == 0


@given(traces(), st.data())
def test_one_node_is_measured_as_among_all(trace: Trace, data: st.DataObject) -> None:
    """Nothing but the other nodes is missing."""
    whole = health(trace)
    node = data.draw(st.sampled_from(trace.graph.nodes)).id
    alone = run_to_end(examined(trace, only=node))
    assert repr(alone) == repr(replace(whole, nodes=(whole.nodes[node],), roots=()))


def test_a_large_graph_is_measured_in_pieces() -> None:
    """Each tells how far it has come; who stops listening gets nothing."""
    maker = GraphMaker()
    h = maker.input(1.0)
    for _ in range(20_000):
        h = maker.op("exp", h)
    trace = maker.trace()
    pieces = list(examined(trace))
    assert pieces == sorted(pieces)
    assert pieces[0] == 0
    assert 5 < len(pieces) < 50
    assert pieces[-1] < 20_000


def named(scenario: str) -> dict[str, NodeHealth]:
    """The nodes of a shipped scenario by name."""
    return {n.name: n for n in health(load(scenario).trace()).nodes}


def test_the_gradient_that_vanishes() -> None:
    """Ten sigmoids: each edge divides by four or more; below a thousandth of ‖v‖ it is flagged."""
    found = named("vanishing-sigmoids")
    assert found["x"].depth == 10
    assert found["x"].rate == pytest.approx(3.4831156e-7**0.1)
    flagged = {n.depth for n in found.values() if "vanishing" in n.flags}
    assert flagged == {10, 9, 8, 7, 6, 5}


def test_the_gradient_that_explodes() -> None:
    """A factor shared by eight steps receives 1024 times v."""
    found = named("exploding-recurrence")
    assert [n.name for n in found.values() if "exploding" in n.flags] == ["w"]


def test_a_dead_relu_and_what_lies_below_it() -> None:
    """The relu is dead; its operand, and all below, receives 0."""
    found = named("dead-relu")
    assert (found["a"].dead, found["a"].flags) == (1.0, ("dead",))
    assert found["z"].flags == found["b"].flags == ("zero adjoint",)
    assert found["a"].saturated is None


def test_shares_of_entries() -> None:
    """One entry of three of a tanh is so flat that its slope is 0."""
    y = named("saturated-tanh")["y"]
    assert y.dead == y.saturated == pytest.approx(1 / 3)
    limits = Thresholds(flat=0.01, share=0.5)
    found = health(load("saturated-tanh").trace(), limits).nodes[-1]
    assert found.saturated == pytest.approx(2 / 3)
    assert found.flags == ("saturated",)


def test_an_entry_that_one_operand_passes_is_not_dead() -> None:
    """A maximum lets one of the two through at each entry; a constant lets nothing through."""
    maker = GraphMaker()
    x, y = maker.input([1.0, 2.0, 3.0]), maker.input([3.0, 2.0, 1.0])
    maker.op("maximum", x, y)
    maker.op("maximum", x, maker.number(2.5))
    found = health(maker.trace()).nodes
    assert found[2].dead == 0
    assert found[4].dead == pytest.approx(2 / 3)


@pytest.mark.parametrize("op", ["sigmoid", "tanh", "softplus", "exp", "elu", "silu", "gelu"])
def test_ops_that_flatten_out(op: str) -> None:
    """Towards one side at least."""
    params = {p.name: p.default for p in RULES[op].parameters}
    assert flattens(RULES[op], params, 1e-3)


@pytest.mark.parametrize("op", ["relu", "sin", "square", "log", "abs", "sqrt", "floor", "add"])
def test_ops_that_do_not(op: str) -> None:
    """A slope that is 0 by choice is dead, not saturated."""
    assert not flattens(RULES[op], {}, 1e-3)


def test_what_is_not_finite_is_flagged() -> None:
    """In values and in adjoints, NaN and infinities apart."""
    found = named("where-sqrt")
    assert found["r"].flags == ("nan value", "nan slope")
    assert found["x"].flags == ("nan adjoint",)
    maker = GraphMaker()
    maker.op("log", maker.input([0.0, 1.0], "x"), name="y")
    by_name = {n.name: n for n in health(maker.trace()).nodes}
    assert (by_name["y"].flags, by_name["x"].flags) == (
        ("inf value", "inf slope"),
        ("inf adjoint",),
    )
    assert by_name["x"].adjoint == np.inf


def test_large_jacobians_are_left_out_and_counted() -> None:
    """The smallest are looked at first; elementwise ops cost one slope an entry and always are."""
    maker = GraphMaker()
    x = maker.input(np.ones(10))
    y = maker.op("exp", maker.op("cumsum", x))
    maker.op("sum", y)
    found = health(maker.trace(), Thresholds(entries=20))
    assert found.left_out == 1
    assert [n.jacobian is None for n in found.nodes] == [True, True, False, False]
    assert health(maker.trace()).left_out == 0
    assert "1 local Jacobian left out: 20 entries are looked at in all" in remarks(found)[-1]


def test_without_a_backward_pass() -> None:
    """Values are measured all the same; a zero_grad alone is no pass."""
    maker = GraphMaker()
    maker.op("exp", maker.input(1.0))
    found = health(maker.trace(ZeroGrad()))
    assert (found.pass_number, found.output, found.seed) == (None, "", 0.0)
    assert [n.adjoint for n in found.nodes] == [None, None]
    assert "there is no backward pass" in summary(found)


def test_a_v_of_zeros_flags_nothing() -> None:
    """Against nothing, nothing is small."""
    maker = GraphMaker()
    y = maker.op("exp", maker.input(1.0))
    found = health(maker.trace(Backward(y, np.array(0.0))))
    assert not found.flagged
