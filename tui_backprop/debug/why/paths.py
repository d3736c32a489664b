"""Paths: how a number comes from the seed down to an entry, one partial at a time.

Paths are many where adjoints are few: one is followed and the others are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.why.summands import summands_of
from tui_backprop.graph.jacobian import picked

if TYPE_CHECKING:
    from tui_backprop.debug.why.summands import Summands
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.timeline import Timeline

Entry: TypeAlias = tuple[int, int]
"""(node, flat position)."""

_MOST_LOOKED_AT: Final = 200
"""Entries whose contributions are gathered to count paths: a few dozen milliseconds of them."""


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
    hops: tuple[Hop, ...]
    product: float
    further: int | None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry that it passes, from the output down."""
        return (*((hop.edge.node, hop.j) for hop in self.hops), self._last)

    @property
    def forks(self) -> tuple[Hop, ...]:
        """Where other contributions meet on the way, the nearest to the entry first."""
        return tuple(hop for hop in reversed(self.hops[:-1]) if hop.others)

    @property
    def _last(self) -> Entry:
        return self.hops[-1].edge.parent, self.hops[-1].i


class Paths:
    """Follows and counts paths of one pass; what was gathered once serves the next question."""

    def __init__(self, timeline: Timeline, pass_number: int) -> None:
        self._timeline = timeline
        self._number = pass_number
        self._walk = timeline.walk(pass_number)
        self._gathered: dict[Entry, Summands] = {}
        self._counts: dict[Entry, int] = {}
        self._strongest: dict[Entry, Hop | None] = {}
        self._products: dict[Entry, Array] = {}

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
        above = self._followed((last.edge.node, last.j))
        return self._path((*above, last), self._times(self._products[last.edge.node, last.j], last))

    def path(self, hops: tuple[Hop, ...]) -> Path:
        """A path by its hops, from the output or from where nothing reads on."""
        product = self._seed((hops[0].edge.node, hops[0].j))
        for hop in hops:
            product = self._times(product, hop)
        return self._path(hops, product)

    def _path(self, hops: tuple[Hop, ...], product: Array) -> Path:
        top = hops[0]
        starts_at_seed = top.edge.node == self._walk.run.of
        is_lone = starts_at_seed and not any(hop.others for hop in hops[:-1])
        paths = 1 if is_lone else self._count((hops[-1].edge.node, hops[-1].j))
        return Path(
            float(self._seed((top.edge.node, top.j))) if starts_at_seed else None,
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

    def _followed(self, entry: Entry) -> list[Hop]:
        """The strongest path down to an entry; what was followed before is not again."""
        hops: list[Hop] = []
        at: Entry | None = entry
        while at is not None:
            if at not in self._strongest:
                self._strongest[at] = self._strongest_into(at)
            hop = self._strongest[at]
            if hop is not None:
                hops.append(hop)
            at = None if hop is None else (hop.edge.node, hop.j)
        hops.reverse()
        self._multiply(entry, hops)
        return hops

    def _strongest_into(self, entry: Entry) -> Hop | None:
        if entry[0] == self._walk.run.of:
            return None
        found = self.gathered(*entry)
        return self.hop(found, _largest(found)) if len(found.steps) else None

    def _multiply(self, entry: Entry, hops: list[Hop]) -> None:
        """Keep the product down to each entry of a strongest path."""
        top = (hops[0].edge.node, hops[0].j) if hops else entry
        product = self._products.setdefault(top, self._seed(top))
        for hop in hops:
            below = hop.edge.parent, hop.i
            if below not in self._products:
                self._products[below] = self._times(product, hop)
            product = self._products[below]

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
        found = self.gathered(*entry)
        count = len(found.steps)
        if count > _MOST_LOOKED_AT:
            return None
        numbers = np.array([found.number(k) for k in range(count)], dtype=np.intp)
        nodes, _ = self._walk.route.children(numbers)
        return list(zip(nodes.tolist(), found.rows.tolist(), strict=True))


def _largest(found: Summands) -> int:
    """The contribution of the largest size; NaN is larger than any, the first of equals wins."""
    if len(found.steps) == 1:
        return 0
    size = np.abs(found.values)
    return int(np.argmax(np.where(np.isnan(size), np.inf, size)))
