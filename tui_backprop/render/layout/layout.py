"""A laid-out graph: where every box, wire and stub is, in cells. It is made once per graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.render.layout.columns import place_items
from tui_backprop.render.layout.crossings import order_items
from tui_backprop.render.layout.layers import BOX, DEFAULT_OPTIONS, Options, layered_graph
from tui_backprop.render.layout.ports import choose_ports, number_ports
from tui_backprop.render.layout.wires import Wiring, count_tracks, find_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.render.layout.layers import LayeredGraph
    from tui_backprop.render.layout.ports import Ports
    from tui_backprop.rules.types import IntArray


class Region(NamedTuple):
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int


class Place(NamedTuple):
    """A row of the drawing: the ``row``-th of a layer's boxes, or of the channel below it."""

    layer: int
    is_channel: bool
    row: int


@dataclass(frozen=True, slots=True, eq=False)
class Stubs:
    """The far edges by the items at their ends.

    Attributes:
        item: of both ends of each far edge, ascending.
        edge: the edge, ascending for one item.
    """

    item: IntArray
    edge: IntArray

    @staticmethod
    def build(layered: LayeredGraph) -> Stubs:
        """From an arranged graph."""
        item = np.concatenate([layered.departure, layered.arrival])
        edge = np.concatenate([layered.far, layered.far])
        order = np.lexsort((edge, item))
        return Stubs(item[order], edge[order])

    def edges_at(self, item: int) -> IntArray:
        """The far edges that leave or arrive at a stub, by reader and then by argument."""
        a, b = np.searchsorted(self.item, (item, item + 1))
        return self.edge[a:b]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Boxes in layers from top to bottom, wires in the channels between them.

    Attributes:
        x, y, w, h: the box of each node, border included; read-only.
        text: per node, the cells for its text.
        layer: per node, its layer.
        width, height: of the whole drawing.
        layer_y, layer_h: per layer, its first row and its rows; the rest down to the next layer
            is its channel.
        item: per node, the item that is its box.
        layered, ports, column, wiring, stubs: what stands where by item and link, for `Canvas`.
    """

    x: IntArray
    y: IntArray
    w: IntArray
    h: IntArray
    text: IntArray
    layer: IntArray
    width: int
    height: int
    layer_y: IntArray
    layer_h: IntArray
    item: IntArray
    layered: LayeredGraph
    ports: Ports
    column: IntArray
    wiring: Wiring
    stubs: Stubs

    def box(self, node: int) -> Region:
        """The rectangle of a node's box."""
        return Region(int(self.x[node]), int(self.y[node]), int(self.w[node]), int(self.h[node]))

    def place(self, y: int) -> Place:
        """The layer or channel, and its row, of line ``y`` of the drawing; 0 ≤ y < `height`."""
        layer = int(np.searchsorted(self.layer_y, y, side="right")) - 1
        row = y - int(self.layer_y[layer])
        rows = int(self.layer_h[layer])
        return Place(layer, row >= rows, row - rows if row >= rows else row)

    def items_in(self, layer: int, x0: int, x1: int) -> range:
        """The items of a layer that touch the columns ``x0`` to ``x1``."""
        a, b = (int(k) for k in np.searchsorted(self.layered.layer, (layer, layer + 1)))
        columns = self.column[a:b]
        first = max(int(np.searchsorted(columns, x0, side="right")) - 1, 0)
        return range(a + first, a + int(np.searchsorted(columns, x1)))

    def links_above(self, item: int) -> list[int]:
        """The links that end at an item, from left to right."""
        a, b = np.searchsorted(self.ports.bottom_item, (item, item + 1))
        found: list[int] = self.ports.by_bottom[a:b].tolist()
        return found

    def links_below(self, item: int) -> range:
        """The links that start at an item, from left to right."""
        a, b = np.searchsorted(self.layered.top, (item, item + 1))
        return range(int(a), int(b))


def layout(
    parents: Sequence[tuple[int, ...]],
    widths: IntArray,
    heights: int | IntArray = 1,
    options: Options = DEFAULT_OPTIONS,
) -> Layout:
    """Lay out a graph, once and for all its nodes.

    Args:
        parents: the operands of each node; every one stands before its reader, duplicates stay.
        widths: cells of the text of each box; boxes add border and padding, and are wider where
            many wires end.
        heights: lines of text, of all boxes or of each.
        options: how far wires go and how much effort is spent.

    Raises:
        ValueError: a parent that does not stand before its reader, or sizes that do not fit.
    """
    widths = np.asarray(widths, dtype=np.intp)
    lines = np.maximum(np.broadcast_to(np.asarray(heights, dtype=np.intp), (len(parents),)), 1)
    if widths.shape != (len(parents),):
        raise ValueError(f"{len(parents)} nodes need as many widths, not {widths.shape}")
    layered = layered_graph(parents, widths, options)
    layered = layered.arranged(order_items(layered, options))
    ports = number_ports(layered)
    column = place_items(layered, ports, options)
    wiring = _wiring(layered, ports, column)
    return _assemble(layered, ports, column, wiring, widths, lines)


def _wiring(layered: LayeredGraph, ports: Ports, column: IntArray) -> Wiring:
    start, end = choose_ports(layered, ports, column)
    channel = layered.layer[layered.top]
    runs = find_runs(ports.net, start, end)
    layers = int(layered.layer[-1]) + 1 if layered.layer.size else 0
    run_channel = layered.layer[ports.net_item[runs.net]]
    tracks = count_tracks(run_channel, runs.left, runs.right, max(layers - 1, 0))
    return Wiring(ports.net, layered.born, channel, start, end, runs, tracks)


def _assemble(
    layered: LayeredGraph,
    ports: Ports,
    column: IntArray,
    wiring: Wiring,
    widths: IntArray,
    lines: IntArray,
) -> Layout:
    item = np.flatnonzero(layered.kind == BOX)
    item = item[np.argsort(layered.node[item])]
    layer, h = layered.layer[item], lines + 2
    layers = wiring.tracks.size + (1 if item.size else 0)
    layer_h = np.zeros(layers, dtype=np.intp)
    np.maximum.at(layer_h, layer, h)
    channel_h = np.append(wiring.tracks + 1, 0)[:layers]
    layer_y = np.cumsum(layer_h + channel_h) - layer_h - channel_h
    return Layout(
        x=_frozen(column[item]),
        y=_frozen(layer_y[layer]),
        w=_frozen(layered.width[item]),
        h=_frozen(h),
        text=_frozen(widths),
        layer=_frozen(layer),
        width=int((column + layered.width).max(initial=0)),
        height=int(layer_h.sum() + channel_h.sum()),
        layer_y=_frozen(layer_y),
        layer_h=_frozen(layer_h),
        item=_frozen(item),
        layered=layered,
        ports=ports,
        column=column,
        wiring=wiring,
        stubs=Stubs.build(layered),
    )


def _frozen(array: IntArray) -> IntArray:
    """A read-only copy."""
    copy = array.copy()
    copy.flags.writeable = False
    return copy
