"""The partials of whole edges at once, in walking order: the facts of a frame a step, as arrays.

What a frame says of a step it computes column by column. Here the pattern gives the entries of many
columns, the row their partials, and one running sum for each column what it adds up to. In a
forward walk a *column* is a row of J, as in `PartialSums`.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.errors import UnknownError
from tui_backprop.graph.jacobian import picked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Timeline

_MOST: Final = 1 << 13
"""Entries that are computed together, where a column has no more by itself."""


class Partials(NamedTuple):
    """Steps of one edge that follow one another, of whole columns.

    Attributes:
        start: the number of the first step.
        j: the row of each, a flat position in the node's value.
        i: the column of each, a flat position in the parent's value.
        is_inside: whether y_j reads x_i; None where all do.
        partials: ∂y_j/∂x_i.
        v: v_j; forward t_i.
        contributions: v_j · ∂y_j/∂x_i; forward ∂y_j/∂x_i · t_i.
        before: the entry that the step adds to, before it.
        after: the entry after it.
        is_first: of each step, whether nothing had arrived, so that ``before`` means nothing.
    """

    start: int
    j: IntArray
    i: IntArray
    is_inside: IntArray | None
    partials: Array
    v: Array
    contributions: Array
    before: Array
    after: Array
    is_first: IntArray


class Untold(NamedTuple):
    """Steps of one edge that follow one another, of which nobody can tell the partials.

    Attributes:
        steps: their numbers.
        why: in a sentence.
    """

    steps: range
    why: str


def edge_partials(timeline: Timeline, pass_number: int, number: int) -> Iterator[Partials | Untold]:
    """All steps of one edge of a pass's route, a number of columns at a time.

    Every number is the one that `Frame.partial` has, to the last bit.
    """
    walk = timeline.walk(pass_number)
    jacobian = timeline.jacobian(walk.route.edge(number))
    if jacobian.is_cheap:
        try:
            yield from _together(timeline, walk, number, jacobian)
        except UnknownError:  # before the first of them: a value that all are computed from
            pass
        else:
            return
    for i in range(timeline.nodes[walk.route.target(jacobian.edge)].size):
        if walk.route.column(number, i):
            yield _alone(timeline, pass_number, number, i)


def _together(
    timeline: Timeline, walk: PassWalk, number: int, jacobian: LocalJacobian
) -> Iterator[Partials]:
    edge, route = jacobian.edge, walk.route
    v = walk.run.cotangents[route.source(edge)]
    sums = _Sums(walk, number)
    start = walk.start + route.start(number)
    for columns in _shares(walk, number, timeline.nodes[route.target(edge)].size):
        taken, at, partials = route.entries(jacobian, columns)
        factors = picked(v, taken)
        own = jacobian.contribution(factors, partials)
        inside = None
        if timeline.zeros:
            found = _with_zeros(columns, v, (taken, at), partials, own)
            taken, at, inside, partials, factors, own = found
        if taken.size:
            j, i = (at, taken) if timeline.is_forward else (taken, at)
            yield Partials(start, j, i, inside, partials, factors, own, *sums.around(at, own))
        start += taken.size


def _shares(walk: PassWalk, number: int, count: int) -> Iterator[range]:
    """The columns of an edge, so many at a time that their entries are few enough."""
    route = walk.route
    steps = route.steps(number)
    if len(steps) <= _MOST:
        yield range(count)
        return

    def stop_of(i: int) -> int:
        return route.column(number, i).stop

    done, reached = 0, steps.start
    while reached < steps.stop:
        stop = bisect_right(range(count), reached + _MOST, lo=done, key=stop_of)
        stop = max(stop, done + 1)
        yield range(done, stop)
        done, reached = stop, stop_of(stop - 1)


def _with_zeros(
    columns: range, v: Array, at: tuple[IntArray, IntArray], partials: Array, own: Array
) -> tuple[IntArray, IntArray, IntArray, Array, Array, Array]:
    """The entries of whole columns, where those outside the sparsity are visited too."""
    m = v.size
    j, i = at
    places = (i - columns.start) * m + j
    shown = []
    for inside in (partials, own):
        found = np.zeros(len(columns) * m, dtype=v.dtype)
        found[places] = inside
        shown.append(found)
    is_inside = np.zeros(len(columns) * m, dtype=bool)
    is_inside[places] = True
    every = np.arange(m)
    return (
        np.tile(every, len(columns)),
        np.repeat(np.arange(columns.start, columns.stop), m),
        is_inside,
        shown[0],
        np.tile(picked(v, every), len(columns)),
        shown[1],
    )


class _Sums:
    """What the entries are that the steps of an edge add to, step by step."""

    def __init__(self, walk: PassWalk, number: int) -> None:
        target = walk.route.target(walk.route.edge(number))
        done = walk.route.count_before(target, number)
        self._before = walk.sums.added_to(target, done)
        self._after = walk.sums.after(target, done + 1)

    def around(self, i: IntArray, own: Array) -> tuple[Array, Array, IntArray]:
        """Of steps of whole columns: the entry before each, after each, and what is the first.

        Columns add up one contribution after the other; the last of each gives what the vectorised
        pass has, so that no rounding shows. Where nothing has arrived they begin at 0.
        """
        is_begin = np.ones(i.size, dtype=bool)
        np.not_equal(i[1:], i[:-1], out=is_begin[1:])
        is_first = is_begin if self._before is None else np.zeros(i.size, dtype=bool)
        if is_begin.all():  # no column adds two
            return self._at(self._before, i, 0.0), self._at(self._after, i, np.nan), is_first
        begins = np.flatnonzero(is_begin)
        lengths = np.concatenate([begins[1:], [i.size]]) - begins
        initial = self._at(self._before, i[begins], 0.0)
        sums = _running(begins, lengths, np.where(initial == 0, 0, initial), own)
        before = np.empty_like(own)
        before[1:] = sums[:-1]
        before[begins] = initial
        sums[begins + lengths - 1] = self._at(self._after, i[begins], np.nan)
        return before, sums, is_first

    @staticmethod
    def _at(array: Array | None, flat: IntArray, otherwise: float) -> Array:
        return np.full(flat.size, otherwise) if array is None else picked(array, flat)


def _running(begins: IntArray, lengths: IntArray, initial: Array, own: Array) -> Array:
    """The sum after each contribution, column by column; those of one length together."""
    found = np.empty_like(own)
    with np.errstate(all="ignore"):
        for length in np.unique(lengths).tolist():
            alike = lengths == length
            places = begins[alike, None] + np.arange(length)
            first = initial[alike, None].astype(own.dtype)
            added = np.cumsum(np.concatenate([first, own[places]], axis=1), axis=1)
            found[places] = added[:, 1:]
    return found


def _alone(timeline: Timeline, pass_number: int, number: int, i: int) -> Partials | Untold:
    """The steps of one column, as the timeline has it."""
    walk = timeline.walk(pass_number)
    steps = walk.route.column(number, i)
    start = walk.start + steps.start
    try:
        column = timeline.column_of((pass_number, number, i))
    except UnknownError as error:
        return Untold(range(start, start + len(steps)), str(error))
    rows = np.arange(column.v.size) if timeline.zeros else column.rows
    told = [column.entry(j) for j in rows.tolist()]
    before = [column.sum_before(j) for j in rows.tolist()]
    after = np.array([column.sum_after(j) for j in rows.tolist()])
    partials, v, own, is_inside = map(np.array, zip(*told, strict=True))
    earlier = np.array([0.0 if x is None else x for x in before])
    is_first = np.array([x is None for x in before])
    at = np.full(len(rows), i)
    j, i_of = (at, rows) if timeline.is_forward else (rows, at)
    return Partials(start, j, i_of, is_inside, partials, v, own, earlier, after, is_first)
