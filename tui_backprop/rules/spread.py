"""A pattern of which most columns are empty: a diagonal, a border.

It stands apart from the patterns that it spreads: those know nothing of columns that nobody reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.lazy import cached_property

if TYPE_CHECKING:
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import IntArray


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
        """Those of the smaller pattern."""
        return self.inner.nonzeros

    def start(self, i: int) -> int:
        """What stands in the columns of the smaller pattern that come before."""
        return self.inner.start(int(np.searchsorted(self.places, i)))

    def locate(self, position: int) -> tuple[int, int]:
        """The same entry, in its column here."""
        j, k = self.inner.locate(position)
        return j, int(self.places[k])

    def rows(self, i: int) -> IntArray:
        """None, unless the column is one of those that are read."""
        k = int(np.searchsorted(self.places, i))
        if k < self.places.size and self.places[k] == i:
            return self.inner.rows(k)
        return np.zeros(0, dtype=np.intp)

    def columns(self, j: int) -> IntArray:
        """Those of the smaller pattern, each in its place."""
        return np.asarray(self.places[self.inner.columns(j)])

    def contains(self, j: IntArray, i: IntArray) -> IntArray:
        """Whether the column is read, and the smaller pattern has the entry."""
        j, i = np.broadcast_arrays(j, i)
        if not self.places.size:
            return np.zeros(i.shape, dtype=bool)
        k = np.minimum(np.searchsorted(self.places, i), self.places.size - 1)
        return np.asarray((self.places[k] == i) & self.inner.contains(j, k))
