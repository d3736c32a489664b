"""Finding a node by what is written in it."""

from __future__ import annotations

import tui_backprop as tb
from tui_backprop.tui.search import find_node

GRAPH = tb.load("mlp-2-3-1").model.graph


def test_every_node_is_found_by_its_label_from_anywhere() -> None:
    """The search goes round."""
    for node in GRAPH.nodes:
        for after in (0, node.id, len(GRAPH.nodes) - 1):
            found = find_node(GRAPH, node.label, after)
            assert found is not None
            assert node.label in (found.label, found.text) or node.label in found.text


def test_goes_on_behind_the_node_it_starts_from() -> None:
    """Searching again gives the next one, and the same one where it is the only one."""
    first = find_node(GRAPH, "tanh", 0)
    assert first is not None
    assert find_node(GRAPH, "TANH", first.id) is first


def test_nothing_found() -> None:
    """None, not a guess."""
    assert find_node(GRAPH, "no such text", 0) is None
