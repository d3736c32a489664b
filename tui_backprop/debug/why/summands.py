"""Everything that one pass adds to one adjoint entry, partial by partial.

An entry may have ten thousand edges: those of one op and one shape are computed together.
Structural zeros are counted, never stored: they may be a thousand times as many as the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.jacobian import picked
from tui_backprop.timeline.edge_groups import groups_of, stacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.edge_groups import EdgeGroup
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Summand:
    """One partial that is added to the entry.

    Attributes:
        number: the edge of the route that it comes through.
        j: its row.
        partial: ∂y_j/∂x_i.
        v: v_j.
        value: v_j · ∂y_j/∂x_i.
        step: where it stands on the timeline.
        inside: whether y_j reads x_i at all; False for a structural zero that is walked.
    """

    number: int
    j: int
    partial: float
    v: float
    value: float
    step: int
    inside: bool


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Where the walk visits an entry: a row of steps for each edge, structural zeros included.

    Attributes:
        numbers: the edges, in the order of the route.
        starts: the first step of each.
        ends: how many have been visited up to each, itself included.
    """

    numbers: IntArray
    starts: IntArray
    ends: IntArray

    def __len__(self) -> int:
        return int(self.ends[-1]) if len(self.ends) else 0

    def find(self, nth: int) -> tuple[int, int]:
        """The edge of the nth visit, and its row."""
        at = int(self.ends.searchsorted(nth, "right"))
        return at, nth - (int(self.ends[at - 1]) if at else 0)

    def places(self, steps: IntArray) -> IntArray:
        """How many visits come before each of some steps, which are visits themselves."""
        at = self.starts.searchsorted(steps, "right") - 1
        before = np.concatenate([[0], self.ends[:-1]])[at]
        return np.asarray(before + steps - self.starts[at])


@dataclass(frozen=True, slots=True, eq=False)
class Summands:
    """The contributions of one pass to one entry, in the order of the walk.

    The arrays have one length: they hold what is inside the sparsity.

    Attributes:
        walk: the pass.
        node: whose adjoint.
        flat: which entry of it.
        rows: j of each.
        partials: ∂y_j/∂x_i.
        v: v_j.
        values: v_j · ∂y_j/∂x_i.
        steps: where each stands on the timeline.
        skipped: how many structural zeros the walk passed by.
        stretches: where it visits the others too; None where it does not.
    """

    walk: PassWalk
    node: int
    flat: int
    rows: IntArray
    partials: Array
    v: Array
    values: Array
    steps: IntArray
    skipped: int
    visits: Visits | None

    def __len__(self) -> int:
        """How many the walk visits, structural zeros included."""
        return len(self.steps) if self.visits is None else len(self.visits)

    def number(self, k: int) -> int:
        """The edge of the route through which the kth that is inside comes."""
        return self.walk.route.edge_at(int(self.steps[k]) - self.walk.start)

    def edge(self, k: int) -> Edge:
        """The edge through which the kth partial inside the pattern comes."""
        return self.walk.route.edge(self.number(k))

    def places(self, chosen: IntArray) -> IntArray:
        """The places of some contributions inside the pattern among all that the walk visits."""
        steps = self.steps[chosen]
        return chosen if self.visits is None else self.visits.places(steps)

    def inside(self, nth: int) -> int | None:
        """The number of the nth visit among those inside the pattern; None for a 0 by structure."""
        if self.visits is None:
            return nth
        at, j = self.visits.find(nth)
        step = self.visits.starts[at] + j
        k = int(self.steps.searchsorted(step))
        return k if k < len(self.steps) and self.steps[k] == step else None

    def summand(self, nth: int) -> Summand:
        """The summand of the nth visit."""
        k = self.inside(nth)
        if k is not None:
            return Summand(
                self.number(k), int(self.rows[k]), float(self.partials[k]), float(self.v[k]),
                float(self.values[k]), int(self.steps[k]), inside=True,
            )  # fmt: skip
        if self.visits is None:
            raise AssertionError("a structural zero that is not walked has no place")
        at, j = self.visits.find(nth)
        number = int(self.visits.numbers[at])
        v = picked(self.walk.run.cotangents[self.walk.route.edge(number).node], j)
        step = int(self.visits.starts[at]) + j
        return Summand(number, j, 0.0, float(v), 0.0, step, inside=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """What the edges of one group add, edge by edge.

    Attributes:
        arrays: rows, partials, v, values and steps, as in `Inflow`.
        visits: of each edge its number, its first step, and how many rows are visited there; empty
            where structural zeros are not.
        skipped: structural zeros that are not visited.
    """

    arrays: tuple[Array, ...]
    visits: tuple[IntArray, IntArray, IntArray]
    skipped: int


def summands_of(
    timeline: Timeline, pass_number: int, node: int, flat: int, until: int | None = None
) -> Summands:
    """The contributions of a pass to an entry.

    Args:
        timeline: the walk.
        pass_number: a backward pass.
        node: whose adjoint.
        flat: which entry.
        until: the last step that counts; None for the whole pass.
    """
    walk = timeline.walk(pass_number)
    last = timeline.steps.stop if until is None else until
    numbers = walk.route.edges_into(node)
    begun = numbers[: int(numbers.searchsorted(walk.route.edge_at(last - walk.start), "right"))]
    blocks: list[_Block] = []
    skipped = 0
    for group in groups_of(timeline, walk.route, begun):
        if not walk.route.zeros and _is_unread(group, flat):
            skipped += len(group.nodes) * group.first.size
            continue
        block = _block(timeline, walk, group, flat, last)
        skipped += block.skipped
        blocks.append(block)
    arrays = _in_order([b.arrays for b in blocks], walk.run.seed.dtype, last)
    rows, partials, v, values, steps = arrays
    visits = _visits([b.visits for b in blocks]) if walk.route.zeros else None
    return Summands(walk, node, flat, rows, partials, v, values, steps, skipped, visits)


def _is_unread(group: EdgeGroup, flat: int) -> bool:
    return group.is_surely_unread(flat) or not len(group.pattern.rows(flat))


_NOWHERE: IntArray = np.zeros(0, dtype=np.intp)


def _block(timeline: Timeline, walk: PassWalk, group: EdgeGroup, flat: int, last: int) -> _Block:
    pattern = group.pattern
    rows, size = pattern.rows(flat), pattern.shape[0]
    v = stacked([walk.run.cotangents[n] for n in group.nodes], rows)
    with np.errstate(all="ignore"):
        partials = group.partials(timeline.trace, rows, flat)
        values = np.asarray(group.derivative.contribution(v, partials), dtype=v.dtype)
    starts = walk.route.starts(group.numbers) + walk.start
    if not walk.route.zeros:
        starts = starts + pattern.start(flat)
        done = int(np.count_nonzero(starts + len(rows) - 1 <= last))
        steps = starts[:, None] + np.arange(len(rows))
        arrays = _lined_up(rows, (partials, v, values), steps)
        return _Block(arrays, (_NOWHERE,) * 3, done * (size - len(rows)))
    starts = starts + flat * size
    arrays = _lined_up(rows, (partials, v, values), starts[:, None] + rows)
    visited = np.clip(last - starts + 1, 0, size)
    return _Block(arrays, (group.numbers, starts, visited), 0)


def _lined_up(
    rows: IntArray, products: tuple[Array, Array, Array], steps: IntArray
) -> tuple[Array, ...]:
    """The arrays of an `Inflow`, one edge after the other."""
    edges = len(steps)
    if edges == 1:
        return (rows, *(x[0] for x in products), steps[0])
    return (np.tile(rows, edges), *(x.ravel() for x in products), steps.ravel())


def _in_order(blocks: Sequence[tuple[Array, ...]], dtype: Any, last: int) -> tuple[Array, ...]:
    """The arrays of all blocks by step, without what lies after ``last``."""
    if not blocks:
        kinds = (np.intp, dtype, dtype, dtype, np.intp)
        return tuple(np.zeros(0, dtype=kind) for kind in kinds)
    joined = (
        blocks[0] if len(blocks) == 1 else [np.concatenate(x) for x in zip(*blocks, strict=True)]
    )
    steps = joined[-1]
    if (steps[1:] > steps[:-1]).all():  # of one edge, or of a few one after the other
        count = int(steps.searchsorted(last, "right"))
        return tuple(x[:count] for x in joined)
    order = np.argsort(steps, kind="stable")
    order = order[: int(np.searchsorted(steps, last, side="right", sorter=order))]
    return tuple(x[order] for x in joined)


def _visits(visits: Sequence[tuple[IntArray, IntArray, IntArray]]) -> Visits:
    """The visits of all blocks in the order of the route."""
    joined = zip(*((_NOWHERE,) * 3, *visits), strict=True)
    numbers, starts, counts = (np.concatenate(x) for x in joined)
    order = np.argsort(numbers)
    order = order[counts[order] > 0]
    return Visits(numbers[order], starts[order], np.cumsum(counts[order]))
