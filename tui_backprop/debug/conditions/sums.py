"""Bounds of v, of J and of sums in progress over many edges at once.

It stands apart from the stretch because it is arithmetic on arrays side by side: one call for a
thousand edges, where a thousand frames would say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.conditions.intervals import Extent, hull_of, union
from tui_backprop.rules.broadcasting import unbroadcast
from tui_backprop.rules.sparsity import Tied
from tui_backprop.timeline.edge_groups import groups_of, stacked
from tui_backprop.timeline.landmarks import common

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array, IntArray, Shape
    from tui_backprop.timeline.edge_groups import Alike
    from tui_backprop.timeline.timeline import PassWalk, Timeline

_MOST_TOGETHER: Final = 1 << 21
"""Entries that are held side by side at once."""
_ULPS: Final = 64
"""How far bounds of sums are moved apart that were added up in another order."""


def side_by_side(arrays: list[Array]) -> Extent:
    """The extent of arrays of one shape; large ones are looked at one by one."""
    if sum(array.size for array in arrays) <= _MOST_TOGETHER:
        return hull_of(np.stack(arrays))
    found = hull_of(arrays[0][None])
    for array in arrays[1:]:
        found = union(found, hull_of(array[None]))
    return found


def jacobian_of_each(timeline: Timeline, alike: Alike) -> Extent | None:
    """The extent of the Js of some edges; None unless each row has one partial."""
    (m, n), count = alike.pattern.shape, len(alike.nodes)
    if not alike.rule.elementwise or m * (count + n) > _MOST_TOGETHER:
        return None
    rows, columns = np.nonzero(alike.pattern.contains(np.arange(m)[:, None], np.arange(n)[None, :]))
    with np.errstate(all="ignore"):
        partials = alike.partials(timeline.trace, rows, 0)
    whole = hull_of(np.zeros((1, m, n), timeline.trace.graph.dtype))
    return _put(whole, (rows, columns), hull_of(partials))


def sums_after_each(
    timeline: Timeline, pass_number: int, node: int, edges: IntArray
) -> Extent | None:
    """The extent of a node's adjoint from before the first of some edges until after the last.

    None where an edge adds to one entry more than once, and not entry by entry.
    """
    walk = timeline.walk(pass_number)
    shape = timeline.shape(node)
    if int(np.prod(shape, dtype=np.int64)) * len(edges) > _MOST_TOGETHER:
        return None
    parts = np.empty((3, len(edges), *shape), timeline.trace.graph.dtype)
    with np.errstate(all="ignore"):
        for alike in groups_of(timeline, walk.route, edges):
            added = _added_by(timeline, walk, alike)
            if added is None:
                return None
            places = edges.searchsorted(alike.numbers)
            for part, chosen in enumerate((added, np.minimum(added, 0), np.maximum(added, 0))):
                parts[part, places] = _unbroadcast_each(chosen, shape)
        return _added_up(walk, node, int(edges[0]), parts)


def _added_by(timeline: Timeline, walk: PassWalk, alike: Alike) -> Array | None:
    """What each of some edges adds, before entries that were repeated are added up.

    None where an edge that is not elementwise adds to one entry more than once.
    """
    out, size = alike.first.shape, alike.first.size
    if alike.rule.elementwise:
        rows = np.arange(size)
        v = stacked([walk.run.cotangents[n] for n in alike.nodes], rows)
        added = alike.derivative.contribution(v, alike.partials(timeline.trace, rows, 0))
        return np.asarray(added, dtype=v.dtype).reshape(len(alike.nodes), *out)
    pattern = alike.pattern
    is_single = isinstance(pattern, Tied) and pattern.nonzeros == pattern.shape[1]
    if size > 1 and not is_single:
        return None
    return np.stack([walk.sums.contribution(number) for number in alike.numbers.tolist()])


def _unbroadcast_each(arrays: Array, shape: Shape) -> Array:
    """`unbroadcast` of each array along a first axis."""
    extra = arrays.ndim - 1 - len(shape)
    return unbroadcast(arrays, (len(arrays), *(1,) * extra, *shape)).reshape(len(arrays), *shape)


def _added_up(walk: PassWalk, node: int, first: int, parts: Array) -> Extent:
    """The lowest and the highest that running sums come to."""
    totals, falls, rises = parts
    done = int(walk.route.edges_into(node).searchsorted(first))
    before = walk.sums.after(node, done)
    start = np.zeros(totals.shape[1:], totals.dtype) if before is None else before
    sums = np.cumsum(np.concatenate([start[None], totals]), axis=0)
    lows, highs = sums[:-1] + falls, sums[:-1] + rises
    slack = np.finfo(sums.dtype).eps * (_ULPS + len(totals))
    reach = slack * (np.abs(sums).max(axis=0) + np.abs(totals).sum(axis=0)
                     + (rises - falls).sum(axis=0))  # fmt: skip
    found = hull_of(np.concatenate([sums, lows, highs]))
    wide = np.where(np.isnan(reach), np.inf, reach)
    # inf − inf on the way would lose a bound: then there is none.
    lost = found.nan
    return Extent(
        np.where(lost, -np.inf, found.low - wide),
        np.where(lost, np.inf, found.high + wide),
        found.nan, found.number, found.unknown, found.known,
    )  # fmt: skip


def sums_within(
    timeline: Timeline, pass_number: int, number: int, positions: range
) -> Extent | None:
    """The extent of the entries that an edge adds to at some positions of the route.

    Entries that these do not come to are left out; None where there are too many partials.
    """
    walk = timeline.walk(pass_number)
    edge = walk.route.edge(number)
    parent = timeline.nodes[edge.parent]
    columns = _columns(walk, number, positions)
    m = timeline.nodes[edge.node].size
    if m * len(columns) > _MOST_TOGETHER:
        return None
    jacobian = timeline.jacobian(edge)
    rows = np.arange(m)
    v = np.asarray(walk.run.cotangents[edge.node]).reshape(-1, 1)
    inside = jacobian.sparsity.contains(rows[:, None], columns[None, :])
    products = np.where(inside, jacobian.contribution(v, jacobian.block(rows, columns)), 0)
    done = int(walk.route.edges_into(edge.parent).searchsorted(number))
    before, after = (walk.sums.after(edge.parent, count) for count in (done, done + 1))
    ends = [np.zeros(parent.size, v.dtype) if x is None else x.reshape(-1) for x in (before, after)]
    with np.errstate(all="ignore"):
        sums = np.cumsum(np.vstack([ends[0][columns][None], products]), axis=0)
    # The last of a column is what the vectorised pass has, which may round otherwise.
    sums = np.vstack([sums, ends[1][columns][None]])
    nothing = hull_of(np.zeros((0, parent.size), v.dtype))
    added = _put(nothing, (columns,), hull_of(sums))
    return added.each(lambda part: part.reshape(parent.shape))


def _columns(walk: PassWalk, number: int, positions: range) -> IntArray:
    visited = common(walk.route.steps(number), positions)
    first, last = (walk.route.locate(visited[end]).i for end in (0, -1))
    return np.arange(first, last + 1)


def _put(whole: Extent, places: tuple[IntArray, ...], part: Extent) -> Extent:
    """The same with other entries at some places."""
    made = whole.each(np.array)
    for name in ("low", "high", "nan", "number", "unknown", "known"):
        getattr(made, name)[places] = getattr(part, name)
    return made
