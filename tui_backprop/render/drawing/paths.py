"""The way of one edge through the drawing.

It stands apart because drawing the current edge, clicking on wires and finding an edge all follow
the same links.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tui_backprop.render.drawing.glyphs import DOWN, LEFT, RIGHT, UP
from tui_backprop.render.drawing.skeleton import BOX, LANE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.graph.model import Edge
    from tui_backprop.render.drawing.layout import Layout


class Hop(NamedTuple):
    """An edge's way through one channel.

    Attributes:
        link: its number.
        start, end: the columns at the top and at the bottom.
        row: where it runs from one to the other; −1 where they are one.
    """

    link: int
    start: int
    end: int
    row: int

    def arms(self, row: int, x: int) -> int:
        """Its arms in one cell of the channel."""
        if self.row < 0 or row < self.row:
            return (UP | DOWN) * (x == self.start)
        if row > self.row:
            return (UP | DOWN) * (x == self.end)
        low, high = sorted((self.start, self.end))
        sideways = LEFT * (low < x <= high) | RIGHT * (low <= x < high)
        return UP * (x == self.start) | DOWN * (x == self.end) | sideways


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """The ways of a few edges.

    Attributes:
        hops: by channel.
        items: the lanes and stubs on the way.
    """

    hops: dict[int, list[Hop]]
    items: frozenset[int]

    @staticmethod
    def build(layout: Layout, edges: Iterable[Edge]) -> Paths:
        """Follow the edges; one that the graph does not have is left out."""
        hops: dict[int, list[Hop]] = {}
        items: set[int] = set()
        for edge in edges:
            for link in links_of(layout, edge):
                channel, hop = _hop(layout, link)
                hops.setdefault(channel, []).append(hop)
                ends = int(layout.skeleton.top[link]), int(layout.skeleton.bottom[link])
                items.update(k for k in ends if layout.skeleton.kind[k] != BOX)
        return Paths(hops, frozenset(items))


def _hop(layout: Layout, link: int) -> tuple[int, Hop]:
    wiring = layout.wiring
    channel = int(wiring.channel[link])
    start, end = int(wiring.start[wiring.net[link]]), int(wiring.end[link])
    return channel, Hop(link, start, end, wiring.track(channel, link))


def edge_number(layout: Layout, edge: Edge) -> int:
    """The number of an edge in `Edges`; −1 where the graph does not have it."""
    edges = layout.skeleton.edges
    if not 0 <= edge.node < edges.starts.size - 1:
        return -1
    number = int(edges.starts[edge.node]) + edge.argument
    is_there = 0 <= edge.argument and number < edges.starts[edge.node + 1]
    return number if is_there and edges.parent[number] == edge.parent else -1


def links_of(layout: Layout, edge: Edge) -> list[int]:
    """The links that an edge consists of, from the child up; of a far edge, those to its stubs."""
    number, skeleton = edge_number(layout, edge), layout.skeleton
    if number < 0:
        return []
    k = int(np.searchsorted(skeleton.far, number))
    if k < skeleton.far.size and skeleton.far[k] == number:
        return [
            layout.links_below(int(skeleton.arrival[k]))[0],
            layout.links_above(int(skeleton.departure[k]))[0],
        ]
    child = layout.item[edge.node]
    link = next(k for k in layout.links_above(int(child)) if skeleton.edge[k] == number)
    links = [link]
    while skeleton.kind[skeleton.top[links[-1]]] == LANE:
        links.append(layout.links_above(int(skeleton.top[links[-1]]))[0])
    return links
