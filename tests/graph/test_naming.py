"""What nodes, entries and partials are called in code."""

from __future__ import annotations

import pytest

from tests.verify.support import evaluate
from tui_backprop.graph.model import Edge
from tui_backprop.graph.naming import adjoint_entry, entry, label, partial, percent, quotient


@pytest.mark.parametrize(
    ("node", "flat", "name"), [(0, 4, "X[1,1]"), (1, 0, "2"), (2, 5, "#2[1,2]"), (3, 0, "Y")]
)
def test_an_entry_is_written_as_numpy_does(node: int, flat: int, name: str) -> None:
    """A name, the digits of a number, or the place on the tape; then brackets, from 0."""
    graph = evaluate("Y = sum(2 * X)", X=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).graph
    assert entry(graph, node, flat) == name


def test_a_partial_is_written_as_a_quotient() -> None:
    """The argument is added only where two edges would be called the same."""
    graph = evaluate("Y = X * Z\nW = Y * Y", X=[1.0, 2.0], Z=1.0).graph
    y, w = graph.find("Y"), graph.find("W")
    assert partial(graph, Edge(y.parents[0], y.id, 0), 1, 1) == "dY[1]/dX[1]"
    assert partial(graph, Edge(y.parents[1], y.id, 1), 1, 0) == "dY[1]/dZ"
    assert partial(graph, Edge(y.id, w.id, 1), 0, 1) == "dW[0]/dY[1] (second argument)"


def test_a_name_bound_twice_says_which_binding() -> None:
    """So that the name, typed back, means the same node."""
    graph = evaluate("h = 2 * X\nh = 3 * h", X=[1.0, 2.0]).graph
    first, last = graph.names["h@1"], graph.find("h").id
    assert (label(graph, first), label(graph, last)) == ("h@1", "h@2")
    assert [graph.names[label(graph, n)] for n in (first, last)] == [first, last]
    assert adjoint_entry(graph, first, 1) == "h@1.grad[1]"
    assert quotient(graph, (last, 0), (0, 1), "∂") == "∂h@2[0]/∂X[1]"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (1, "100%"), (0.5, "50%"), (0.996, "99.6%"), (0.00001, "0.001%"), (0.994, "99%")],
)
def test_all_and_none_are_said_of_all_and_none_only(share: float, text: str) -> None:
    """Elsewhere as many digits as that takes."""
    assert percent(share) == text
