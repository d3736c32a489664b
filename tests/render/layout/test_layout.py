from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from tests.render.layout.dags import Dag, dags
from tests.render.layout.pictures import Picture
from tui_backprop.render.layout import Canvas, Options, layout, pick


@given(dags())
def test_boxes_never_overlap(dag: Dag) -> None:
    """No two boxes share a cell, all are inside the drawing, and text fits into each."""
    drawn = dag.layout()
    Picture(Canvas(drawn, lambda node: (str(node),), len(dag.parents)))
    assert (drawn.x >= 0).all()
    assert (drawn.x + drawn.w <= drawn.width).all()
    assert (drawn.y >= 0).all()
    assert (drawn.y + drawn.h <= drawn.height).all()
    assert (drawn.w >= dag.widths + 4).all()
    assert (drawn.h == dag.heights + 2).all()


@given(dags())
def test_parents_stand_above_children(dag: Dag) -> None:
    """Every edge goes down, with at least one row between the two boxes."""
    drawn = dag.layout()
    for child, reads in enumerate(dag.parents):
        for parent in reads:
            assert drawn.y[parent] + drawn.h[parent] < drawn.y[child]


@given(dags())
def test_layout_is_deterministic(dag: Dag) -> None:
    """Two layouts of one graph are the same in every number."""
    one, two = dag.layout(), dag.layout()
    for name in ("x", "y", "w", "h", "layer", "layer_y", "layer_h", "column"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    np.testing.assert_array_equal(one.wiring.start, two.wiring.start)
    np.testing.assert_array_equal(one.wiring.end, two.wiring.end)


@given(dags())
def test_leaves_stand_next_to_their_first_use(dag: Dag) -> None:
    """A node that is read stands in the layer above the highest of its readers."""
    drawn = dag.layout()
    for node in range(len(dag.parents)):
        readers = [c for c, reads in enumerate(dag.parents) if node in reads]
        if readers:
            assert drawn.layer[node] == min(drawn.layer[c] for c in readers) - 1


def test_nothing_to_draw() -> None:
    """An empty graph is a drawing without cells."""
    drawn = layout([], np.zeros(0, dtype=np.intp))
    assert (drawn.width, drawn.height) == (0, 0)
    canvas = Canvas(drawn, lambda _: (), 0)
    assert "".join(span.text for span in canvas.line(0, 0, 5)) == "     "
    assert pick(canvas, 0, 0) is None


def test_one_node() -> None:
    """One node is one box in the corner."""
    assert layout([()], np.array([3])).box(0) == (0, 0, 7, 3)


def test_boxes_make_room_for_ports() -> None:
    """A box has two columns for every wire that ends at it, and is odd, so that it has a middle."""
    drawn = layout([(), (), (), (), (0, 1, 2, 3)], np.ones(5, dtype=np.intp))
    assert drawn.w[4] >= 2 * 4 + 2
    assert (drawn.w % 2 == 1).all()


def test_public_arrays_are_read_only() -> None:
    """Nobody can move a box afterwards."""
    drawn = layout([(), (0,)], np.array([3, 3]))
    with pytest.raises(ValueError, match="read-only"):
        drawn.x[0] = 5


@pytest.mark.parametrize("parents", [[(0,)], [(1,), ()], [(), (-1,)]])
def test_parents_must_stand_before_their_readers(parents: list[tuple[int, ...]]) -> None:
    """A cycle, a later node, or a node that is not there is refused, and named."""
    with pytest.raises(ValueError, match=r"node \d reads node -?\d"):
        layout(parents, np.ones(len(parents), dtype=np.intp))


def test_widths_must_match() -> None:
    """A width for each node, no more and no fewer."""
    with pytest.raises(ValueError, match="2 nodes need as many widths"):
        layout([(), ()], np.ones(3, dtype=np.intp))


def test_a_long_chain_is_one_straight_line() -> None:
    """Depth costs no recursion, and a chain of equal boxes has one column."""
    n = 1000
    drawn = layout([(), *((k,) for k in range(n - 1))], np.full(n, 4))
    assert drawn.width == drawn.w[0]
    assert drawn.height == 4 * n - 1


def test_ten_thousand_nodes() -> None:
    """A large random graph keeps the law of the small ones: boxes of a layer stand apart."""
    random = np.random.default_rng(1)
    parents = [
        tuple(int(p) for p in random.integers(max(k - 50, 0), k, random.integers(0, 4)))
        if k
        else ()
        for k in range(10_000)
    ]
    drawn = layout(parents, random.integers(1, 9, 10_000), options=Options(effort=0))
    order = np.lexsort((drawn.x, drawn.layer))
    beside = drawn.layer[order][1:] == drawn.layer[order][:-1]
    gap = drawn.x[order][1:] - (drawn.x + drawn.w)[order][:-1]
    assert (gap[beside] >= 2).all()
