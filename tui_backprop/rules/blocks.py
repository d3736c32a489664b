"""Where the blocks of a pattern begin to have entries, found without walking through the pattern.

A matrix of 10⁸ entries is cut into a few thousand blocks, each a stretch of rows by a stretch of
columns. A stretch of flat positions is a few boxes, intervals of coordinates, and two boxes meet
where they do so along each axis. What this costs depends on the blocks and on the axes, not on
how long these are; only a pattern that lists its entries is read through.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.rules.axiswise import Axiswise
from tui_backprop.rules.sparsity import Gathered, Listed, Running, Spread, Tied, pattern_entries

if TYPE_CHECKING:
    from tui_backprop.rules.axiswise import Steps
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import IntArray, Shape

_MOST_LISTED: Final = 1 << 24
"""Entries of a pattern that are read through."""
_MOST_COLUMNS: Final = 1 << 11
"""Columns of a pattern that has to be asked for each of them."""
_MOST_STEPS: Final = 1 << 22
"""Places that are looked at along one axis of sliding windows, for all blocks together."""
_NONE: Final = np.iinfo(np.int64).max

Coordinates: TypeAlias = "tuple[IntArray, IntArray, IntArray]"
"""Along one axis: the operand's coordinate, the output's, and whether there are any."""


def can_list(pattern: Sparsity, most: int) -> bool:
    """Whether all entries of a pattern can be had at once, and are no more than that."""
    if pattern.nonzeros > most:
        return False
    return isinstance(pattern, Tied | Gathered | Listed) or pattern.shape[1] <= _MOST_COLUMNS


def first_entries(
    pattern: Sparsity, rows: IntArray, columns: IntArray
) -> tuple[IntArray, IntArray] | None:
    """The first entry of each block, in walking order: column by column, in a column by row.

    Args:
        pattern: of a matrix of any size.
        rows: where blocks begin, ascending, and at last where the last one ends: block a has the
            rows ``rows[a]`` to ``rows[a + 1] − 1``. An empty block has no entry.
        columns: the same of columns.

    Returns:
        Rows and columns of the entries, for each block one; −1 where it has none. None where
        there is no quick way to tell.
    """
    if not pattern.nonzeros:
        none = np.full((rows.size - 1, columns.size - 1), -1)
        return none, none
    keys = _keys(pattern, rows, columns)
    if keys is None:
        return None
    i, j = np.divmod(keys, pattern.shape[0])
    is_there = keys < _NONE
    return np.where(is_there, j, -1), np.where(is_there, i, -1)


def _keys(pattern: Sparsity, rows: IntArray, columns: IntArray) -> IntArray | None:
    """For each block the place of its first entry in the walk, zeros counted: i·m + j."""
    if isinstance(pattern, Spread):
        places = pattern.places
        found = _keys(pattern.inner, rows, np.searchsorted(places, columns))
        if found is None:
            return None
        k, j = np.divmod(found, pattern.shape[0])
        there = found < _NONE
        at = places[np.where(there, k, 0)] if places.size else k
        return np.where(there, at * pattern.shape[0] + j, _NONE)
    axes = _axes_of(pattern)
    if axes is not None:
        return _first_of_boxes(axes, rows, columns)
    if not can_list(pattern, _MOST_LISTED):
        return None
    j, i = pattern_entries(pattern, range(pattern.shape[1]))
    across = columns.size - 1
    blocks = stretch_of(rows, j) * across + stretch_of(columns, i)
    found = np.full((rows.size - 1) * across, _NONE)
    # The first entry of a block is written last.
    found[blocks[::-1]] = (i * pattern.shape[0] + j)[::-1]
    return found.reshape(-1, across)


def stretch_of(edges: IntArray, positions: IntArray) -> IntArray:
    """Between which two edges, as for `first_entries`, each position lies."""
    return np.asarray(np.searchsorted(edges, positions, side="right") - 1)


class _Meets(Protocol):
    """Which coordinates of an axis of the operand meet which of an axis of the output."""

    def first(self, out: _Intervals, own: _Intervals) -> Coordinates | None:
        """For each pair of intervals the first that meet; None where it would take long."""


class _Intervals(NamedTuple):
    """Stretches of coordinates along one axis; both ends belong to them."""

    low: IntArray
    high: IntArray


class _Same:
    """Equal coordinates meet."""

    def first(self, out: _Intervals, own: _Intervals) -> Coordinates:
        """The first that both have."""
        at = np.maximum(out.low, own.low)
        return at, at, at <= np.minimum(out.high, own.high)


class _Later:
    """A coordinate meets its own and all behind it."""

    def first(self, out: _Intervals, own: _Intervals) -> Coordinates:
        """The operand's first, if the output has any that is not before it."""
        at = np.broadcast_to(own.low, np.broadcast_shapes(out.low.shape, own.low.shape))
        return at, np.maximum(out.low, at), out.high >= at


@dataclass(frozen=True, slots=True, eq=False)
class _Sliding:
    """Coordinates meet as windows and their places do."""

    outs: Steps

    def first(self, out: _Intervals, own: _Intervals) -> Coordinates | None:
        """Each place is asked about each stretch of windows."""
        outs, places = self.outs, np.arange(self.outs.first.size)
        pairs = np.stack([out.low.ravel(), out.high.ravel()])
        (low, high), which = np.unique(pairs, axis=1, return_inverse=True)
        if low.size * places.size > _MOST_STEPS:
            return None
        ahead = low[:, None] - outs.first
        least = np.maximum(0, -(-ahead // outs.step))
        most = np.minimum(outs.count - 1, (high[:, None] - outs.first) // outs.step)
        met = np.where(least <= most, places, places.size)
        following = np.minimum.accumulate(met[:, ::-1], axis=1)[:, ::-1]
        which = which.reshape(out.low.shape)
        at = following[which, own.low]
        inside = np.minimum(at, places.size - 1)
        return inside, outs.first[inside] + least[which, inside] * outs.step, at <= own.high


class _Axes(NamedTuple):
    """A pattern that is one along each axis: ``(output axis, operand axis)`` and how they meet."""

    out_shape: Shape
    in_shape: Shape
    pairs: tuple[tuple[int, int, _Meets], ...]


def _axes_of(pattern: Sparsity) -> _Axes | None:
    if isinstance(pattern, Tied):
        tied = tuple((o, i, _Same()) for o, i in pattern.ties)
        return _Axes(pattern.out_shape, pattern.in_shape, tied)
    if isinstance(pattern, Axiswise):
        met = tuple((m.out_axis, m.in_axis, _Sliding(m.outs)) for m in pattern.meetings)
        return _Axes(pattern.out_shape, pattern.in_shape, met)
    if isinstance(pattern, Running):
        axes = range(len(pattern.full))
        along = tuple((a, a, _Later() if a == pattern.axis else _Same()) for a in axes)
        return _Axes(pattern.full, pattern.full, along)
    return None


class _Boxes(NamedTuple):
    """Boxes of coordinates, and which stretch of flat positions each is a part of."""

    low: IntArray
    high: IntArray
    owner: IntArray

    def along(self, axis: int) -> _Intervals:
        """Their intervals along one axis."""
        return _Intervals(self.low[:, axis], self.high[:, axis])


def _first_of_boxes(axes: _Axes, rows: IntArray, columns: IntArray) -> IntArray | None:
    out, own = _boxes(rows, axes.out_shape), _boxes(columns, axes.in_shape)
    m = prod(axes.out_shape)
    size = out.owner.size, own.owner.size
    # A free axis is first met where its interval begins.
    j = (out.low @ _strides(axes.out_shape))[:, None] * np.ones(size, dtype=np.int64)
    i = (own.low @ _strides(axes.in_shape))[None, :] * np.ones(size, dtype=np.int64)
    is_met = np.ones(size, dtype=bool)
    for out_axis, in_axis, meets in axes.pairs:
        theirs, ours = out.along(out_axis), own.along(in_axis)
        spread = _Intervals(theirs.low[:, None], theirs.high[:, None])
        found = meets.first(spread, _Intervals(ours.low[None, :], ours.high[None, :]))
        if found is None:
            return None
        at, met, are_there = found
        i += (at - ours.low[None, :]) * _strides(axes.in_shape)[in_axis]
        j += (met - theirs.low[:, None]) * _strides(axes.out_shape)[out_axis]
        is_met &= are_there
    keys = np.full((rows.size - 1, columns.size - 1), _NONE)
    places = out.owner[:, None], own.owner[None, :]
    np.minimum.at(keys, places, np.where(is_met, i * m + j, _NONE))
    return keys


def _strides(shape: Shape) -> IntArray:
    return np.array([prod(shape[a + 1 :]) for a in range(len(shape))], dtype=np.int64)


def _boxes(edges: IntArray, shape: Shape) -> _Boxes:
    """The boxes of every stretch between two edges."""
    found = [
        (k, box)
        for k, (start, stop) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
        for box in _cut_up(start, stop, shape)
    ]
    ends = np.array([box for _, box in found], dtype=np.int64).reshape(len(found), len(shape), 2)
    return _Boxes(ends[..., 0], ends[..., 1], np.array([k for k, _ in found], dtype=np.intp))


Box: TypeAlias = "list[tuple[int, int]]"


def _cut_up(start: int, stop: int, shape: Shape) -> list[Box]:
    """The flat positions from start to stop as boxes, an interval for each axis."""
    if start >= stop:
        return []
    if not shape:
        return [[]]
    inner = prod(shape[1:])
    first, last = start // inner, (stop - 1) // inner
    if first == last:
        at = first * inner
        return [[(first, first), *box] for box in _cut_up(start - at, stop - at, shape[1:])]
    found: list[Box] = []
    if start % inner:
        found += [[(first, first), *box] for box in _cut_up(start % inner, inner, shape[1:])]
        first += 1
    rest = stop % inner
    whole = last - (rest > 0)
    if first <= whole:
        found.append([(first, whole), *((0, n - 1) for n in shape[1:])])
    if rest:
        found += [[(last, last), *box] for box in _cut_up(0, rest, shape[1:])]
    return found
