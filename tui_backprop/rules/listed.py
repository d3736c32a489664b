"""A pattern written down entry by entry.

It stands apart from the patterns that are arithmetic: it takes memory for each entry, and serves
the ops whose entries follow no simple rule, such as windows that overlap a border.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from tui_backprop.rules.types import IntArray


@dataclass(frozen=True, eq=False)
class Listed:
    """The pairs (j, i) of two lists, in any order, each once.

    Attributes:
        j: flat output positions.
        i: flat operand positions, as many.
        shape: (m, n).
    """

    j: IntArray
    i: IntArray
    shape: tuple[int, int]

    @property
    def nonzeros(self) -> int:
        """As many as were listed."""
        return self.j.size

    def start(self, i: int) -> int:
        """How many stand in the columns before."""
        return int(np.searchsorted(self._walk[1], i))

    def locate(self, position: int) -> tuple[int, int]:
        """The entry at a position of the walk."""
        rows, columns = self._walk
        return int(rows[position]), int(columns[position])

    def rows(self, i: int) -> IntArray:
        """Of one column, ascending."""
        return self._walk[0][self.start(i) : self.start(i + 1)]

    def columns(self, j: int) -> IntArray:
        """Of one row, ascending."""
        rows, columns = self._across
        first, last = np.searchsorted(rows, (j, j + 1))
        return columns[first:last]

    def contains(self, j: IntArray, i: IntArray) -> IntArray:
        """Whether each pair was listed."""
        j, i = np.broadcast_arrays(j, i)
        rows, columns = self._walk
        keys = columns * np.intp(self.shape[0]) + rows
        wanted = np.asarray(i, dtype=np.intp) * np.intp(self.shape[0]) + j
        return np.isin(wanted, keys)

    @cached_property
    def _walk(self) -> tuple[IntArray, IntArray]:
        order = np.lexsort((self.j, self.i))
        return self.j[order], self.i[order]

    @cached_property
    def _across(self) -> tuple[IntArray, IntArray]:
        order = np.lexsort((self.i, self.j))
        return self.j[order], self.i[order]
