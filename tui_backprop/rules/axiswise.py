"""Patterns axis by axis: each axis of the output meets one of the operand, in even steps.

So convolutions, pools and attentions state which entries meet, without a word of the entries.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.lazy import cached_property

if TYPE_CHECKING:
    from tui_backprop.rules.types import IntArray, Shape


@dataclass(frozen=True, eq=False)
class Steps:
    """For each coordinate of an axis the coordinates of another axis that it meets, evenly spaced.

    Attributes:
        first: the smallest that is met; anything where none is.
        count: how many.
        step: from one to the next.
    """

    first: IntArray
    count: IntArray
    step: int = 1

    def of(self, coordinate: int) -> IntArray:
        """All coordinates that one coordinate meets, ascending."""
        nth = np.arange(self.count[coordinate], dtype=np.intp)
        return np.asarray(self.first[coordinate] + nth * self.step)

    def contains(self, coordinate: IntArray, other: IntArray) -> IntArray:
        """Whether they meet."""
        nth, apart = np.divmod(other - self.first[coordinate], self.step)
        return np.asarray((apart == 0) & (nth >= 0) & (nth < self.count[coordinate]))

    @cached_property
    def before(self) -> IntArray:
        """How many are met by all coordinates before each one; the last is the total."""
        return np.concatenate([[0], np.cumsum(self.count, dtype=np.int64)])


@dataclass(frozen=True, eq=False)
class Meeting:
    """An axis of the output, one of the operand, and which of their coordinates meet.

    Attributes:
        out_axis: of the output.
        in_axis: of the operand.
        outs: for each coordinate of the operand's axis those of the output's.
        ins: the same with the roles exchanged.
    """

    out_axis: int
    in_axis: int
    outs: Steps
    ins: Steps


def same(out_axis: int, in_axis: int, length: int) -> Meeting:
    """Two axes whose coordinates agree."""
    steps = Steps(np.arange(length, dtype=np.intp), np.ones(length, dtype=np.intp))
    return Meeting(out_axis, in_axis, steps, steps)


@dataclass(frozen=True, eq=False)
class Axiswise:
    """(j, i) belongs where the coordinates of every pair of axes meet; all other axes are free.

    Attributes:
        out_shape: axes of the output, or a view of it of the same size.
        in_shape: axes of the operand, or a view of it.
        meetings: pairs of axes, each axis in one pair at most.
    """

    out_shape: Shape
    in_shape: Shape
    meetings: tuple[Meeting, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """(m, n)."""
        return prod(self.out_shape), prod(self.in_shape)

    @property
    def nonzeros(self) -> int:
        """The product of what meets along each axis."""
        return self._free * prod(int(b[-1]) for b in self._before)

    def start(self, i: int) -> int:
        """Columns before ``i``: those that differ on the first axis, then on the next."""
        if i == prod(self.in_shape):
            return self.nonzeros
        total, column = 0, 1
        for before, c in zip(self._before, _coordinates(i, self.in_shape), strict=True):
            total = total * int(before[-1]) + column * int(before[c])
            column *= int(before[c + 1] - before[c])
        return total * self._free

    def locate(self, position: int) -> tuple[int, int]:
        """By a search along each axis in turn; what is left counts rows."""
        own: list[int] = []
        rest, column = self.nonzeros, 1
        for before in self._before:
            rest //= int(before[-1])
            c = int(np.searchsorted(before, position // (column * rest), side="right")) - 1
            position -= int(before[c]) * column * rest
            column *= int(before[c + 1] - before[c])
            own.append(c)
        return self._nth_row(position, own), _flat(own, self.in_shape)

    def rows(self, i: int) -> IntArray:
        """Every combination of what the coordinates of ``i`` meet."""
        own = _coordinates(i, self.in_shape)
        met = {m.out_axis: m.outs.of(own[m.in_axis]) for m in self.meetings}
        return _combined(self.out_shape, met)

    def columns(self, j: int) -> IntArray:
        """The columns of row j: as `rows`, with output and operand exchanged."""
        own = _coordinates(j, self.out_shape)
        met = {m.in_axis: m.ins.of(own[m.out_axis]) for m in self.meetings}
        return _combined(self.in_shape, met)

    def contains(self, j: IntArray, i: IntArray) -> IntArray:
        """Compare axis by axis."""
        j, i = np.broadcast_arrays(j, i)
        found = np.ones(j.shape, dtype=bool)
        for m in self.meetings:
            a = _coordinate(j, self.out_shape, m.out_axis)
            b = _coordinate(i, self.in_shape, m.in_axis)
            found &= m.outs.contains(b, a)
        return found

    @cached_property
    def _before(self) -> tuple[IntArray, ...]:
        """For each operand axis, how much is met before each coordinate; a free axis meets once."""
        met = {m.in_axis: m.outs.before for m in self.meetings}
        axes = enumerate(self.in_shape)
        return tuple(met[a] if a in met else np.arange(n + 1, dtype=np.int64) for a, n in axes)

    @cached_property
    def _free(self) -> int:
        """How many combinations the free axes of the output have."""
        met = {m.out_axis for m in self.meetings}
        return prod(n for a, n in enumerate(self.out_shape) if a not in met)

    def _nth_row(self, nth: int, own: list[int]) -> int:
        met = {m.out_axis: (m.outs, own[m.in_axis]) for m in self.meetings}
        found: list[int] = []
        for axis in reversed(range(len(self.out_shape))):
            if axis in met:
                steps, c = met[axis]
                nth, k = divmod(nth, int(steps.count[c]))
                found.append(int(steps.first[c]) + k * steps.step)
            else:
                nth, k = divmod(nth, self.out_shape[axis])
                found.append(k)
        return _flat(found[::-1], self.out_shape)


def _coordinates(flat: int, shape: Shape) -> list[int]:
    found: list[int] = []
    for n in reversed(shape):
        flat, c = divmod(flat, n)
        found.append(c)
    return found[::-1]


def _flat(coordinates: list[int], shape: Shape) -> int:
    flat = 0
    for n, c in zip(shape, coordinates, strict=True):
        flat = flat * n + c
    return flat


def _coordinate(flat: IntArray, shape: Shape, axis: int) -> IntArray:
    return flat // prod(shape[axis + 1 :]) % shape[axis]


def _combined(shape: Shape, met: dict[int, IntArray]) -> IntArray:
    """Flat positions of all combinations, ascending since every axis is."""
    total = np.zeros(1, dtype=np.intp)
    for axis, n in enumerate(shape):
        coordinates = met[axis] if axis in met else np.arange(n, dtype=np.intp)
        total = (total[:, None] * n + coordinates).ravel()
    return total
