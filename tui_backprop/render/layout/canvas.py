"""The part of a drawing that is built, row by row, and what lies under a cell of it.

A canvas is made anew for every step, with the current node and edges marked, and gives any row of
cells at the cost of what is visible in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Edge
from tui_backprop.render.layout.cells import Cells
from tui_backprop.render.layout.layers import ARRIVAL, BOX, DEPARTURE, LANE
from tui_backprop.render.layout.paths import Paths, edge_of_link
from tui_backprop.render.layout.wires import DOWN, LEFT, RIGHT, UP, Charset, glyphs_of
from tui_backprop.render.text.spans import Line, Span, SpanRole, fit_line, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.render.layout.layout import Layout, Place


def _none(_node: int) -> str:
    """No glyph at any node."""
    return ""


@dataclass(frozen=True, slots=True)
class Marks:
    """The node and the edges that a step marks.

    Attributes:
        node: the current node; its border is heavy.
        edges: the current edges, heavy: those of the node being built, or the one being pulled
            back through.
        is_backward: arrow heads of current edges point up, at their parents.
        stop: the glyph of a breakpoint at a node, for a corner of its box; empty for none.
        other: the glyph before a node's value where it is not what it was; empty where it is.
        number: what a node is numbered as where a wire to it ends in a stub.
    """

    node: int | None = None
    edges: tuple[Edge, ...] = ()
    is_backward: bool = False
    stop: Callable[[int], str] = _none
    other: Callable[[int], str] = _none
    number: Callable[[int], int] = int


NO_MARKS: Final = Marks()


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
        self._boxes: dict[tuple[int, int, int], list[int]] = {}

    def line(self, y: int, x0: int, x1: int) -> Line:
        """The columns ``x0`` to ``x1``, exclusive, of row ``y``; blank outside of the drawing."""
        if not 0 <= y < self.layout.height or x0 >= x1:
            return Cells(x0, x1).line()
        place = self.layout.place(y)
        if place.is_channel:
            return self._channel_line(place, x0, x1)
        return self._layer_line(place, x0, x1)

    def boxes(self, y: int, x0: int, x1: int) -> tuple[int, list[int]]:
        """Which line of its boxes a row is, and the visible ones with cells in these columns."""
        if not 0 <= y < self.layout.height or x0 >= x1:
            return 0, []
        place = self.layout.place(y)
        if place.is_channel:
            return 0, []
        key = place.layer, x0, x1
        found = self._boxes.get(key)
        if found is None:
            layered, items = self.layout.layered, self.layout.items_in(*key)
            boxes = (item for item in items if layered.kind[item] == BOX and self.is_visible(item))
            found = self._boxes[key] = [int(layered.node[item]) for item in boxes]
        return place.row, found

    def is_visible(self, item: int) -> bool:
        """Whether an item has been revealed."""
        layered = self.layout.layered
        if layered.kind[item] in (BOX, ARRIVAL):
            return bool(layered.node[item] < self.reveal)
        return bool(layered.born[self.layout.links_above(item)[0]] < self.reveal)

    def stub_text(self, item: int) -> str:
        """``▾40`` below a node that 40 reads, ``▾40+7`` where 7 more do; ``▴12`` above a reader.

        The current edge is named before others, and else the earliest.
        """
        layered, glyphs = self.layout.layered, self.glyphs
        is_departure = layered.kind[item] == DEPARTURE
        edges = self.layout.stubs.edges_at(item)
        # edges come by reader: those of the first ``reveal`` nodes stand in front
        edges = edges[: np.searchsorted(edges, layered.edges.starts[self.reveal])]
        current = [e for e in self.paths.far if e in edges] if item in self.paths.items else []
        shown = current[0] if current else edges[0]
        box = (layered.edges.child if is_departure else layered.edges.parent)[shown]
        other = self.marks.number(int(box))
        if is_departure:
            head = glyphs.heavy_down if current else glyphs.down
        else:
            head = glyphs.heavy_up if current else glyphs.up
        return f"{head}{other}+{edges.size - 1}" if edges.size > 1 else f"{head}{other}"

    def _layer_line(self, place: Place, x0: int, x1: int) -> Line:
        cells, layered = Cells(x0, x1), self.layout.layered
        is_last = place.row == self.layout.layer_h[place.layer] - 1
        for item in self.layout.items_in(place.layer, x0, x1):
            kind = layered.kind[item]
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
        cells.draw(x, self.stub_text(item), role)

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
            kind = layout.layered.kind[item]
            for link in layout.links_above(item):
                x, heavy = int(layout.wiring.end[link]), link in current
                if layout.layered.born[link] >= self.reveal:
                    continue
                if kind == DEPARTURE:
                    self._draw_stub(cells, x, item)
                elif kind == BOX and not (heavy and self.marks.is_backward):
                    head = self.glyphs.heavy_down if heavy else self.glyphs.down
                    cells.draw(x, head, "current" if heavy else "dim")
                elif kind == LANE and x != layout.column[item]:
                    self._draw_lane(cells, x, UP | LEFT, item)
                    self._draw_lane(cells, x - 1, DOWN | RIGHT, item)


_VALUE_LINE: Final = 1
"""Which line of a box has the value, under the name."""


def draw_box(canvas: Canvas, cells: Cells, item: int, row: int) -> None:
    """Row ``row`` of the box, counted from its top; below it, the wires down to the channel."""
    layout = canvas.layout
    node = int(layout.layered.node[item])
    height = int(layout.h[node])
    if row == 0:
        _draw_border(canvas, cells, node, UP)
        _draw_entries(canvas, cells, item, node)
    elif row == height - 1:
        _draw_border(canvas, cells, node, DOWN)
        _draw_exits(canvas, cells, item, node)
    elif row < height:
        _draw_text(canvas, cells, node, row - 1)
    else:
        for x, heavy in _exits(canvas, item):
            arms = UP | DOWN
            cells.draw(x, canvas.glyphs.joint(arms, arms * heavy), "current" if heavy else "dim")


def _role(canvas: Canvas, node: int) -> SpanRole:
    return "current" if node == canvas.marks.node else ""


def _draw_border(canvas: Canvas, cells: Cells, node: int, side: int) -> None:
    glyphs, region = canvas.glyphs, canvas.layout.box(node)
    heavy = 15 if node == canvas.marks.node else 0
    into = DOWN if side == UP else UP
    arms = (into | RIGHT, LEFT | RIGHT, into | LEFT)
    left, middle, right = (glyphs.joint(a, a & heavy) for a in arms)
    cells.draw(region.x, left + middle * (region.width - 2) + right, _role(canvas, node))
    if side == UP:
        cells.draw(region.x, canvas.marks.stop(node), "marker")


def _draw_entries(canvas: Canvas, cells: Cells, item: int, node: int) -> None:
    """Where a heavy wire joins the upper border, since no arrow head stands there."""
    if not canvas.marks.is_backward:
        return
    heavy = LEFT | RIGHT if node == canvas.marks.node else 0
    layout = canvas.layout
    for hop in canvas.paths.hops.get(int(layout.layer[node]) - 1, []):
        if layout.layered.bottom[hop.link] == item:
            cells.draw(hop.end, canvas.glyphs.joint(LEFT | RIGHT, UP | heavy), "current")


def _draw_exits(canvas: Canvas, cells: Cells, item: int, node: int) -> None:
    """Where wires leave the lower border; the arrow head of an edge being pulled back."""
    heavy = LEFT | RIGHT if node == canvas.marks.node else 0
    for x, is_current in _exits(canvas, item):
        if is_current and canvas.marks.is_backward:
            cells.draw(x, canvas.glyphs.heavy_up, "current")
        else:
            arms = heavy | DOWN * is_current
            role = "current" if arms else _role(canvas, node)
            cells.draw(x, canvas.glyphs.joint(LEFT | RIGHT | DOWN, arms), role)


def _exits(canvas: Canvas, item: int) -> list[tuple[int, bool]]:
    """The columns where visible wires leave a box, and whether each is current."""
    layout = canvas.layout
    channel = int(layout.layered.layer[item])
    current = {hop.link for hop in canvas.paths.hops.get(channel, [])}
    found: dict[int, bool] = {}
    for link in layout.links_below(item):
        if layout.layered.born[link] < canvas.reveal:
            x = int(layout.wiring.start[layout.wiring.net[link]])
            found[x] = found.get(x, False) or link in current
    return list(found.items())


def _draw_text(canvas: Canvas, cells: Cells, node: int, line: int) -> None:
    """One line of text between the side borders; lines start in one column, so none jumps."""
    region, glyphs = canvas.layout.box(node), canvas.glyphs
    arms = UP | DOWN
    side = glyphs.joint(arms, arms if node == canvas.marks.node else 0)
    cells.draw(region.x, side, _role(canvas, node))
    cells.draw(region.x + region.width - 1, side, _role(canvas, node))
    if line == _VALUE_LINE:
        cells.draw(region.x + 1, canvas.marks.other(node), "marker")
    lines = canvas.labels(node)
    if line >= len(lines):
        return
    room = region.width - 4
    left = region.x + 2 + max(room - int(canvas.layout.text[node]), 0) // 2
    text = lines[line]
    spans = (Span(text),) if isinstance(text, str) else text
    for span in fit_line(
        tuple(Span(canvas.glyphs.text(printable(s.text)), s.role) for s in spans),
        min(room, max(int(canvas.layout.text[node]), 1)),
        glyphs.ellipsis,
    ):
        left = cells.write(left, span.text, span.role)


Picked: TypeAlias = int | Edge | None
"""A node's id, an edge, or nothing."""


def pick(canvas: Canvas, x: int, y: int) -> Picked:
    """The visible node or edge at a cell; of wires that share it, the one that was first.

    Where two wires cross, it is the upright one.
    """
    layout = canvas.layout
    if not (0 <= y < layout.height and 0 <= x < layout.width):
        return None
    place = layout.place(y)
    if place.is_channel:
        return _in_channel(canvas, place.layer, place.row, x)
    for item in layout.items_in(place.layer, x, x + 1):
        if canvas.is_visible(item):
            return _in_layer(canvas, item, place.row, x)
    return None


def _in_layer(canvas: Canvas, item: int, row: int, x: int) -> Picked:
    layout, column = canvas.layout, int(canvas.layout.column[item])
    kind = layout.layered.kind[item]
    if kind == BOX:
        node = int(layout.layered.node[item])
        if x >= column + layout.w[node]:
            return None
        return node if row < layout.h[node] else _below_box(canvas, item, x)
    if kind == DEPARTURE:
        return None
    if kind == ARRIVAL:
        is_last = row == layout.layer_h[layout.layered.layer[item]] - 1
        is_text = column <= x < column + len(canvas.stub_text(item))
        return edge_of_link(layout, layout.links_below(item)[0]) if is_last and is_text else None
    return edge_of_link(layout, layout.links_above(item)[0]) if x == column else None


def _below_box(canvas: Canvas, item: int, x: int) -> Picked:
    """The wires from a low box down to the end of its layer."""
    layout, wiring = canvas.layout, canvas.layout.wiring
    for link in layout.links_below(item):
        if wiring.start[wiring.net[link]] == x and wiring.born[link] < canvas.reveal:
            return edge_of_link(layout, link)
    return None


def _in_channel(canvas: Canvas, channel: int, row: int, x: int) -> Picked:
    layout = canvas.layout
    wires = layout.wiring.wires(channel, canvas.reveal)
    ends = slice(*np.searchsorted(wires.end, (x, x + 1)))
    for link, since in zip(wires.link[ends].tolist(), wires.since[ends].tolist(), strict=True):
        if since <= row:
            return edge_of_link(layout, link)
    starts = slice(*np.searchsorted(wires.start, (x, x + 1)))
    nets = [
        n for n, d in zip(wires.start_net[starts], wires.depth[starts], strict=True) if d >= row
    ]
    nets += [wires.run_net[k] for k in wires.runs_in(row, x, x + 1)]
    if nets:
        links = wires.link[layout.wiring.net[wires.link] == nets[0]]
        return edge_of_link(layout, int(min(links, key=lambda k: int(layout.wiring.born[k]))))
    return _in_last_row(canvas, channel, x) if row == wires.height - 1 else None


def _in_last_row(canvas: Canvas, channel: int, x: int) -> Picked:
    """The text of a stub, or where a wire steps back from the side into its lane."""
    layout = canvas.layout
    for item in layout.items_in(channel + 1, x, x + 1):
        kind = layout.layered.kind[item]
        if kind in (DEPARTURE, LANE) and canvas.is_visible(item):
            link = layout.links_above(item)[0]
            end = int(layout.wiring.end[link])
            is_stub = kind == DEPARTURE and 0 <= x - end < len(canvas.stub_text(item))
            if is_stub or (kind == LANE and x == layout.column[item] == end - 1):
                return edge_of_link(layout, link)
    return None
