"""Paths: how a number comes from the seed down to an entry, one partial at a time.

Paths are many where adjoints are few: one is followed and the others are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.why.climbing import Climb, trail_from
from tui_backprop.debug.why.inflows import Inflows
from tui_backprop.debug.why.summands import summands_of
from tui_backprop.debug.why.trails import Hop, PassedEntries, TrailHops, meeting
from tui_backprop.graph.jacobian import picked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.why.summands import Summands
    from tui_backprop.debug.why.trails import Entry, Trail
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.timeline import Timeline

_MOST_LOOKED_AT: Final = 200
"""Entries whose contributions are gathered to count paths: a few dozen milliseconds of them."""


@dataclass(frozen=True, slots=True)
class Path:
    """A way from the output down to an entry.

    Attributes:
        seed: the entry of v that it starts from; None where nothing reads its first entry.
        seed_step: where that is placed.
        hops: from the output downwards.
        product: the seed times all partials, multiplied in that order; 0 without a seed.
        further: how many other paths lead to the same contribution; None for too many to count.
    """

    seed: float | None
    seed_step: int | None
    hops: Sequence[Hop]
    product: float
    further: int | None

    @property
    def entries(self) -> Sequence[Entry]:
        """Every entry that it passes, from the output down."""
        return PassedEntries(self.hops)

    @property
    def fork(self) -> Hop | None:
        """Where other contributions meet on the way, the nearest to the entry; None: nowhere."""
        _, at = meeting(self.hops)
        return None if at < 0 else self.hops[at]

    @property
    def others(self) -> int:
        """How many other contributions meet on the way."""
        return meeting(self.hops)[0]


class Paths:
    """Follows and counts paths of one pass; what was gathered once serves the next question."""

    def __init__(self, timeline: Timeline, pass_number: int) -> None:
        self._timeline = timeline
        self._number = pass_number
        self._walk = timeline.walk(pass_number)
        self._gathered: dict[Entry, Summands] = {}
        self._counts: dict[Entry, int] = {}
        self._inflows = Inflows(timeline, self._walk)
        self._passed: dict[Entry, tuple[Trail, int]] = {}

    @property
    def of(self) -> int:
        """The output."""
        return self._walk.run.of

    def gathered(self, node: int, flat: int) -> Summands:
        """All contributions of the pass to an entry."""
        found = self._gathered.get((node, flat))
        if found is None:
            found = summands_of(self._timeline, self._number, node, flat)
            self._gathered[node, flat] = found
        return found

    def hop(self, found: Summands, k: int) -> Hop:
        """One contribution inside the sparsity as a part of a path."""
        return Hop(
            found.edge(k),
            int(found.rows[k]),
            found.flat,
            float(found.partials[k]),
            int(found.steps[k]),
            len(found.steps) - 1,
        )

    def strongest(self, last: Hop) -> Path:
        """The path that ends with a partial and has the largest contribution at each fork."""
        trail, count = self._followed((last.edge.node, last.j))
        product = self._times(trail.products[count], last)
        top = trail.top if count else (last.edge.node, last.j)
        return self._path(TrailHops(trail, count, last), product, top)

    def path(self, hops: tuple[Hop, ...]) -> Path:
        """A path by its hops, from the output or from where nothing reads on."""
        product = self._seed((hops[0].edge.node, hops[0].j))
        for hop in hops:
            product = self._times(product, hop)
        return self._path(hops, product, (hops[0].edge.node, hops[0].j))

    def _path(self, hops: Sequence[Hop], product: Array, top: Entry) -> Path:
        starts_at_seed = top[0] == self._walk.run.of
        is_lone = starts_at_seed and not meeting(hops)[0]
        paths = 1 if is_lone else self._count((hops[-1].edge.node, hops[-1].j))
        return Path(
            float(self._seed(top)) if starts_at_seed else None,
            self._walk.start - 1 if starts_at_seed else None,
            hops,
            float(product),
            None if paths is None else max(0, paths - 1),
        )

    def _seed(self, entry: Entry) -> Array:
        """The entry of v; 0 for an entry that is not of the output."""
        seed = self._walk.run.seed
        node, flat = entry
        return picked(seed, flat) if node == self._walk.run.of else np.zeros((), seed.dtype)

    def _followed(self, entry: Entry) -> tuple[Trail, int]:
        """The strongest path down to an entry: so many partials of a trail.

        What was followed before is not again.
        """
        climb = Climb(self._walk, self._inflows)
        top = climb.up(entry, self._passed)
        while top not in self._passed and not climb.is_done:
            hop = self._strongest_into(top)
            if hop is None:
                break
            top = climb.up(climb.by_itself(hop, self._walk_number(hop)), self._passed)
        above = self._passed.get(top)
        if above is None:
            above = trail_from(self._walk, top, self._seed(top)), 0
        if not climb.entries:
            return self._passed.setdefault(entry, above)
        made = climb.trail(above, self._times)
        count = len(made.numbers)
        self._passed.setdefault(top, (made, above[1]))
        for back, passed in enumerate(climb.entries):
            self._passed[passed] = made, count - back
        return made, count

    def _walk_number(self, hop: Hop) -> int:
        return self._walk.route.edge_at(hop.step - self._walk.start)

    def _strongest_into(self, entry: Entry) -> Hop | None:
        found = self.gathered(*entry)
        return self.hop(found, _largest(found)) if len(found.steps) else None

    def _times(self, product: Array, hop: Hop) -> Array:
        """``product · ∂y_j/∂x_i`` as the backward pass multiplies."""
        rule = self._timeline.nodes[hop.edge.node].rule
        if rule is None:
            raise AssertionError("a leaf is never walked through")
        partial = np.asarray(hop.partial, dtype=product.dtype)
        with np.errstate(all="ignore"):
            found = rule.derivative(hop.edge.argument).contribution(product, partial)
        return found.astype(product.dtype)

    def _count(self, entry: Entry) -> int | None:
        """How many paths lead from the seed to an entry; None where too many are looked at."""
        waiting = [entry]
        while waiting:
            top = waiting[-1]
            if top in self._counts:
                waiting.pop()
                continue
            above = self._above(top)
            missing = [] if above is None else [e for e in above if e not in self._counts]
            if above is None or len(self._counts) + len(missing) > _MOST_LOOKED_AT:
                return None
            if missing:
                waiting.extend(missing)
                continue
            is_seeded = top[0] == self._walk.run.of
            self._counts[top] = sum((self._counts[e] for e in above), int(is_seeded))
            waiting.pop()
        return self._counts[entry]

    def _above(self, entry: Entry) -> list[Entry] | None:
        """The entries that contribute to one, as often as they do; None where they are many."""
        node, flat = entry
        alone = self._inflows.alone(node, flat)
        if alone is not None:
            return [alone]
        route = self._walk.route
        above: list[Entry] = []
        for number in route.edges_into(node).tolist():
            edge = route.edge(number)
            rows = route.sparsity(edge).rows(flat)
            if len(above) + len(rows) > _MOST_LOOKED_AT:
                return None
            above += [(edge.node, j) for j in rows.tolist()]
        return above


def _largest(found: Summands) -> int:
    """The contribution of the largest size; NaN is larger than any, the first of equals wins."""
    if len(found.steps) == 1:
        return 0
    size = np.abs(found.values)
    return int(np.argmax(np.where(np.isnan(size), np.inf, size)))
