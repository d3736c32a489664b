"""Which edges a backward pass walks, before any number is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from tests.strategies import GraphMaker, traces
from tui_backprop.graph.model import Graph, Role
from tui_backprop.graph.plan import active_arguments, walk_from

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


def leads_to_an_input(graph: Graph, node: int) -> bool:
    """Whether some path down from a node is differentiable all the way to an input."""
    rule = graph.nodes[node].rule
    if rule is None:
        return graph.nodes[node].role is Role.INPUT
    return any(
        rule.derivatives[a] is not None and leads_to_an_input(graph, parent)
        for a, parent in enumerate(graph.nodes[node].parents)
    )


@given(traces())
def test_an_argument_is_active_where_it_leads_to_an_input(trace: Trace) -> None:
    """Constants, conditions and comparisons are not walked into."""
    graph = trace.graph
    for node, arguments in zip(graph.nodes, active_arguments(graph), strict=True):
        derivatives = () if node.rule is None else node.rule.derivatives
        expected = tuple(
            a for a, parent in enumerate(node.parents)
            if derivatives[a] is not None and leads_to_an_input(graph, parent)
        )  # fmt: skip
        assert arguments == expected


@given(traces())
def test_a_walk_goes_down_the_tape_and_meets_each_edge_once(trace: Trace) -> None:
    """Nodes in reverse order, arguments in order, only what the output depends on."""
    graph = trace.graph
    arguments = active_arguments(graph)
    for node in graph.nodes:
        walk = walk_from(graph, node.id, arguments)
        edges = walk.edges(graph.nodes)
        order = [(-edge.node, edge.argument) for edge in edges]
        assert order == sorted(set(order))
        reached = {node.id, *(edge.parent for edge in edges)}
        assert {edge.node for edge in edges} <= reached
        for n in reached:
            walked = tuple(edge.argument for edge in edges if edge.node == n)
            assert walked == arguments[n]


def test_a_condition_is_not_walked_into() -> None:
    """``where(x < y, x, y)``: the comparison has no derivative, so no edge leads through it."""
    maker = GraphMaker()
    x, y = maker.input(1.0), maker.input(2.0)
    out = maker.op("where", maker.op("less", x, y), x, y)
    trace = maker.trace()
    edges = trace.plan.walks[out].edges(trace.graph.nodes)
    assert [(edge.argument, edge.parent) for edge in edges] == [(1, x), (2, y)]


def test_from_an_input_there_is_nothing_to_walk() -> None:
    """Its gradient is the seed itself."""
    maker = GraphMaker()
    x = maker.input(1.0)
    maker.op("exp", x)
    assert not walk_from(maker.graph(), x, active_arguments(maker.graph())).nodes
