"""A drawing of the part of a graph that is built, with the current node and edges marked.

It stands apart from `layout` because it is made anew for every step, and gives any row of cells
at the cost of what is visible in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from tui_backprop.render.layout.boxes import draw_box
from tui_backprop.render.layout.cells import Cells
from tui_backprop.render.layout.glyphs import DOWN, LEFT, RIGHT, UP, Charset, glyphs_of
from tui_backprop.render.layout.layers import ARRIVAL, BOX, DEPARTURE, LANE
from tui_backprop.render.layout.marks import NO_MARKS, Marks
from tui_backprop.render.layout.paths import Paths
from tui_backprop.render.layout.picking import Picked, pick
from tui_backprop.render.layout.stubs import stub_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.render.layout.layout import Layout, Place, Region
    from tui_backprop.render.text.spans import Line, SpanRole

Labels: TypeAlias = "Callable[[int], tuple[str | Line, ...]]"
"""The lines of text of a node's box, plain or in roles."""


class Canvas:
    """The nodes before ``reveal``, the edges between them, and what is marked.

    Args:
        layout: of the whole graph; revealing more moves nothing.
        labels: asked only for the boxes that are looked at.
        reveal: how many nodes are there already.
        marks: the current node and edges.
        charset: Unicode box drawing, or ASCII only.
    """

    def __init__(
        self,
        layout: Layout,
        labels: Labels,
        reveal: int,
        marks: Marks = NO_MARKS,
        charset: Charset = "unicode",
    ) -> None:
        self.layout = layout
        self.labels = labels
        self.reveal = min(max(reveal, 0), layout.x.size)
        self.marks = marks
        self.glyphs = glyphs_of(charset)
        self.paths = Paths.build(layout, marks.edges)

    def line(self, y: int, x0: int, x1: int) -> Line:
        """The columns ``x0`` to ``x1``, exclusive, of row ``y``; blank outside of the drawing."""
        if not 0 <= y < self.layout.height or x0 >= x1:
            return Cells(x0, x1).line()
        place = self.layout.place(y)
        if place.is_channel:
            return self._channel_line(place, x0, x1)
        return self._layer_line(place, x0, x1)

    def box(self, node: int) -> Region:
        """The rectangle of a node's box, to scroll to."""
        return self.layout.box(node)

    def hit(self, x: int, y: int) -> Picked:
        """The node or edge that is visible at a cell, or None."""
        return pick(self, x, y)

    def is_visible(self, item: int) -> bool:
        """Whether an item has been revealed."""
        skeleton = self.layout.skeleton
        if skeleton.kind[item] in (BOX, ARRIVAL):
            return bool(skeleton.node[item] < self.reveal)
        return bool(skeleton.born[self.layout.links_above(item)[0]] < self.reveal)

    def _layer_line(self, place: Place, x0: int, x1: int) -> Line:
        cells, skeleton = Cells(x0, x1), self.layout.skeleton
        is_last = place.row == self.layout.layer_h[place.layer] - 1
        for item in self.layout.items_in(place.layer, x0, x1):
            kind = skeleton.kind[item]
            if kind == DEPARTURE or not self.is_visible(item):
                continue
            if kind == BOX:
                draw_box(self, cells, item, place.row)
            elif kind == LANE:
                self._draw_lane(cells, int(self.layout.column[item]), UP | DOWN, item)
            elif is_last:
                self._draw_stub(cells, int(self.layout.column[item]), item)
        return cells.line()

    def _draw_lane(self, cells: Cells, x: int, arms: int, item: int) -> None:
        heavy = arms if item in self.paths.items else 0
        cells.draw(x, self.glyphs.joint(arms, heavy), "current" if heavy else "dim")

    def _draw_stub(self, cells: Cells, x: int, item: int) -> None:
        role: SpanRole = "current" if item in self.paths.items else "marker"
        cells.draw(x, stub_text(self, item), role)

    def _channel_line(self, place: Place, x0: int, x1: int) -> Line:
        # blanks take part in the role of the wires, so that a row is one span and not hundreds
        cells = Cells(x0, x1, "dim")
        wires = self.layout.wiring.wires(place.layer, self.reveal)
        arms = wires.joints(place.row, x0, x1).tolist()
        cells.draw(x0, list(map(self.glyphs.light.__getitem__, arms)), "dim")
        heavy: dict[int, int] = {}
        for hop in self.paths.hops.get(place.layer, []):
            for x in hop.columns(place.row, x0, x1):
                heavy[x] = heavy.get(x, 0) | hop.arms(place.row, x)
        for x, mask in heavy.items():
            cells.draw(x, self.glyphs.joint(arms[x - x0], mask), "current")
        if place.row == wires.height - 1:
            self._draw_ends(cells, place.layer, x0, x1)
        return cells.line()

    def _draw_ends(self, cells: Cells, channel: int, x0: int, x1: int) -> None:
        """The last row: arrow heads over boxes, stubs, and lanes that had to step aside."""
        layout, current = self.layout, {h.link for h in self.paths.hops.get(channel, [])}
        for item in layout.items_in(channel + 1, x0, x1):
            kind = layout.skeleton.kind[item]
            for link in layout.links_above(item):
                x, heavy = int(layout.wiring.end[link]), link in current
                if layout.skeleton.born[link] >= self.reveal:
                    continue
                if kind == DEPARTURE:
                    self._draw_stub(cells, x, item)
                elif kind == BOX and not (heavy and self.marks.is_backward):
                    head = self.glyphs.heavy_down if heavy else self.glyphs.down
                    cells.draw(x, head, "current" if heavy else "dim")
                elif kind == LANE and x != layout.column[item]:
                    self._draw_lane(cells, x, UP | LEFT, item)
                    self._draw_lane(cells, x - 1, DOWN | RIGHT, item)
