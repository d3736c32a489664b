"""An adjoint in progress at many steps of a pass, bit for bit as the frames have it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.debug.conditions.references import Known
from tui_backprop.graph.jacobian import picked
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.conditions.segment import Segment
    from tui_backprop.rules.types import Array, IntArray


def sums_at(segment: Segment, node: int, steps: IntArray) -> tuple[Known, IntArray]:
    """The adjoint of a node after each of some steps of a segment.

    Args:
        segment: of a pass.
        node: whose.
        steps: ascending; of an edge that adds to the node all those in the segment.

    Returns:
        What it is, and at which of the steps that is sure.
    """
    walk, route = segment.walk, segment.route
    into = route.edges_into(node)
    positions = steps - walk.start
    own, next_ = route.edges_at(positions), route.edges_at(positions + 1)
    done = into.searchsorted(next_)
    first, last = int(done[0]), int(done[-1])
    is_writing = (own == next_) & (into[np.minimum(done, len(into) - 1)] == own)
    is_open = bool(is_writing[-1])
    sums, is_begun = walk.sums.each(node, first, last + is_open)
    flat = sums.reshape(len(sums), -1)
    found = flat[done - first]
    sure = np.ones(len(steps), dtype=bool)
    at = positions - route.starts(own)
    open_at = np.flatnonzero(is_writing)
    for begin, end in _runs(done[open_at]):
        chosen = open_at[begin:end]
        nth = int(done[chosen[0]])
        if (nth == 0 and not is_begun) or node in walk.run.walk.overwritten:
            sure[chosen] = False
            continue
        ends = flat[nth - first], flat[nth - first + 1]
        written = _within(segment, int(into[nth]), at[chosen], ends)
        if written is None:
            sure[chosen] = False
        else:
            found[chosen] = written
    shape = len(steps), *sums.shape[1:]
    known = None if is_begun else np.repeat(done > 0, flat.shape[1]).reshape(shape)
    return Known(found.reshape(shape), known), sure


def _runs(ascending: IntArray) -> Iterator[tuple[int, int]]:
    """Where each number begins and ends in an ascending row."""
    marks = np.flatnonzero(np.diff(ascending, prepend=-1)).tolist()
    return pairwise([*marks, len(ascending)])


def _within(segment: Segment, number: int, at: IntArray, ends: tuple[Array, Array]) -> Array | None:
    """The adjoint after some partials of an edge; None where the walk visits more than is read."""
    walk = segment.walk
    edge = walk.route.edge(number)
    pattern = walk.route.sparsity(edge)
    before, after = ends
    n = len(before)
    if walk.route.zeros and pattern.nonzeros != n * pattern.shape[0]:
        return None
    if isinstance(pattern, Tied) and pattern.nonzeros == n:
        return np.where(np.arange(n) <= at[:, None], after, before)
    jacobian = segment.timeline.jacobian(edge)
    if not jacobian.is_cheap:
        return None
    j, i, partials = jacobian.columns_entries(range(n))
    added = jacobian.contribution(picked(walk.run.cotangents[edge.node], j), partials)
    found = np.where(np.arange(n) < i[at][:, None], after, before)
    found[np.arange(len(at)), i[at]] = _column_sums(i, added.astype(before.dtype), ends)[at]
    return found


def _column_sums(i: IntArray, added: Array, ends: tuple[Array, Array]) -> Array:
    """The entry that each partial of an edge adds to, after it: of the last one as the pass has it.

    Args:
        i: the entry of each, ascending.
        added: what each adds.
        ends: all entries before the edge and after it.
    """
    before, after = ends
    found = np.empty_like(added)
    with np.errstate(all="ignore"):
        for begin, end in _runs(i):
            entry = i[begin]
            sums = np.cumsum(np.concatenate([before[entry : entry + 1], added[begin:end]]))
            found[begin:end] = sums[1:]
            found[end - 1] = after[entry]
    return found
