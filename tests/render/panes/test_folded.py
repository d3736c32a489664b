"""Folded modules on the tape and in the drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.debug.test_folding import encoder
from tests.modules import INSIDES, modular_traces
from tests.render.views import text_of, titled_view
from tests.strategies import traces
from tui_backprop.debug.debugger import Debugger
from tui_backprop.debug.stops import node_stop, write_stop
from tui_backprop.graph.model import Edge
from tui_backprop.graph.modules import Modules
from tui_backprop.render.panes.graph import drawing_layout, graph_content
from tui_backprop.render.panes.tape_lanes import Lanes
from tui_backprop.render.rows import Rows
from tui_backprop.render.text.charset import ASCII
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.spans import line_width
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace


def rows_of(trace: Trace, inside: str) -> Rows:
    """What is shown from inside of a module."""
    return Rows(Namer(trace.graph), Modules(trace.graph).seen_from(inside))


@given(modular_traces(), st.sampled_from(INSIDES), st.integers(2, 8))
def test_lanes_are_those_of_the_rows(trace: Trace, inside: str, most: int) -> None:
    """A wire for every edge from one row to another, and for no other."""
    rows = rows_of(trace, inside)
    edges = {(p, n.id) for n in trace.graph.nodes for p in n.parents}
    between = {(rows.row_of(p), rows.row_of(n)) for p, n in edges} - {
        (row, row) for row in range(len(rows))
    }
    assert {(p, row) for row, reads in enumerate(rows.parents) for p in reads} == between
    assert all(parent < row for parent, row in between)
    lanes = Lanes(rows.parents, most)
    shown = {(p, row) for row, reads in enumerate(rows.parents) for p in reads
             if lanes.is_drawn(p, row)}  # fmt: skip
    stubs = {(p, row) for row in range(len(rows)) for p in lanes.stubs(row)}
    assert shown | stubs == between


@given(modular_traces(), st.sampled_from(INSIDES))
def test_an_edge_is_one_of_its_row(trace: Trace, inside: str) -> None:
    """By its place among what the row reads; within a row there is none."""
    rows = rows_of(trace, inside)
    for node in trace.graph.nodes:
        for edge in node.edges:
            found = rows.edge(edge)
            ends = rows.row_of(edge.parent), rows.row_of(edge.node)
            assert (found is None) is (ends[0] == ends[1])
            if found is not None:
                assert (found.parent, found.node) == ends
                assert rows.parents[found.node][found.argument] == found.parent


@given(modular_traces(), st.sampled_from(INSIDES))
def test_a_row_shows_what_others_read_of_it(trace: Trace, inside: str) -> None:
    """The last such node, else its last; of parameters alone there is none."""
    rows = rows_of(trace, inside)
    nodes = trace.graph.nodes
    for row in range(len(rows)):
        within, shown = rows.nodes(row), rows.shown(row)
        if shown is None:
            assert rows.is_group(row)
            assert 2 * sum(nodes[n].rule is not None for n in within) <= len(within)
            continue
        read = [n for n in within if any(n in m.parents for m in nodes if m.id not in within)]
        assert shown == (within[-1] if not read else read[-1])


@given(modular_traces(), st.sampled_from(INSIDES), st.data())
def test_every_frame_can_be_drawn(trace: Trace, inside: str, data: st.DataObject) -> None:
    """Rows as wide as the pane, the step's among them, and a click leads into the row."""
    k = data.draw(st.integers(0, trace.timeline.length - 1))
    cells = data.draw(st.integers(20, 130))
    node = data.draw(st.integers(0, len(trace.graph.nodes) - 1))
    frame = trace.timeline[k]
    rows = rows_of(trace, inside)
    for stops in ((), (node_stop(node),), (write_stop(node),)):
        view = titled_view(trace, frame=frame, inside=inside, stops=stops, graph_view="tape")
        content = graph_content(view, cells, 20)
        assert content.size == (cells, rows.row_of(frame.built - 1) + 1)
        lines = [content.line(y, 0, cells) for y in range(content.size[1])]
        assert {line_width(line) for line in lines} == {cells}
        current = rows.row_of(frame.node.id)
        assert content.focus is not None
        if frame.phase is not Phase.ZERO_GRAD:
            assert "▸" in text_of(content, cells, 200)[current]
            assert content.focus.y <= current < content.focus.y + content.focus.height
        for y in range(content.size[1]):
            to = content.step_at(3, y)
            assert to is not None
            there = trace.timeline[to]
            reached = {there.node.id, -1 if there.edge is None else there.edge.parent}
            is_zeroed = there.phase is Phase.ZERO_GRAD
            assert is_zeroed or reached & set(rows.nodes(y))
    marked = [line[0] for line in text_of(graph_content(
        titled_view(trace, frame=trace.timeline[len(trace.graph.nodes) - 1], inside=inside,
                    stops=(node_stop(node),), graph_view="tape"), 60, 99), 60, 99)]  # fmt: skip
    assert [row for row, mark in enumerate(marked) if mark == "◆"] == [rows.row_of(node)]


@given(modular_traces(most_ops=5), st.sampled_from(INSIDES), st.data())
def test_every_frame_can_be_drawn_as_boxes(trace: Trace, inside: str, data: st.DataObject) -> None:
    """A box for each row that is built; a click on one leads to where it begins."""
    frame = trace.timeline[data.draw(st.integers(0, trace.timeline.length - 1))]
    view = titled_view(trace, frame=frame, inside=inside, graph_view="drawing")
    content = graph_content(view, 80, 20)
    rows = rows_of(trace, inside)
    text = "\n".join(text_of(content, content.size[0], content.size[1]))
    built = rows.built(frame.built)
    assert text.count("┌") + text.count("┏") >= built
    layout = drawing_layout(rows, trace)
    assert content.size[1] == layout.height
    left = max(0, (80 - layout.width) // 2)
    for row in range(built):
        box = layout.box(row)
        assert content.step_at(box.x + left + 1, box.y + 1) == rows.nodes(row).start


@given(traces(most_passes=1), st.sampled_from(INSIDES), st.data())
def test_without_modules_pictures_do_not_depend_on_them(
    trace: Trace, inside: str, data: st.DataObject
) -> None:
    """Not even the title."""
    frame = trace.timeline[data.draw(st.integers(0, trace.timeline.length - 1))]
    views = [titled_view(trace, frame=frame, graph_view="tape")]
    views.append(titled_view(trace, frame=frame, inside=inside, graph_view="tape"))
    contents = [graph_content(view, 70, 20) for view in views]
    assert text_of(contents[0], 70, 99) == text_of(contents[1], 70, 99)
    assert [content.title for content in contents] == ["", ""]


def shown(session: Debugger, cells: int = 76, **options: Any) -> list[str]:
    """The tape at the cursor of a session."""
    view = titled_view(
        session.trace, frame=session.frame, inside=session.inside, graph_view="tape", **options
    )
    content = graph_content(view, cells, 20)
    return [content.title, *text_of(content, cells, 99)]


def test_an_encoder_from_outside_and_from_inside() -> None:
    """What a person sees while walking over it, and then into it."""
    session = Debugger(encoder())
    session.execute("next 7")
    assert shown(session) == [
        "modules are folded: step goes in, next goes over",
        "   ○    enc.*  2 parameters",
        "   │ ○  c2     const         (2,)  [3 4]",
        "   │ ●  n3     -c2           (2,)  [−3 −4]",
        " + ●─┘  enc.*  4 ops         (2,)  [0.609538 0.606531]  grad [1 ▸1]",
        " ▸ ●    n8     sum(n7)             1.21607         v    1  ◂ n7",
    ]
    session.execute("unfold")
    assert shown(session) == [
        "in enc.layers: fold goes out",
        "   ○      w               input    (2,)  [1 2]           grad [· ·]",
        "   │ ○    b               input    (2,)  [0.5 0.5]       grad [· ·]",
        "   │ │ ○  c2              const    (2,)  [3 4]",
        "   │ │ ●  n3              -c2      (2,)  [−3 −4]",
        "   ●─│─┘  enc.layers.0.*  2 ops    (2,)  [−0.995055 −0.9999998]",
        " + ●─┘    enc.layers.1.*  2 ops    (2,)  [0.609538 0.606531]  grad [1 ▸1]",
        " ▸ ●      n8              sum(n7)        1.21607         v    1  ◂ n7",
    ]


def test_words_in_rows_are_in_the_language() -> None:
    """How many there are."""
    session = Debugger(encoder())
    session.execute("next")
    assert "2 个参数" in shown(session, language="zh")[1]
    assert "enc.*" in shown(session, charset=ASCII)[1]
    for cells in (28, 40, 60):  # where numbers would stand, if there is no other room
        assert shown(session, cells)[1].endswith(" 2 parameters")


@pytest.mark.parametrize("cells", [20, 30, 40, 60, 100])
def test_paths_keep_their_end(cells: int) -> None:
    """What differs from row to row."""
    session = Debugger(encoder())
    session.execute("goto 9")
    session.inside = "enc.layers"
    rows = shown(session, cells)
    assert [f"{k}.*" in row for k, row in ((0, rows[5]), (1, rows[6]))] == [True, True]


def test_nothing_is_drawn_of_an_edge_within_a_row() -> None:
    """Only its row is marked."""
    session = Debugger(encoder())
    session.execute("goto node 7")
    k = next(f.k for f in session.timeline if f.edge == Edge(6, 7, 0))
    session.goto(k)
    session.inside = ""
    assert shown(session)[4].startswith(" ▸ ●─┘  enc.*")
