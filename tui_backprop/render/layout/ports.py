"""Where on a box's edge each wire starts and ends.

Ports are chosen twice: evenly, before anything has a column, and again above and below what they
lead to, once everything has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.render.layout.layers import BOX

if TYPE_CHECKING:
    from tui_backprop.render.layout.layers import LayeredGraph
    from tui_backprop.rules.types import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Ports:
    """The ports of an arranged graph, whose links are sorted by top item.

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


def number_ports(layered: LayeredGraph) -> Ports:
    """Which wire gets which port: from left to right in the order of their other ends."""
    top, bottom = layered.top, layered.bottom
    rank, count = _ranks(top)
    room = np.where(layered.kind == BOX, (layered.width - 1) // 2, 1)[top]
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
    """For ascending group numbers each one's place in its group, and the group's size."""
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


def choose_ports(layered: LayeredGraph, ports: Ports, x: IntArray) -> tuple[IntArray, IntArray]:
    """The column where each net starts, and the one where each link ends.

    Ports slide along their boxes until they stand over and under each other where they can.
    Two starts in one layer are at least two columns apart, and so are two ends; an end that
    would come under the start of another net steps aside by one, where there is no start.
    """
    columns = _Columns.build(layered, ports, x)
    starts = columns.starts_over(columns.ends_under(columns.start, columns.last_end))
    ends = columns.ends_under(starts, columns.last_end)
    ends = columns.ends_under(starts, columns.last_free(starts, ends))
    return starts, ends + _is_blocked(layered, ports, starts, ends)


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """The columns that ports may take.

    Attributes:
        ports: which wire has which port.
        start, end: evenly spread, per net and per link in the order of ``by_bottom``.
        first_start, last_start, first_end, last_end: the edges that they are on.
        meets: per link in that order, whether it could be straight.
        steps_aside: per end, whether it needs a column beside it.
    """

    ports: Ports
    start: IntArray
    first_start: IntArray
    last_start: IntArray
    end: IntArray
    first_end: IntArray
    last_end: IntArray
    meets: IntArray
    steps_aside: IntArray

    @staticmethod
    def build(layered: LayeredGraph, ports: Ports, x: IntArray) -> _Columns:
        def edge(item: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
            is_box, left, width = layered.kind[item] == BOX, x[item], layered.width[item]
            return is_box, width, left + is_box, np.where(is_box, left + width - 2, left)

        net = ports.net[ports.by_bottom]
        top_is_box, width, first, last = edge(ports.net_item)
        rank, count = ports.net_rank, ports.net_count
        start = x[ports.net_item] + even_offsets(width, top_is_box, rank, count)
        low, high = (first + 2 * rank)[net], (last - 2 * (count - 1 - rank))[net]
        is_box, width, first_end, last_end = edge(ports.bottom_item)
        rank, count = ports.rank, ports.count
        end = x[ports.bottom_item] + even_offsets(width, is_box, rank, count)
        low = np.maximum(low, first_end + 2 * rank)
        high = np.minimum(high, last_end - 2 * (count - 1 - rank))
        return _Columns(ports, start, first, last, end, first_end, last_end, low <= high, is_box)

    def ends_under(self, starts: IntArray, last: IntArray) -> IntArray:
        """Ends under their nets' starts where they can be, at most at ``last``; per link."""
        ports = self.ports
        above = starts[ports.net[ports.by_bottom]]
        wanted = np.where(self.meets, above, self.end)
        ends = np.empty_like(wanted)
        ends[ports.by_bottom] = fitted(wanted, self.first_end, last, ports.rank, ports.count)
        return ends

    def last_free(self, starts: IntArray, ends: IntArray) -> IntArray:
        """The last column of each edge that an end may take.

        The very last is only for a wire that comes straight down: any other must be able to step
        aside to the right.
        """
        ports, last = self.ports, self.last_end
        ends = ends[ports.by_bottom]
        is_bent = ends != starts[ports.net[ports.by_bottom]]
        group = np.cumsum(ports.rank == 0)
        stuck = np.bincount(group, self.steps_aside & (ends == last) & is_bent)
        return np.asarray(last - stuck.astype(np.intp)[group])

    def starts_over(self, ends: IntArray) -> IntArray:
        """Starts over the ends of those of their wires that could be straight, per net."""
        ports, nets = self.ports, self.start.size
        links = ports.by_bottom[self.meets]
        count = np.bincount(ports.net[links], minlength=nets)
        mean = np.bincount(ports.net[links], ends[links], nets) // np.maximum(count, 1)
        wanted = np.where(count > 0, mean.astype(np.intp), self.start)
        return fitted(wanted, self.first_start, self.last_start, ports.net_rank, ports.net_count)


def _is_blocked(layered: LayeredGraph, ports: Ports, starts: IntArray, ends: IntArray) -> IntArray:
    """Whether another net starts right above a link's end."""
    if not ends.size:
        return np.zeros(0, dtype=bool)
    span = int(max(starts.max(), ends.max())) + 1
    above = layered.layer[ports.net_item] * span + starts
    here = layered.layer[layered.top] * span + ends
    found = np.searchsorted(above, here)  # nets come by layer, and from left to right
    is_below = above[np.minimum(found, above.size - 1)] == here
    return np.asarray(is_below & (starts[ports.net] != ends))
