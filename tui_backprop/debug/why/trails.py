"""Long paths: of thousands of partials those are made that somebody looks at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias, overload

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.timeline.order import Place

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.sums import PassWalk

Entry: TypeAlias = tuple[int, int]
"""(node, flat position)."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One partial of a path, from y_j to x_i.

    Attributes:
        edge: from parent (x) to node (y).
        j: the entry of y.
        i: the entry of x.
        partial: ∂y_j/∂x_i.
        step: where it is walked.
        others: how many other contributions meet at the entry of x.
    """

    edge: Edge
    j: int
    i: int
    partial: float
    step: int
    others: int


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """The strongest path down to an entry, a number of each array for each partial.

    Attributes:
        walk: the pass.
        top: the entry that it starts from.
        numbers: the edges of the route.
        rows: the entries of v.
        columns: the entries below.
        partials: ∂y_j/∂x_i.
        others: how many other contributions meet at each entry below.
        products: what has come down to the start, and after each partial.
    """

    walk: PassWalk
    top: Entry
    numbers: IntArray
    rows: IntArray
    columns: IntArray
    partials: Array
    others: IntArray
    products: Array

    def hop(self, k: int) -> Hop:
        """One of its partials."""
        number, j, i = (int(x[k]) for x in (self.numbers, self.rows, self.columns))
        step = self.walk.start + self.walk.route.position(Place(number, j, i))
        edge = self.walk.route.edge(number)
        return Hop(edge, j, i, float(self.partials[k]), step, int(self.others[k]))


class TrailHops(Sequence[Hop]):
    """The first partials of a trail, and one more below."""

    def __init__(self, trail: Trail, count: int, last: Hop) -> None:
        self._trail = trail
        self._count = count
        self._last = last

    def __len__(self) -> int:
        return self._count + 1

    @overload
    def __getitem__(self, k: int) -> Hop: ...
    @overload
    def __getitem__(self, k: slice) -> tuple[Hop, ...]: ...
    def __getitem__(self, k: int | slice) -> Hop | tuple[Hop, ...]:
        places = range(len(self))[k]
        if isinstance(places, range):
            return tuple([self[place] for place in places])
        return self._last if places == self._count else self._trail.hop(places)

    def meeting(self) -> tuple[int, int]:
        """See `meeting`."""
        others = self._trail.others[: self._count]
        at = np.flatnonzero(others)
        return int(others.sum()), int(at[-1]) if len(at) else -1


class PassedEntries(Sequence[Entry]):
    """The entries that a path passes, from the output down."""

    def __init__(self, hops: Sequence[Hop]) -> None:
        self._hops = hops

    def __len__(self) -> int:
        return len(self._hops) + 1

    @overload
    def __getitem__(self, k: int) -> Entry: ...
    @overload
    def __getitem__(self, k: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, k: int | slice) -> Entry | tuple[Entry, ...]:
        places = range(len(self))[k]
        if isinstance(places, range):
            return tuple([self[place] for place in places])
        if places == len(self._hops):
            return self._hops[-1].edge.parent, self._hops[-1].i
        hop = self._hops[places]
        return hop.edge.node, hop.j


def meeting(hops: Sequence[Hop]) -> tuple[int, int]:
    """How many other contributions meet on the way, but for the end, and where they do last.

    −1 where none do.
    """
    if isinstance(hops, TrailHops):
        return hops.meeting()
    others = [hop.others for hop in hops[:-1]]
    return sum(others), max((at for at, count in enumerate(others) if count), default=-1)
