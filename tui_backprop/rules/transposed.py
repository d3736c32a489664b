"""A sparsity pattern with rows and columns exchanged: for walks that sum along the rows of J."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.lazy import cached_property
from tui_backprop.rules.sparsity import Tied, pattern_entries

if TYPE_CHECKING:
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import IntArray

_AT_ONCE: Final = 4096
"""Columns whose entries are counted at once."""


class Transposed:
    """Any pattern, transposed; only how many entries each row has is kept.

    Attributes:
        inner: the pattern itself.
    """

    def __init__(self, inner: Sparsity) -> None:
        self.inner = inner

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m)."""
        m, n = self.inner.shape
        return n, m

    @property
    def nonzeros(self) -> int:
        """As many as before."""
        return self.inner.nonzeros

    def start(self, i: int) -> int:
        """How many entries the rows of the pattern before ``i`` have."""
        return int(self._starts[i])

    def locate(self, position: int) -> tuple[int, int]:
        """By bisection, then in the row that was found."""
        i = int(np.searchsorted(self._starts, position, side="right")) - 1
        return int(self.rows(i)[position - self.start(i)]), i

    def rows(self, i: int) -> IntArray:
        """The columns of a row of the pattern."""
        return self.inner.columns(i)

    def columns(self, j: int) -> IntArray:
        """The rows of a column of the pattern."""
        return self.inner.rows(j)

    def contains(self, j: IntArray, i: IntArray) -> IntArray:
        """Whether the pattern has (i, j)."""
        return self.inner.contains(i, j)

    @cached_property
    def _starts(self) -> IntArray:
        m, n = self.inner.shape
        counts = np.zeros(m + 1, dtype=np.intp)
        for first in range(0, n, _AT_ONCE):
            rows, _ = pattern_entries(self.inner, range(first, min(first + _AT_ONCE, n)))
            counts[1:] += np.bincount(rows, minlength=m)
        return np.cumsum(counts)


def transposed(pattern: Sparsity) -> Sparsity:
    """The pattern whose columns are the rows of this one."""
    if isinstance(pattern, Tied):
        ties = tuple((i, j) for j, i in pattern.ties)
        return Tied(pattern.in_shape, pattern.out_shape, ties)
    return Transposed(pattern)
