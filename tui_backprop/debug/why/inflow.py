"""Everything that one pass adds to one adjoint entry, partial by partial, as arrays.

It stands apart from the columns that frames show because a column is one edge and an entry may have
ten thousand: edges of one op and one shape are computed together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.alike import groups_of, stacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.alike import Alike
    from tui_backprop.debug.timeline import PassWalk, Timeline
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array, IntArray

_STEPS: Final = 5
"""Which of the arrays of an `Inflow` tells the step."""


@dataclass(frozen=True, slots=True, eq=False)
class Inflow:
    """The contributions of one pass to one entry, in the order of the walk; arrays of one length.

    Attributes:
        walk: the pass.
        node: whose adjoint.
        flat: which entry of it.
        numbers: the edge of the route that each came through.
        rows: j of each.
        partials: ∂y_j/∂x_i.
        v: v_j.
        values: v_j · ∂y_j/∂x_i.
        steps: where each stands on the timeline.
        inside: whether y_j reads x_i at all; False for a structural zero that is walked.
        skipped: how many structural zeros the walk passed by.
    """

    walk: PassWalk
    node: int
    flat: int
    numbers: IntArray
    rows: IntArray
    partials: Array
    v: Array
    values: Array
    steps: IntArray
    inside: IntArray
    skipped: int

    def __len__(self) -> int:
        return len(self.steps)

    def edge(self, nth: int) -> Edge:
        """The edge of the nth contribution."""
        return self.walk.route.edge(int(self.numbers[nth]))


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """What the edges of one group add, edge by edge; arrays as in `Inflow`, in its order."""

    arrays: tuple[Array, ...]
    skipped: int


def inflow(
    timeline: Timeline, pass_number: int, node: int, flat: int, until: int | None = None
) -> Inflow:
    """The contributions of a pass to an entry.

    Args:
        timeline: the walk.
        pass_number: a backward pass.
        node: whose adjoint.
        flat: which entry.
        until: the last step that counts; None for the whole pass.
    """
    walk = timeline.walk(pass_number)
    last = timeline.length if until is None else until
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
    numbers, rows, partials, v, values, steps, inside = arrays
    return Inflow(walk, node, flat, numbers, rows, partials, v, values, steps, inside, skipped)


def _is_unread(group: Alike, flat: int) -> bool:
    return group.is_surely_unread(flat) or not len(group.pattern.rows(flat))


def _block(timeline: Timeline, walk: PassWalk, group: Alike, flat: int, last: int) -> _Block:
    pattern = group.pattern
    rows, size = pattern.rows(flat), pattern.shape[0]
    cotangents = [walk.run.cotangents[n] for n in group.nodes]
    v = stacked(cotangents, rows)
    with np.errstate(all="ignore"):
        partials = group.partials(timeline.trace, rows, flat)
        values = np.asarray(group.derivative.contribution(v, partials), dtype=v.dtype)
    starts = walk.route.starts(group.numbers) + walk.start
    if not walk.route.zeros:
        inside = np.ones(len(rows), dtype=bool)
        starts = starts + pattern.start(flat)
        done = int(np.count_nonzero(starts + len(rows) - 1 <= last))
        arrays = _lined_up(group.numbers, rows, (partials, v, values), starts, inside)
        return _Block(arrays, done * (size - len(rows)))
    every = np.arange(size)
    spread = (_spread(partials, rows, size), stacked(cotangents, every),
              _spread(values, rows, size))  # fmt: skip
    inside = np.isin(every, rows)
    return _Block(_lined_up(group.numbers, every, spread, starts + flat * size, inside), 0)


def _lined_up(
    numbers: IntArray,
    rows: IntArray,
    products: tuple[Array, Array, Array],
    starts: IntArray,
    inside: IntArray,
) -> tuple[Array, ...]:
    """The arrays of an `Inflow`, one edge after the other."""
    edges = len(numbers)
    if edges == 1:
        steps = starts[0] + np.arange(len(rows))
        return (np.repeat(numbers, len(rows)), rows, *(x[0] for x in products), steps, inside)
    steps = (starts[:, None] + np.arange(len(rows))).ravel()
    return (
        np.repeat(numbers, len(rows)),
        np.tile(rows, edges),
        *(x.ravel() for x in products),
        steps,
        np.tile(inside, edges),
    )


def _spread(values: Array, rows: IntArray, size: int) -> Array:
    """The columns of ``values`` at their rows among all, 0 elsewhere."""
    spread = np.zeros((len(values), size), dtype=values.dtype)
    spread[:, rows] = values
    return spread


def _in_order(blocks: Sequence[tuple[Array, ...]], dtype: Any, last: int) -> tuple[Array, ...]:
    """The arrays of all blocks by step, without what lies after ``last``."""
    if not blocks:
        kinds = (np.intp, np.intp, dtype, dtype, dtype, np.intp, bool)
        return tuple(np.zeros(0, dtype=kind) for kind in kinds)
    joined = (
        blocks[0] if len(blocks) == 1 else [np.concatenate(x) for x in zip(*blocks, strict=True)]
    )
    steps = joined[_STEPS]
    order = np.argsort(steps, kind="stable")
    order = order[: int(np.searchsorted(steps, last, side="right", sorter=order))]
    return tuple(x[order] for x in joined)
