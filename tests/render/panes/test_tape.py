"""The tape's rows, drawn from plain arrays."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.render.graphs import Row, graph_of, graph_of_parents, leaf, literal, parent_lists
from tests.render.views import titled_view
from tui_backprop.api import load
from tui_backprop.graph.model import Edge, Graph
from tui_backprop.render.panes.node_state import RowState, rows_state
from tui_backprop.render.panes.tape import Tape
from tui_backprop.render.text.arrays import Values
from tui_backprop.render.text.charset import ASCII, UNICODE, Charset
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.spans import line_width, plain

WIDTHS = st.integers(20, 130)


def tape_of(graph: Graph, charset: Charset = UNICODE) -> Tape:
    """A tape that counts from 1."""
    return Tape(Namer(graph, 1, charset), charset)


def rows_of(tape: Tape, cells: int, edge: Edge | None = None) -> list[str]:
    """Every row with small numbers in it, all adjoints known."""
    return [
        plain(
            tape.row(
                node.id,
                RowState(
                    Values(np.full(node.shape, 1.5)),
                    Values(np.full(node.shape, -2.0)),
                    edge=edge,
                    is_current=edge is not None and node.id == edge.node,
                ),
                cells,
            )
        )
        for node in tape.graph.nodes
    ]


def vector_double() -> Graph:
    """Y = 2 * X."""
    return graph_of([leaf("X", 3), literal("2"), Row("Y", "2 * X", (1, 0), (3,))])


def vector_rows(cells: int, charset: Charset = UNICODE) -> list[str]:
    """Y = 2X in the middle of column 2."""
    tape = tape_of(vector_double(), charset)
    edge = Edge(0, 2, 1)
    gradient = Values(np.array([2.0, 4.0, 0.0]), np.array([True, True, False]))
    notes = ("pulling back into X", "X")
    states = [
        RowState(
            Values(np.array([1.0, 2.0, 3.0])), gradient, adjoint_marks={1: "changed"}, edge=edge
        ),
        RowState(Values(np.array(2.0)), edge=edge),
        RowState(
            Values(np.array([2.0, 4.0, 6.0])),
            Values(np.array([1.0, 2.0, 3.0])),
            word="v",
            adjoint_marks={1: "current"},
            edge=edge,
            is_current=True,
            breakpoint=charset.breakpoint,
            notes=notes,
        ),
    ]
    return [plain(tape.row(k, state, cells)).rstrip() for k, state in enumerate(states)]


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        (
            100,
            [
                " + ○    X    input  (3,)  [1 2 3]               grad [2 ▸4 ·]",
                "   ┃ ○  2    const        2",
                (
                    "◆▸ ●─┘  Y    2 * X  (3,)  [2 4 6]               v    [1 ▸2 3]"
                    "  ◂ pulling back into X"
                ),
            ],
        ),
        (
            44,
            [
                " + ○    X    [1 2 3]         grad [2 ▸4 ·]",
                "   ┃ ○  2    2",
                "◆▸ ●─┘  Y    [2 4 6]      v    [1 ▸2 3]  ◂ X",
            ],
        ),
        (
            30,
            [
                " + ○    X    [1 2 3]",
                "   ┃ ○  2    2",
                "◆▸ ●─┘  Y    [2 4 6]  ◂ X",
            ],
        ),
    ],
)
def test_columns_drop_out_as_the_screen_narrows(cells: int, rows: list[str]) -> None:
    """Lanes, name and value stay; the step shows at every width without colour."""
    assert vector_rows(cells) == rows


@pytest.mark.exhaustive
@pytest.mark.exhaustive
@pytest.mark.parametrize("charset", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_who_is_pulled_into_is_named(charset: Charset) -> None:
    """At every width from which on v is shown: blanks and digits give way, or it says it is cut."""
    trace = load("mlp-2-3-1").trace()
    tape = Tape(titled_view(trace, charset=charset).namer, charset)
    for step in range(trace.timeline.length):
        view = titled_view(trace, frame=trace.timeline[step], charset=charset)
        edge = view.frame.edge
        if edge is None:
            continue
        for cells in range(48, 90):
            line = plain(tape.row(edge.node, rows_state(view, tape.rows, edge.node), cells))
            note = line.rpartition(f"{charset.back} ")[2].rstrip()
            name = view.namer.label(edge.parent)
            assert note.endswith((name, charset.ellipsis)), (step, cells, line)


def test_the_tape_in_ascii() -> None:
    """The same picture in other glyphs."""
    assert vector_rows(60, ASCII) == [
        " + o    X    input  [1 2 3]             grad [2 >4 .]",
        "   ! o  2    const  2",
        "B> *-'  Y    2 * X  [2 4 6]             v    [1 >2 3]  < X",
    ]


def test_a_node_that_is_not_built_has_an_empty_row() -> None:
    """The tape grows; nothing moves when it does."""
    assert plain(tape_of(vector_double()).row(2, RowState(), 50)) == " " * 50


def test_a_step_that_makes_a_whole_array_points_at_it() -> None:
    """A value while building, an adjoint when it is seeded or set to zero."""
    tape = tape_of(vector_double())
    value = np.array([1.0, 2.0, 3.0])
    built = tape.row(0, RowState(Values(value), value_role="changed", is_current=True), 60)
    seeded = tape.row(2, RowState(Values(value), Values(value), "v", adjoint_role="changed"), 60)
    assert "▸[1 2 3]" in plain(built)
    assert "v   ▸[1 2 3]" in plain(seeded)
    assert [span.text for span in built if span.role == "changed"] == ["○", "▸[1 2 3]"]


@given(parent_lists(), st.integers(1, 130), st.booleans())
def test_rows_are_exactly_as_wide_as_asked(
    parents: list[tuple[int, ...]], cells: int, is_ascii: bool
) -> None:
    """Whatever the graph and the width; ASCII stays ASCII."""
    charset = ASCII if is_ascii else UNICODE
    for row in rows_of(tape_of(graph_of_parents(parents), charset), cells):
        assert len(row) == cells
        assert row.isascii() or not is_ascii


@given(parent_lists(), st.integers(30, 130))
def test_every_stub_is_named_or_counted(parents: list[tuple[int, ...]], cells: int) -> None:
    """An edge without a line says whom it reads, by label or number, or how many more."""
    tape = tape_of(graph_of_parents(parents))
    gutter = tape.gutter(cells)
    for row, text in enumerate(rows_of(tape, cells)):
        shown = text[3 : 3 + gutter.cells]
        stubs = gutter.lanes.stubs(row)
        named = re.findall(r"←(#?\w+)", shown)
        more = re.search(r"\+(\d+)", shown)
        assert len(named) + (int(more[1]) if more else 0) == len(stubs)
        for name, parent in zip(named, stubs, strict=False):
            assert name in {tape.rows.namer.label(parent), f"#{parent}"}
        assert ("→" in shown) == gutter.lanes.is_beyond(row)


@given(parent_lists(), WIDTHS, st.data())
def test_a_row_depends_on_nothing_but_itself(
    parents: list[tuple[int, ...]], cells: int, data: st.DataObject
) -> None:
    """Rows may be asked for in any order, at any step, by any number of tapes."""
    tape = tape_of(graph_of_parents(parents))
    edges = [Edge(p, row, 0) for row, reads in enumerate(parents) for p in reads]
    edge = data.draw(st.sampled_from([None, *edges]))
    rows_of(tape, cells, data.draw(st.sampled_from([None, *edges])))
    assert rows_of(tape, cells, edge) == rows_of(tape_of(graph_of_parents(parents)), cells, edge)


@given(parent_lists(), WIDTHS)
def test_columns_stand_still(parents: list[tuple[int, ...]], cells: int) -> None:
    """Names start in one column of the screen, whatever the lanes of a row do."""
    tape = tape_of(graph_of_parents(parents))
    start = 3 + tape.gutter(cells).cells + 2
    for k, row in enumerate(rows_of(tape, cells)):
        label = tape.rows.namer.label(k)
        assert row[start : start + 4].startswith(label[: cells - start - 1][:4])


@pytest.mark.parametrize("cells", [20, 30, 50, 80, 120])
def test_wide_names_and_hostile_ones_keep_the_columns(cells: int) -> None:
    """中 takes two cells, an escape sequence takes those of its picture."""
    graph = graph_of([leaf("权重", 2), leaf("a\x1b[2J", 2), Row("损失", "f\n(权重)", (0, 1))])
    tape = tape_of(graph)
    for k in range(3):
        state = RowState(
            Values(np.ones(graph.nodes[k].shape)), notes=("向 权重 反传",), is_current=True
        )
        line = tape.row(k, state, cells)
        assert line_width(line) == cells
        assert plain(line).isprintable()


def test_new_numbers_show_though_rows_are_kept() -> None:
    """Only the very same array may be taken for the same value."""
    tape = tape_of(vector_double())
    first = plain(tape.row(0, RowState(Values(np.array([1.0, 2.0, 3.0]))), 60))
    again = plain(tape.row(0, RowState(Values(np.array([4.0, 5.0, 6.0]))), 60))
    assert "[1 2 3]" in first
    assert "[4 5 6]" in again


def test_a_long_tape_costs_what_it_shows() -> None:
    """A hundred thousand nodes in a row: no recursion, one lane, any row at once."""
    graph = graph_of([leaf("x"), *(Row("", "sin()", (k,)) for k in range(10**5))])
    tape = tape_of(graph)
    line = tape.row(99_999, RowState(Values(np.array(0.5))), 80)
    assert line_width(line) == 80
    assert tape.gutter(80).lanes.count == 1
    assert "#99999" in plain(line)
