"""The order of the items in each layer, chosen so that few wires cross.

It stands apart because it knows nothing of columns: it sees items, links and layers, and treats
the whole graph in each pass, so that depth costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from tui_backprop.render.drawing.options import Options
    from tui_backprop.render.drawing.skeleton import Skeleton
    from tui_backprop.rules.types import IntArray


_STEP: Final = 0.8
"""How far an item moves to the mean of its neighbours in one pass: all layers move at once, and
with whole steps two of them would pass each other for ever."""


def order_items(skeleton: Skeleton, options: Options) -> IntArray:
    """The items by layer and, in a layer, from left to right.

    Passes move every item to the mean of its neighbours above and below; then neighbours that
    cross less the other way round are exchanged until none do.
    """
    order = np.lexsort((skeleton.key, skeleton.layer))
    if skeleton.top.size:
        for _ in range(options.ordering_passes):
            order = _barycentre(skeleton, order)
        _exchange_all(skeleton, order, options)
    return order


def _barycentre(skeleton: Skeleton, order: IntArray) -> IntArray:
    """Each layer sorted anew by the mean place of what its items are linked to."""
    place, top, bottom = _centres(skeleton, order), skeleton.top, skeleton.bottom
    items = place.size
    count = np.bincount(bottom, minlength=items) + np.bincount(top, minlength=items)
    total = np.bincount(bottom, weights=place[top], minlength=items)
    total += np.bincount(top, weights=place[bottom], minlength=items)
    mean = np.where(count > 0, total / np.maximum(count, 1), place)
    wanted = (place + _STEP * (mean - place))[order]
    # one key over all layers: nearly sorted, which a stable sort is quickest at
    key = wanted + skeleton.layer[order] * float(np.ptp(wanted) + 1)
    return order[np.argsort(key, kind="stable")]


def _centres(skeleton: Skeleton, order: IntArray) -> IntArray:
    """The middle of each item where every layer is packed and centred on 0."""
    layer = skeleton.layer[order]
    room = skeleton.width[order] + 1.0
    stop = np.cumsum(room)
    starts = np.searchsorted(layer, np.arange(layer[-1] + 2)) if layer.size else np.zeros(1, int)
    edge = np.concatenate([[0.0], stop])[starts]
    middle = (edge[:-1] + edge[1:]) / 2
    place = np.empty(order.size)
    place[order] = stop - room / 2 - middle[layer]
    return place


@dataclass(frozen=True, slots=True, eq=False)
class _Neighbours:
    """What each item is linked to on one side: those of item k from ``starts[k]``."""

    of: IntArray
    starts: IntArray
    counts: IntArray

    @staticmethod
    def build(seen: IntArray, near: IntArray, items: int) -> _Neighbours:
        counts = np.bincount(seen, minlength=items)
        return _Neighbours(near[np.argsort(seen, kind="stable")], np.cumsum(counts) - counts, counts)

    def surplus(self, left: IntArray, right: IntArray, place: IntArray) -> IntArray:
        """Per pair of items, the crossings there are less those there would be if exchanged."""
        sizes = self.counts[left] * self.counts[right]
        pair = np.repeat(np.arange(left.size), sizes)
        nth = np.arange(pair.size) - (np.cumsum(sizes) - sizes)[pair]
        row, column = np.divmod(nth, self.counts[right][pair])
        a = place[self.of[self.starts[left][pair] + row]]
        b = place[self.of[self.starts[right][pair] + column]]
        return np.bincount(pair, weights=np.sign(a - b), minlength=left.size)


_MOST_PAIRS = 400  # neighbours of an item times those of the next: beyond, leave them alone


def _exchange_all(skeleton: Skeleton, order: IntArray, options: Options) -> None:
    """Exchange neighbours where that removes crossings, in place; crossings only ever decrease.

    In one step alternate pairs of alternate layers, which do not disturb each other.
    """
    items = order.size
    sides = (
        _Neighbours.build(skeleton.bottom, skeleton.top, items),
        _Neighbours.build(skeleton.top, skeleton.bottom, items),
    )
    layer = skeleton.layer[order]
    pairs = np.flatnonzero(layer[:-1] == layer[1:])
    phases = [pairs[(pairs % 2 == k % 2) & (layer[pairs] % 2 == k // 2)] for k in range(4)]
    place = np.empty(items, dtype=np.intp)
    place[order] = np.arange(items)
    for _ in range(options.effort // items):
        if not sum([_exchange(order, place, at, sides) for at in phases]):
            break


def _exchange(
    order: IntArray, place: IntArray, at: IntArray, sides: tuple[_Neighbours, ...]
) -> int:
    """Exchange the pairs that start at ``at`` where it pays, in place; returns how many."""
    left, right = order[at], order[at + 1]
    sizes = sum(side.counts[left] * side.counts[right] for side in sides)
    few = sizes <= _MOST_PAIRS
    at, left, right = at[few], left[few], right[few]
    surplus = sum(side.surplus(left, right, place) for side in sides)
    pays = np.asarray(surplus > 0)
    at, left, right = at[pays], left[pays], right[pays]
    order[at], order[at + 1] = right, left
    place[left], place[right] = at + 1, at
    return at.size
