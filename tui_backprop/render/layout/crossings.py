"""The order of the items in each layer, chosen so that few wires cross.

Each pass treats the whole graph at once, so that depth costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.render.layout.layers import ARRIVAL, DEPARTURE, LANE

if TYPE_CHECKING:
    from tui_backprop.render.layout.layers import LayeredGraph, Options
    from tui_backprop.rules.types import IntArray


_STEP: Final = 0.8
"""How far an item moves to the mean of its neighbours in one pass: all layers move at once, and
with whole steps two of them would pass each other for ever."""


def order_items(layered: LayeredGraph, options: Options) -> IntArray:
    """The items by layer and, in a layer, from left to right.

    Passes move every item to the mean of its neighbours above and below; then neighbours that
    cross less the other way round are exchanged until none do.
    """
    order = np.lexsort((layered.key, layered.layer))
    if layered.top.size:
        weight = _weights(layered)
        total = np.bincount(layered.top, weight, order.size)
        total += np.bincount(layered.bottom, weight, order.size)
        for _ in range(options.rounds(order.size, 6, 16)):
            before, order = order, _barycentre(layered, order, weight, np.maximum(total, 1e-9))
            if np.array_equal(before, order):
                break
        rounds = options.rounds(order.size, 0, 100)
        _Exchange.build(layered, order).run(layered.layer[order], rounds)
    return order


def _weights(layered: LayeredGraph) -> IntArray:
    """The cost of crossing each link: high for long wires, which stay straight, low for stubs."""
    kind, top, bottom = layered.kind, layered.top, layered.bottom
    is_long = (kind[top] == LANE) & (kind[bottom] == LANE)
    is_stub = (kind[top] == ARRIVAL) | (kind[bottom] == DEPARTURE)
    return np.where(is_stub, 0.125, np.where(is_long, 2.0, 1.0))


def _barycentre(
    layered: LayeredGraph, order: IntArray, weight: IntArray, total: IntArray
) -> IntArray:
    """Each layer sorted anew by the mean place of what its items are linked to."""
    place = _centres(layered, order)
    apart = (place[layered.bottom] - place[layered.top]) * weight
    pull = np.bincount(layered.top, apart, place.size)
    pull -= np.bincount(layered.bottom, apart, place.size)
    wanted = (place + _STEP / total * pull)[order]
    # one key over all layers: nearly sorted, which a stable sort is quickest at
    key = wanted + layered.layer[order] * float(np.ptp(wanted) + 1)
    return order[np.argsort(key, kind="stable")]


def _centres(layered: LayeredGraph, order: IntArray) -> IntArray:
    """The middle of each item where every layer is packed and centred on 0."""
    layer = layered.layer[order]
    room = layered.width[order] + 1.0
    stop = np.cumsum(room)
    starts = np.searchsorted(layer, np.arange(layer[-1] + 2)) if layer.size else np.zeros(1, int)
    edge = np.concatenate([[0.0], stop])[starts]
    middle = (edge[:-1] + edge[1:]) / 2
    place = np.empty(order.size)
    place[order] = stop - room / 2 - middle[layer]
    return place


@dataclass(frozen=True, slots=True, eq=False)
class _Neighbours:
    """What each item is linked to on one side: those of item k from ``starts[k]``.

    Attributes:
        of: the neighbours, by item.
        weight: per neighbour, what crossing the link to it costs.
        starts, counts: per item.
    """

    of: IntArray
    weight: IntArray
    starts: IntArray
    counts: IntArray

    @staticmethod
    def build(seen: IntArray, near: IntArray, weight: IntArray, items: int) -> _Neighbours:
        counts = np.bincount(seen, minlength=items)
        order = np.argsort(seen, kind="stable")
        return _Neighbours(near[order], weight[order], np.cumsum(counts) - counts, counts)

    def surplus(self, left: IntArray, right: IntArray, place: IntArray) -> IntArray:
        """Per pair of items, the crossings there are less those there would be if exchanged."""
        sizes = self.counts[left] * self.counts[right]
        pair = np.repeat(np.arange(left.size), sizes)
        nth = np.arange(pair.size) - (np.cumsum(sizes) - sizes)[pair]
        row, column = np.divmod(nth, self.counts[right][pair])
        a = self.starts[left][pair] + row
        b = self.starts[right][pair] + column
        cost = self.weight[a] * self.weight[b] * np.sign(place[self.of[a]] - place[self.of[b]])
        return np.bincount(pair, cost, left.size)


_MOST_PAIRS: Final = 400  # neighbours of an item times those of the next: beyond, let them be


@dataclass(frozen=True, slots=True, eq=False)
class _Exchange:
    """Exchanging neighbours in a layer where that removes crossings.

    Crossings only ever decrease. A crossing of two long wires costs most, and where it costs the
    same everywhere it rises to the top of them: so wires stay straight in between.
    """

    order: IntArray
    place: IntArray
    is_lane: IntArray
    above: _Neighbours
    below: _Neighbours

    @staticmethod
    def build(layered: LayeredGraph, order: IntArray) -> _Exchange:
        top, bottom, items = layered.top, layered.bottom, order.size
        is_lane = layered.kind == LANE
        weight = _weights(layered)
        place = np.empty(items, dtype=np.intp)
        place[order] = np.arange(items)
        return _Exchange(
            order,
            place,
            is_lane,
            _Neighbours.build(bottom, top, weight, items),
            _Neighbours.build(top, bottom, weight, items),
        )

    def run(self, layer: IntArray, rounds: int) -> None:
        """Rearrange ``order``, where ``layer`` is the layer of each place.

        In one step alternate pairs of alternate layers, which do not disturb each other.
        """
        pairs = np.flatnonzero(layer[:-1] == layer[1:])
        pairs = pairs[self._products(pairs) <= _MOST_PAIRS]
        phases = [pairs[(pairs % 2 == k % 2) & (layer[pairs] % 2 == k // 2)] for k in range(4)]
        for _ in range(rounds):
            if not sum([self._exchange(at) for at in phases]):
                break

    def _products(self, at: IntArray) -> IntArray:
        left, right = self.order[at], self.order[at + 1]
        return np.asarray(
            self.above.counts[left] * self.above.counts[right]
            + self.below.counts[left] * self.below.counts[right]
        )

    def _exchange(self, at: IntArray) -> int:
        """Exchange the pairs that start at ``at`` where it pays; returns how many."""
        left, right = self.order[at], self.order[at + 1]
        below = self.below.surplus(left, right, self.place)
        surplus = below + self.above.surplus(left, right, self.place)
        rises = (surplus == 0) & (below > 0) & self.is_lane[left] & self.is_lane[right]
        pays = (surplus > 0) | rises
        at, left, right = at[pays], left[pays], right[pays]
        self.order[at], self.order[at + 1] = right, left
        self.place[left], self.place[right] = at + 1, at
        return at.size
