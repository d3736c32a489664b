"""Which lane of the tape carries which node, and how far down.

It stands apart from the drawing because it is decided once for the final graph, so that nothing
moves while the graph grows. It is a register allocation: a node holds a lane from its row to the
last reader that is near enough; where lanes run out, the one needed longest is given up early.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import IntArray

REACH: Final = 24
"""Rows that a lane spans at most, about a screen; what nobody can follow is a labelled stub."""


class Lanes:
    """The lanes of one graph.

    An edge is *drawn* if its parent's lane still runs at the reader's row; every other edge is a
    *stub*. A lane always ends in the row of a reader, or in the node's own row.

    Attributes:
        count: lanes in use.
        lane: for each node the lane that its glyph stands in.
        end: for each node the last row of its lane; its own row where it has none.
    """

    def __init__(self, graph: Graph, most: int) -> None:
        """Assign the lanes.

        Args:
            graph: the final graph.
            most: lanes at most, at least 2.
        """
        if most < 2:
            raise ValueError(f"a tape needs at least 2 lanes, not {most}")
        parents = [node.parents for node in graph.nodes]
        assignment = _Assignment(parents, most)
        self.lane = assignment.lane
        self.end = assignment.end
        self.count = max(self.lane, default=0) + 1
        self._starts: list[list[int]] = [[] for _ in range(self.count)]
        for node, lane in enumerate(self.lane):
            self._starts[lane].append(node)
        self._stub_parents, self._stub_rows = _stubs(parents, self.end)
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


def _stubs(parents: Sequence[tuple[int, ...]], end: Sequence[int]) -> tuple[IntArray, IntArray]:
    """The edges that no lane carries."""
    counts = np.fromiter(map(len, parents), dtype=np.intp, count=len(parents))
    from_node = np.fromiter(chain.from_iterable(parents), dtype=np.intp, count=counts.sum())
    to_node = np.repeat(np.arange(len(parents)), counts)
    is_stub = np.asarray(end, dtype=np.intp)[from_node] < to_node
    return from_node[is_stub], to_node[is_stub]


class _Assignment:
    """One run over the rows.

    Attributes:
        lane: see `Lanes`.
        end: see `Lanes`.
    """

    def __init__(self, parents: Sequence[tuple[int, ...]], most: int) -> None:
        self.lane = [0] * len(parents)
        self.end = _wished_ends(parents)
        self._parents = parents
        self._holder = [-1] * most
        self._last_reader = list(range(len(parents)))
        self._run()

    def _run(self) -> None:
        end, holder, last_reader = self.end, self._holder, self._last_reader
        for row, reads in enumerate(self._parents):
            lane = -1
            for parent in reads:
                if end[parent] >= row:
                    last_reader[parent] = row
                    if end[parent] == row and not 0 <= lane < self.lane[parent]:
                        lane = self.lane[parent]
            if lane < 0:
                lane = self._free(row, is_leaf=not reads)
            if lane < 0:
                lane = self._give_up(row)
            self.lane[row] = lane
            holder[lane] = row

    def _free(self, row: int, *, is_leaf: bool) -> int:
        """The leftmost lane that nothing runs through, or −1.

        A glyph right above the glyph of an op would read as an edge between the two. A leaf has
        no edge from above, so that it may stand anywhere.
        """
        for lane, node in enumerate(self._holder):
            if node < 0 or (self.end[node] < row and (is_leaf or node != row - 1)):
                return lane
        return -1

    def _give_up(self, row: int) -> int:
        """End the lane that is needed longest at its last reader above ``row``, and take it.

        Where that node is read in ``row`` itself, its line can still come down to there.
        """
        victim = furthest = -1
        for node in self._holder:
            if self.end[node] > furthest and (node != row - 1 or node in self._parents[row]):
                victim, furthest = node, self.end[node]
        self.end[victim] = self._last_reader[victim]
        return self.lane[victim]


def _wished_ends(parents: Sequence[tuple[int, ...]]) -> list[int]:
    """Where lanes would end if there were enough of them.

    A leaf that is read far below, such as a weight in an unrolled loop, gets no lane at all, so
    that each turn of the loop looks alike. Any other node is followed to its near readers.
    """
    near = list(range(len(parents)))
    last = list(range(len(parents)))
    for row, reads in enumerate(parents):
        for parent in reads:
            last[parent] = row
            if row - parent <= REACH:
                near[parent] = row
    for node, reads in enumerate(parents):
        if not reads and last[node] != near[node]:
            near[node] = node
    return near
