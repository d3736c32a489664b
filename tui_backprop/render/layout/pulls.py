"""The two forces that place items: links pull, and neighbours keep their distance.

They stand apart because every step of the placement is a combination of them, each one pass over
the whole graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.render.layout.layers import BOX, LANE
from tui_backprop.render.layout.ports import even_offsets

if TYPE_CHECKING:
    from tui_backprop.render.layout.layers import Skeleton
    from tui_backprop.render.layout.options import Options
    from tui_backprop.render.layout.ports import Ports
    from tui_backprop.rules.types import IntArray

_STEP: Final = 0.8  # as in ordering: whole steps of all layers at once would swing


@dataclass(frozen=True, slots=True, eq=False)
class Pulls:
    """Each link asks for ``x[bottom] = x[top] + shift``, so that its ports are in one column.

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
    def build(skeleton: Skeleton, ports: Ports) -> Pulls:
        """From evenly spread ports."""
        width, is_box = skeleton.width, skeleton.kind == BOX
        item = ports.net_item
        start = even_offsets(width[item], is_box[item], ports.net_rank, ports.net_count)
        item = ports.bottom_item
        end = np.empty(item.size, dtype=np.intp)
        end[ports.by_bottom] = even_offsets(width[item], is_box[item], ports.rank, ports.count)
        top, bottom, weight = skeleton.top, skeleton.bottom, _importance(skeleton)
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


def _importance(skeleton: Skeleton) -> IntArray:
    """How much a link should be straight: long wires most, the way of the computation next."""
    is_lane = skeleton.kind == LANE
    is_long = is_lane[skeleton.top] & is_lane[skeleton.bottom]
    is_fed = np.bincount(skeleton.bottom, minlength=is_lane.size) > 0
    return np.where(is_long, 8.0, np.where(is_fed[skeleton.top], 2.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What keeps the items of each layer in order and apart.

    Attributes:
        layer: per item, ascending.
        packed: where each item would stand if its layer were pushed together to the left.
    """

    layer: IntArray
    packed: IntArray

    @staticmethod
    def build(skeleton: Skeleton, options: Options) -> Rows:
        """From the widths of the items; boxes keep a wider gap from boxes than wires do."""
        layer, is_box = skeleton.layer, skeleton.kind == BOX
        gap = np.where(is_box[:-1] & is_box[1:], options.gap, 1)
        offsets = np.concatenate([[0], np.cumsum(skeleton.width[:-1] + gap)])
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
        """What must not decrease along a layer, and what keeps the layers from each other."""
        slack = x - self.packed
        return slack, self.layer * int(np.ceil(np.ptp(slack)) + 1)
