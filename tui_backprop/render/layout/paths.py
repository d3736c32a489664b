"""The way of an edge through the drawing, and the edge that a piece of wire belongs to.

Both follow the same links, one up from the reader, the other down to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Edge
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.render.layout.layers import ARRIVAL, BOX, LANE
from tui_backprop.render.layout.wires import DOWN, LEFT, RIGHT, UP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.render.layout.layout import Layout


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

    def columns(self, row: int, x0: int, x1: int) -> range:
        """Those of its columns in a row that are within ``x0`` to ``x1``."""
        x = self.start if self.row < 0 or row < self.row else self.end
        low, high = sorted((self.start, self.end)) if row == self.row else (x, x)
        return range(max(low, x0), min(high + 1, x1))

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
    """The ways of a few edges through the channels.

    Attributes:
        hops: by channel.
        items: the lanes and stubs on the way.
        far: the numbers of those edges that go by stubs.
    """

    hops: dict[int, list[Hop]]
    items: frozenset[int]
    far: list[int]

    @staticmethod
    def build(layout: Layout, edges: Iterable[Edge]) -> Paths:
        """Follow the edges; one that the graph does not have is left out."""
        hops: dict[int, list[Hop]] = {}
        items: set[int] = set()
        numbers = [n for edge in edges if (n := _number(layout, edge)) >= 0]
        for number in numbers:
            for link in _links(layout, number):
                channel, hop = _hop(layout, link)
                hops.setdefault(channel, []).append(hop)
                ends = int(layout.layered.top[link]), int(layout.layered.bottom[link])
                items.update(k for k in ends if layout.layered.kind[k] != BOX)
        far = [number for number in numbers if _far_place(layout, number) >= 0]
        return Paths(hops, frozenset(items), far)


def _hop(layout: Layout, link: int) -> tuple[int, Hop]:
    wiring = layout.wiring
    channel = int(wiring.channel[link])
    start, end = int(wiring.start[wiring.net[link]]), int(wiring.end[link])
    return channel, Hop(link, start, end, wiring.track(channel, link))


def _number(layout: Layout, edge: Edge) -> int:
    """The number of an edge; −1 where the graph does not have it."""
    edges = layout.layered.edges
    if not 0 <= edge.node < edges.starts.size - 1:
        return -1
    number = int(edges.starts[edge.node]) + edge.argument
    is_there = edge.argument >= 0 and number < edges.starts[edge.node + 1]
    return number if is_there and edges.parent[number] == edge.parent else -1


def _far_place(layout: Layout, number: int) -> int:
    """The place of an edge among the far ones; −1 where it is drawn as a wire."""
    far = layout.layered.far
    k = int(np.searchsorted(far, number))
    return k if k < far.size and far[k] == number else -1


def _links(layout: Layout, number: int) -> list[int]:
    """The links of an edge, from the reader up; of a far edge, those to its stubs."""
    layered, far = layout.layered, _far_place(layout, number)
    if far >= 0:
        arrival, departure = int(layered.arrival[far]), int(layered.departure[far])
        return [layout.links_below(arrival)[0], layout.links_above(departure)[0]]
    reader = int(layout.item[layered.edges.child[number]])
    links = [next(k for k in layout.links_above(reader) if layered.edge[k] == number)]
    while layered.kind[layered.top[links[-1]]] == LANE:
        links.append(layout.links_above(int(layered.top[links[-1]]))[0])
    return links


def edge_of_link(layout: Layout, link: int) -> Edge:
    """The edge that a link belongs to; of several, the one that was there first."""
    layered = layout.layered
    while layered.edge[link] < 0 and layered.kind[layered.bottom[link]] == LANE:
        lane = int(layered.bottom[link])
        link = min(layout.links_below(lane), key=lambda k: int(layered.born[k]))
    number = int(layered.edge[link])
    if number < 0:
        top, bottom = int(layered.top[link]), int(layered.bottom[link])
        stub = top if layered.kind[top] == ARRIVAL else bottom
        number = int(layout.stubs.edges_at(stub)[0])
    child = int(layered.edges.child[number])
    argument = number - int(layered.edges.starts[child])
    return Edge(int(layered.edges.parent[number]), child, argument)
