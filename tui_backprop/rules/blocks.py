"""Ops along axes whose blocks keep to themselves: what one block is, and which entries share it.

It stands apart because normalizing, and the losses over classes, read whole blocks: all entries
that agree on every axis but the named ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.rules.broadcasting import take
from tui_backprop.rules.reduction_slopes import MOST_SYMBOLS, no_entries, written_group
from tui_backprop.rules.shapes import normal_axes, reduced_count
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Index, Shape


def blocks(shape: Shape, axis: Any) -> Tied:
    """Each entry of a block reads each entry of the same block."""
    gone = normal_axes(axis, shape)
    return Tied(shape, shape, tuple((a, a) for a in range(len(shape)) if a not in gone))


def contrasts(shape: Shape, axis: Any) -> Sparsity:
    """The same for ops that only compare entries: one that is alone in its block has no effect."""
    if reduced_count(shape, axis) != 1:
        return blocks(shape, axis)
    return no_entries(shape, shape)


def same(m: Any, j: Index, i: Index, axis: Any, shape: Shape) -> Any:
    """1 where two entries of one block are the same entry, else 0."""
    found: Any = 1
    for a in normal_axes(axis, shape):
        found = found * m.where(m.equal(j[a], i[a]), 1, 0)
    return found


def of_block(m: Any, name: str, compute: Callable[[Any], Any], x: Any, at: Index, axis: Any) -> Any:
    """A quantity that a whole block shares, read at one of its entries.

    Args:
        m: NumPy, or a symbolic namespace.
        name: what a formula calls it where the block is too long to be written out.
        compute: a block → the quantity, with the axes kept.
        x: an array, or symbols with ``shape``.
        at: coordinates of an entry, or with NumPy of many.
        axis: the axes along which the blocks run.
    """
    if m is not np and reduced_count(x.shape, axis) > MOST_SYMBOLS:
        return m.named(name)
    axes = normal_axes(axis, x.shape)
    if m is not np:
        return take(compute(written_group(x, at, axes)), at)
    if 0 in axes or not x.size or not np.size(at[0]):
        return take(compute(x), at)
    # The blocks that lie between: where rows are long, a look at one of them costs one.
    first = int(np.min(at[0]))
    among = x[first : int(np.max(at[0])) + 1]
    return take(compute(among), (at[0] - first, *at[1:]))
