"""Which entries of a local Jacobian can be non-zero, known without computing one of them.

The timeline is arithmetic over these patterns: how many partials an edge has, which one is the
p-th, where a column starts. Rows j are flat positions of the output, columns i flat positions of
the operand, both in C order.
"""

from __future__ import annotations

from bisect import bisect_right
from math import prod
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.lazy import cached_property

if TYPE_CHECKING:
    from tui_backprop.rules.types import IntArray, Shape


class Sparsity(Protocol):
    """A pattern of an m × n matrix, walked column by column and in a column by row."""

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n): entries of the output, entries of the operand."""

    @property
    def nonzeros(self) -> int:
        """How many entries the pattern has."""

    def start(self, i: int) -> int:
        """How many entries the columns before ``i`` have; ``start(n)`` is `nonzeros`."""

    def locate(self, position: int) -> tuple[int, int]:
        """The (j, i) of the entry at a position of the walk, 0 ≤ position < `nonzeros`."""

    def rows(self, i: int) -> IntArray:
        """The rows of column ``i``, ascending."""

    def columns(self, j: int) -> IntArray:
        """The columns of row ``j``, ascending."""

    def contains(self, j: IntArray, i: IntArray) -> IntArray:
        """Whether each (j, i) belongs to the pattern; broadcasts, gives booleans."""


@dataclass(frozen=True)
class Tied:
    """(j, i) belongs where the coordinates of tied axes agree; all other axes are free.

    Broadcast elementwise ops tie every axis that was not stretched. A sum ties what it keeps.
    ``C[a, b] = Σ_k A[a, k]·B[k, b]`` ties a for A and b for B. No ties: a dense block.

    Attributes:
        out_shape: axes of the output, or a view of it of the same size.
        in_shape: axes of the operand, or a view of it.
        ties: pairs (output axis, operand axis) of equal length.
    """

    out_shape: Shape
    in_shape: Shape
    ties: tuple[tuple[int, int], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return prod(self.out_shape), prod(self.in_shape)

    @property
    def nonzeros(self) -> int:
        """Each column has one entry per combination of the free output axes."""
        return prod(self.in_shape) * self._out.free_size

    def start(self, i: int) -> int:
        """Columns are equally long."""
        return i * self._out.free_size

    def locate(self, position: int) -> tuple[int, int]:
        """By division: no array is made."""
        i, nth = divmod(position, self._out.free_size)
        return self._out.base(i, self._in) + self._out.nth_offset(nth), i

    def rows(self, i: int) -> IntArray:
        """The tied coordinates fix a base; the free ones run."""
        return self._out.base(i, self._in) + self._out.offsets

    def columns(self, j: int) -> IntArray:
        """The columns of row j: as `rows`, with output and operand exchanged."""
        return self._in.base(j, self._out) + self._in.offsets

    def entries(self, columns: range) -> tuple[IntArray, IntArray]:
        """Rows and columns of all entries of some columns, in walking order."""
        i = np.arange(columns.start, columns.stop)
        bases = np.zeros(len(i), dtype=np.intp)
        for out_axis, in_axis in self.ties:
            bases += self._in.coordinate(i, in_axis) * self._out.strides[out_axis]
        j = (bases[:, None] + self._out.offsets).ravel()
        return j, np.repeat(i, self._out.free_size)

    def contains(self, j: IntArray, i: IntArray) -> IntArray:
        """Compare the tied coordinates."""
        found = np.ones(np.broadcast_shapes(np.shape(j), np.shape(i)), dtype=bool)
        for out_axis, in_axis in self.ties:
            found &= self._out.coordinate(j, out_axis) == self._in.coordinate(i, in_axis)
        return found

    def reading(self, mask: IntArray) -> IntArray:
        """Which rows have an entry in one of the columns that a mask chooses; flat booleans."""
        chosen = np.asarray(mask.reshape(self.in_shape).any(axis=self._in.free))
        # What is left are the tied axes in the operand's order: bring them into the output's.
        pairs = sorted(self.ties, key=lambda tie: tie[1])
        order = sorted(range(len(pairs)), key=lambda k: pairs[k][0])
        lengths = [1] * len(self.out_shape)
        for out_axis, _ in self.ties:
            lengths[out_axis] = self.out_shape[out_axis]
        found = chosen.transpose(order).reshape(lengths)
        return np.broadcast_to(found, self.out_shape).ravel()

    @cached_property
    def _out(self) -> _Side:
        return _Side(self.out_shape, tuple(o for o, _ in self.ties))

    @cached_property
    def _in(self) -> _Side:
        return _Side(self.in_shape, tuple(i for _, i in self.ties))


class _Side:
    """One side of a `Tied` pattern: its strides, its tied axes in order, its free axes."""

    def __init__(self, shape: Shape, tied: tuple[int, ...]) -> None:
        self.shape = shape
        self.strides = tuple(prod(shape[a + 1 :]) for a in range(len(shape)))
        self.tied = tied
        self.free = tuple(a for a in range(len(shape)) if a not in tied)
        self.free_size = prod(shape[a] for a in self.free)

    def base(self, flat: int, other: _Side) -> int:
        """The flat position here whose tied coordinates are those of ``flat`` on the other side."""
        return sum(
            (flat // other.strides[theirs] % other.shape[theirs]) * self.strides[mine]
            for mine, theirs in zip(self.tied, other.tied, strict=True)
        )

    def nth_offset(self, nth: int) -> int:
        """The offset of the nth combination of free coordinates, in C order."""
        offset = 0
        for axis in reversed(self.free):
            nth, coordinate = divmod(nth, self.shape[axis])
            offset += coordinate * self.strides[axis]
        return offset

    @cached_property
    def offsets(self) -> IntArray:
        """All offsets of the free coordinates, ascending since free axes keep their order."""
        total = np.zeros(1, dtype=np.intp)
        for axis in self.free:
            steps = np.arange(self.shape[axis], dtype=np.intp) * self.strides[axis]
            total = (total[:, None] + steps).ravel()
        return total

    def coordinate(self, flat: IntArray, axis: int) -> IntArray:
        """The coordinate along one axis of many flat positions."""
        return flat // self.strides[axis] % self.shape[axis]


@dataclass(frozen=True, eq=False)
class Gathered:
    """Output entry j reads operand entry ``source[j]`` and no other: indexing, flips, tiles.

    Attributes:
        source: flat operand position for each flat output position; −1 where none is read.
        size: n, the operand's number of entries.
    """

    source: IntArray
    size: int

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return self.source.size, self.size

    @property
    def nonzeros(self) -> int:
        """One per output entry that reads something."""
        return self._order.size

    def start(self, i: int) -> int:
        """How many output entries read something before ``i``."""
        return int(np.searchsorted(self._read, i))

    def locate(self, position: int) -> tuple[int, int]:
        """The walk order is the output positions sorted by what they read."""
        j = int(self._order[position])
        return j, int(self.source[j])

    def rows(self, i: int) -> IntArray:
        """Every output entry that reads entry ``i``."""
        return self._order[self.start(i) : self.start(i + 1)]

    def columns(self, j: int) -> IntArray:
        """The one entry read, or none."""
        return self.source[j : j + 1][self.source[j : j + 1] >= 0]

    def entries(self, columns: range) -> tuple[IntArray, IntArray]:
        """Rows and columns of all entries of some columns, in walking order."""
        j = self._order[self.start(columns.start) : self.start(columns.stop)]
        return j, self.source[j]

    def contains(self, j: IntArray, i: IntArray) -> IntArray:
        """Whether j reads i."""
        return np.asarray(self.source[j] == i)

    def reading(self, mask: IntArray) -> IntArray:
        """Which rows read an entry that a mask chooses; flat booleans."""
        return np.asarray(np.append(mask, False)[self.source])

    @cached_property
    def _order(self) -> IntArray:
        order = np.argsort(self.source, kind="stable")
        return order[np.count_nonzero(self.source < 0) :]

    @cached_property
    def _read(self) -> IntArray:
        # Searched, not counted per operand entry: `x[t]` in a long loop costs one number, not n.
        return np.asarray(self.source[self._order])


class Listed:
    """Any pattern of few entries, each of them given: what labels name, sample by sample.

    Attributes:
        shape: (m, n).
    """

    def __init__(self, shape: tuple[int, int], rows: IntArray, columns: IntArray) -> None:
        m, _ = self.shape = shape
        # One number for each entry, in walking order.
        self._keys = np.unique(np.asarray(columns, dtype=np.intp) * m + rows)

    @property
    def nonzeros(self) -> int:
        """How many different entries were given."""
        return self._keys.size

    def start(self, i: int) -> int:
        """Found by bisection."""
        return int(np.searchsorted(self._keys, i * self.shape[0]))

    def locate(self, position: int) -> tuple[int, int]:
        """Read off the number of the entry."""
        i, j = divmod(int(self._keys[position]), self.shape[0])
        return j, i

    def rows(self, i: int) -> IntArray:
        """A stretch of the list."""
        return self._keys[self.start(i) : self.start(i + 1)] - i * self.shape[0]

    def columns(self, j: int) -> IntArray:
        """All of the list is looked at."""
        i, rows = np.divmod(self._keys, max(self.shape[0], 1))
        return np.asarray(i[rows == j])

    def entries(self, columns: range) -> tuple[IntArray, IntArray]:
        """Rows and columns of all entries of some columns, in walking order."""
        keys = self._keys[self.start(columns.start) : self.start(columns.stop)]
        i, j = np.divmod(keys, max(self.shape[0], 1))
        return j, i

    def contains(self, j: IntArray, i: IntArray) -> IntArray:
        """Whether (j, i) is in the list."""
        return np.isin(np.asarray(i) * self.shape[0] + j, self._keys)

    def reading(self, mask: IntArray) -> IntArray:
        """Which rows have an entry in one of the columns that a mask chooses; flat booleans."""
        i, j = np.divmod(self._keys, max(self.shape[0], 1))
        found = np.zeros(self.shape[0], dtype=bool)
        found[j[mask[i]]] = True
        return found


def pattern_entries(pattern: Sparsity, columns: range) -> tuple[IntArray, IntArray]:
    """Rows and columns of all entries of some columns of any pattern, in walking order."""
    if isinstance(pattern, Tied | Gathered | Listed):
        return pattern.entries(columns)
    if isinstance(pattern, Spread):
        first, stop = np.searchsorted(pattern.places, (columns.start, columns.stop)).tolist()
        j, k = pattern_entries(pattern.inner, range(first, stop))
        return j, np.asarray(pattern.places[k])
    rows = [pattern.rows(i) for i in columns]
    lengths = [len(r) for r in rows]
    none = np.zeros(0, dtype=np.intp)
    return np.concatenate([none, *rows]), np.repeat(np.arange(columns.start, columns.stop), lengths)


@dataclass(frozen=True)
class Running:
    """(j, i) belongs where both are on one line and j does not come before i.

    Attributes:
        full: the shape of the output and of the operand.
        axis: along which lines run.
    """

    full: Shape
    axis: int

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n), a square."""
        return prod(self.full), prod(self.full)

    @property
    def nonzeros(self) -> int:
        """A triangle for each line."""
        return self.start(prod(self.full))

    def start(self, i: int) -> int:
        """Whole triangles, then whole rungs of this one, then columns of this rung."""
        if not prod(self.full):
            return 0
        before, rung, beside = self._coordinates(i)
        triangles = before * self._steps(self._length)
        whole = triangles + self._steps(rung)
        return whole * self._stride + beside * (self._length - rung)

    def locate(self, position: int) -> tuple[int, int]:
        """By division and bisection: no array is made."""
        before, rest = divmod(position, self._steps(self._length) * self._stride)
        rungs = range(self._length)
        rung = bisect_right(rungs, rest // self._stride, key=self._steps) - 1
        left = rest - self._steps(rung) * self._stride
        beside, nth = divmod(left, self._length - rung)
        i = (before * self._length + rung) * self._stride + beside
        return i + nth * self._stride, i

    def rows(self, i: int) -> IntArray:
        """The entry's own place and all behind it."""
        _, rung, _ = self._coordinates(i)
        return i + np.arange(self._length - rung, dtype=np.intp) * self._stride

    def columns(self, j: int) -> IntArray:
        """All places before, and its own."""
        _, rung, _ = self._coordinates(j)
        return j + np.arange(-rung, 1, dtype=np.intp) * self._stride

    def contains(self, j: IntArray, i: IntArray) -> IntArray:
        """Whether they are on one line, in order."""
        ahead = np.subtract(j, i)
        line = self._length * self._stride
        same = (ahead % self._stride == 0) & (np.floor_divide(j, line) == np.floor_divide(i, line))
        return np.asarray(same & (ahead >= 0))

    @property
    def _length(self) -> int:
        return self.full[self.axis]

    @property
    def _stride(self) -> int:
        return prod(self.full[self.axis + 1 :])

    def _coordinates(self, flat: int) -> tuple[int, int, int]:
        """Which slab, where on the line, which line of the slab."""
        rest, beside = divmod(flat, self._stride)
        return *divmod(rest, self._length), beside

    def _steps(self, rung: int) -> int:
        """How many entries of one triangle stand in the columns before this rung."""
        return rung * self._length - rung * (rung - 1) // 2


@dataclass(frozen=True, eq=False)
class Spread:
    """Column k of a smaller pattern is column ``places[k]`` here; all others are empty.

    Attributes:
        inner: the pattern without empty columns.
        places: ascending flat operand positions, one for each column of ``inner``.
        size: n, the operand's number of entries.
    """

    inner: Sparsity
    places: IntArray
    size: int

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return self.inner.shape[0], self.size

    @cached_property
    def nonzeros(self) -> int:
        """As many as the smaller pattern has."""
        return self.inner.nonzeros

    def start(self, i: int) -> int:
        """How many entries the columns of the smaller pattern before this one have."""
        return self.inner.start(int(np.searchsorted(self.places, i)))

    def locate(self, position: int) -> tuple[int, int]:
        """The entry of the smaller pattern, in the column that it has here."""
        j, k = self.inner.locate(position)
        return j, int(self.places[k])

    def rows(self, i: int) -> IntArray:
        """None, unless the column is one of those that are read."""
        k = int(np.searchsorted(self.places, i))
        if k < self.places.size and self.places[k] == i:
            return self.inner.rows(k)
        return np.zeros(0, dtype=np.intp)

    def columns(self, j: int) -> IntArray:
        """The columns of the smaller pattern, each moved to its place."""
        return np.asarray(self.places[self.inner.columns(j)])

    def contains(self, j: IntArray, i: IntArray) -> IntArray:
        """Whether the column is read, and the smaller pattern has the entry."""
        j, i = np.broadcast_arrays(j, i)
        if not self.places.size:
            return np.zeros(i.shape, dtype=bool)
        k = np.minimum(np.searchsorted(self.places, i), self.places.size - 1)
        return np.asarray((self.places[k] == i) & self.inner.contains(j, k))
