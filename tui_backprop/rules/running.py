"""The pattern of a running reduction: output k along an axis reads entries 0 to k of its line.

It stands apart from the other patterns because its columns are of unequal length: a staircase, not
a block.
"""

from __future__ import annotations

from bisect import bisect_right
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from tui_backprop.rules.types import IntArray, Shape


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
