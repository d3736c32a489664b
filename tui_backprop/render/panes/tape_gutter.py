"""The left side of the tape: lanes, and stubs for the edges that no lane carries.

It stands apart because it is the graph of the tape; what stands to its right is a table.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.render.panes.lane_cells import RowLanes, lane_cells
from tui_backprop.render.panes.tape_lanes import Lanes
from tui_backprop.render.text.spans import Line, Span, fit_line, merge, plain, slice_line, width

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.names import Namer

_KEPT_ROWS: Final = 1024


class Gutter:
    """Lanes and stubs of one graph at one number of lanes.

    ``←W1`` reads a node further up, by its label or its number; ``→`` says that rows further down
    read this one so. Stubs stand right behind the lanes of their row.

    Attributes:
        lanes: who is drawn where.
        cells: width of every row.
    """

    def __init__(self, namer: Namer, charset: Charset, lanes: int, stub_cells: int) -> None:
        """Lay out the graph.

        Args:
            namer: how the nodes are called.
            charset: Unicode or ASCII.
            lanes: lanes at most.
            stub_cells: cells for stubs at most.
        """
        self.lanes = Lanes(namer.graph, lanes)
        self._namer = namer
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
        numbers = [f"#{parent}" for parent in parents]
        for names in ([self._namer.label(parent) for parent in parents], numbers):
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
        nodes = self._namer.graph.nodes
        labels = np.array([width(nodes[k].name) or 1 + len(str(k)) for k in read.tolist()])
        cells = np.bincount(rows, labels[at] + width(self._charset.reads), minlength=len(nodes))
        cells[read] += 1 + width(self._charset.is_read)
        return 1 + int(cells.max())
