"""The lanes of the tape: which lane carries which node, how far down, and how it is drawn.

Lanes are decided once for the final graph, so that nothing moves while the graph grows. It is a
register allocation: a node holds a lane from its row to the last reader that is near enough; where
lanes run out, the one needed longest is given up early.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.render.layout.wires import box_drawing
from tui_backprop.render.text.spans import Line, Span, fit_line, merge, plain, slice_line, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Edge
    from tui_backprop.render.rows import Rows
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import SpanRole
    from tui_backprop.rules.types import IntArray


REACH: Final = 24
"""Rows that a lane spans at most, about a screen; what nobody can follow is a labelled stub."""


class Lanes:
    """The lanes of one graph, whose nodes are rows; several may share one.

    An edge is *drawn* if its parent's lane still runs at the reader's row; every other edge is a
    *stub*. A lane always ends in the row of a reader, or in the node's own row.

    Attributes:
        count: lanes in use.
        lane: for each node the lane that its glyph stands in.
        end: for each node the last row of its lane; its own row where it has none.
    """

    def __init__(self, parents: Sequence[tuple[int, ...]], most: int) -> None:
        """Assign the lanes, at most ``most``, which is 2 or more.

        Args:
            parents: for each row the rows that it reads.
            most: how many lanes there may be.
        """
        if most < 2:
            raise ValueError(f"a tape needs at least 2 lanes, not {most}")
        counts = np.fromiter(map(len, parents), dtype=np.intp, count=len(parents))
        total = int(counts.sum())
        from_node = np.fromiter(chain.from_iterable(parents), dtype=np.intp, count=total)
        to_node = np.repeat(np.arange(len(parents)), counts)
        assignment = _Assignment(parents, _wished_ends(counts, from_node, to_node), most)
        self.lane = assignment.lane
        self.end = assignment.end
        lanes = np.asarray(self.lane, dtype=np.intp)
        self.count = int(lanes.max(initial=0)) + 1
        self._starts = [np.flatnonzero(lanes == lane).tolist() for lane in range(self.count)]
        is_stub = np.asarray(self.end, dtype=np.intp)[from_node] < to_node
        self._stub_parents, self._stub_rows = from_node[is_stub], to_node[is_stub]
        self._beyond = np.zeros(len(parents), dtype=bool)
        self._beyond[self._stub_parents] = True

    def from_above(self, row: int) -> list[int | None]:
        """For each lane the node whose line comes down into ``row``, or None."""
        found: list[int | None] = []
        for starts in self._starts:
            at = bisect_left(starts, row) - 1
            runs = at >= 0 and self.end[starts[at]] >= row
            found.append(starts[at] if runs else None)
        return found

    def is_drawn(self, parent: int, node: int) -> bool:
        """Whether the edge is a line; otherwise it is a stub."""
        return self.end[parent] >= node

    def is_beyond(self, node: int) -> bool:
        """Whether some reader of a node is reached by a stub only."""
        return bool(self._beyond[node])

    def stubs(self, row: int) -> tuple[int, ...]:
        """The parents that a row reads through stubs, each once, by argument."""
        start, stop = np.searchsorted(self._stub_rows, (row, row + 1))
        return tuple(dict.fromkeys(self._stub_parents[start:stop].tolist()))

    @property
    def stub_edges(self) -> tuple[IntArray, IntArray]:
        """All edges that are stubs, in the order of rows: their parents, their rows."""
        return self._stub_parents, self._stub_rows


def _wished_ends(counts: IntArray, from_node: IntArray, to_node: IntArray) -> list[int]:
    """Where lanes would end if there were enough of them.

    A leaf that is read far below, such as a weight in an unrolled loop, gets no lane at all, so
    that each turn of the loop looks alike. Any other node is followed to its near readers.

    Args:
        counts: for each node how many operands it reads.
        from_node: for each edge its parent, in the order of rows.
        to_node: for each edge its reader.
    """
    own = np.arange(len(counts))
    last, near = own.copy(), own.copy()
    # Rows ascend, and of repeated indices the last assignment holds.
    last[from_node] = to_node
    is_near = to_node - from_node <= REACH
    near[from_node[is_near]] = to_node[is_near]
    is_far_leaf = (counts == 0) & (last != near)
    ends: list[int] = np.where(is_far_leaf, own, near).tolist()
    return ends


class _Assignment:
    """One run over the rows, which finds `lane` and `end` of `Lanes`."""

    def __init__(self, parents: Sequence[tuple[int, ...]], ends: list[int], most: int) -> None:
        self.lane = [0] * len(parents)
        self.end = ends
        self._parents = parents
        self._holder = [-1] * most
        self._until = [-1] * most
        self._last_reader = list(range(len(parents)))
        self._run()

    def _run(self) -> None:
        lane, end, last_reader = self.lane, self.end, self._last_reader
        for row, reads in enumerate(self._parents):
            own = -1
            for parent in reads:
                stop = end[parent]
                if stop >= row:
                    last_reader[parent] = row
                    if stop == row and (own < 0 or lane[parent] < own):
                        own = lane[parent]
            if own < 0:
                own = self._free(row)
            lane[row] = own
            self._holder[own] = row
            self._until[own] = end[row]

    def _free(self, row: int) -> int:
        """The leftmost lane that nothing runs through; where there is none, one is given up.

        A glyph right above the glyph of an op would read as an edge between the two. A leaf has
        no edge from above, so that it may stand anywhere.
        """
        above = self.lane[row - 1] if self._parents[row] and row else -1
        for lane, until in enumerate(self._until):
            if until < row and lane != above:
                return lane
        return self._give_up(row, above)

    def _give_up(self, row: int, above: int) -> int:
        """End the lane that is needed longest at its last reader above ``row``, and take it.

        Where that node is read in ``row`` itself, its line can still come down to there.
        """
        reads = self._parents[row]
        chosen = furthest = -1
        for lane, until in enumerate(self._until):
            if until > furthest and (lane != above or self._holder[lane] in reads):
                chosen, furthest = lane, until
        victim = self._holder[chosen]
        self.end[victim] = self._last_reader[victim]
        return chosen


def stroke(up: int, down: int, left: int, right: int, *, is_ascii: bool = False) -> str:
    """The character whose arms have these weights: 0 none, 1 light, 2 heavy.

    In ASCII, corners that open upwards are ``'``, those that open downwards ``.``, joints ``+``;
    heavy lines are ``!`` and ``=`` between them.
    """
    if not is_ascii:
        return box_drawing(up, down, left, right)
    vertical, horizontal = max(up, down), max(left, right)
    if not horizontal:
        return " |!"[vertical]
    if not vertical:
        return " -="[horizontal]
    return "'" if not down else "." if not up else "+"


LEAF, OP = "○", "●"
_ASCII_GLYPHS: Final = {LEAF: "o", OP: "*"}


def glyph_of(*, is_op: bool, is_ascii: bool) -> str:
    """What stands for a node: an op, or a leaf."""
    glyph = OP if is_op else LEAF
    return _ASCII_GLYPHS[glyph] if is_ascii else glyph


@dataclass(frozen=True, slots=True)
class RowLanes:
    """What of the lanes one row shows.

    Attributes:
        row: the node whose row it is.
        parents: its operands.
        role: of its glyph.
        edge: the edge being pulled back, drawn heavy where it passes; None for no edge.
    """

    row: int
    parents: tuple[int, ...]
    role: SpanRole = ""
    edge: Edge | None = None


def lane_cells(lanes: Lanes, shown: RowLanes, *, is_ascii: bool = False) -> Line:
    """The lanes of a row: ``2 · count − 1`` cells, a lane in every second one.

    A line that joins the row's node meets the horizontal in ``┘ └ ┤ ├ ┴ ┼``; a line that only
    passes is ``│`` between two dashes. So each edge can be followed.
    """
    own = lanes.lane[shown.row]
    above = lanes.from_above(shown.row)
    joined = {at for at, node in enumerate(above) if node in shown.parents}
    light = (min((*joined, own)), max((*joined, own)))
    heavy_lane, heavy = _pulled(lanes, shown)
    arms: list[tuple[int, int, int, int]] = []
    for lane, node in enumerate(above):
        left = _weight(lane - 1, light, heavy)
        right = _weight(lane, light, heavy)
        up = 0 if node is None else 1 + (lane == heavy_lane)
        down = up if node is not None and lanes.end[node] > shown.row else 0
        if lane == heavy_lane and heavy != _NOWHERE:
            down = min(down, 1)
        is_passing = node is not None and lane not in joined
        arms.append((up, down, 0, 0) if is_passing else (up, down, left, right))
        arms.append((0, 0, right, right))
    text = [stroke(*cell, is_ascii=is_ascii) for cell in arms[:-1]]
    roles: list[SpanRole] = ["current" if max(cell) == 2 else "dim" for cell in arms[:-1]]
    text[2 * own] = glyph_of(is_op=bool(shown.parents), is_ascii=is_ascii)
    roles[2 * own] = shown.role
    return _spans("".join(text), roles)


_NOWHERE: Final = (-1, -1)
"""A stretch without cells."""


def _spans(text: str, roles: list[SpanRole]) -> Line:
    """Runs of one role."""
    stops = [x for x in range(1, len(text)) if roles[x] != roles[x - 1]]
    return tuple(
        Span(text[start:stop], roles[start])
        for start, stop in zip((0, *stops), (*stops, len(text)), strict=True)
    )


def _pulled(lanes: Lanes, shown: RowLanes) -> tuple[int, tuple[int, int]]:
    """The lane that is heavy above this row, −1 for none, and the heavy stretch across it."""
    edge = shown.edge
    if edge is None or not edge.parent < shown.row <= edge.node:
        return -1, _NOWHERE
    if not lanes.is_drawn(edge.parent, edge.node):
        return -1, _NOWHERE
    lane, own = lanes.lane[edge.parent], lanes.lane[shown.row]
    return lane, (min(lane, own), max(lane, own)) if shown.row == edge.node else _NOWHERE


def _weight(lane: int, light: tuple[int, int], heavy: tuple[int, int]) -> int:
    """The weight of the horizontal between a lane and the next one."""
    if heavy[0] <= lane < heavy[1]:
        return 2
    return int(light[0] <= lane < light[1])


_KEPT_ROWS: Final = 1024


class Gutter:
    """Lanes and stubs of one graph at one number of lanes.

    ``←W1`` reads a node further up, by its label or its number; ``→`` says that rows further down
    read this one so. Stubs stand right behind the lanes of their row.

    Attributes:
        lanes: who is drawn where.
        cells: width of every row.
    """

    def __init__(self, rows: Rows, charset: Charset, lanes: int, stub_cells: int) -> None:
        """Lay out the graph, with at most so many lanes and cells for stubs."""
        self.lanes = Lanes(rows.parents, lanes)
        self._rows = rows
        self._charset = charset
        self._kept: dict[int, Line] = {}
        self._lane_cells = 2 * self.lanes.count - 1
        self.cells = self._lane_cells + min(self._longest_stub(), stub_cells)

    def line(self, shown: RowLanes) -> Line:
        """The row, exactly ``cells`` wide. Rows that a step does not touch are kept."""
        edge = shown.edge
        if shown.role or (edge is not None and edge.parent < shown.row <= edge.node):
            return self._new_line(shown)
        if shown.row not in self._kept:
            if len(self._kept) >= _KEPT_ROWS:
                self._kept.clear()
            self._kept[shown.row] = self._new_line(shown)
        return self._kept[shown.row]

    def _new_line(self, shown: RowLanes) -> Line:
        drawn = lane_cells(self.lanes, shown, is_ascii=self._charset.is_ascii)
        used = len(plain(drawn).rstrip())
        stubs = self._stubs(shown.row, shown.edge, self.cells - used - 1)
        if not stubs:
            return fit_line(drawn, self.cells)
        line = (*slice_line(drawn, 0, used), Span(" "), *stubs)
        return fit_line(merge(line), self.cells, self._charset.ellipsis)

    def _stubs(self, row: int, edge: Edge | None, room: int) -> Line:
        """Labels while they fit, then numbers, then how many more there are."""
        spans: list[Span] = []
        parents = self.lanes.stubs(row)
        pulled = edge.parent if edge is not None and edge.node == row else -1
        names = self._stub_names(parents, room - 2 * self.lanes.is_beyond(row))
        for at, name in enumerate(names):
            is_pulled = parents[at] == pulled
            arrow = self._charset.back if is_pulled else self._charset.reads
            spans.append(Span(arrow + name, "current" if is_pulled else "dim"))
        if len(names) < len(parents):
            spans.append(Span(f"+{len(parents) - len(names)}", "dim"))
        if self.lanes.is_beyond(row):
            spans.append(Span(" " * bool(names) + self._charset.is_read, "dim"))
        return tuple(spans)

    def _stub_names(self, parents: tuple[int, ...], room: int) -> list[str]:
        """Names for as many stubs as fit, which leaves out none if any way of naming allows."""
        arrow = width(self._charset.reads)
        numbers = [self._rows.number(parent) for parent in parents]
        for names in ([self._rows.label(parent) for parent in parents], numbers):
            if sum(arrow + width(name) for name in names) <= room:
                return names
        room -= 1 + len(str(len(parents)))
        fitting = accumulate(arrow + width(name) for name in numbers)
        return numbers[: sum(total <= room for total in fitting)]

    def _longest_stub(self) -> int:
        """Cells that the fullest row wants behind its lanes; 0 where every edge has a lane."""
        parents, rows = self.lanes.stub_edges
        if not len(parents):
            return 0
        read, at = np.unique(parents, return_inverse=True)
        labels = np.array([self._rows.cells(row) for row in read.tolist()])
        arrow = width(self._charset.reads)
        cells = np.bincount(rows, labels[at] + arrow, minlength=len(self._rows))
        cells[read] += 1 + width(self._charset.is_read)
        return 1 + int(cells.max())
