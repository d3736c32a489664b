"""Where on a box's edge each wire starts and ends.

It stands apart because ports are chosen twice: evenly, before anything has a column, and again
under and over what they lead to, once everything has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.render.layout.layers import BOX

if TYPE_CHECKING:
    from tui_backprop.render.layout.layers import Skeleton
    from tui_backprop.rules.types import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Ports:
    """The ports of an arranged skeleton, whose links are sorted by top item.

    A port below an item starts a net: one wire, or a few to different readers where the box is
    too narrow for a port each. A port above an item ends one link.

    Attributes:
        net: per link, the port it starts from.
        net_item: per net, its item; ascending.
        net_rank, net_count: per net, its place among its item's nets, and how many those are.
        by_bottom: the links by bottom item, and there from left to right.
        bottom_item: per link in that order, its bottom item; ascending.
        rank, count: per link in the order of ``by_bottom``, its place among the links that end
            at its item, and how many those are.
    """

    net: IntArray
    net_item: IntArray
    net_rank: IntArray
    net_count: IntArray
    by_bottom: IntArray
    bottom_item: IntArray
    rank: IntArray
    count: IntArray


def number_ports(skeleton: Skeleton) -> Ports:
    """Which wire gets which port: from left to right as their other ends stand."""
    top, bottom = skeleton.top, skeleton.bottom
    rank, count = _ranks(top)
    room = np.where(skeleton.kind == BOX, (skeleton.width - 1) // 2, 1)[top]
    shared = np.where(count <= room, rank, rank * room // np.maximum(count, 1))
    is_new = np.ones(top.size, dtype=bool)
    is_new[1:] = (top[1:] != top[:-1]) | (shared[1:] != shared[:-1])
    net_item = top[is_new]
    by_bottom = np.argsort(bottom, kind="stable")
    return Ports(
        np.cumsum(is_new) - 1,
        net_item,
        *_ranks(net_item),
        by_bottom,
        bottom[by_bottom],
        *_ranks(bottom[by_bottom]),
    )


def _ranks(groups: IntArray) -> tuple[IntArray, IntArray]:
    """Of ascending group numbers: each one's place in its group, and the group's size."""
    counts = np.bincount(groups) if groups.size else np.zeros(0, dtype=np.intp)
    starts = np.cumsum(counts) - counts
    return np.arange(groups.size) - starts[groups], counts[groups]


def even_offsets(width: IntArray, is_box: IntArray, rank: IntArray, count: IntArray) -> IntArray:
    """Columns of ports from the left of their items, spread evenly about the middle of a box."""
    room = np.maximum(width - 5, 2) // np.maximum(count - 1, 1)
    apart = np.clip(room // 2 * 2, 2, 6)
    return np.asarray(np.where(is_box, (width - 1) // 2 + (2 * rank - count + 1) * apart // 2, 0))


def fitted(
    wanted: IntArray, low: IntArray, high: IntArray, rank: IntArray, count: IntArray
) -> IntArray:
    """Columns nearest to the wanted ones, in order, at least two apart, within each box's edge.

    Args:
        wanted: one column per port; ports of one edge stand together, ``rank`` 0 first.
        low: the first column that a port's edge allows.
        high: the last one.
        rank: a port's place among the ports of its edge.
        count: how many those are.
    """
    if not wanted.size:
        return wanted
    loose = np.clip(wanted - 2 * rank, low, high - 2 * (count - 1))
    group = np.cumsum(rank == 0)
    base = group * (int(np.ptp(loose)) + 1)
    rising = np.maximum.accumulate(loose + base) - base
    falling = np.minimum.accumulate((loose + base)[::-1])[::-1] - base
    return np.asarray((rising + falling) // 2 + 2 * rank)
