"""Lanes: what is printed can be followed back to every edge."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.render.graphs import parent_lists
from tui_backprop.graph.model import Edge
from tui_backprop.render.panes.tape_lanes import LEAF, OP, REACH, Lanes, RowLanes, lane_cells
from tui_backprop.render.text.spans import line_width, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

PARENTS = parent_lists()
MOST = st.integers(2, 8)


def printed(parents: list[tuple[int, ...]], most: int, edge: Edge | None = None) -> list[str]:
    """The lanes of each row as text."""
    lanes = Lanes(parents, most)
    return [
        plain(lane_cells(lanes, RowLanes(row, reads, "", edge)))
        for row, reads in enumerate(parents)
    ]


def arms(character: str) -> set[str]:
    """The directions in which a box-drawing character draws, by its Unicode name."""
    words = set(unicodedata.name(character, "").split())
    both = {"VERTICAL": {"UP", "DOWN"}, "HORIZONTAL": {"LEFT", "RIGHT"}}
    return (words & {"UP", "DOWN", "LEFT", "RIGHT"}).union(*(both[w] for w in words & set(both)))


def traced(rows: list[str]) -> set[tuple[int, int]]:
    """The edges that a reader of the printed rows sees, knowing nothing else."""
    edges: set[tuple[int, int]] = set()
    carried: dict[int, int] = {}
    for row, text in enumerate(rows):
        at = text.find(OP) if OP in text else text.find(LEAF)
        if text[at] == OP and at in carried:
            edges.add((carried[at], row))
        edges |= {(carried[x], row) for x in joints(text, at)}
        carried = {
            x: node
            for x, node in carried.items()
            if x != at and x < len(text) and "DOWN" in arms(text[x])
        }
        carried[at] = row
        below = rows[row + 1] if row + 1 < len(rows) else ""
        if len(below) <= at or not ("UP" in arms(below[at]) or below[at] == OP):
            del carried[at]
    return edges


def joints(text: str, at: int) -> Iterator[int]:
    """The columns that the horizontal through a glyph joins; it hops over plain verticals."""
    for step, towards in ((-1, "LEFT"), (1, "RIGHT")):
        x = at + step
        while 0 <= x < len(text) and text[x] != " ":
            sides = arms(text[x])
            if sides == {"UP", "DOWN"}:
                if not 0 <= x + step < len(text) or text[x + step] == " ":
                    break
            elif "UP" in sides:
                yield x
                if towards not in sides:
                    break
            x += step


@given(PARENTS, MOST)
def test_every_edge_is_a_line_to_follow_or_a_stub(
    parents: list[tuple[int, ...]], most: int
) -> None:
    """What the eye traces and what the stubs name are together exactly the edges."""
    lanes = Lanes(parents, most)
    edges = {(parent, row) for row, reads in enumerate(parents) for parent in reads}
    seen = traced(printed(parents, most))
    stubs = {(parent, row) for row in range(len(parents)) for parent in lanes.stubs(row)}
    assert seen | stubs == edges
    assert not seen & stubs
    assert seen == {edge for edge in edges if lanes.is_drawn(*edge)}


@given(PARENTS, MOST)
def test_two_live_nodes_never_share_a_lane(parents: list[tuple[int, ...]], most: int) -> None:
    """A lane passes from one node to the next at the reader's row, never before."""
    lanes = Lanes(parents, most)
    for a in range(len(parents)):
        for b in range(a + 1, min(lanes.end[a] + 1, len(parents))):
            if lanes.lane[a] == lanes.lane[b]:
                assert b == lanes.end[a]
                assert a in parents[b]


@given(PARENTS, MOST)
def test_lanes_keep_to_their_limits(parents: list[tuple[int, ...]], most: int) -> None:
    """No more than asked for, none longer than a screen, each ending at a reader."""
    lanes = Lanes(parents, most)
    assert lanes.count <= most
    for node, end in enumerate(lanes.end):
        assert node <= end <= node + REACH
        assert end == node or node in parents[end]


@given(PARENTS, MOST)
def test_stubs_show_at_both_ends(parents: list[tuple[int, ...]], most: int) -> None:
    """A row read by a stub says that it is read further down."""
    lanes = Lanes(parents, most)
    read = {parent for row in range(len(parents)) for parent in lanes.stubs(row)}
    assert {node for node in range(len(parents)) if lanes.is_beyond(node)} == read


@given(PARENTS, MOST)
def test_rows_are_as_wide_as_all_lanes(parents: list[tuple[int, ...]], most: int) -> None:
    """In Unicode and in ASCII."""
    lanes = Lanes(parents, most)
    for row, reads in enumerate(parents):
        shown = RowLanes(row, reads)
        assert line_width(lane_cells(lanes, shown)) == 2 * lanes.count - 1
        assert plain(lane_cells(lanes, shown, is_ascii=True)).isascii()


@given(PARENTS, MOST, st.data())
def test_the_pulled_edge_is_heavy_from_parent_to_node(
    parents: list[tuple[int, ...]], most: int, data: st.DataObject
) -> None:
    """Heavy strokes stand between its ends only, and are the light ones otherwise."""
    edges = [(p, row) for row, reads in enumerate(parents) for p in reads]
    assume(edges)
    parent, node = data.draw(st.sampled_from(edges))
    light, heavy = printed(parents, most), printed(parents, most, Edge(parent, node, 0))
    is_drawn = Lanes(parents, most).is_drawn(parent, node)
    for row, (thin, thick) in enumerate(zip(light, heavy, strict=True)):
        assert [arms(c) for c in thin] == [arms(c) for c in thick]
        is_heavy = any("HEAVY" in unicodedata.name(c) for c in thick)
        assert not is_heavy or (is_drawn and parent < row <= node)
        assert is_heavy or not (is_drawn and parent < row < node)


def test_a_weight_of_a_long_loop_gets_no_lane() -> None:
    """Each turn of the loop looks like the one before."""
    parents: list[tuple[int, ...]] = [(), ()]
    parents += [(0, k - 1) for k in range(2, 60)]
    rows = printed(parents, 8)
    assert rows[:3] == ["○", "○", "●"]
    assert set(rows[2:]) == {"●"}
    assert Lanes(parents, 8).stubs(40) == (0,)


def test_lines_that_only_pass_are_told_from_lines_that_join() -> None:
    """A dash on either side of an upright line hops over it; a cross joins."""
    assert printed([(), (), (), (2, 0), (0, 1, 3), (1, 2)], 8) == [
        "○      ",
        "│ ○    ",
        "│ │ ○  ",
        "├─│─┼─●",
        "●─┼─│─┘",
        "  ●─┘  ",
    ]


def test_at_least_two_lanes() -> None:
    """With one lane no line could pass a glyph."""
    with pytest.raises(ValueError, match="at least 2"):
        Lanes([()], 1)
