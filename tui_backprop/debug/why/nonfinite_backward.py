"""Where on one edge a backward pass made a number NaN or infinite.

Only here does the search look at single partials, in those columns whose sum is not finite.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.sizes import is_finite
from tui_backprop.lazy import cached_property
from tui_backprop.rules.sparsity import Gathered, Listed, Tied
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


class Manner(Enum):
    """How a number that is not finite came into the walk."""

    LEAF = "leaf"
    """A leaf or a number of the program came so."""
    VALUE = "value"
    """An op gave it for operands without it."""
    SEED = "seed"
    """v came so, or became so when it was added to a gradient."""
    PARTIAL = "partial"
    """A partial is so, though what it is computed from is not."""
    PRODUCT = "product"
    """v_j · ∂y_j/∂x_i is so, though neither factor is."""
    SUM = "sum"
    """The sum became so by adding two numbers that are not."""
    WHOLE = "whole"
    """The edge is pulled back by a formula for all of it, which gave what its terms do not."""


class Event(NamedTuple):
    """A bad number made at a partial: of its column and row, by which of its computations.

    The row is −1 where a column without a partial became bad: k is the step before it then.
    """

    i: int
    j: int
    manner: Manner
    k: int


Found: TypeAlias = "tuple[Manner, IntArray, IntArray, IntArray]"
"""A manner, which of some partials or sums are bad in it, their rows, and their columns."""


_TOGETHER: Final = 1_000_000
"""Partials that are looked at together."""
_MANY: Final = 10_000
"""Bad partials for which it is asked of every row whether it was spoiled, once for the edge."""


class EdgeSearch:
    """Looks for the steps of an edge at which a bad number was made out of others that are not."""

    def __init__(
        self, timeline: Timeline, walk: PassWalk, number: int, masks: NonfiniteMasks
    ) -> None:
        self._timeline = timeline
        self._walk = walk
        self._number = number
        self._masks = masks
        self._edge = walk.route.edge(number)

    @cached_property
    def _jacobian(self) -> LocalJacobian:
        return self._timeline.jacobian(self._edge)

    @property
    def _y(self) -> Node:
        return self._timeline.nodes[self._edge.node]

    @property
    def _x(self) -> Node:
        return self._timeline.nodes[self._edge.parent]

    @property
    def _is_elementwise(self) -> bool:
        return self._y.rule is not None and self._y.rule.elementwise

    def events(self) -> Iterator[Event]:
        """The events in order."""
        columns, before, after = self._suspects()
        if not len(columns) or self._can_make_nothing():
            return
        several = self._at_once(int(columns[0]))
        for start in range(0, len(columns), several):
            chosen = slice(start, start + several)
            yield from self._events_in(columns[chosen], before[chosen], after[chosen])

    def _can_make_nothing(self) -> bool:
        """Whether every v and every row that J is made of came bad: nothing is made here then."""
        v = self._walk.run.cotangents[self._edge.node]
        return bool(self._masks.test(v).all() and self._spoiled.all())

    @cached_property
    def _spoiled(self) -> IntArray:
        """The rows whose y_j is bad, or an operand that it reads."""
        node, every = self._edge.node, np.arange(self._y.size)
        return np.asarray(self._masks.mask(node) | self._masks.is_fed(node, every))

    def _suspects(self) -> tuple[IntArray, Array, Array]:
        """The columns in which something may have happened, and the sums before and after."""
        walk, parent = self._walk, self._edge.parent
        done = int(walk.route.edges_into(parent).searchsorted(self._number))
        after = walk.sums.after(parent, done + 1)
        nothing = np.zeros(0, dtype=walk.run.seed.dtype)
        if after is None or is_finite(after):
            return np.zeros(0, dtype=np.intp), nothing, nothing
        before = walk.sums.after(parent, done)
        before = np.zeros_like(after) if before is None else before
        became = self._masks.test(after) & ~self._masks.test(before)
        columns = np.flatnonzero(became | ~np.isfinite(walk.sums.contribution(self._number)))
        return columns, picked(before, columns), picked(after, columns)

    def _at_once(self, column: int) -> int:
        """How many columns are looked at together: mostly the first bad one is asked for."""
        rows = (
            self._y.size // self._x.size
            if self._is_elementwise
            else len(self._jacobian.sparsity.rows(column))
        )
        return max(1, _TOGETHER // max(rows, 1))

    def _events_in(self, columns: IntArray, before: Array, after: Array) -> Iterator[Event]:
        """The events in some columns only."""
        test = self._masks.test
        j, at = self._pairs(columns)
        partials = self._jacobian.entries(j, columns[at])
        v = picked(self._walk.run.cotangents[self._edge.node], j)
        products = self._jacobian.contribution(v, partials)
        is_bad_product = np.asarray(test(products) & ~test(v) & ~test(partials))
        found = [
            (Manner.PRODUCT, is_bad_product, j, at),
            (Manner.PARTIAL, self._bad_partials(partials, j), j, at),
        ]
        is_fresh = self._is_fresh
        sums = self._bad_sums(j, at, products, (before, after))
        found.extend(one for one in sums if one[0] is Manner.SUM or is_fresh)
        yield from self._ordered(columns, found)

    def _ordered(self, columns: IntArray, found: list[Found]) -> Iterator[Event]:
        """All events by column and row; their steps are found as they are asked for."""
        rows = np.concatenate([j[bad] for _, bad, j, _ in found])
        within = np.concatenate([at[bad] for _, bad, _, at in found])
        manners = [manner for manner, bad, *_ in found for _ in range(np.count_nonzero(bad))]
        for k in np.lexsort((rows, within)):
            i, j = int(columns[within[k]]), int(rows[k])
            yield Event(i, j, manners[k], self._walk.start + self._position(j, i))

    def _position(self, j: int, i: int) -> int:
        """The position of a partial in the route; of a column without one, the step before it."""
        route = self._walk.route
        if j < 0:
            return route.column(self._number, i).start - 1
        return route.position(Place(self._number, j, i))

    @property
    def _is_fresh(self) -> bool:
        """Whether nothing that the edge is pulled back with is bad: v, y, or an operand."""
        if self._masks.test(self._walk.run.cotangents[self._edge.node]).any():
            return False
        return not any(self._masks.mask(n).any() for n in (self._edge.node, *self._y.parents))

    def _pairs(self, columns: IntArray) -> tuple[IntArray, IntArray]:
        """Row, and place among ``columns``, of every partial inside the sparsity."""
        if self._is_elementwise:
            if self._y.shape == self._x.shape:
                return columns, np.arange(len(columns))
            every = np.arange(self._y.size)
            read = places(every, self._y.shape, self._x.shape)
            chosen = np.flatnonzero(np.isin(read, columns))
            chosen = chosen[np.argsort(read[chosen], kind="stable")]
            return every[chosen], np.searchsorted(columns, read[chosen])
        rows = [self._jacobian.sparsity.rows(i) for i in columns.tolist()]
        return np.concatenate(rows), np.repeat(np.arange(len(columns)), [len(r) for r in rows])

    def _bad_partials(self, partials: Array, j: IntArray) -> IntArray:
        """The partials that are not finite though y_j and the operands are."""
        bad = np.asarray(self._masks.test(partials))
        node, rows = self._edge.node, j[bad]
        if len(rows) > _MANY:
            bad[bad] = ~self._spoiled[rows]
        else:
            bad[bad] = ~(self._masks.mask(node)[rows] | self._masks.is_fed(node, rows))
        return bad

    def _bad_sums(
        self, j: IntArray, at: IntArray, products: Array, ends: tuple[Array, Array]
    ) -> Iterator[Found]:
        """Sums that became bad by adding what is not.

        Columns of one length are added up together, each as the walk adds it. Where the last sum
        is bad and adding would not have made it so, the edge was pulled back as a whole.

        Args:
            j: rows of all partials inside the sparsity, column by column.
            at: which column each stands in.
            products: v_j · ∂y_j/∂x_i of each.
            ends: the columns' sums before and after the edge.
        """
        test = self._masks.test
        before, after = ends
        lengths = np.bincount(at, minlength=len(before))
        starts = np.concatenate([[0], np.cumsum(lengths)])
        last = self._y.size - 1
        for length in np.unique(lengths).tolist():
            chosen = np.flatnonzero(lengths == length)
            places_of = starts[chosen][:, None] + np.arange(length)
            rows, added = j[places_of], products[places_of]
            if self._walk.route.zeros and length <= last:
                # The last structural zero takes the sum over from the vectorised pass; where the
                # last row is inside the sparsity this adds a 0 to it: no number becomes bad by it.
                rows = np.pad(rows, ((0, 0), (0, 1)), constant_values=last)
                added = np.pad(added, ((0, 0), (0, 1)))
            if not rows.shape[1]:
                bad = test(after[chosen]) & ~test(before[chosen])
                yield Manner.WHOLE, bad, np.full(len(chosen), -1), chosen
                continue
            with np.errstate(all="ignore"):
                sums = np.cumsum(np.concatenate([before[chosen][:, None], added], axis=1), axis=1)
            is_added = test(sums[:, -1])
            sums[:, -1] = after[chosen]
            bad = test(sums)
            became = bad[:, 1:] & ~bad[:, :-1] & ~test(added)
            whole = np.zeros_like(became)
            whole[:, -1] = became[:, -1] & ~is_added
            within = np.repeat(chosen, rows.shape[1])
            yield Manner.SUM, (became & ~whole).ravel(), rows.ravel(), within
            yield Manner.WHOLE, whole.ravel(), rows.ravel(), within


class NonfiniteMasks:
    """The bad entries of an evaluation, as far as its values are known.

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
        for node in range(len(self._nodes)):
            if self._evaluation.is_known(node) and not is_finite(
                value := self._evaluation.node_values[node]
            ):
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


def _reads(pattern: Sparsity, mask: IntArray, rows: IntArray) -> IntArray:
    """Whether each row reads a masked entry; of a pattern that tells all rows at once, so."""
    if isinstance(pattern, Tied | Gathered | Listed):
        return pattern.reading(mask)[rows]
    masked = np.flatnonzero(mask)
    if len(masked) > len(rows):
        return np.array([bool(mask[pattern.columns(j)].any()) for j in rows.tolist()], dtype=bool)
    reading = np.zeros(pattern.shape[0], dtype=bool)
    for i in masked.tolist():
        reading[pattern.rows(i)] = True
    return reading[rows]
