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
    """One run over the rows.

    Attributes:
        lane: see `Lanes`.
        end: see `Lanes`.
    """

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
