"""What nodes and entries are called when spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.graphs import graph_of, leaf, literal, named_leaves
from tui_backprop.language.catalogue import ENGLISH
from tui_backprop.render.speech.naming import Naming
from tui_backprop.render.speech.reader import Reader
from tui_backprop.render.text.names import Namer

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph

GRAPH = graph_of([leaf("X", 3), leaf("W", 2, 12), leaf("c"), literal("-1.5"), leaf("T", 2, 2, 2)])


def _naming(graph: Graph = GRAPH, **options: int) -> Naming:
    first = 0 if options.get("first") == 0 else 1
    return Naming(Namer(graph, 0 if first == 0 else 1), Reader(ENGLISH))


@pytest.mark.parametrize(
    ("node", "flat", "said"),
    [
        (0, 1, "x 2"),
        (1, 13, "w row 2 column 2"),
        (2, 0, "c"),
        (3, 0, "minus 1.5"),
        (4, 5, "t entry 2, 1, 2"),
    ],
)
def test_entries(node: int, flat: int, said: str) -> None:
    """By the number of axes."""
    assert _naming().entry(node, flat) == said


def test_entries_count_from_what_the_scenario_says() -> None:
    """From 0 where NumPy's way was asked for."""
    assert _naming(first=0).entry(0, 1) == "x 1"
    assert _naming(first=0).cotangent(1, 13) == "v row 1 column 1"


def test_bindings_and_unnamed_nodes_are_told_apart() -> None:
    """Each binding of a name by its number, a node without a name by its own."""
    rows = [leaf("h", 2), leaf("h@2", 2), leaf("", 2)]
    naming = _naming(graph_of(rows))
    assert naming.label(1) == "h version 2"
    assert naming.entry(1, 0) == "h version 2 entry 1"
    assert naming.label(2) == "node 2"
    assert naming.entry(2, 1) == "node 2 entry 2"


@given(named_leaves(st.sampled_from(["X", "x", "h", "W1", "b", "Loss"])))
def test_no_two_entries_are_called_the_same(graph: Graph) -> None:
    """Whatever names are bound again and again."""
    naming = _naming(graph)
    said = [naming.entry(n.id, k) for n in graph.nodes for k in range(n.size)]
    assert len(said) == len(set(said))
