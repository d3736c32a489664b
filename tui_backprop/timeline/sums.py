"""How one adjoint entry ``Σ_j v_j · ∂y_j/∂x_i`` is added up: columns, summands and partial sums."""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.cache import SizedLRU
from tui_backprop.graph.jacobian import local_vjp, picked
from tui_backprop.graph.passes import accumulate
from tui_backprop.lazy import cached_property
from tui_backprop.timeline.frame import Term

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.forward_mode import ForwardRun
    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.graph.model import Edge
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.order import Route


AnyRun: TypeAlias = "PassRun | ForwardRun"
"""Either answers the same questions."""

ColumnKey: TypeAlias = tuple[int, int, int]
"""(pass, edge of its route, column i)."""


@dataclass(frozen=True, eq=False)
class Column:
    """What column ``i`` of one edge adds to the parent's entry ``i``, row by row.

    Attributes:
        rows: the rows inside the sparsity, ascending.
        partials: ∂y_j/∂x_i of those rows.
        v: the whole cotangent of the node.
        contributions: v_j · ∂y_j/∂x_i of those rows.
        initial: the entry before the edge; None where nothing had arrived.
        final: the entry after the edge, as the vectorised pass has it.
        zeros: whether the walk visits the other rows too.
    """

    rows: IntArray
    partials: Array
    v: Array
    contributions: Array
    initial: float | None
    final: float
    zeros: bool

    @property
    def nbytes(self) -> int:
        """What it holds of its own, running sums and the objects themselves included."""
        return self.rows.nbytes + self.partials.nbytes + 2 * self.contributions.nbytes + 1024

    @cached_property
    def sums(self) -> Array:
        """The entry before the first of `rows` (0 where unknown), then after each."""
        start = np.array([self.initial or 0.0], dtype=self.contributions.dtype)
        with np.errstate(all="ignore"):
            return np.cumsum(np.concatenate([start, self.contributions]))

    def entry(self, j: int) -> tuple[float, float, float, bool]:
        """(partial, v_j, contribution, whether inside the sparsity) of row ``j``."""
        v = float(picked(self.v, j))
        at = self._place(j)
        if at == len(self.rows) or self.rows[at] != j:
            return 0.0, v, 0.0, False
        return float(self.partials[at]), v, float(self.contributions[at]), True

    def sum_before(self, j: int) -> float | None:
        """The entry before row ``j`` was added; None where nothing had arrived."""
        at = self._place(j)
        is_first = j == 0 if self.zeros else at == 0
        return self.initial if is_first else float(self.sums[at])

    def sum_after(self, j: int) -> float:
        """The entry after row ``j``. The last row gives `final`, so that no rounding shows."""
        last = self.v.size - 1 if self.zeros else int(self.rows[-1])
        return self.final if j >= last else float(self.sums[self._place(j + 1)])

    def terms(self, through: int, most: int) -> list[Term]:
        """The contributions of rows ≤ ``through``; early ones taken together beyond ``most``."""
        count = through + 1 if self.zeros else self._place(through + 1)
        first = max(0, count - most)
        rows = np.arange(first, count) if self.zeros else self.rows[first:count]
        values = self._among(rows) if self.zeros else self.contributions[first:count]
        listed = [Term(value, j=j) for value, j in zip(values.tolist(), rows.tolist(), strict=True)]
        if first == 0:
            return listed
        together = self._place(first) if self.zeros else first
        return [Term(float(self.contributions[:together].sum()), count=first), *listed]

    def _place(self, j: int) -> int:
        """How many of `rows` stand before row ``j``."""
        return int(self.rows.searchsorted(j))

    def _among(self, rows: IntArray) -> Array:
        """The contributions of any rows: 0 outside the sparsity."""
        if not len(self.rows):
            return np.zeros(len(rows))
        at = np.minimum(self.rows.searchsorted(rows), len(self.rows) - 1)
        return np.where(self.rows[at] == rows, self.contributions[at], 0.0)


def column_terms(
    walk: PassWalk, edge_number: int, i: int, jacobian: LocalJacobian, *, zeros: bool
) -> Column:
    """Compute one column of an edge: its partials and products, and what they are added to."""
    edge = walk.route.edge(edge_number)
    v = walk.run.cotangents[walk.route.source(edge)]
    products = walk.route.products(jacobian, v, i)
    return column_of(walk, edge_number, i, v, products, zeros=zeros)


def column_of(
    walk: PassWalk,
    edge_number: int,
    i: int,
    v: Array,
    products: tuple[IntArray, Array, Array],
    *,
    zeros: bool,
) -> Column:
    """A column of given rows, partials and products, with what they are added to."""
    rows, partials, contributions = products
    target = walk.route.target(walk.route.edge(edge_number))
    done = walk.route.count_before(target, edge_number)
    before = walk.sums.added_to(target, done)
    after = walk.sums.after(target, done + 1)
    return Column(
        rows=rows,
        partials=partials,
        v=v,
        contributions=contributions,
        initial=None if before is None else float(picked(before, i)),
        final=float("nan") if after is None else float(picked(after, i)),
        zeros=zeros,
    )


def earlier_terms(
    walk: PassWalk,
    current: int,
    node: int,
    flat: int,
    most: int,
    jacobian: Callable[[Edge], LocalJacobian],
) -> list[Term]:
    """What an adjoint entry was before an edge: earlier passes, the seed, finished edges.

    Edges before the last ``most`` are taken together as one term.
    """
    edges = walk.route.edges_into(node)
    done = int(edges.searchsorted(current))
    if done and node in walk.run.walk.overwritten:
        last = int(edges[done - 1])
        return [Term(_edge_entry(walk, last, flat, None), edge=walk.route.edge(last))]
    together = max(0, done - most)
    if together:
        total = walk.sums.after(node, together)
        found = [] if total is None else [Term(float(picked(total, flat)), count=together)]
    else:
        found = _start(walk, node, flat)
    shown = edges[together:done].tolist()
    is_large = walk.sums.is_large(node, len(shown))
    for number in shown:
        edge = walk.route.edge(number)
        by_itself = jacobian(edge) if is_large else None
        found.append(Term(_edge_entry(walk, number, flat, by_itself), edge=edge))
    return found


def _start(walk: PassWalk, node: int, flat: int) -> list[Term]:
    """The gradient that earlier passes left, and the seed."""
    initial = walk.run.initial.get(node)
    found = [] if initial is None else [Term(float(picked(initial, flat)))]
    if node in walk.run.seeded:
        found.append(Term(float(picked(walk.run.seeds[node], flat))))
    return found


def _edge_entry(
    walk: PassWalk, edge_number: int, flat: int, jacobian: LocalJacobian | None
) -> float:
    """One entry of the ``vᵀJ`` of an edge.

    From the whole of it, so that rounding is the same. Where that is too large to keep, J is
    given, and an entry that is a single product, which does not round, is computed alone.
    """
    if jacobian is not None:
        edge = walk.route.edge(edge_number)
        pattern = walk.route.sparsity(edge)
        if pattern.start(flat + 1) - pattern.start(flat) < 2:
            v = walk.run.cotangents[walk.route.source(edge)]
            return float(walk.route.products(jacobian, v, flat)[2].sum())
    return float(picked(walk.sums.contribution(edge_number), flat))


SumKey: TypeAlias = tuple[int, int]
"""(node, how many of its edges are added)."""

_CHECKPOINT_ROOM: Final = 64 << 20
_RECENT_ROOM: Final = 32 << 20


class PartialSums:
    """Sums of leading contributions, for the nodes of one pass."""

    def __init__(self, evaluation: Evaluation, run: AnyRun, route: Route) -> None:
        self._evaluation = evaluation
        self._run = run
        self._route = route
        self._checkpoints: SizedLRU[SumKey, Array] = SizedLRU(_CHECKPOINT_ROOM)
        self._recent: SizedLRU[SumKey, Array] = SizedLRU(_RECENT_ROOM)
        self._contributions: SizedLRU[int, Array] = SizedLRU(_RECENT_ROOM)

    def after(self, node: int, count: int) -> Array | None:
        """A node's adjoint after its first ``count`` edges; None before anything arrived."""
        edges = self._route.edges_into(node)
        if count == len(edges):
            return self._run.cotangents.get(node)
        if count == 0:
            return self._run.initial.get(node)
        if node in self._run.walk.overwritten:
            return self.contribution(int(edges[count - 1]))
        found = self._recent.get((node, count))
        return self._add_up(node, count) if found is None else found

    def each(self, node: int, first: int, last: int) -> tuple[Array, bool]:
        """`after` of each count of edges from ``first`` to ``last``, along a first axis.

        Also whether anything had arrived before the first of them; else that row means nothing.
        """
        start = self.after(node, first)
        edges = self._route.edges_into(node)
        parts = [self.contribution(edge) for edge in edges[first:last].tolist()]
        nodes, dtype = self._evaluation.graph.nodes, self._evaluation.graph.dtype
        found = np.full((last - first + 1, *nodes[node].shape), np.nan, dtype)
        if start is not None:
            found[0] = start
        for at, part in enumerate(parts, 1):
            found[at] = part
        if node not in self._run.walk.overwritten:
            summed = found if start is not None else found[1:]
            with np.errstate(all="ignore"):  # inf − inf is NaN, which is data
                np.add.accumulate(summed, axis=0, out=summed)
        if last == len(edges) > first:
            found[-1] = self._run.cotangents[node]
        return found, start is not None

    def added_to(self, node: int, count: int) -> Array | None:
        """What the next edge after the first ``count`` adds to; None where it adds to nothing."""
        is_lost = count > 0 and node in self._run.walk.overwritten
        return None if is_lost else self.after(node, count)

    def contribution(self, edge: int) -> Array:
        """``vᵀJ`` of one edge of the route; forward ``J·t``."""
        found = self._contributions.get(edge)
        if found is not None:
            return found
        walked = self._route.edge(edge)
        target = self._route.target(walked)
        if self._is_alone(target):
            return self._run.cotangents[target]
        made = self._handed_on(walked, self._run.cotangents[self._route.source(walked)])
        return self._contributions.put(edge, made, made.nbytes)

    def _handed_on(self, edge: Edge, vector: Array) -> Array:
        """What an edge adds to its target, of the whole vector of its source."""
        return local_vjp(self._evaluation, edge, vector)

    def is_large(self, node: int, edges: int) -> bool:
        """Whether the contributions of so many edges to a node are too much to keep."""
        return edges * self._bytes(node) > _RECENT_ROOM

    def _bytes(self, node: int) -> int:
        """What a contribution to a node needs."""
        graph = self._evaluation.graph
        return graph.nodes[node].size * graph.dtype.itemsize

    def _is_alone(self, node: int) -> bool:
        """Whether nothing but one edge contributes to a node."""
        return node not in self._run.initial and len(self._route.edges_into(node)) == 1

    def _add_up(self, node: int, count: int) -> Array | None:
        edges = self._route.edges_into(node)
        stride = self._stride(node, len(edges))
        done, total = self._nearest(node, count, stride)
        for position in range(done, count):
            contribution = self.contribution(int(edges[position]))
            with np.errstate(all="ignore"):  # inf − inf is NaN, which is data
                total = accumulate(total, contribution)
            if (position + 1) % stride == 0:
                self._checkpoints.put((node, position + 1), total, total.nbytes)
        return total if total is None else self._recent.put((node, count), total, total.nbytes)

    def _nearest(self, node: int, count: int, stride: int) -> tuple[int, Array | None]:
        """The longest shorter sum that is still there, and how many edges it has."""
        before = self._recent.get((node, count - 1))
        if before is not None:
            return count - 1, before
        passed, total = self._run.checkpoints.nearest(node, count) or (
            0,
            self._run.initial.get(node),
        )
        for done in range(count - count % stride, passed, -stride):
            found = self._checkpoints.get((node, done))
            if found is not None:
                return done, found
        return passed, total

    def _stride(self, node: int, edges: int) -> int:
        """√F apart, or further, so that the checkpoints of one node fit."""
        size = self._bytes(node)
        return max(isqrt(edges) + 1, edges * size // _CHECKPOINT_ROOM + 1)


@dataclass(frozen=True, slots=True, eq=False)
class PassWalk:
    """One backward pass on the timeline, or a forward pass.

    Attributes:
        run: its numbers.
        route: its order.
        sums: its adjoints in progress, or its tangents.
        start: the step of its first partial; the seed stands one before.
    """

    run: AnyRun
    route: Route
    sums: PartialSums
    start: int

    @property
    def seeds(self) -> tuple[tuple[int, int], ...]:
        """Every node that is seeded, and the step that does it; the last stands before `start`."""
        seeded = self.run.seeded
        first = self.start - len(seeded)
        return tuple((node, first + nth) for nth, node in enumerate(seeded))
