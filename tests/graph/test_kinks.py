"""Where a derivative was a choice, and only there, the convention is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from tests.strategies import GraphMaker, traces
from tui_backprop.graph.kinks import convention_at, kink_distance

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


@given(traces())
def test_a_convention_is_named_exactly_where_the_distance_is_zero(trace: Trace) -> None:
    """Entry by entry, broadcasting included; smooth ops name none."""
    for walk in trace.plan.walks.values():
        for edge in walk.edges(trace.graph.nodes):
            node = trace.graph.nodes[edge.node]
            distance = kink_distance(trace, node)
            for j in range(node.size):
                at_kink = distance is not None and (
                    np.broadcast_to(distance, node.shape).ravel()[j] == 0
                )
                assert bool(convention_at(trace, edge, j)) == at_kink


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("relu", ([-1.0, 0.0, 1.0],), ["", "relu'(0) = 0", ""]),
        ("abs", ([0.0, 2.0],), ["abs'(0) = 0", ""]),
        ("maximum", ([1.0, 2.0], 2.0), ["", "a tie splits evenly: 1/2 to each operand"]),
        ("exp", ([0.0],), [""]),
    ],
)
def test_conventions_are_those_of_the_rows(
    name: str, operands: tuple[object, ...], expected: list[str]
) -> None:
    """PyTorch's choices, said where they are used."""
    maker = GraphMaker()
    node = maker.op(name, *(maker.input(np.array(x)) for x in operands))
    trace = maker.trace()
    edge = trace.plan.walks[node].edges(trace.graph.nodes)[0]
    assert [convention_at(trace, edge, j) for j in range(len(expected))] == expected
