"""The layer of each node, and the items and links between layers, before anything has a place.

Later stages treat boxes, wires passing through a layer and off-page stubs alike: as items in
layers, with links from one layer to the next.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.rules.types import IntArray


BOX: Final = 0
"""An item that is a node."""
LANE: Final = 1
"""An item where the wires of one node pass through a layer."""
DEPARTURE: Final = 2
"""An item below a node that names the far nodes which read it."""
ARRIVAL: Final = 3
"""An item above a node that names the far node which it reads."""

_LANE_WIDTH: Final = 2  # its column, and one to step aside to


@dataclass(frozen=True, slots=True, eq=False)
class LayeredGraph:
    """The items and links of a graph, without places.

    All far wires of a node share one lane per layer, a bus that branches off to each reader; so
    lanes grow with nodes, not with edges. Until it is `arranged`, the first items are the nodes.

    Attributes:
        kind, node, layer, width: per item: what it is, whose it is, where, and the cells it takes.
        key: per item, where it would like to stand in its layer.
        top, bottom: per link, an item and one in the next layer.
        edge: per link, the edge that ends with it; −1 where it goes on.
        born: per link, the first node with which it is drawn.
        edges: all edges of the graph.
        far: the edges that are not drawn as wires, ascending.
        departure, arrival: per far edge, the items at its two ends.
    """

    kind: IntArray
    node: IntArray
    layer: IntArray
    width: IntArray
    key: IntArray
    top: IntArray
    bottom: IntArray
    edge: IntArray
    born: IntArray
    edges: Edges
    far: IntArray
    departure: IntArray
    arrival: IntArray

    def arranged(self, order: IntArray) -> LayeredGraph:
        """The graph with items numbered in ``order``, links sorted by top and bottom item."""
        number = np.empty(order.size, dtype=np.intp)
        number[order] = np.arange(order.size)
        top, bottom = number[self.top], number[self.bottom]
        links = np.lexsort((self.edge, bottom, top))
        return replace(
            self,
            kind=self.kind[order],
            node=self.node[order],
            layer=self.layer[order],
            width=self.width[order],
            key=self.key[order],
            top=top[links],
            bottom=bottom[links],
            edge=self.edge[links],
            born=self.born[links],
            departure=number[self.departure],
            arrival=number[self.arrival],
        )


def layered_graph(
    parents: Sequence[tuple[int, ...]], widths: IntArray, options: Options
) -> LayeredGraph:
    """Layers, lanes and stubs of a graph.

    Args:
        parents: the operands of each node, each standing before its reader.
        widths: cells of the text of each box.
        options: how far a wire may go, and how many end at one box.
    """
    edges = edges_of(parents)
    layer = np.array(assign_layers(parents), dtype=np.intp)
    key = np.array(visiting_order(parents), dtype=np.float64)
    parts = _Parts(edges, layer, key)
    is_far = _is_far(edges, layer, options)
    parts.add_wires(np.flatnonzero(~is_far))
    departure, arrival = parts.add_stubs(np.flatnonzero(is_far), options)
    return parts.assemble(widths, np.flatnonzero(is_far), departure, arrival)


def _is_far(edges: Edges, layer: IntArray, options: Options) -> IntArray:
    """Edges that span too many layers, or that come after a box has all its ports taken."""
    span = layer[edges.child] - layer[edges.parent]
    argument = np.arange(edges.child.size) - edges.starts[edges.child]
    is_crowded = _reads_many(edges, options)[edges.child] & (argument >= options.most_ports - 1)
    is_leaf = np.diff(edges.starts)[edges.parent] == 0
    longest = np.where(is_leaf, options.longest_leaf_wire, options.longest_wire)
    return np.asarray((span > longest) | is_crowded)


def _reads_many(edges: Edges, options: Options) -> IntArray:
    """Per node, whether its operands need more ports than there may be."""
    return np.asarray(np.diff(edges.starts) > options.most_ports)


class _Parts:
    """Items and links while they are being collected, as lists of arrays."""

    def __init__(self, edges: Edges, layer: IntArray, key: IntArray) -> None:
        self.edges = edges
        nodes = np.arange(layer.size)
        # kind, node, layer, width, key
        self.items = [(np.full(layer.size, BOX), nodes, layer, nodes, key)]
        # top, bottom, edge, born
        self.links: list[tuple[IntArray, IntArray, IntArray, IntArray]] = []
        self.count = layer.size

    def add_items(self, kind: int, node: IntArray, layer: IntArray, width: IntArray) -> IntArray:
        """New items beside the wires of their nodes; returns their numbers."""
        key = self.items[0][4][node]
        self.items.append((np.full(node.size, kind), node, layer, width, key))
        numbers = np.arange(self.count, self.count + node.size)
        self.count += node.size
        return numbers

    def add_wires(self, wired: IntArray) -> None:
        """Direct links for neighbours, a chain of lanes per node for everything further."""
        parent, child, layer = self.edges.parent[wired], self.edges.child[wired], self.items[0][2]
        span = layer[child] - layer[parent]
        near, long = span == 1, span > 1
        self.links.append((parent[near], child[near], wired[near], child[near]))
        parent, child, span, wired = parent[long], child[long], span[long], wired[long]
        reach = np.zeros(layer.size, dtype=np.intp)
        np.maximum.at(reach, parent, span - 1)
        owner = np.repeat(np.arange(layer.size), reach)
        starts = np.cumsum(reach) - reach
        step = np.arange(owner.size) - starts[owner]  # 0 for the lane right below the node
        lanes = self.add_items(
            LANE, owner, layer[owner] + step + 1, np.full(owner.size, _LANE_WIDTH)
        )
        last = self.count - owner.size + starts[parent] + span - 2
        born = _born(step, lanes, last, child, len(reach) + child.size)
        self.links.append((last, child, wired, child))
        above = np.where(step == 0, owner, lanes - 1)
        self.links.append((above, lanes, np.full(owner.size, -1), born))

    def add_stubs(self, far: IntArray, options: Options) -> tuple[IntArray, IntArray]:
        """One departure per node; one arrival per edge, or per node where it reads very many."""
        parent, child, layer = self.edges.parent[far], self.edges.child[far], self.items[0][2]
        owner, first, of = np.unique(parent, return_index=True, return_inverse=True)
        count = np.bincount(of, minlength=owner.size)
        furthest = np.zeros(owner.size, dtype=np.intp)
        np.maximum.at(furthest, of, child)
        departures = self.add_items(DEPARTURE, owner, layer[owner] + 1, _text(furthest, count))
        # edges come by child, so the first one has the earliest reader
        self.links.append((owner, departures, np.full(owner.size, -1), child[first]))

        together = np.where(_reads_many(self.edges, options)[child], child, -1 - far)
        _, first, to = np.unique(together, return_index=True, return_inverse=True)
        count = np.bincount(to, minlength=first.size)
        reader = child[first]
        furthest = np.zeros(first.size, dtype=np.intp)
        np.maximum.at(furthest, to, parent)
        arrivals = self.add_items(ARRIVAL, reader, layer[reader] - 1, _text(furthest, count))
        self.links.append((arrivals, reader, np.full(first.size, -1), reader))
        return departures[of], arrivals[to]

    def assemble(
        self, widths: IntArray, far: IntArray, departure: IntArray, arrival: IntArray
    ) -> LayeredGraph:
        """Everything collected, with boxes wide enough for their text and ports."""
        kind, node, layer, width, key = (np.concatenate(a) for a in zip(*self.items, strict=True))
        top, bottom, edge, born = (np.concatenate(a) for a in zip(*self.links, strict=True))
        boxes = self.items[0][0].size
        arriving = np.bincount(bottom, minlength=kind.size)[:boxes]
        leaving = np.bincount(top, minlength=kind.size)[:boxes]
        width[:boxes] = box_width(widths, arriving, leaving)
        return LayeredGraph(
            kind,
            node,
            layer,
            width,
            key,
            top,
            bottom,
            edge,
            born,
            self.edges,
            far,
            departure,
            arrival,
        )


def box_width(text: IntArray, arriving: IntArray, leaving: IntArray) -> IntArray:
    """Cells of a box: text, padding and border, room for its ports, and odd, to have a middle.

    Each port from above owns two columns, so that it can step aside; the first few ports below
    own two as well, and more of them share.
    """
    ports = np.maximum(2 * arriving + 2, 2 * np.minimum(leaving, 4) + 1)
    return np.asarray(np.maximum(np.maximum(text, 1) + 4, ports) | 1)


def _born(step: IntArray, lanes: IntArray, last: IntArray, child: IntArray, never: int) -> IntArray:
    """The earliest node that each lane leads to, from the far end of the chains upward."""
    born = np.full(lanes.size, never)
    if not lanes.size:
        return born
    np.minimum.at(born, last - lanes[0], child)
    for k in range(int(step.max()), 0, -1):
        here = np.flatnonzero(step == k)
        born[here - 1] = np.minimum(born[here - 1], born[here])
    return born


def _text(furthest: IntArray, count: IntArray) -> IntArray:
    """Cells of ``▾40`` or ``▾40+7`` at its widest, and one to step aside to."""
    more = np.where(count > 1, 1 + _digits(count - 1), 0)
    return np.asarray(2 + _digits(furthest) + more)


def _digits(numbers: IntArray) -> IntArray:
    """How many decimal digits each number has."""
    return 1 + np.searchsorted(10 ** np.arange(1, 18), numbers, side="right")


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Every edge, by child and then by argument.

    Attributes:
        parent: the node read, one per edge.
        child: the node that reads.
        starts: the edges of node k are ``starts[k]`` to ``starts[k + 1]``; one longer than nodes.
    """

    parent: IntArray
    child: IntArray
    starts: IntArray


def edges_of(parents: Sequence[tuple[int, ...]]) -> Edges:
    """The edges as arrays.

    Raises:
        ValueError: a node reads itself, a later node, or one that is not there.
    """
    counts = np.fromiter(map(len, parents), dtype=np.intp, count=len(parents))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    parent = np.fromiter(chain.from_iterable(parents), dtype=np.intp, count=int(starts[-1]))
    child = np.repeat(np.arange(len(parents)), counts)
    wrong = np.flatnonzero((parent < 0) | (parent >= child))
    if wrong.size:
        e = int(wrong[0])
        raise ValueError(
            f"node {child[e]} reads node {parent[e]}; a parent stands before its child"
        )
    return Edges(parent, child, starts)


def assign_layers(parents: Sequence[tuple[int, ...]]) -> list[int]:
    """The layer of each node, from 0 at the top.

    The end of each path stands as early as its longest path allows, everything else as late as
    its readers allow: a constant next to its first use, never at the far top.
    """
    layers = _longest_paths(parents)
    latest = [len(parents)] * len(parents)
    for node in range(len(parents) - 1, -1, -1):
        if latest[node] < len(parents):
            layers[node] = latest[node]
        above = layers[node] - 1
        for parent in parents[node]:
            if above < latest[parent]:  # noqa: PLR1730 - a call per edge doubles the time
                latest[parent] = above
    return layers


def _longest_paths(parents: Sequence[tuple[int, ...]]) -> list[int]:
    layers = [0] * len(parents)
    for node, reads in enumerate(parents):
        layer = -1
        for parent in reads:
            if layers[parent] > layer:  # noqa: PLR1730 - as above
                layer = layers[parent]
        layers[node] = layer + 1
    return layers


def visiting_order(parents: Sequence[tuple[int, ...]]) -> list[int]:
    """When a walk from the ends of the graph up to the leaves first meets each node.

    Sorted by it, the layers of a tree have no crossings, and operands stand in argument order.
    """
    when = [-1] * len(parents)
    count = 0
    for end in _ends(parents):
        stack = [end]
        while stack:
            node = stack.pop()
            if when[node] < 0:
                when[node] = count
                count += 1
                stack += parents[node][::-1]
    return when


def _ends(parents: Sequence[tuple[int, ...]]) -> list[int]:
    """The nodes that no other reads."""
    is_end = [True] * len(parents)
    for reads in parents:
        for parent in reads:
            is_end[parent] = False
    return [node for node, end in enumerate(is_end) if end]


@dataclass(frozen=True, slots=True)
class Options:
    """How a drawing is laid out.

    Attributes:
        longest_wire: layers that a drawn edge may span; a longer one leaves and arrives as a stub
            that names its other end.
        longest_leaf_wire: the same for edges from nodes without parents: a weight that is read
            again and again is named where it is read, instead of running beside everything.
        most_ports: edges that arrive at one box as wires; further ones share one stub.
        gap: empty columns between two boxes.
        effort: items times rounds that a stage may spend; it makes drawings of a readable size
            good, and large ones still quick.
    """

    longest_wire: int = 16
    longest_leaf_wire: int = 4
    most_ports: int = 16
    gap: int = 2
    effort: int = 60_000

    def rounds(self, items: int, least: int, most: int) -> int:
        """How many passes over ``items`` items the effort pays for."""
        return min(max(self.effort // max(items, 1), least), most)


DEFAULT_OPTIONS: Final = Options()
