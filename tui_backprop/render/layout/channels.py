"""The horizontal runs of wires between two layers, and the tracks that they run on.

It stands apart because the height of every channel is needed at once, by counting, while the
tracks themselves are chosen only for the channels that somebody looks at.
"""

from __future__ import annotations

from bisect import insort
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from tui_backprop.rules.types import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """The horizontal parts of all nets.

    A net that goes straight on and also to both sides has a run to the left and one to the
    right of it, on tracks of their own: so a four-armed joint is always a crossing, never a
    branch.

    Attributes:
        net: per run, its net; ascending.
        left, right: its first and last column.
        heading: −1 where the wire goes left, 1 right, 0 both ways.
        of_link: per link, its run; −1 where it goes straight down.
    """

    net: IntArray
    left: IntArray
    right: IntArray
    heading: IntArray
    of_link: IntArray


def find_runs(net: IntArray, start: IntArray, end: IntArray) -> Runs:
    """The runs of nets.

    Args:
        net: per link, its net; ascending.
        start: per net, the column where it starts.
        end: per link, the column where it ends.
    """
    first = np.searchsorted(net, np.arange(start.size))
    if not start.size:
        none = np.zeros(0, dtype=np.intp)
        return Runs(none, none, none, none, none)
    low, high = np.minimum.reduceat(end, first), np.maximum.reduceat(end, first)
    goes_on = np.logical_or.reduceat(end == start[net], first)
    is_split = goes_on & (low < start) & (start < high)
    count = ((low < start) | (start < high)).astype(np.intp) + is_split
    first = np.cumsum(count) - count
    of = np.repeat(np.arange(start.size), count)
    is_second = np.arange(of.size) > first[of]
    left = np.where(is_second, start[of], np.minimum(low, start)[of])
    right = np.where(is_split[of] & ~is_second, start[of], np.maximum(high, start)[of])
    of_link = first[net] + (is_split[net] & (end > start[net]))
    return Runs(
        of,
        left,
        right,
        (right > start[of]).astype(np.intp) - (left < start[of]),
        np.where(end == start[net], -1, of_link),
    )


def count_tracks(channel: IntArray, left: IntArray, right: IntArray, channels: int) -> IntArray:
    """Per channel, the tracks that its runs need: as many as overlap anywhere.

    Runs on one track have at least one empty column between them.
    """
    if not channel.size:
        return np.zeros(channels, dtype=np.intp)
    span = int(right.max()) + 3
    opens, closes = channel * span + left, channel * span + right + 2
    # what ends at a column is over before what starts there
    events = np.sort(np.concatenate([opens * 2 + 1, closes * 2]))
    depth = np.cumsum((events % 2) * 2 - 1)
    where = events // 2 // span
    deepest = np.zeros(channels, dtype=np.intp)
    is_first = np.flatnonzero(np.concatenate([[True], where[1:] != where[:-1]]))
    deepest[where[is_first]] = np.maximum.reduceat(depth, is_first)
    return deepest


def assign_tracks(left: IntArray, right: IntArray, heading: IntArray, tracks: int) -> IntArray:
    """The track of each run of one channel, 0 at the top.

    From left to right, each run takes a free track: any free one will do, since no more than
    ``tracks`` runs overlap. Runs that head right take the lowest and others the highest, which
    nests those of one direction instead of crossing them.
    """
    free = list(range(tracks))
    busy: list[tuple[int, int]] = []
    chosen = np.zeros(left.size, dtype=np.intp)
    for k in np.lexsort((right, left)).tolist():
        while busy and busy[0][0] + 2 <= left[k]:
            insort(free, heappop(busy)[1])
        track = free.pop(-1 if heading[k] > 0 else 0)
        heappush(busy, (int(right[k]), track))
        chosen[k] = track
    return chosen
