"""Where on one edge a backward pass made a number NaN or infinite.

Only here does the search look at single partials, in those columns whose sum is not finite.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.jacobian import picked
from tui_backprop.lazy import cached_property
from tui_backprop.timeline.edge_groups import places
from tui_backprop.timeline.order import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Timeline


class Step(Enum):
    """The things that a step of a backward pass computes, and what no step shows."""

    PARTIAL = 0
    PRODUCT = 1
    SUM = 2
    WHOLE = 3
    """The edge is pulled back by a formula for all of it, which gave what its terms do not."""


class Event(NamedTuple):
    """A bad number made at a partial: of its column and row, by which of its computations.

    The row is −1 where a column without a partial became bad: k is the step before it then.
    """

    i: int
    j: int
    step: Step
    k: int


_TOGETHER: Final = 1_000_000
"""Partials that are looked at together."""


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """The columns of an edge in which something may have happened, and their partials.

    Attributes:
        columns: i of each, ascending.
        before: the parent's entries before the edge; 0 where nothing had arrived.
        after: and after it.
        j: rows of all partials inside the sparsity, column by column.
        at: which of `columns` each stands in.
        products: v_j · ∂y_j/∂x_i of each.
    """

    columns: IntArray
    before: Array
    after: Array
    j: IntArray
    at: IntArray
    products: Array


def edge_events(
    timeline: Timeline, walk: PassWalk, number: int, masks: NonfiniteMasks
) -> Iterator[Event]:
    """The steps of an edge at which a bad number was made out of others that are not, in order."""
    columns, before, after = _suspects(walk, number, masks)
    if not len(columns):
        return
    several = _at_once(timeline, timeline.jacobian(walk.route.edge(number)), int(columns[0]))
    for start in range(0, len(columns), several):
        chosen = slice(start, start + several)
        found = columns[chosen], before[chosen], after[chosen]
        yield from _events_in(timeline, walk, number, masks, *found)


def _at_once(timeline: Timeline, jacobian: LocalJacobian, column: int) -> int:
    """How many columns like this one are looked at together: mostly the first bad one is asked."""
    node, parent = (timeline.nodes[n] for n in (jacobian.edge.node, jacobian.edge.parent))
    is_elementwise = node.rule is not None and node.rule.elementwise
    rows = node.size // parent.size if is_elementwise else len(jacobian.sparsity.rows(column))
    return max(1, _TOGETHER // max(rows, 1))


def _events_in(
    timeline: Timeline,
    walk: PassWalk,
    number: int,
    masks: NonfiniteMasks,
    columns: IntArray,
    before: Array,
    after: Array,
) -> Iterator[Event]:
    """The events in some columns of an edge only."""
    jacobian = timeline.jacobian(walk.route.edge(number))
    j, at = _pairs(timeline, jacobian, columns)
    partials = jacobian.entries(j, columns[at])
    v = picked(walk.run.cotangents[jacobian.edge.node], j)
    products = jacobian.contribution(v, partials)
    found = _Columns(columns, before, after, j, at, products)
    events = [
        (Step.PRODUCT, _bad_products(v, partials, products, masks), j, at),
        (Step.PARTIAL, _bad_partials(jacobian, partials, j, masks), j, at),
    ]
    is_fresh = _is_fresh(timeline, walk, jacobian, masks)
    made = _bad_sums(walk, jacobian, found, masks)
    events.extend(one for one in made if one[0] is Step.SUM or is_fresh)
    yield from _ordered(walk, number, columns, events)


def _ordered(
    walk: PassWalk,
    number: int,
    columns: IntArray,
    events: list[tuple[Step, IntArray, IntArray, IntArray]],
) -> Iterator[Event]:
    """All events by column and row; their steps are found as they are asked for."""
    rows = np.concatenate([j[bad] for _, bad, j, _ in events])
    within = np.concatenate([at[bad] for _, bad, _, at in events])
    kinds = np.repeat([step.value for step, *_ in events], [np.count_nonzero(e[1]) for e in events])
    for k in np.lexsort((rows, within)):
        i, j = int(columns[within[k]]), int(rows[k])
        yield Event(i, j, Step(int(kinds[k])), walk.start + _position(walk, number, j, i))


def _position(walk: PassWalk, number: int, j: int, i: int) -> int:
    """The position of a partial in the route; of a column without one, the step before it."""
    if j < 0:
        return walk.route.column(number, i).start - 1
    return walk.route.position(Place(number, j, i))


def _is_fresh(
    timeline: Timeline, walk: PassWalk, jacobian: LocalJacobian, masks: NonfiniteMasks
) -> bool:
    """Whether nothing that an edge is pulled back with is bad: neither v, nor y, nor an operand."""
    edge = jacobian.edge
    if masks.test(walk.run.cotangents[edge.node]).any():
        return False
    return not any(masks.mask(n).any() for n in (edge.node, *timeline.nodes[edge.node].parents))


def _suspects(walk: PassWalk, number: int, masks: NonfiniteMasks) -> tuple[IntArray, Array, Array]:
    """The columns in which something may have happened, and the sums before and after."""
    parent = walk.route.edge(number).parent
    done = int(walk.route.edges_into(parent).searchsorted(number))
    after = walk.sums.after(parent, done + 1)
    nothing = np.zeros(0, dtype=walk.run.seed.dtype)
    if after is None or is_finite(after):
        return np.zeros(0, dtype=np.intp), nothing, nothing
    before = walk.sums.after(parent, done)
    before = np.zeros_like(after) if before is None else before
    became = masks.test(after) & ~masks.test(before)
    columns = np.flatnonzero(became | ~np.isfinite(walk.sums.contribution(number)))
    return columns, picked(before, columns), picked(after, columns)


def _pairs(
    timeline: Timeline, jacobian: LocalJacobian, columns: IntArray
) -> tuple[IntArray, IntArray]:
    """Row, and place among ``columns``, of every partial inside the sparsity."""
    node = timeline.nodes[jacobian.edge.node]
    if node.rule is not None and node.rule.elementwise:
        if node.shape == timeline.nodes[jacobian.edge.parent].shape:
            return columns, np.arange(len(columns))
        every = np.arange(node.size)
        read = places(every, node.shape, timeline.nodes[jacobian.edge.parent].shape)
        chosen = np.flatnonzero(np.isin(read, columns))
        chosen = chosen[np.argsort(read[chosen], kind="stable")]
        return every[chosen], np.searchsorted(columns, read[chosen])
    rows = [jacobian.sparsity.rows(i) for i in columns.tolist()]
    return np.concatenate(rows), np.repeat(np.arange(len(columns)), [len(r) for r in rows])


def _bad_products(v: Array, partials: Array, products: Array, masks: NonfiniteMasks) -> IntArray:
    return np.asarray(masks.test(products) & ~masks.test(v) & ~masks.test(partials))


def _bad_partials(
    jacobian: LocalJacobian, partials: Array, j: IntArray, masks: NonfiniteMasks
) -> IntArray:
    """The partials that are not finite though y_j and the operands are."""
    bad = np.asarray(masks.test(partials))
    node, rows = jacobian.edge.node, j[bad]
    bad[bad] = ~(masks.mask(node)[rows] | masks.is_fed(node, rows))
    return bad


def _bad_sums(
    walk: PassWalk, jacobian: LocalJacobian, found: _Columns, masks: NonfiniteMasks
) -> Iterator[tuple[Step, IntArray, IntArray, IntArray]]:
    """Sums that became bad by adding what is not: how, which, their rows, their columns.

    Columns of one length are added up together, each as the walk adds it. Where the last sum is bad
    and adding would not have made it so, the edge was pulled back as a whole.
    """
    lengths = np.bincount(found.at, minlength=len(found.columns))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    last = jacobian.shape[0] - 1
    for length in np.unique(lengths).tolist():
        at = np.flatnonzero(lengths == length)
        places_of = starts[at][:, None] + np.arange(length)
        rows, added = found.j[places_of], found.products[places_of]
        if walk.route.zeros and length <= last:
            # The last structural zero takes the sum over from the vectorised pass; where the last
            # row is inside the sparsity this adds a 0 to it, and no number becomes bad by that.
            rows = np.pad(rows, ((0, 0), (0, 1)), constant_values=last)
            added = np.pad(added, ((0, 0), (0, 1)))
        if not rows.shape[1]:
            bad = masks.test(found.after[at]) & ~masks.test(found.before[at])
            yield Step.WHOLE, bad, np.full(len(at), -1), at
            continue
        with np.errstate(all="ignore"):
            sums = np.cumsum(np.concatenate([found.before[at][:, None], added], axis=1), axis=1)
        is_added = masks.test(sums[:, -1])
        sums[:, -1] = found.after[at]
        bad = masks.test(sums)
        became = bad[:, 1:] & ~bad[:, :-1] & ~masks.test(added)
        whole = np.zeros_like(became)
        whole[:, -1] = became[:, -1] & ~is_added
        within = np.repeat(at, rows.shape[1])
        yield Step.SUM, (became & ~whole).ravel(), rows.ravel(), within
        yield Step.WHOLE, whole.ravel(), rows.ravel(), within


class NonfiniteMasks:
    """The bad entries of an evaluation.

    Attributes:
        test: `np.isnan` or `np.isinf`.
    """

    def __init__(self, evaluation: Evaluation, test: Callable[[Array], IntArray]) -> None:
        self.test = test
        self._evaluation = evaluation
        self._nodes = evaluation.graph.nodes

    @cached_property
    def _masks(self) -> dict[int, IntArray]:
        """The masks by node; a node without a bad entry has none."""
        found: dict[int, IntArray] = {}
        for node, value in enumerate(self._evaluation.node_values):
            if not is_finite(value):
                mask = np.asarray(self.test(value)).ravel()
                if mask.any():
                    found[node] = mask
        return found

    @property
    def nodes(self) -> list[int]:
        """The nodes with a bad entry, in order."""
        return list(self._masks)

    def mask(self, node: int) -> IntArray:
        """Which entries of a node are bad, flat."""
        found = self._masks.get(node)
        return np.zeros(self._nodes[node].size, dtype=bool) if found is None else found

    def is_fed(self, node: int, rows: IntArray) -> IntArray:
        """Whether some entry that y_j reads is bad, for each row j."""
        found = np.zeros(len(rows), dtype=bool)
        parents = self._nodes[node].parents
        for argument, parent in enumerate(parents):
            if parent in self._masks:
                found |= self._is_fed_by(self._nodes[node], argument, rows)
        return found

    def _is_fed_by(self, node: Node, argument: int, rows: IntArray) -> IntArray:
        mask = self._masks[node.parents[argument]]
        shapes = tuple(self._nodes[p].shape for p in node.parents)
        if node.rule is None:
            raise AssertionError("a leaf reads nothing")
        if node.rule.elementwise:
            return mask[places(rows, node.shape, shapes[argument])]
        derivative = node.rule.derivatives[argument]
        if derivative is None:  # no pattern is stated: any entry may be read
            return np.ones(len(rows), dtype=bool)
        pattern = derivative.sparsity(node.shape, shapes, node.params)
        return _reads(pattern, mask, rows)


def is_finite(array: Array) -> bool:
    """Whether every entry is finite; scalars, of which loops make many, without NumPy's call."""
    if array.size == 1:
        return math.isfinite(array.item())
    return bool(np.isfinite(array).all())


def _reads(pattern: Sparsity, mask: IntArray, rows: IntArray) -> IntArray:
    """Whether each row reads a masked entry; asked from the shorter side."""
    masked = np.flatnonzero(mask)
    if len(masked) > len(rows):
        return np.array([bool(mask[pattern.columns(j)].any()) for j in rows.tolist()], dtype=bool)
    reading = np.zeros(pattern.shape[0], dtype=bool)
    for i in masked.tolist():
        reading[pattern.rows(i)] = True
    return reading[rows]
