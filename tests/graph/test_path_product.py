"""∂y/∂x as a product along a path: it is the J of the whole graph, summed over all paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import assume, given

from tests.strategies import GraphMaker, traces
from tui_backprop.graph.jacobian import TotalJacobian
from tui_backprop.graph.model import Edge
from tui_backprop.graph.path_product import (
    MOST_COUNTED,
    Ways,
    cost,
    factors,
    forward_cost,
    is_small,
    multiplied,
    product_through,
)

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


@given(traces(most_ops=4))
def test_the_products_of_all_paths_add_up_to_the_whole_jacobian(trace: Trace) -> None:
    """One path: the product is ∂y/∂x. Several: their sum is."""
    run = next(run for run in trace.runs if run is not None)
    for wrt in {*trace.graph.inputs.values(), *run.walk.parents}:
        ways = Ways(trace, run.of, wrt)
        chains = [chain for chain in ways.every() if chain]
        assume(ways.count <= 50)
        assert len(chains) == ways.count - (wrt == run.of)
        if not chains:
            continue
        assume(all(is_small(trace, chain) for chain in chains))
        products = [multiplied(trace, chain) for chain in chains]
        total = TotalJacobian(trace, run.of, wrt).toarray()
        sizes = [np.abs(x) for chain in chains for x in factors(trace, chain)]
        assume(all(np.isfinite(x).all() and (x < 1e5).all() for x in sizes))
        np.testing.assert_allclose(sum(products), total, rtol=1e-7, atol=1e-7)


@given(traces(most_ops=4))
def test_what_is_shown_is_the_product_of_a_path_through_the_edge(trace: Trace) -> None:
    """From the output down to here; where several paths lead, their sum stands beside it."""
    run = next(run for run in trace.runs if run is not None)
    for edge in run.walk.edges(trace.graph.nodes):
        found = product_through(trace, run.of, edge.parent, edge)
        assert found.chain[-1] == edge
        assert found.chain[0].node == run.of
        assert all(a.parent == b.node for a, b in zip(found.chain, found.chain[1:], strict=False))
        if found.factors is None or found.product is None:
            continue
        np.testing.assert_array_equal(found.product, multiplied(trace, found.chain))
        if found.whole is not None:
            total = TotalJacobian(trace, run.of, edge.parent).toarray()
            np.testing.assert_array_equal(found.whole, total)
        assert (found.count > 1) >= (found.whole is not None)


def test_the_strongest_of_several_paths_is_followed() -> None:
    """Of y = 3x + exp(x) at 2: the exponential has the larger slope."""
    maker = GraphMaker()
    x = maker.input(2.0)
    thrice = maker.op("multiply", maker.number(3.0), x)
    grown = maker.op("exp", x)
    y = maker.op("add", thrice, grown)
    trace = maker.trace()
    found = product_through(trace, y, x, None)
    assert (found.count, found.choice) == (2, "strongest")
    assert [edge.node for edge in found.chain] == [y, grown]
    assert found.whole is not None
    np.testing.assert_allclose(found.whole, [[3 + np.exp(2.0)]])
    through = product_through(trace, y, x, Edge(x, thrice, 1))
    assert (through.choice, through.chain[-1]) == ("current", Edge(x, thrice, 1))


def test_paths_of_a_long_chain_of_forks_are_counted_without_following_them() -> None:
    """Two ways at each of a thousand nodes: more than anybody follows."""
    maker = GraphMaker()
    x = y = maker.input(1.0)
    for _ in range(1000):
        y = maker.op("add", y, y)
    found = product_through(maker.trace(), y, x, None)
    assert found.count == MOST_COUNTED
    assert (found.choice, len(found.chain)) == ("shortest", 1000)


def test_what_either_order_costs() -> None:
    """Of v · J₃ · J₂ · J₁ with 1×3, 3×3 and 3×6: counted by hand."""
    spent = cost([(1, 3), (3, 3), (3, 6)])
    assert spent.left == (3, 9, 18)
    assert spent.right == (54, 18, 6)
    assert cost([(2, 5)]).left == cost([(2, 5)]).right == (10,)


def test_nothing_leads_from_what_is_not_read() -> None:
    """Another input: no path, no matrix."""
    maker = GraphMaker()
    x, z = maker.input(1.0), maker.input(2.0)
    y = maker.op("exp", x)
    found = product_through(maker.trace(), y, z, None)
    assert (found.count, found.chain, found.product) == (0, (), None)


def test_what_either_order_costs_with_t_on_the_right() -> None:
    """Of J₃ · J₂ · J₁ · t with the same shapes: the transpose of what v costs."""
    spent = forward_cost([(1, 3), (3, 3), (3, 6)])
    assert spent.right == (18, 9, 3)
    assert spent.left == (9, 18, 6)
    shapes = [(2, 3), (3, 4), (4, 5)]
    turned = cost([(n, m) for m, n in reversed(shapes)])
    assert (forward_cost(shapes).right, forward_cost(shapes).left) == (turned.left, turned.right)
