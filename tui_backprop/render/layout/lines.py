"""Straight lines: chains of items whose wires should run in one column.

It stands apart because means alone leave every wire almost straight, which looks worst of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.render.layout.layers import LANE

if TYPE_CHECKING:
    from tui_backprop.render.layout.layers import Skeleton
    from tui_backprop.render.layout.ports import Ports
    from tui_backprop.render.layout.pulls import Pulls
    from tui_backprop.rules.types import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Chains of items, one item per layer at most, that keep their distance from each other.

    Attributes:
        root: per item, the first of its chain.
        offset: per item, how far it stands to the right of the root.
        size: per root, the items in its chain.
    """

    root: IntArray
    offset: IntArray
    size: IntArray

    @staticmethod
    def build(pulls: Pulls, straight: IntArray, items: int) -> Lines:
        """Chains of the links in ``straight``, at most one above and below each item."""
        root = np.arange(items)
        offset = np.zeros(items, dtype=np.intp)
        root[pulls.bottom[straight]] = pulls.top[straight]
        offset[pulls.bottom[straight]] = pulls.shift[straight]
        while not np.array_equal(root[root], root):  # each round doubles the distance looked up
            offset += offset[root]
            root = root[root]
        return Lines(root, offset, np.maximum(np.bincount(root, minlength=items), 1))

    def aligned(self, x: IntArray) -> IntArray:
        """Every chain on a straight line, at the mean of where its items are."""
        return self._spread(np.bincount(self.root, x - self.offset, x.size) / self.size)

    def whole(self, x: IntArray) -> IntArray:
        """The same in whole columns."""
        mean = np.bincount(self.root, x - self.offset, x.size) / self.size
        return self._spread(np.rint(mean).astype(np.intp))

    def pushed(self, x: IntArray) -> IntArray:
        """Every chain straight again after some of its items were pushed right."""
        place = np.full(x.size, np.iinfo(np.intp).min)
        np.maximum.at(place, self.root, x - self.offset)
        return self._spread(place)

    def moved(self, x: IntArray, step: IntArray, gaps: IntArray) -> IntArray:
        """Every chain moved by its ``step`` as far as half of the gaps beside it allow.

        The half makes room for the neighbour across the gap to move as well.
        """
        free = np.abs(gaps).max(initial=0)
        low, high = np.full(x.size, -free), np.full(x.size, free)
        np.maximum.at(low, self.root[1:], -((gaps + 1) // 2))
        np.minimum.at(high, self.root[:-1], gaps // 2)
        step = np.clip(np.rint(step), low, high).astype(np.intp)
        return np.asarray(x + step[self.root])

    def _spread(self, place: IntArray) -> IntArray:
        """Columns of items from those of their roots."""
        return np.asarray(place[self.root] + self.offset)


def choose_straight(skeleton: Skeleton, ports: Ports, pulls: Pulls, x: IntArray) -> IntArray:
    """At most one link above and below each item, none crossing another, the weightiest first."""
    bend = pulls.bend(x)
    cost = bend - pulls.weight * (bend.max(initial=0) + 1)
    best = np.sort(_cheapest(ports.by_bottom, ports.bottom_item, cost))
    best = _cheapest(best, pulls.top[best], cost)
    is_lane = skeleton.kind == LANE
    is_long = is_lane[pulls.top[best]] & is_lane[pulls.bottom[best]]
    long = _uncrossed(pulls, best[is_long], bend)
    rest = best[~is_long]
    # items are numbered layer by layer, so layers cannot disturb each other
    nth = np.searchsorted(pulls.top[long], pulls.top[rest])
    fence = np.concatenate([[-1], pulls.bottom[long], [x.size]])
    rest = rest[(fence[nth] < pulls.bottom[rest]) & (pulls.bottom[rest] < fence[nth + 1])]
    return np.concatenate([long, _uncrossed(pulls, rest, bend)])


def _cheapest(links: IntArray, group: IntArray, cost: IntArray) -> IntArray:
    """Of each run of links with one group, the first that costs least."""
    if not links.size:
        return links
    starts = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    least = np.minimum.reduceat(cost[links], starts)
    sizes = np.diff(np.append(starts, links.size))
    among = np.flatnonzero(cost[links] == np.repeat(least, sizes))
    is_first = np.concatenate([[True], group[among][1:] != group[among][:-1]])
    return np.asarray(links[among[is_first]])


def _uncrossed(pulls: Pulls, links: IntArray, bend: IntArray) -> IntArray:
    """Some of these links that do not cross each other; of those that do, the straighter ones."""
    for keeps_some in (True, True, False):
        bottom = pulls.bottom[links]
        rising = np.maximum.accumulate(bottom)
        falling = np.minimum.accumulate(bottom[::-1])[::-1]
        crosses = (bottom != rising) | (bottom != falling)
        if not crosses.any():
            break
        is_slight = bend[links] < np.mean(bend[links[crosses]])
        links = links[~crosses | (is_slight & keeps_some)]
    return links
