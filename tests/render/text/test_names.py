"""What nodes and entries are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.graphs import Row, graph_of, leaf, literal, named_leaves
from tui_backprop.graph.model import Edge, Graph
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.names import Namer

NAMES = st.sampled_from(
    [
        "x",
        "X",
        "x1",
        "x12",
        "W",
        "w",
        "W_hh",
        "w_hh",
        "Wh",
        "h",
        "f.z",
        "σ",
        "Σ",
        "v",
        "V",
        "V1",
        "v1",
        "J",
        "Y",
        "Y.grad",
        "v.grad",
    ]
)


@given(named_leaves(NAMES), st.sampled_from([0, 1]), st.booleans())
def test_no_two_entries_are_called_the_same(graph: Graph, subscripts: int, is_ascii: bool) -> None:
    """Whatever names a program chose, an entry's name is its own."""
    namer = Namer(graph, 1 if subscripts else 0, *([ASCII] if is_ascii else []))
    entries = [namer.entry(node.id, k) for node in graph.nodes for k in range(node.size)]
    gradients = [namer.gradient(node.id, k) for node in graph.nodes for k in range(node.size)]
    pulled = [namer.cotangent(node.id, k) for node in graph.nodes for k in range(node.size)]
    assert len(set(entries)) == len(entries)
    assert not {*entries} & {*pulled, *gradients}
    assert all(
        vector == gradient or vector not in gradients
        for vector, gradient in zip(pulled, gradients, strict=True)
    )
    assert len(set(gradients)) == len(gradients)


@given(named_leaves(NAMES))
def test_a_label_finds_its_node(graph: Graph) -> None:
    """What stands on screen can be typed: the last binding under the bare name or its number."""
    namer = Namer(graph)
    labels = [namer.label(node.id) for node in graph.nodes]
    assert len(set(labels)) == len(labels)
    assert all((label == f"#{k}") == (not graph.nodes[k].name) for k, label in enumerate(labels))


def small() -> Graph:
    """One of each kind."""
    return graph_of(
        [
            leaf("X", 3),
            literal("2"),
            Row("", "2 * X", (1, 0), (3,)),
            Row("h", "sin(2 * X)", (2,), (3,)),
            Row("h@2", "sin(h)", (3,), (3,)),
            Row("W_hh", "f(h)", (4,), (2, 3)),
            Row("K", "f(h)", (4,), (12, 2)),
            Row("x1", "f(h)", (4,), (2,)),
            Row("Loss", "f(h)", (4,), (2,)),
            Row("Y", "sum(h)", (4,)),
        ]
    )


@pytest.mark.parametrize(
    ("node", "flat", "unicode", "ascii_", "from_zero"),
    [
        (0, 1, "x₂", "x(2)", "x[1]"),
        (1, 0, "2", "2", "2"),
        (2, 0, "#2₁", "#2(1)", "#2[0]"),
        (3, 0, "h@1₁", "h@1(1)", "h@1[0]"),
        (4, 2, "h@2₃", "h@2(3)", "h@2[2]"),
        (5, 4, "w_hh₂₂", "w_hh(2,2)", "w_hh[1,1]"),
        (6, 19, "k₁₀,₂", "k(10,2)", "k[9,1]"),
        (7, 1, "x1₂", "x1(2)", "x1[1]"),
        (8, 1, "Loss₂", "Loss(2)", "Loss[1]"),
        (9, 0, "Y", "Y", "Y"),
    ],
)
def test_entries_as_mathematics_writes_them(
    node: int, flat: int, unicode: str, ascii_: str, from_zero: str
) -> None:
    """Subscripts count from 1; in ASCII round brackets do, square ones count from 0."""
    graph = small()
    assert Namer(graph).entry(node, flat) == unicode
    assert Namer(graph, 1, ASCII).entry(node, flat) == ascii_
    assert Namer(graph, 0, ASCII).entry(node, flat) == from_zero


def test_a_capital_stays_where_the_small_letter_is_taken() -> None:
    """Two nodes X and x are never both x₁."""
    namer = Namer(graph_of([leaf("X", 2), leaf("x", 2)]))
    assert (namer.entry(0, 0), namer.entry(1, 0)) == ("X₁", "x₁")


def test_the_letters_of_mathematics_stay_its_own() -> None:
    """A V keeps its capital; beside a v the vector that is pulled back is the adjoint it is."""
    capital = Namer(graph_of([leaf("V", 2), leaf("V1", 2), Row("Y", "V * V", (0, 0), (2,))]))
    assert [capital.entry(k, 1) for k in (0, 1)] == ["V₂", "V1₂"]
    assert capital.cotangent(2, 1) == "v₂"
    small = Namer(graph_of([leaf("v", 2), Row("", "v * v", (0, 0), (2,)), leaf("J", 2)]))
    assert (small.entry(0, 1), small.cotangent(1, 1)) == ("v₂", "#1.grad₂")
    assert Namer(small.graph, 1, ASCII).cotangent(1, 1) == "#1.grad(2)"
    assert small.jacobian(1, 2) == "∂#1/∂J"
    assert capital.jacobian(2, 0) == "J = ∂Y/∂V"
    edge = Edge(0, 1, 0)
    assert [capital.product(Edge(0, 2, 0)), small.product(edge)] == ["vᵀJ", "#1.gradᵀ·∂#1/∂v"]
    assert Namer(capital.graph, 1, ASCII).product(Edge(0, 2, 0)) == "v^TJ"


def test_the_vector_is_said_to_be_the_adjoint_that_it_was_summed_as() -> None:
    """A seed that is put on an input is added to its gradient, and is not it."""
    namer = Namer(graph_of([leaf("X", 2), Row("Y", "X * X", (0, 0), (2,))]))
    assert [namer.vector_is(k) for k in (0, 1)] == ["v", "v = Y.grad"]
    own = Namer(graph_of([leaf("v", 2), Row("Y", "v * v", (0, 0), (2,))]))
    assert own.vector_is(1) == "Y.grad"


def test_gradients_partials_and_cotangents() -> None:
    """Gradients stand under the label, since that is what is typed."""
    namer, plain = Namer(small()), Namer(small(), 1, ASCII)
    assert namer.gradient(0, 1) == "X.grad₂"
    assert plain.gradient(0, 1) == "X.grad(2)"
    assert namer.gradient(9, 0) == "Y.grad"
    assert namer.partial(Edge(0, 2, 1), 0, 2) == "∂#2₁/∂x₃"
    assert plain.partial(Edge(0, 2, 1), 0, 2) == "d#2(1)/dx(3)"
    assert namer.cotangent(5, 4) == "v₂₂"
    assert namer.cotangent(9, 0) == "v"


def test_labels_and_texts() -> None:
    """As the program writes them; a number is its own label."""
    namer = Namer(small())
    labels = [namer.label(k) for k in range(10)]
    assert labels == ["X", "2", "#2", "h@1", "h@2", "W_hh", "K", "x1", "Loss", "Y"]
    assert [namer.text(k) for k in range(4)] == ["input", "const", "2 * X", "sin(2 * X)"]


def test_names_cannot_reach_the_terminal_raw() -> None:
    """Even a graph that was not read from a file is shown as text."""
    graph = graph_of([leaf("X\x1b[2J", 2), Row("", "a\n +\tb\x07", (0,), (2,))])
    namer = Namer(graph)
    assert namer.label(0) == "X␛[2J"
    assert namer.entry(0, 0) == "X␛[2J₁"
    assert namer.text(1) == "a + b␇"
