"""Of every entry of many nodes the largest contribution that a pass makes to it.

A long path is followed through thousands of nodes: their edges are taken together, a block of nodes
at a time, and of each entry only the one that counts is kept.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.rules.derivative import Scalar, Structural
from tui_backprop.rules.sparsity import Tied
from tui_backprop.timeline.edge_groups import groups_of

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.edge_groups import EdgeGroup
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Timeline

_FEWEST: Final = 64
_MOST_NODES: Final = 1 << 13
_MOST_PARTIALS: Final = 1 << 18

NOTHING: Final = -1
"""In place of a child: nothing adds to the entry."""
UNTOLD: Final = -2
"""In place of a child: the entry has to be looked at by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Inflow:
    """The largest contribution to each entry of some nodes, which follow one another.

    Attributes:
        nodes: their ids.
        starts: where the entries of each begin in the arrays.
        children: the node that it comes from, or `NOTHING`, or `UNTOLD`.
        rows: the entry of that.
        numbers: the edge of the route.
        partials: what the entry of v is multiplied by.
        others: how many other contributions there are.
        is_plain: whether it is multiplied as numbers are; else a partial of 0 may stop anything.
    """

    nodes: range
    starts: list[int]
    children: list[int]
    rows: list[int]
    numbers: IntArray
    partials: Array
    others: list[int]
    is_plain: IntArray


class Inflows:
    """Those of one pass, in blocks that become larger the further one looks."""

    def __init__(self, timeline: Timeline, walk: PassWalk) -> None:
        self._timeline = timeline
        self._walk = walk
        self._blocks: list[Inflow] = []
        self._firsts: list[int] = []
        self._size = _FEWEST

    def alone(self, node: int, flat: int) -> tuple[int, int] | None:
        """The one entry that contributes to one; None where that is not told, or they are more."""
        if node == self._walk.run.of:
            return None
        block = self.at(node)
        at = block.starts[node - block.nodes.start] + flat
        child = block.children[at]
        return None if child < 0 or block.others[at] else (child, block.rows[at])

    def at(self, node: int) -> Inflow:
        """A block that has the entries of a node."""
        at = bisect_right(self._firsts, node) - 1
        if at >= 0 and node in self._blocks[at].nodes:
            return self._blocks[at]
        known = self._firsts[at + 1] if at + 1 < len(self._firsts) else self._walk.run.of
        made = self._made(range(node, min(node + self._size, known)))
        self._size = min(2 * self._size, _MOST_NODES)
        self._firsts.insert(at + 1, node)
        self._blocks.insert(at + 1, made)
        return made

    def _made(self, wanted: range) -> Inflow:
        route = self._walk.route
        nodes = range(wanted.start, route.reach(wanted, _MOST_PARTIALS))
        tape = self._timeline.nodes
        sizes = [tape[n].size for n in nodes]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        found = _Best(nodes, starts, self._walk.run.seed.dtype)
        inner = np.array([tape[n].rule is not None for n in nodes])
        numbers = route.edges_between(nodes)
        targets = route.parents(numbers) - nodes.start
        is_large = np.bincount(targets, route.lengths(numbers), len(nodes)) > _MOST_PARTIALS
        is_other = ~inner | is_large | self._timeline.trace.is_recorded
        for node in np.flatnonzero(is_other).tolist():
            found.leave(node)
        for group in groups_of(self._timeline, route, numbers[~is_other[targets]]):
            found.add(self._timeline, self._walk, group)
        return found.inflow()


class _Best:
    """The best of the contributions that were looked at, entry by entry."""

    def __init__(self, nodes: range, starts: IntArray, dtype: np.dtype[np.floating]) -> None:
        self._nodes = nodes
        self._starts = starts
        count = int(starts[-1])
        self._children = np.full(count, NOTHING)
        self._rows = np.zeros(count, dtype=np.intp)
        self._numbers = np.zeros(count, dtype=np.intp)
        self._partials = np.zeros(count, dtype=dtype)
        self._sizes = np.full(count, -1.0)
        self._counts = np.zeros(count, dtype=np.intp)
        self._is_plain = np.ones(count, dtype=bool)
        self._left: set[int] = set()

    def leave(self, place: int) -> None:
        """Leave the entries of a node to others."""
        self._left.add(place)

    def add(self, timeline: Timeline, walk: PassWalk, group: EdgeGroup) -> None:
        """Look at what some edges of one pattern add."""
        targets = walk.route.parents(group.numbers) - self._nodes.start
        found = _largest_of(timeline, walk, group)
        if found is None:
            self._left.update(targets.tolist())
            return
        rows, partials, sizes, length = found
        n = partials.shape[1]
        places = self._starts[targets][:, None] + np.arange(n)
        children = np.broadcast_to(np.array(group.nodes)[:, None], places.shape)
        numbers = np.broadcast_to(group.numbers[:, None], places.shape)
        is_plain = not group.derivative.masked
        # Of equal ones the edge that is walked first: a node may stand here more than once.
        for chosen in _rounds(targets):
            at = places[chosen]
            is_better = (sizes[chosen] > self._sizes[at]) | (
                (sizes[chosen] == self._sizes[at]) & (numbers[chosen] < self._numbers[at])
            )
            to = at[is_better]
            self._children[to] = children[chosen][is_better]
            self._rows[to] = rows[chosen][is_better]
            self._numbers[to] = numbers[chosen][is_better]
            self._partials[to] = partials[chosen][is_better]
            self._sizes[to] = sizes[chosen][is_better]
            self._is_plain[to] = is_plain
            self._counts[at] += length

    def inflow(self) -> Inflow:
        """What was found."""
        for place in self._left:
            self._children[self._starts[place] : self._starts[place + 1]] = UNTOLD
        return Inflow(
            self._nodes, self._starts.tolist(), self._children.tolist(), self._rows.tolist(),
            self._numbers, self._partials, (self._counts - 1).tolist(), self._is_plain,
        )  # fmt: skip


def _rounds(targets: IntArray) -> list[IntArray]:
    """Places of the row, so many at a time that no number stands among them twice."""
    order = np.argsort(targets, kind="stable")
    ordered = targets[order]
    firsts = np.flatnonzero(np.diff(ordered, prepend=-1))
    lengths = np.diff(np.append(firsts, len(ordered)))
    nth = np.arange(len(ordered)) - np.repeat(firsts, lengths)
    return [order[nth == k] for k in range(int(nth.max(initial=-1)) + 1)]


def _largest_of(
    timeline: Timeline, walk: PassWalk, group: EdgeGroup
) -> tuple[IntArray, Array, Array, int] | None:
    """The largest contribution of each edge to each entry: its row, its partial, its size.

    Also how many each entry has of each edge. None where that is not the same for all, or where
    only one entry at a time is told.
    """
    pattern, derivative = group.pattern, group.derivative
    if not isinstance(pattern, Tied) or not isinstance(derivative, Scalar | Structural):
        return None
    if group.rule.computed_by or (isinstance(derivative, Structural) and derivative.part.regroups):
        return None
    n = pattern.shape[1]
    j, i = pattern.entries(range(n))
    length = len(j) // max(n, 1)
    if not length:
        return None
    v = walk.run.cotangents.stacked(group.nodes)[0].reshape(len(group.nodes), -1)[:, j]
    with np.errstate(all="ignore"):
        partials = group.entries(timeline.trace, j, i)
        values = np.asarray(derivative.contribution(v, partials), dtype=v.dtype)
    shape = len(group.nodes), n, length
    sizes = np.abs(values).reshape(shape)
    sizes = np.where(np.isnan(sizes), np.inf, sizes)
    best = np.argmax(sizes, axis=2)[..., None]
    rows = np.broadcast_to(j.reshape(1, n, length), shape)
    picked = (
        np.take_along_axis(x, best, 2)[..., 0] for x in (rows, partials.reshape(shape), sizes)
    )
    return (*picked, length)  # type: ignore[return-value]  # three arrays
