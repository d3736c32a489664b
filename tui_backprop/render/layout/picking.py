"""Which node or edge lies under a cell of a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tui_backprop.graph.model import Edge
from tui_backprop.render.layout.layers import ARRIVAL, BOX, DEPARTURE, LANE
from tui_backprop.render.layout.paths import edge_of_link

if TYPE_CHECKING:
    from tui_backprop.render.layout.canvas import Canvas

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
    kind = layout.skeleton.kind[item]
    if kind == BOX:
        node = int(layout.skeleton.node[item])
        if x >= column + layout.w[node]:
            return None
        return node if row < layout.h[node] else _below_box(canvas, item, x)
    if kind == DEPARTURE:
        return None
    if kind == ARRIVAL:
        is_last = row == layout.layer_h[layout.skeleton.layer[item]] - 1
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
        kind = layout.skeleton.kind[item]
        if kind in (DEPARTURE, LANE) and canvas.is_visible(item):
            link = layout.links_above(item)[0]
            end = int(layout.wiring.end[link])
            is_stub = kind == DEPARTURE and 0 <= x - end < len(canvas.stub_text(item))
            if is_stub or (kind == LANE and x == layout.column[item] == end - 1):
                return edge_of_link(layout, link)
    return None
