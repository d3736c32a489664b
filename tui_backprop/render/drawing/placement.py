"""The column of each item: near what it is linked to, in the order given, on straight lines.

It stands apart because it is the one numerical part: means of neighbours, and projections onto
"in order and not overlapping", each over the whole graph at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.render.drawing.ports import even_offsets
from tui_backprop.render.drawing.skeleton import BOX, LANE

if TYPE_CHECKING:
    from tui_backprop.render.drawing.options import Options
    from tui_backprop.render.drawing.ports import Ports
    from tui_backprop.render.drawing.skeleton import Skeleton
    from tui_backprop.rules.types import IntArray

_STEP: Final = 0.8  # as in ordering: whole steps of all layers at once would swing
TOL=(10,10,5)
_TOLERANCE: Final = 2.0  # columns by which a line that is to be straight may still be off
_SETTLING: Final = 60  # rounds after which lines that are not straight yet stay bent


def place_items(skeleton: Skeleton, ports: Ports, options: Options) -> IntArray:
    """The left column of each item, from 0."""
    if not skeleton.kind.size:
        return np.zeros(0, dtype=np.intp)
    rows = _Rows.build(skeleton, options)
    pulls = _Pulls.build(skeleton, ports)
    x = rows.centred()
    for _ in range(options.placement_passes):
        x = rows.project(pulls.step(x))
    links = _straight_links(skeleton, pulls, x)
    for tolerance in TOL:
        columns = _Columns.build(pulls, links, x)
        for k in range(options.placement_passes):
            x = rows.project(columns.aligned(pulls.step(x) if k % 4 == 0 else x))
        links = links[pulls.bend(x)[links] <= tolerance]
    x = _settled(rows, _Columns.build(pulls, links, x), x)
    return np.asarray(x - x.min())


def _settled(rows: _Rows, columns: _Columns, x: IntArray) -> IntArray:
    """Whole columns: straight where possible, and always in order and not overlapping."""
    x = columns.whole(x)
    for _ in range(_SETTLING):
        pushed = rows.push(x)
        if np.array_equal(pushed, x):
            break
        x = columns.pushed(pushed)
    return rows.push(x)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """What keeps the items of each layer apart.

    Attributes:
        layer: per item, ascending.
        packed: where each item would stand if its layer were pushed together to the left.
    """

    layer: IntArray
    packed: IntArray

    @staticmethod
    def build(skeleton: Skeleton, options: Options) -> _Rows:
        layer, is_box = skeleton.layer, skeleton.kind == BOX
        between = np.where(is_box[:-1] & is_box[1:], options.gap, 1)
        steps = np.concatenate([[0], skeleton.width[:-1] + between])
        is_first = np.concatenate([[True], layer[1:] != layer[:-1]])
        offsets = np.cumsum(steps)
        return _Rows(layer, offsets - offsets[is_first][layer])

    def centred(self) -> IntArray:
        """Every layer pushed together around 0."""
        is_last = np.concatenate([self.layer[1:] != self.layer[:-1], [True]])
        return self.packed - self.packed[is_last][self.layer] / 2

    def project(self, x: IntArray) -> IntArray:
        """Near ``x``, in order and apart: halfway between pushing right and pushing left."""
        slack, base = self._slack(x)
        falling = np.minimum.accumulate((slack + base)[::-1])[::-1]
        return self.packed + (np.maximum.accumulate(slack + base) + falling) / 2 - base

    def push(self, x: IntArray) -> IntArray:
        """``x`` with each item pushed right until it is clear of those before it."""
        slack, base = self._slack(x)
        return np.asarray(self.packed + np.maximum.accumulate(slack + base) - base)

    def _slack(self, x: IntArray) -> tuple[IntArray, IntArray]:
        """What must not decrease along a layer, and what keeps the layers from each other."""
        slack = x - self.packed
        return slack, self.layer * int(np.ceil(np.ptp(slack)) + 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Pulls:
    """Each link asks for ``x[bottom] = x[top] + shift``, so that its ports are in one column."""

    top: IntArray
    bottom: IntArray
    shift: IntArray
    weight: IntArray
    total: IntArray

    @staticmethod
    def build(skeleton: Skeleton, ports: Ports) -> _Pulls:
        top, bottom, width, is_box = (
            skeleton.top, skeleton.bottom, skeleton.width, skeleton.kind == BOX,
        )
        item = ports.net_item
        out = even_offsets(width[item], is_box[item], ports.net_rank, ports.net_count)[ports.net]
        into = np.empty(top.size, dtype=np.intp)
        item = bottom[ports.by_bottom]
        into[ports.by_bottom] = even_offsets(width[item], is_box[item], ports.rank, ports.count)
        weight = importance(skeleton)
        items = skeleton.kind.size
        total = np.bincount(top, weight, items) + np.bincount(bottom, weight, items)
        return _Pulls(top, bottom, out - into, weight, np.maximum(total, 1e-9))

    def bend(self, x: IntArray) -> IntArray:
        """How far each link is from straight."""
        return np.abs(x[self.top] + self.shift - x[self.bottom])

    def step(self, x: IntArray) -> IntArray:
        """Each item moved towards the mean of where its links want it."""
        error = (x[self.top] + self.shift - x[self.bottom]) * self.weight
        pull = np.bincount(self.bottom, error, x.size) - np.bincount(self.top, error, x.size)
        return np.asarray(x + _STEP * pull / self.total)


def importance(skeleton: Skeleton) -> IntArray:
    """How much a link should be straight: long wires most, the way of the computation next."""
    is_lane = skeleton.kind == LANE
    lanes = is_lane[skeleton.top].astype(np.intp) + is_lane[skeleton.bottom]
    is_fed = np.bincount(skeleton.bottom, minlength=is_lane.size) > 0
    return np.asarray(np.where(is_fed[skeleton.top], 2.0, 1.0) * np.array([1.0, 1.0, 4.0])[lanes])


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Chains of items that should stand on one straight line, one item per layer at most.

    Attributes:
        root: per item, the first of its chain.
        offset: per item, how far it stands from the root.
        size: per item that is a root, the items in its chain.
    """

    root: IntArray
    offset: IntArray
    size: IntArray

    @staticmethod
    def build(pulls: _Pulls, chosen: IntArray, x: IntArray) -> _Columns:
        root = np.arange(x.size)
        offset = np.zeros(x.size, dtype=np.intp)
        root[pulls.bottom[chosen]] = pulls.top[chosen]
        offset[pulls.bottom[chosen]] = pulls.shift[chosen]
        while not np.array_equal(root[root], root):  # each round doubles the distance looked up
            offset += offset[root]
            root = root[root]
        return _Columns(root, offset, np.maximum(np.bincount(root, minlength=x.size), 1))

    def aligned(self, x: IntArray) -> IntArray:
        """Every chain on a straight line, at the mean of where its items are."""
        mean = np.bincount(self.root, x - self.offset, x.size) / self.size
        return np.asarray(mean[self.root] + self.offset)

    def whole(self, x: IntArray) -> IntArray:
        """The same in whole columns."""
        mean = np.bincount(self.root, x - self.offset, x.size) / self.size
        return np.asarray(np.rint(mean).astype(np.intp)[self.root] + self.offset)

    def pushed(self, x: IntArray) -> IntArray:
        """Every chain straight again after some of its items were pushed right."""
        place = np.full(x.size, np.iinfo(np.intp).min)
        np.maximum.at(place, self.root, x - self.offset)
        return np.asarray(place[self.root] + self.offset)


def _straight_links(skeleton: Skeleton, pulls: _Pulls, x: IntArray) -> IntArray:
    """At most one link above and below each item, none crossing another, the weightiest first."""
    bend = pulls.bend(x)
    best = np.arange(bend.size)
    for end in (pulls.bottom, pulls.top):
        best = best[np.lexsort((bend[best], -pulls.weight[best], end[best]))]
        is_first = np.concatenate([[True], end[best][1:] != end[best][:-1]])
        best = best[is_first[: best.size]]
    best = np.sort(best)
    is_lane = skeleton.kind == LANE
    is_long = is_lane[pulls.top[best]] & is_lane[pulls.bottom[best]]
    trunk = _uncrossed(pulls, best[is_long], bend)
    rest = best[~is_long]
    nth = np.searchsorted(pulls.top[trunk], pulls.top[rest])
    fence = np.concatenate([[-1], pulls.bottom[trunk], [x.size]])
    rest = rest[(fence[nth] < pulls.bottom[rest]) & (pulls.bottom[rest] < fence[nth + 1])]
    return np.concatenate([trunk, _uncrossed(pulls, rest, bend)])


def _uncrossed(pulls: _Pulls, links: IntArray, bend: IntArray) -> IntArray:
    """Some of these links that do not cross each other; of those that do, the straighter ones."""
    for keeps_some in (True, True, False):
        if not links.size:
            break
        # items are numbered layer by layer, so layers cannot disturb each other
        bottom = pulls.bottom[links]
        rising = np.maximum.accumulate(bottom)
        falling = np.minimum.accumulate(bottom[::-1])[::-1]
        crosses = (bottom != rising) | (bottom != falling)
        if not crosses.any():
            break
        is_slight = bend[links] < np.mean(bend[links[crosses]])
        links = links[~crosses | (is_slight & keeps_some)]
    return links
