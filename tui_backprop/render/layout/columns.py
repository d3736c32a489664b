"""Placing the items of each layer in columns: near what they are linked to, on straight lines.

Chains of items stay straight, links pull their two ends together, rows keep order and distance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.render.layout.layers import BOX, LANE
from tui_backprop.render.layout.ports import even_offsets

if TYPE_CHECKING:
    from tui_backprop.render.layout.layers import LayeredGraph, Options
    from tui_backprop.render.layout.ports import Ports
    from tui_backprop.rules.types import IntArray


_TOLERANCES: Final = (10.0, 5.0, 2.0)
"""After each attempt, the columns by which a line may be off before it is given up: straight lines
that are in each other's way would push everything apart, and let a long graph drift aside."""


def place_items(layered: LayeredGraph, ports: Ports, options: Options) -> IntArray:
    """The left column of each item, from 0.

    First everything is drawn to the mean of its neighbours, then to straight lines, then set in
    whole columns, and last moved back into gaps that opened on the way.
    """
    items = layered.kind.size
    if not items:
        return np.zeros(0, dtype=np.intp)
    rows, pulls = Rows.build(layered, options), Pulls.build(layered, ports)
    rounds = options.rounds(items, 4, 16)
    x = rows.centred()
    for _ in range(rounds):
        x = rows.project(pulls.step(x))
    straight = choose_straight(layered, ports, pulls, x)
    for tolerance in _TOLERANCES:
        chains = Chains.build(pulls, straight, items)
        for k in range(rounds * 3 // 4):
            x = rows.project(chains.aligned(pulls.step(x) if k % 4 == 0 else x))
        straight = straight[pulls.bend(x)[straight] <= tolerance]
    x = _settle(rows, pulls, Chains.build(pulls, straight, items), x, rounds)
    return np.asarray(x - x.min())


def _settle(rows: Rows, pulls: Pulls, chains: Chains, x: IntArray, rounds: int) -> IntArray:
    """Whole columns, always in order and apart, and on straight lines if rounds suffice."""
    x = chains.whole(x)
    for _ in range(2 * rounds):
        pushed = rows.push(x)
        if np.array_equal(pushed, x):
            break
        x = chains.pushed(pushed)
    x = rows.push(x)
    for _ in range(rounds // 2):
        before, x = x, chains.moved(x, pulls.wish(x, chains.root), rows.gaps(x))
        if np.array_equal(before, x):
            break
    return x


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
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
    def build(pulls: Pulls, straight: IntArray, items: int) -> Chains:
        """Chains of the links in ``straight``, at most one above and below each item."""
        root = np.arange(items)
        offset = np.zeros(items, dtype=np.intp)
        root[pulls.bottom[straight]] = pulls.top[straight]
        offset[pulls.bottom[straight]] = pulls.shift[straight]
        while not np.array_equal(root[root], root):  # each round doubles the distance looked up
            offset += offset[root]
            root = root[root]
        return Chains(root, offset, np.maximum(np.bincount(root, minlength=items), 1))

    def aligned(self, x: IntArray) -> IntArray:
        """Every chain on a straight line, at the mean of where its items are."""
        return self._spread(np.bincount(self.root, x - self.offset, x.size) / self.size)

    def whole(self, x: IntArray) -> IntArray:
        """Every chain on a straight line, in a whole column."""
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


def choose_straight(layered: LayeredGraph, ports: Ports, pulls: Pulls, x: IntArray) -> IntArray:
    """At most one link above and below each item, none crossing another, the weightiest first."""
    bend = pulls.bend(x)
    cost = bend - pulls.weight * (bend.max(initial=0) + 1)
    best = np.sort(_cheapest(ports.by_bottom, ports.bottom_item, cost))
    best = _cheapest(best, pulls.top[best], cost)
    is_lane = layered.kind == LANE
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


_STEP: Final = 0.8  # as in ordering: whole steps of all layers at once would swing


@dataclass(frozen=True, slots=True, eq=False)
class Pulls:
    """Links that each ask for ``x[bottom] = x[top] + shift``: both ports are then in one column.

    Attributes:
        top, bottom: items, per link; links are sorted by top item.
        shift: how far the bottom item should stand to the right of the top one.
        weight: how much the link matters.
        total: per item, the weight of its links.
    """

    top: IntArray
    bottom: IntArray
    shift: IntArray
    weight: IntArray
    total: IntArray

    @staticmethod
    def build(layered: LayeredGraph, ports: Ports) -> Pulls:
        """Build the pulls from evenly spread ports."""
        width, is_box = layered.width, layered.kind == BOX
        item = ports.net_item
        start = even_offsets(width[item], is_box[item], ports.net_rank, ports.net_count)
        item = ports.bottom_item
        end = np.empty(item.size, dtype=np.intp)
        end[ports.by_bottom] = even_offsets(width[item], is_box[item], ports.rank, ports.count)
        top, bottom, weight = layered.top, layered.bottom, _importance(layered)
        total = np.bincount(top, weight, width.size) + np.bincount(bottom, weight, width.size)
        return Pulls(top, bottom, start[ports.net] - end, weight, np.maximum(total, 1e-9))

    def bend(self, x: IntArray) -> IntArray:
        """How far each link is from straight."""
        return np.asarray(np.abs(x[self.top] + self.shift - x[self.bottom]))

    def step(self, x: IntArray) -> IntArray:
        """Each item moved towards the mean of where its links want it."""
        error = (x[self.top] + self.shift - x[self.bottom]) * self.weight
        pull = np.bincount(self.bottom, error, x.size) - np.bincount(self.top, error, x.size)
        return np.asarray(x + _STEP * pull / self.total)

    def wish(self, x: IntArray, group: IntArray) -> IntArray:
        """How far each group of items would like to move; links inside a group do not count."""
        above, below = group[self.top], group[self.bottom]
        weight = self.weight * (above != below)
        error = (x[self.top] + self.shift - x[self.bottom]) * weight
        pull = np.bincount(below, error, x.size) - np.bincount(above, error, x.size)
        total = np.bincount(below, weight, x.size) + np.bincount(above, weight, x.size)
        return np.asarray(pull / np.maximum(total, 1e-9))


def _importance(layered: LayeredGraph) -> IntArray:
    """How much a link should be straight: long wires most, the way of the computation next."""
    is_lane = layered.kind == LANE
    is_long = is_lane[layered.top] & is_lane[layered.bottom]
    is_fed = np.bincount(layered.bottom, minlength=is_lane.size) > 0
    return np.where(is_long, 8.0, np.where(is_fed[layered.top], 2.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Keeps the items of each layer in order and at a distance.

    Attributes:
        layer: per item, ascending.
        packed: where each item would stand if its layer were pushed together to the left.
    """

    layer: IntArray
    packed: IntArray

    @staticmethod
    def build(layered: LayeredGraph, options: Options) -> Rows:
        """Build the rows from the items' widths; the gap between two boxes is wider."""
        layer, is_box = layered.layer, layered.kind == BOX
        gap = np.where(is_box[:-1] & is_box[1:], options.gap, 1)
        offsets = np.concatenate([[0], np.cumsum(layered.width[:-1] + gap)])
        is_first = np.concatenate([[True], layer[1:] != layer[:-1]])
        return Rows(layer, offsets - offsets[is_first][layer])

    def centred(self) -> IntArray:
        """Every layer pushed together around 0."""
        is_last = np.concatenate([self.layer[1:] != self.layer[:-1], [True]])
        return np.asarray(self.packed - self.packed[is_last][self.layer] / 2)

    def project(self, x: IntArray) -> IntArray:
        """Near ``x``, in order and apart: halfway between pushing right and pushing left."""
        slack, base = self._slack(x)
        falling = np.minimum.accumulate((slack + base)[::-1])[::-1]
        rising = np.maximum.accumulate(slack + base)
        return np.asarray(self.packed + (rising + falling) / 2 - base)

    def push(self, x: IntArray) -> IntArray:
        """``x`` with each item pushed right until it is clear of those before it."""
        slack, base = self._slack(x)
        return np.asarray(self.packed + np.maximum.accumulate(slack + base) - base)

    def gaps(self, x: IntArray) -> IntArray:
        """Columns to spare between each item and the next; beyond a layer's end, very many."""
        gaps = np.diff(x - self.packed)
        gaps[self.layer[1:] != self.layer[:-1]] = 2 * (np.ptp(x) + 1)
        return gaps

    def _slack(self, x: IntArray) -> tuple[IntArray, IntArray]:
        """Numbers that must not decrease along a layer, and offsets that keep the layers apart."""
        slack = x - self.packed
        return slack, self.layer * int(np.ceil(np.ptp(slack)) + 1)
