from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.render.layout.dags import Dag, dags
from tests.render.layout.pictures import Picture, arms, rows_of
from tui_backprop.render.layout import Canvas


def _labels(node: int) -> tuple[str, ...]:
    return (f"n{node}",)


def _expected_stubs(dag: Dag, reveal: int, canvas: Canvas) -> Counter[tuple[str, int]]:
    """What the far edges should say at both ends, from their list alone."""
    edges = [(p, c, a) for c in range(reveal) for a, p in enumerate(dag.parents[c])]
    layered = canvas.layout.layered
    numbers = set(layered.far.tolist())
    far = [e for n, e in enumerate(edges) if n in numbers]
    expected: Counter[tuple[str, int]] = Counter()
    for parent in {p for p, _, _ in far}:
        readers = [c for p, c, _ in far if p == parent]
        more = f"+{len(readers) - 1}" if len(readers) > 1 else ""
        expected[f"▾{readers[0]}{more}", parent] += 1
    for child in {c for _, c, _ in far}:
        operands = [p for p, c, _ in far if c == child]
        if len(dag.parents[child]) > dag.options.most_ports:
            more = f"+{len(operands) - 1}" if len(operands) > 1 else ""
            expected[f"▴{operands[0]}{more}", child] += 1
        else:
            expected.update((f"▴{p}", child) for p in operands)
    return expected


@given(dags(), st.data())
def test_every_edge_is_a_wire_or_two_stubs(dag: Dag, data: st.DataObject) -> None:
    """Followed cell by cell, the wires and stubs of any stage give exactly its edges."""
    reveal = data.draw(st.integers(0, len(dag.parents)))
    canvas = Canvas(dag.layout(), _labels, reveal)
    picture = Picture(canvas)
    far = set(canvas.layout.layered.far.tolist())
    edges = [(p, c) for c in range(reveal) for p in dag.parents[c]]
    assert picture.edges() == Counter(e for n, e in enumerate(edges) if n not in far)
    assert picture.stubs() == _expected_stubs(dag, reveal, canvas)


@given(dags(most=45), st.data())
def test_revealing_moves_nothing(dag: Dag, data: st.DataObject) -> None:
    """Every line seen early is there later too, with at most more arms; boxes are the same."""
    reveal = data.draw(st.integers(0, len(dag.parents)))
    layout = dag.layout()
    early = Picture(Canvas(layout, _labels, reveal))
    late = rows_of(Canvas(layout, _labels, len(dag.parents)))
    for y, row in enumerate(early.rows):
        for x, character in enumerate(row):
            assert arms(character) <= arms(late[y][x])
            if (x, y) in early.box_at and not arms(character):
                assert character == late[y][x]


@given(dags())
def test_near_edges_are_wires(dag: Dag) -> None:
    """Only edges that are too long, or that find no port, become stubs."""
    layout, options = dag.layout(), dag.options
    edges = [(p, c, a) for c, reads in enumerate(dag.parents) for a, p in enumerate(reads)]
    far = set(layout.layered.far.tolist())
    for number, (parent, child, argument) in enumerate(edges):
        longest = options.longest_wire if dag.parents[parent] else options.longest_leaf_wire
        is_long = layout.layer[child] - layout.layer[parent] > longest
        is_crowded = len(dag.parents[child]) > options.most_ports
        assert (number in far) == (is_long or (is_crowded and argument >= options.most_ports - 1))
