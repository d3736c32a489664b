"""The wires of a laid-out graph: runs, tracks, what is visible of them, and their characters.

They are worked out channel by channel, when one is first looked at, and then remembered.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import field
from functools import cache
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.render.text.spans import width

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.types import IntArray


_REMEMBERED: Final = 256  # channels; more than any screen shows


@dataclass(frozen=True, slots=True, eq=False)
class Wires:
    """The visible wires of one channel.

    Attributes:
        height: rows; the last one has only ends.
        start: columns where nets start, ascending; ``depth``: the row where each turns for the
            last time, ``height`` where it goes straight down.
        end: columns where links end, ascending; ``since``: the row where each turns down, −1
            where it comes straight from above; ``link``: its number.
        run_row, run_left, run_right: horizontal parts, by row and then from the left.
        run_net: whose they are, as ``start_net`` says for starts.
    """

    height: int
    start: IntArray
    start_net: IntArray
    depth: IntArray
    end: IntArray
    since: IntArray
    link: IntArray
    run_row: IntArray
    run_left: IntArray
    run_right: IntArray
    run_net: IntArray

    def joints(self, row: int, x0: int, x1: int) -> IntArray:
        """The arms of the wires in the columns ``x0`` to ``x1`` of a row, as bit masks."""
        arms = np.zeros(x1 - x0, dtype=np.uint8)
        a, b = np.searchsorted(self.start, (x0, x1))
        deep = self.depth[a:b]
        arms[self.start[a:b] - x0] = np.where(deep > row, UP | DOWN, np.where(deep == row, UP, 0))
        a, b = np.searchsorted(self.end, (x0, x1))
        since = self.since[a:b]
        arms[self.end[a:b] - x0] |= np.where(
            since < row, UP | DOWN, np.where(since == row, DOWN, 0)
        ).astype(np.uint8)
        for k in self.runs_in(row, x0, x1):
            left, right = int(self.run_left[k]) - x0, int(self.run_right[k]) - x0
            arms[max(left, 0) : max(right, 0)] |= RIGHT
            arms[max(left + 1, 0) : max(right + 1, 0)] |= LEFT
        return arms

    def runs_in(self, row: int, x0: int, x1: int) -> range:
        """The runs of a row that touch these columns."""
        a, b = np.searchsorted(self.run_row, (row, row + 1))
        first = a + int(np.searchsorted(self.run_right[a:b], x0))
        return range(first, a + int(np.searchsorted(self.run_left[a:b], x1)))


@dataclass(frozen=True, slots=True, eq=False)
class Wiring:
    """All links with their columns.

    Attributes:
        net, born: per link, its net, and the node with which it appears.
        channel: per link, ascending.
        start, end: columns, per net and per link.
        runs: the horizontal parts.
        tracks: per channel, how many tracks it has.
    """

    net: IntArray
    born: IntArray
    channel: IntArray
    start: IntArray
    end: IntArray
    runs: Runs
    tracks: IntArray
    _track_of: dict[int, IntArray] = field(default_factory=dict, repr=False)
    _seen: dict[tuple[int, int], Wires] = field(default_factory=dict, repr=False)

    def links_of(self, channel: int) -> tuple[int, int]:
        """The first link of a channel, and the one after its last."""
        a, b = np.searchsorted(self.channel, (channel, channel + 1))
        return int(a), int(b)

    def wires(self, channel: int, reveal: int) -> Wires:
        """The visible wires of a channel while only the nodes before ``reveal`` are built."""
        key = (channel, reveal)
        if key not in self._seen:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[key] = self._cut(channel, reveal)
        return self._seen[key]

    def track(self, channel: int, link: int) -> int:
        """The row of the channel where a link runs sideways; −1 where it goes straight down."""
        run = int(self.runs.of_link[link])
        if run < 0:
            return -1
        first, tracks = self._tracks(channel)
        return int(tracks[run - first])

    def _tracks(self, channel: int) -> tuple[int, IntArray]:
        """The first run of a channel, and the track of each of its runs."""
        a, b = self.links_of(channel)
        low, high = np.searchsorted(self.runs.net, (self.net[a], self.net[b - 1] + 1))
        if channel not in self._track_of:
            if len(self._track_of) >= _REMEMBERED:
                self._track_of.clear()
            self._track_of[channel] = assign_tracks(
                self.runs.left[low:high],
                self.runs.right[low:high],
                self.runs.heading[low:high],
                int(self.tracks[channel]),
            )
        return int(low), self._track_of[channel]

    def _cut(self, channel: int, reveal: int) -> Wires:
        """The visible links of a channel, and the parts of runs that they still need."""
        a, b = self.links_of(channel)
        link = a + np.flatnonzero(self.born[a:b] < reveal)
        height = int(self.tracks[channel]) + 1
        first, tracks = self._tracks(channel)
        run = self.runs.of_link[link]
        row = np.append(tracks, -1)[np.where(run < 0, -1, run - first)]
        # links are sorted by net, and the starts of a channel ascend with the nets
        net, end = self.net[link], self.end[link]
        heads = _heads(net)
        depth = np.where(row < 0, height, row)
        order = np.argsort(end)
        return Wires(
            height,
            self.start[net[heads]],
            net[heads],
            np.maximum.reduceat(depth, heads) if heads.size else depth,
            end[order],
            row[order],
            link[order],
            *self._extents(link, row),
        )

    def _extents(self, link: IntArray, row: IntArray) -> tuple[IntArray, ...]:
        """Row, first and last column, and net of what the links need of each run."""
        by_run = np.lexsort((self.end[link], row))
        by_run = by_run[np.searchsorted(row[by_run], 0) :]
        link, row = link[by_run], row[by_run]
        net, end = self.net[link], self.end[link]
        heads = _heads(self.runs.of_link[link])
        if not heads.size:
            return row, end, end, net
        left = np.minimum.reduceat(np.minimum(end, self.start[net]), heads)
        right = np.maximum.reduceat(np.maximum(end, self.start[net]), heads)
        return row[heads], left, right, net[heads]


def _heads(groups: IntArray) -> IntArray:
    """Where each run of equal numbers starts."""
    is_head = np.ones(groups.size, dtype=bool)
    is_head[1:] = groups[1:] != groups[:-1]
    return np.flatnonzero(is_head)


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


UP: Final = 1
DOWN: Final = 2
LEFT: Final = 4
RIGHT: Final = 8

Charset: TypeAlias = Literal["unicode", "ascii"]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of one set.

    Attributes:
        joints: per mask of light arms, times 16, plus mask of heavy arms, the character.
        up, down: arrow heads; ``heavy_up``, ``heavy_down`` on the current edge.
        ellipsis: what stands for text that was cut off.
    """

    joints: str
    up: str
    down: str
    heavy_up: str
    heavy_down: str
    ellipsis: str

    @property
    def light(self) -> str:
        """Per mask of light arms alone, the character."""
        return self.joints[::16]

    def text(self, text: str) -> str:
        """A label in this character set; what it does not have becomes ``?``, cell by cell."""
        if self.ellipsis != "~" or text.isascii():
            return text
        return "".join(c if c.isascii() else "?" * width(c) for c in text)

    def joint(self, light: int, heavy: int = 0) -> str:
        """The character whose arms these are; an arm in both is heavy."""
        return self.joints[light * 16 + heavy]


_BOX_DRAWING: Final = (
    " ╵╹╷│╿╻╽┃╴┘┚┐┤┦┒┧┨╸┙┛┑┥┩┓┪┫╶└┖┌├┞┎┟┠─┴┸┬┼╀┰╁╂╾┵┹┭┽╃┱╅╉╺┕┗┍┝┡┏┢┣╼┶┺┮┾╄┲╆╊━┷┻┯┿╇┳╈╋"
)


def box_drawing(up: int, down: int, left: int, right: int) -> str:
    """The character whose arms have these weights: 0 none, 1 light, 2 heavy."""
    return _BOX_DRAWING[up + 3 * down + 9 * left + 27 * right]


def _unicode_joint(light: int, heavy: int) -> str:
    arms = [2 if heavy >> k & 1 else light >> k & 1 for k in range(4)]
    return box_drawing(*arms)


def _ascii_joint(light: int, heavy: int) -> str:
    """``=`` and ``#`` are heavy; a heavy wire hides a light one that it crosses."""
    sideways, upright = LEFT | RIGHT, UP | DOWN
    if heavy:
        return "=" if not heavy & upright else "#"
    if not light:
        return " "
    if not light & upright:
        return "-"
    return "|" if not light & sideways else "+"


def _table(joint: Callable[[int, int], str]) -> str:
    return "".join(joint(light, heavy) for light in range(16) for heavy in range(16))


@cache
def glyphs_of(charset: Charset) -> Glyphs:
    """The characters of one set; its table is made when the first drawing needs it."""
    if charset == "ascii":
        return Glyphs(_table(_ascii_joint), "^", "v", "^", "v", "~")
    return Glyphs(_table(_unicode_joint), "▴", "▾", "▲", "▼", "…")
