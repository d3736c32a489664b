from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.render.layout.dags import Dag, dags
from tests.render.layout.pictures import Picture
from tui_backprop.graph.model import Edge
from tui_backprop.render.layout import Canvas, layout, pick


@given(dags(most=16), st.data())
def test_what_is_hit_is_what_is_seen(dag: Dag, data: st.DataObject) -> None:
    """Inside a box it is the node, on a wire an edge that is revealed, on a blank nothing."""
    reveal = data.draw(st.integers(0, len(dag.parents)))
    canvas = Canvas(dag.layout(), lambda node: (str(node),), reveal)
    picture = Picture(canvas)
    for y, row in enumerate(picture.rows):
        for x, character in enumerate(row):
            hit = pick(canvas, x, y)
            if (x, y) in picture.box_at:
                assert hit == picture.box_at[x, y]
            elif character == " ":
                assert hit is None
            else:
                assert isinstance(hit, Edge)
                assert hit.node < reveal
                assert dag.parents[hit.node][hit.argument] == hit.parent


@given(dags())
def test_arrow_heads_belong_to_the_box_below(dag: Dag) -> None:
    """A click on the head over a box picks an edge that ends there, each argument once."""
    canvas = Canvas(dag.layout(), lambda node: (str(node),), len(dag.parents))
    picture = Picture(canvas)
    for node, reads in enumerate(dag.parents):
        x, y, w, _ = canvas.layout.box(node)
        heads = [a for a in range(x, x + w) if y and picture.rows[y - 1][a] == "▾"]
        hits = [pick(canvas, a, y - 1) for a in heads]
        assert all(isinstance(hit, Edge) and hit.node == node for hit in hits)
        assert len(set(hits)) == len(hits)
        assert len(hits) <= len(reads)


def test_nothing_outside() -> None:
    """Cells beyond the drawing belong to nothing."""
    canvas = Canvas(layout([()], np.array([1])), lambda _: ("x",), 1)
    for x, y in ((-1, 0), (0, -1), (10**6, 0), (0, 10**6)):
        assert pick(canvas, x, y) is None
