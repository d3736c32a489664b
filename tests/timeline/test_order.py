"""The order of partials as arithmetic, against the order written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from tests.strategies import GraphMaker, traces
from tui_backprop.graph.plan import walk_from
from tui_backprop.timeline.order import Place, Route

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph
    from tui_backprop.timeline.trace import Trace


def routes(trace: Trace) -> list[Route]:
    """One route per node that a walk could start from, zeros shown and skipped."""
    graph, arguments = trace.graph, trace.plan.arguments
    return [
        Route(graph, walk_from(graph, node.id, arguments), trace.patterns, zeros=zeros)
        for node in graph.nodes
        for zeros in (True, False)
    ]


def written_out(graph: Graph, route: Route) -> list[Place]:
    """Every partial of a route: edges in order, in an edge columns, in a column rows."""
    found: list[Place] = []
    for number in range(route.edges):
        edge = route.edge(number)
        pattern = route.sparsity(edge)
        for i in range(graph.nodes[edge.parent].size):
            rows = range(graph.nodes[edge.node].size) if route.zeros else pattern.rows(i)
            found += [Place(number, int(j), i) for j in rows]
    return found


@given(traces(most_ops=4))
def test_locating_walks_through_every_partial_in_order(trace: Trace) -> None:
    """``locate`` over all positions is the order written out; ``position`` is its inverse."""
    for route in routes(trace):
        places = written_out(trace.graph, route)
        assert route.length == len(places)
        assert [route.locate(p) for p in range(route.length)] == places
        assert [route.position(place) for place in places] == list(range(route.length))
        assert [route.edge_at(p) for p in range(route.length)] == [place.edge for place in places]


@given(traces(most_ops=4))
def test_runs_of_edges_columns_and_nodes_are_ranges(trace: Trace) -> None:
    """Each is exactly the positions whose partial belongs to it."""
    for route in routes(trace):
        places = list(enumerate(written_out(trace.graph, route)))
        for number in range(route.edges):
            edge = route.edge(number)
            assert list(route.steps(number)) == [p for p, at in places if at.edge == number]
            for i in range(trace.graph.nodes[edge.parent].size):
                expected = [p for p, at in places if at.edge == number and at.i == i]
                assert list(route.steps(number, i)) == expected
            whole = [p for p, at in places if route.edge(at.edge).node == edge.node]
            assert list(route.bounds_of_node(number)) == whole
            assert list(route.run_of_node(edge.node) or ()) == whole


@given(traces(most_ops=4))
def test_edges_into_a_node_are_found_in_walking_order(trace: Trace) -> None:
    """Every edge of the route is listed once, under its parent."""
    for route in routes(trace):
        parents = [route.edge(number).parent for number in range(route.edges)]
        for node in range(len(trace.graph.nodes)):
            expected = [number for number, parent in enumerate(parents) if parent == node]
            assert route.edges_into(node).tolist() == expected


def test_a_structural_zero_is_followed_by_the_next_visited_partial() -> None:
    """Where zeros are skipped, the position of a zero is that of what comes after it."""
    maker = GraphMaker()
    maker.op("exp", maker.input([1.0, 2.0, 3.0]))
    trace = maker.trace()
    route = trace.timeline.walk(0).route
    assert [route.position(Place(0, j, 1)) for j in range(3)] == [1, 1, 2]
    assert route.position(Place(0, 2, 0)) == 1


def test_x_times_x_is_two_edges() -> None:
    """The same parent twice, told apart by argument, contributes twice."""
    maker = GraphMaker()
    x = maker.input(3.0)
    maker.op("multiply", x, x)
    route = maker.trace().timeline.walk(0).route
    assert [route.edge(n).argument for n in range(route.edges)] == [0, 1]
    assert route.edges_into(x).tolist() == [0, 1]
