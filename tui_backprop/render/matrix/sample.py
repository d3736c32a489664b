"""What a picture of a Jacobian is made from: its blocks, and entries of them that are looked at.

Of a small matrix all entries are looked at. Of a large one each block is cut further, and of every
part the first entry is: whether there is one says the pattern, so that a block without entries is
known for certain. It is made once for an edge; a step only asks which of them are visited.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import UnknownError
from tui_backprop.rules.blocks import can_list, first_entries, stretch_of
from tui_backprop.rules.sparsity import pattern_entries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.jacobian import LocalJacobian, TotalJacobian
    from tui_backprop.rules.types import Array, IntArray

_ALL: Final = 4096
"""Entries up to which all of them are looked at."""
_PARTS: Final = 4096
"""Parts of blocks of which an entry is looked at otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """A matrix cut into a grid of blocks as even as can be.

    Attributes:
        rows: where blocks begin, and at last where the last one ends.
        columns: the same of columns.
    """

    rows: IntArray
    columns: IntArray

    @property
    def shape(self) -> tuple[int, int]:
        """How many blocks there are below and beside each other."""
        return self.rows.size - 1, self.columns.size - 1

    @property
    def count(self) -> int:
        """How many blocks there are."""
        return self.shape[0] * self.shape[1]

    def number(self, j: IntArray, i: IntArray) -> IntArray:
        """The block of each entry, counted row by row."""
        return stretch_of(self.rows, j) * self.shape[1] + stretch_of(self.columns, i)

    def finer(self, parts: int) -> Blocks:
        """Each block cut further, into no more than so many parts altogether."""
        times = max(int(sqrt(parts / self.count)), 1)
        return Blocks(_refined(self.rows, times), _refined(self.columns, times))


def blocks_of(shape: tuple[int, int], rows: int, columns: int) -> Blocks:
    """A matrix in no more rows and columns of blocks than that."""
    m, n = shape
    return Blocks(_edges(m, min(rows, m)), _edges(n, min(columns, n)))


def _edges(length: int, count: int) -> IntArray:
    return np.arange(count + 1, dtype=np.int64) * length // count


def _refined(edges: IntArray, times: int) -> IntArray:
    """Each stretch in as many parts, empty ones where it is shorter."""
    starts, lengths = edges[:-1], np.diff(edges)
    parts = starts[:, None] + lengths[:, None] * np.arange(times) // times
    return np.append(parts.ravel(), edges[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Entries that are looked at, those of a block together.

    Attributes:
        blocks: of the matrix.
        j: their rows.
        i: their columns.
        values: the numbers; None where they are not to be had, or would cost too much.
        starts: where the entries of each block begin that has any.
        numbers: which blocks these are.
        is_complete: whether these are all entries that can be other than 0.
        is_pattern: whether a block without any is known to have only zeros.
    """

    blocks: Blocks
    j: IntArray
    i: IntArray
    values: Array | None
    starts: IntArray
    numbers: IntArray
    is_complete: bool
    is_pattern: bool = True

    def first(self, block: int) -> tuple[int, int] | None:
        """(row, column) of the first entry of a block; None where it has none."""
        at = int(np.searchsorted(self.numbers, block))
        if at >= self.numbers.size or self.numbers[at] != block:
            return None
        start = self.starts[at]
        return int(self.j[start]), int(self.i[start])


@lru_cache(maxsize=4)
def local_sample(jacobian: LocalJacobian, rows: int, columns: int) -> Sample | None:
    """The entries of J of an edge that its picture needs.

    Args:
        jacobian: the matrix.
        rows: how many rows of blocks there may be.
        columns: how many columns of them.

    Returns:
        None where the pattern is not known, or there is no quick way to ask it.
    """
    pattern = jacobian.sparsity
    if not jacobian.is_pattern_known or not all(jacobian.shape):
        return None
    blocks = blocks_of(jacobian.shape, rows, columns)
    if can_list(pattern, _ALL):
        j, i = pattern_entries(pattern, range(jacobian.shape[1]))
        is_complete = True
    else:
        parts = blocks.finer(_PARTS)
        found = first_entries(pattern, parts.rows, parts.columns)
        if found is None:
            return None
        j, i = (each[found[0] >= 0] for each in found)
        is_complete = False
    values = jacobian.entries if jacobian.is_cheap else None
    return _sampled(blocks, j, i, values, is_complete=is_complete)


@lru_cache(maxsize=4)
def total_sample(jacobian: TotalJacobian, seen: tuple[int, ...], rows: int, columns: int) -> Sample:
    """The entries of the whole J that its picture needs.

    Every row takes a backward pass: where all would take long, only those in sight are asked for.

    Args:
        jacobian: the matrix, which has entries.
        seen: the rows in sight.
        rows: how many rows of blocks there may be.
        columns: how many columns of them.
    """
    m, n = jacobian.shape
    blocks = blocks_of(jacobian.shape, rows, columns)
    asked = range(m) if jacobian.is_cheap else seen
    step = ceil(len(asked) * n / _PARTS)
    i = np.unique(np.append(np.arange(0, n, step), blocks.columns[:-1]))
    j = np.array(asked)
    is_complete = step == 1 and len(asked) == m
    pairs = np.repeat(j, i.size), np.tile(i, j.size)
    return _sampled(blocks, *pairs, jacobian.entries, is_complete=is_complete, is_pattern=False)


def _sampled(
    blocks: Blocks,
    j: IntArray,
    i: IntArray,
    entries: Callable[[IntArray, IntArray], Array] | None,
    *,
    is_complete: bool,
    is_pattern: bool = True,
) -> Sample:
    numbers = blocks.number(j, i)
    order = np.lexsort((j, i, numbers))
    j, i = j[order], i[order]
    found, starts = np.unique(numbers[order], return_index=True)
    values = None
    if entries is not None:
        try:
            values = np.asarray(entries(j, i), dtype=np.float64)
        except UnknownError:  # nobody kept what they are computed from
            values = None
    return Sample(blocks, j, i, values, starts, found, is_complete, is_pattern)
