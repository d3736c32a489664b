from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.render.layout.dags import Dag, dags
from tests.render.layout.pictures import Picture, arms, rows_of
from tui_backprop.graph.model import Edge
from tui_backprop.render.layout import Canvas, Marks, Options, layout
from tui_backprop.render.text.spans import Span, line_width, plain, slice_line, width

if TYPE_CHECKING:
    from tui_backprop.render.text.spans import Line

_TEXTS = ["x", "y = x * x", "中文", "a中b", "W₁", "é", "[1 2 3]", "very long indeed, too long"]


def _label(node: int) -> tuple[str, ...]:
    return (_TEXTS[node % len(_TEXTS)], f"{node} 值")


def _cells(line: Line) -> list[tuple[str, str]]:
    """(character, role) per cell."""
    return [
        (c, span.role)
        for span in line
        for character in span.text
        for c in ([character] if width(character) == 1 else [character, ""])
    ]


def _all_edges(dag: Dag) -> list[Edge]:
    return [Edge(p, c, a) for c, reads in enumerate(dag.parents) for a, p in enumerate(reads)]


def _marks(dag: Dag, data: st.DataObject) -> Marks:
    nodes = st.integers(0, max(len(dag.parents) - 1, 0))
    return Marks(
        node=data.draw(st.none() | nodes),
        edges=tuple(data.draw(st.lists(st.sampled_from(_all_edges(dag) or [Edge(0, 0, 0)])))),
        is_backward=data.draw(st.booleans()),
    )


@given(dags(most=20), st.data())
def test_a_part_of_a_line_is_that_part(dag: Dag, data: st.DataObject) -> None:
    """Any window shows the same cells as the whole line, in the same roles."""
    canvas = Canvas(dag.layout(), _label, len(dag.parents), _marks(dag, data))
    edge = canvas.layout.width + 4
    x0 = data.draw(st.integers(0, edge))
    x1 = data.draw(st.integers(x0, edge))
    for y in range(canvas.layout.height):
        whole, part = canvas.line(y, 0, edge), canvas.line(y, x0, x1)
        assert line_width(part) == x1 - x0
        assert _cells(part) == _cells(slice_line(whole, x0, x1))


@given(dags(most=20), st.data())
def test_marks_change_no_shape(dag: Dag, data: st.DataObject) -> None:
    """Marks make lines heavy and corners round; they never add, remove or move an arm."""
    drawn = dag.layout()
    plainly = Picture(Canvas(drawn, _label, len(dag.parents)))
    marked = rows_of(Canvas(drawn, _label, len(dag.parents), _marks(dag, data)))
    for y, row in enumerate(plainly.rows):
        for x, character in enumerate(row):
            before, after = arms(character), arms(marked[y][x])
            is_head = (x, y + 1) in plainly.box_at or marked[y][x] in "▾▼▴▲"
            # the upper border of a reader gains an arm where the arrow head above it has turned
            assert before <= after or is_head
            assert after - before <= {(0, -1)}


@given(dags(most=20), st.data())
def test_wide_characters_do_not_shift_borders(dag: Dag, data: st.DataObject) -> None:
    """Whatever the labels hold, every line has the same cells, and borders stay where they are."""
    drawn = dag.layout()
    marks = _marks(dag, data)
    texts = data.draw(st.lists(st.text(max_size=9), min_size=1, max_size=4))
    canvas = Canvas(drawn, lambda node: (texts[node % len(texts)],), len(dag.parents), marks)
    blank = Canvas(drawn, lambda _: (), len(dag.parents), marks)
    for y in range(drawn.height):
        line = canvas.line(y, 0, drawn.width)
        assert line_width(line) == drawn.width
        for cell, other in zip(_cells(line), _cells(blank.line(y, 0, drawn.width)), strict=True):
            assert other in (cell, (" ", ""))


@given(dags(most=20), st.data())
def test_ascii_is_ascii(dag: Dag, data: st.DataObject) -> None:
    """The ASCII drawing has only ASCII, and lines wherever the other one has them."""
    marks = _marks(dag, data)
    drawn = dag.layout()
    fine = Canvas(drawn, _label, len(dag.parents), marks)
    coarse = Canvas(drawn, _label, len(dag.parents), marks, "ascii")
    for y in range(drawn.height):
        text = plain(coarse.line(y, 0, drawn.width))
        assert text.isascii()
        for here, there in zip(_cells(fine.line(y, 0, drawn.width)), text, strict=True):
            if arms(here[0]):
                assert there in "+-|=#^v.'"


@given(dags(most=20), st.data())
def test_a_current_edge_is_heavy_from_end_to_end(dag: Dag, data: st.DataObject) -> None:
    """From the port of its parent to the port of its child, each cell is in role current."""
    edges = _all_edges(dag)
    assume(edges)
    edge = data.draw(st.sampled_from(edges))
    marks = Marks(edges=(edge,), is_backward=data.draw(st.booleans()))
    canvas = Canvas(dag.layout(), _label, len(dag.parents), marks)
    rows = [_cells(canvas.line(y, 0, canvas.layout.width)) for y in range(canvas.layout.height)]
    heavy = {(x, y) for y, row in enumerate(rows) for x, (_, role) in enumerate(row) if role}
    heavy = {(x, y) for x, y in heavy if rows[y][x][1] == "current"}
    parent, child = canvas.layout.box(edge.parent), canvas.layout.box(edge.node)
    starts = {(x, y) for x, y in heavy if y == parent.y + parent.height - 1}
    starts = {(x, y) for x, y in starts if parent.x < x < parent.x + parent.width - 1}
    ends = {(x, y) for x, y in heavy if y == child.y - 1 and child.x < x < child.x + child.width}
    assert starts
    assert ends
    reached, stack = set(starts), list(starts)
    while stack:
        x, y = stack.pop()
        near = {(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)} & heavy - reached
        reached |= near
        stack += near
    is_wire = not any(c.isdigit() for x, y in heavy for c in rows[y][x][0])
    assert not is_wire or reached >= ends


def test_labels_are_cut_to_their_box() -> None:
    """A text that is wider than its box ends with an ellipsis; further lines do not appear."""
    canvas = Canvas(layout([()], np.array([5]), 1), lambda _: ("abcdefgh", "second"), 1)
    assert [plain(canvas.line(y, 0, 9)) for y in range(3)] == [
        "┌───────┐",
        "│ abcd… │",
        "└───────┘",
    ]


def test_labels_keep_their_roles() -> None:
    """A label may be a line of spans, so that a value can show what changed."""
    label = (Span("x "), Span("2", "changed"))
    canvas = Canvas(layout([()], np.array([3])), lambda _: (label,), 1)
    assert Span("2", "changed") in canvas.line(1, 0, 7)


def test_labels_cannot_move_the_cursor() -> None:
    """Control characters in a label are replaced by pictures."""
    canvas = Canvas(layout([()], np.array([5])), lambda _: ("a\x1b[2J",), 1)
    assert plain(canvas.line(1, 0, 9)) == "│ a␛[2J │"


def test_lines_outside_of_the_drawing_are_blank() -> None:
    """Above, below, and to the right there are spaces, as many as were asked for."""
    canvas = Canvas(layout([()], np.array([1])), lambda _: ("x",), 1)
    assert plain(canvas.line(-1, 0, 4)) == "    "
    assert plain(canvas.line(3, 0, 4)) == "    "
    assert plain(canvas.line(1, 3, 8)) == " │   "
    assert canvas.line(1, 5, 5) == ()


def test_only_visible_boxes_are_asked_for_labels() -> None:
    """A line of a large drawing costs what is visible of it."""
    asked: list[int] = []

    def label(node: int) -> tuple[str, ...]:
        asked.append(node)
        return ("x",)

    drawn = layout([() for _ in range(50)], np.ones(50, dtype=np.intp))
    Canvas(drawn, label, 50).line(1, 0, 20)
    assert asked == sorted(range(50), key=lambda n: int(drawn.x[n]))[:3]


@pytest.mark.parametrize("edge", [Edge(0, 9, 0), Edge(1, 2, 0), Edge(0, 2, 7), Edge(0, -1, 0)])
def test_marks_of_edges_that_are_not_there_are_ignored(edge: Edge) -> None:
    """A stale mark draws nothing."""
    drawn = layout([(), (), (0, 1)], np.ones(3, dtype=np.intp))
    assert rows_of(Canvas(drawn, _label, 3, Marks(edges=(edge,)))) == rows_of(
        Canvas(drawn, _label, 3)
    )


def test_a_stub_names_the_current_edge_first() -> None:
    """Of the readers of a far node, the one being pulled back is shown."""
    drawn = layout([(), (0,), (1,), (2, 0), (3, 0)], np.ones(5), options=Options(1, 1))
    texts = []
    for edge in (Edge(0, 3, 1), Edge(0, 4, 1)):
        canvas = Canvas(drawn, _label, 5, Marks(edges=(edge,), is_backward=True))
        texts.append("".join(plain(canvas.line(y, 0, drawn.width)) for y in range(drawn.height)))
    assert "▼3+1" in texts[0]
    assert "▼4+1" in texts[1]
    assert "▲0" in texts[0]
