"""One edge of two walks, compared as whole arrays before any entry is looked at alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

import numpy as np

from tui_backprop.errors import UnknownError
from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.tolerance import Tolerance, is_same
from tui_backprop.lazy import cached_property
from tui_backprop.rules.sparsity import Tied, pattern_entries
from tui_backprop.timeline.order import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.node_pairs import NodePairs
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.sums import Column
    from tui_backprop.timeline.timeline import Timeline


PartialAspect: TypeAlias = Literal["partial", "v", "contribution", "adjoint"]

_CHUNK: Final = 1 << 16
"""Partials that are compared at once."""
_MOST_ENTRIES: Final = 1 << 20
"""Partials of one edge of a recorded walk that are compared; of more only what they add."""


class Rows(NamedTuple):
    """The numbers of one column in the rows that the walk visits."""

    rows: IntArray
    partial: Array
    v: Array
    contribution: Array
    adjoint: Array


class EdgePair:
    """The edges of one pass that both timelines walk, on graphs of the same structure."""

    def __init__(
        self,
        left: Timeline,
        right: Timeline,
        number: int,
        tolerance: Tolerance,
        pairs: NodePairs,
    ) -> None:
        self._both = left, right
        self._number = number
        self._tolerance = tolerance
        self._same_node = pairs.is_same
        self._pairs = pairs
        self._is_recorded = left.trace.is_recorded or right.trace.is_recorded

    @property
    def is_same_pass(self) -> bool:
        """Whether all that the pass is computed from is the same to the last bit."""
        if self._is_recorded:
            return False  # what another program computed need not follow from what we know
        left, right = (t.walk(self._number).run for t in self._both)
        same_start = left.initial.keys() == right.initial.keys() and all(
            is_same(x, right.initial[n]) for n, x in left.initial.items()
        )
        return is_same(left.seed, right.seed) and same_start and self._pairs.are_same

    def first(self, number: int) -> tuple[Place, PartialAspect, tuple[float, float]] | None:
        """The first partial of an edge of the route that differs, what of it, and both numbers.

        Where J is not known, what the edge adds as a whole is compared.
        """
        if not self._is_recorded:
            return self._first_of_columns(number)
        try:
            if self._has_same_partials(number):
                return self._first_added(number)
            return self._first_of_columns(number)
        except UnknownError:
            return self._first_added(number)

    def _has_same_partials(self, number: int) -> bool:
        """Whether the Jacobians of an edge hold the same numbers; those too large count as such."""
        edge = self._both[0].walk(self._number).route.edge(number)
        if all(map(self._same_node, (edge.node, *self._both[0].nodes[edge.node].parents))):
            return True
        left, right = (t.jacobian(edge) for t in self._both)
        counts = {j.sparsity.nonzeros for j in (left, right)}
        if len(counts) > 1 or max(counts) > _MOST_ENTRIES:
            return len(counts) == 1
        entries = [pattern_entries(j.sparsity, range(j.shape[1])) for j in (left, right)]
        if not all(map(np.array_equal, *entries)):
            return False
        ours, theirs = (j.entries(*at) for j, at in zip((left, right), entries, strict=True))
        return not self._tolerance.apart(ours, theirs).any()

    def _first_added(self, number: int) -> tuple[Place, PartialAspect, tuple[float, float]] | None:
        """The first entry to which an edge as a whole adds another number, or leaves one."""
        left, right = parts = [_Part(t, self._number, number) for t in self._both]
        added = [t.walk(self._number).sums.contribution(number) for t in self._both]
        flags = self._tolerance.apart(*added).ravel()
        sums = _apart_or_absent(left.after, right.after, self._tolerance, flags.size)
        for i in _flagged(flags | sums, 0, flags.size):
            rows = left.pattern.rows(i)
            if self._both[0].zeros:
                rows = np.arange(left.v.size)
            if not rows.size:
                continue
            place = Place(number, int(rows[-1]), i)
            if sums[i] and left.after is not None and right.after is not None:
                ours, theirs = (float(picked(p.after, i)) for p in parts if p.after is not None)
                return place, "adjoint", (ours, theirs)
            return place, "contribution", tuple(float(picked(x, i)) for x in added)  # type: ignore[return-value]  # there are two
        return None

    def _first_of_columns(
        self, number: int
    ) -> tuple[Place, PartialAspect, tuple[float, float]] | None:
        for i in self._suspects(number):
            left, right = (_visited(t.column_of((self._number, number, i))) for t in self._both)
            if not np.array_equal(left.rows, right.rows):
                return _other_row(number, i, left, right)
            wrong = np.stack(
                [self._tolerance.apart(a, b) for a, b in zip(left[1:], right[1:], strict=True)]
            )
            rows = np.flatnonzero(wrong.any(axis=0))
            if not len(rows):
                continue
            at = int(rows[0])
            aspect = int(np.flatnonzero(wrong[:, at])[0])
            names: tuple[PartialAspect, ...] = ("partial", "v", "contribution", "adjoint")
            sides = float(left[1 + aspect][at]), float(right[1 + aspect][at])
            return Place(number, int(left.rows[at]), i), names[aspect], sides
        return None

    def _suspects(self, number: int) -> Iterator[int]:
        """The columns that may differ, ascending: all that do, and few others."""
        edge = self._both[0].walk(self._number).route.edge(number)
        parts = [_Part(t, self._number, number) for t in self._both]
        n = self._both[0].nodes[edge.parent].size
        node = self._both[0].nodes[edge.node]
        left, right = parts
        flags = _apart_or_absent(left.before, right.before, self._tolerance, n)
        flags |= _apart_or_absent(left.after, right.after, self._tolerance, n)
        if self._both[0].zeros and self._tolerance.apart(left.v, right.v).any():
            flags[:] = True  # a structural zero shows v too
        if is_same(left.v, right.v) and all(map(self._same_node, (edge.node, *node.parents))):
            yield from _flagged(flags, 0, n)
            return
        pattern = left.pattern
        if not isinstance(pattern, Tied):
            yield from range(n)  # columns of many lengths: each is looked at alone
            return
        width = max(1, _CHUNK * n // max(pattern.nonzeros, 1))
        for start in range(0, n, width):
            columns = range(start, min(start + width, n))
            flags[start : columns.stop] |= self._differing(left, right, columns)
            yield from _flagged(flags, start, columns.stop)

    def _differing(self, left: _Part, right: _Part, columns: range) -> IntArray:
        """For columns of one length: whether any number in them differs."""
        found = np.zeros(len(columns), dtype=bool)
        for ours, theirs in zip(left.numbers(columns), right.numbers(columns), strict=True):
            found |= self._tolerance.apart(ours, theirs).any(axis=1)
        return found


class _Part:
    """The edge in one of the two traces."""

    def __init__(self, timeline: Timeline, pass_number: int, number: int) -> None:
        walk = timeline.walk(pass_number)
        edge: Edge = walk.route.edge(number)
        done = int(walk.route.edges_into(edge.parent).searchsorted(number))
        self._timeline = timeline
        self._edge = edge
        self.v = walk.run.cotangents[edge.node]
        self.before = walk.sums.after(edge.parent, done)
        self.after = walk.sums.after(edge.parent, done + 1)

    @cached_property
    def pattern(self) -> Sparsity:
        """The sparsity of its Jacobian."""
        return self._timeline.jacobian(self._edge).sparsity

    def numbers(self, columns: range) -> tuple[Array, Array, Array, Array]:
        """Partials, v, contributions and running sums; a row for each column."""
        jacobian = self._timeline.jacobian(self._edge)
        pattern = jacobian.sparsity
        assert isinstance(pattern, Tied)  # noqa: S101 - only then are columns equally long
        j, i = pattern.entries(columns)
        partials = jacobian.entries(j, i)
        v = picked(self.v, j)
        contributions = jacobian.contribution(v, partials)
        by_column = [x.reshape(len(columns), -1) for x in (partials, v, contributions)]
        start = np.zeros((len(columns), 1), dtype=contributions.dtype)
        if self.before is not None:
            start[:, 0] = picked(self.before, np.arange(columns.start, columns.stop))
        with np.errstate(all="ignore"):
            sums = np.cumsum(np.concatenate([start, by_column[2]], axis=1), axis=1)
        return by_column[0], by_column[1], by_column[2], sums


def _visited(column: Column) -> Rows:
    """What frames show of a column, row by row."""
    if not column.zeros:
        after = column.sums[1:].copy()
        after[-1:] = column.final
        v = picked(column.v, column.rows)
        return Rows(column.rows, column.partials, v, column.contributions, after)
    rows = np.arange(column.v.size)
    after = column.sums[column.rows.searchsorted(rows + 1)]
    after[-1:] = column.final
    partials, contributions = np.zeros((2, len(rows)))
    partials[column.rows] = column.partials
    contributions[column.rows] = column.contributions
    return Rows(rows, partials, picked(column.v, rows), contributions, after)


def _other_row(
    number: int, i: int, left: Rows, right: Rows
) -> tuple[Place, PartialAspect, tuple[float, float]]:
    """The first row of a column that only one walk visits: data near 1/2 name two things."""
    row = int(np.setxor1d(left.rows, right.rows)[0])
    ours, theirs = (
        float(side.partial[side.rows == row][0]) if row in side.rows else 0.0
        for side in (left, right)
    )
    return Place(number, row, i), "partial", (ours, theirs)


def _apart_or_absent(
    left: Array | None, right: Array | None, tolerance: Tolerance, n: int
) -> IntArray:
    if left is None or right is None:
        return np.full(n, (left is None) != (right is None))
    return tolerance.apart(left, right).ravel()


def _flagged(flags: IntArray, start: int, stop: int) -> Iterator[int]:
    return iter((start + np.flatnonzero(flags[start:stop])).tolist())
