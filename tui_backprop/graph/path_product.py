"""∂y/∂x as the product of local Jacobians along a path, and as the sum of these over all paths.

The chain rule, written out: with a path y ← h ← x, ``∂y/∂x = ∂y/∂h · ∂h/∂x``; where several paths
lead from y down to x, the products of all of them add up.
"""

from __future__ import annotations

from collections import deque
from functools import reduce
from math import prod
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.graph.arrays import frozen
from tui_backprop.graph.jacobian import LocalJacobian, TotalJacobian
from tui_backprop.graph.plan import walk_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array, Shape

    Chain = tuple[Edge, ...]
    """The edges of a path, the output's first."""


MOST_COUNTED: Final = 10**6
"""Paths from which on it is only said that they are as many."""
MOST_FOLLOWED: Final = 64
"""Paths that are looked at one by one for the strongest."""
MOST_NUMBERS: Final = 20_000
"""Entries of all the matrices of a path that are multiplied out."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Multiplications of ``v · J_k ⋯ J_1``, each matrix taken as it is written, zeros included.

    Attributes:
        left: of each product, from the left: ``v · J_k`` first, a row at every stage.
        right: from the right: ``J_2 · J_1`` first, a matrix at every stage, and v last.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]


class Ways:
    """The paths from one node down to another, through edges that carry a gradient.

    Attributes:
        of: the node above.
        wrt: the node below.
        count: how many paths there are, at most `MOST_COUNTED`.
    """

    def __init__(self, evaluation: Evaluation, of: int, wrt: int) -> None:
        self.of = of
        self.wrt = wrt
        self._evaluation = evaluation
        nodes = evaluation.graph.nodes
        walk = walk_from(evaluation.graph, of, evaluation.plan.arguments)
        counts = {wrt: 1}
        leading: dict[int, Chain] = {}
        by_node: dict[int, list[Edge]] = {}
        for edge in walk.edges(nodes):
            by_node.setdefault(edge.node, []).append(edge)
        for node in sorted(by_node):
            found = tuple(edge for edge in by_node[node] if edge.parent in counts)
            if found and node > wrt:
                leading[node] = found
                counts[node] = min(sum(counts[e.parent] for e in found), MOST_COUNTED)
        self._leading = leading
        self._counts = counts
        self.count = counts.get(of, 0)

    def through(self, edge: Edge) -> Chain | None:
        """A shortest of the paths that pass an edge; None where none does."""
        if edge not in self._leading.get(edge.node, ()):
            return None
        above = self._shortest(self.of, edge.node)
        below = self._shortest(edge.parent, self.wrt)
        return None if above is None or below is None else (*above, edge, *below)

    def shortest(self) -> Chain | None:
        """A path with the fewest edges; None where there is no path."""
        return self._shortest(self.of, self.wrt)

    def every(self) -> Iterator[Chain]:
        """All paths, one after another; as many as `count`, which may be very many."""
        waiting: list[tuple[int, Chain]] = [(self.of, ())] if self.count else []
        while waiting:
            at, chain = waiting.pop()
            if at == self.wrt:
                yield chain
                continue
            waiting += [(e.parent, (*chain, e)) for e in reversed(self._leading[at])]

    def strongest(self) -> Chain | None:
        """The path whose product has the largest norm; the shortest where they are many or large.

        Raises:
            UnknownError: partials of the walk are not known.
        """
        if not 1 < self.count <= MOST_FOLLOWED:
            return self.shortest()
        chains = list(self.every())
        if not all(is_small(self._evaluation, chain) for chain in chains):
            return self.shortest()
        return max(chains, key=lambda chain: _size(multiplied(self._evaluation, chain)))

    def _shortest(self, start: int, end: int) -> Chain | None:
        came: dict[int, Edge | None] = {start: None}
        waiting = deque([start])
        while waiting:
            at = waiting.popleft()
            if at == end:
                return _followed(came, end)
            for edge in self._leading.get(at, ()):
                if edge.parent not in came:
                    came[edge.parent] = edge
                    waiting.append(edge.parent)
        return None


def _followed(came: dict[int, Edge | None], at: int) -> Chain:
    found: list[Edge] = []
    while (edge := came[at]) is not None:
        found.append(edge)
        at = edge.node
    return tuple(reversed(found))


def _size(matrix: Array) -> float:
    """How large a product is, NaN larger than any."""
    with np.errstate(all="ignore"):
        found = float(np.abs(matrix).max(initial=0.0))
    return float("inf") if np.isnan(found) else found


def shapes_of(evaluation: Evaluation, chain: Chain) -> tuple[tuple[int, int], ...]:
    """(m, n) of each matrix of a path."""
    nodes = evaluation.graph.nodes
    return tuple((nodes[edge.node].size, nodes[edge.parent].size) for edge in chain)


def is_small(evaluation: Evaluation, chain: Chain) -> bool:
    """Whether the matrices of a path are multiplied out before anybody notices."""
    shapes = shapes_of(evaluation, chain)
    if not shapes:
        return True
    entries = sum(m * n for m, n in shapes) + shapes[0][0] * sum(n for _, n in shapes)
    return entries <= MOST_NUMBERS


def factors(evaluation: Evaluation, chain: Chain) -> tuple[Array, ...]:
    """The local Jacobian of each edge of a path, written out.

    Raises:
        UnknownError: partials of the walk are not known.
    """
    return tuple(frozen(LocalJacobian(evaluation, edge).toarray()) for edge in chain)


def multiplied(evaluation: Evaluation, chain: Chain) -> Array:
    """The product of the local Jacobians along a path, m × n; without an edge it is the identity.

    Raises:
        UnknownError: partials of the walk are not known.
    """
    if not chain:
        raise AssertionError("a path without edges has no matrix to begin with")
    with np.errstate(all="ignore"):
        return frozen(np.asarray(reduce(np.matmul, factors(evaluation, chain))))


def cost(shapes: Sequence[Shape]) -> Cost:
    """How many multiplications either order takes, with the shapes from the output down."""
    left = tuple(m * n for m, n in shapes)
    columns = shapes[-1][1]
    upper = tuple(m * n * columns for m, n in reversed(shapes[:-1]))
    return Cost(left, (*upper, prod((shapes[0][0], columns))))


def forward_cost(shapes: Sequence[Shape]) -> Cost:
    """Likewise of ``J_k ⋯ J_1 · t``: the chain of the transposed matrices, read from its end."""
    turned = cost([(n, m) for m, n in reversed(shapes)])
    return Cost(turned.right, turned.left)


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """∂y/∂x as the product along one path, with what there is beside it.

    Attributes:
        of: the node y.
        wrt: the node x.
        chain: the edges of the path, the output's first; empty where y is x or there is no path.
        count: how many paths there are, at most `MOST_COUNTED`.
        choice: why it is this one of several: ``current`` passes the edge at hand, ``strongest``
            has the largest product, ``shortest`` the fewest edges.
        factors: the matrices; None where they are too large to be multiplied out.
        product: what they give, m × n; None likewise.
        whole: the sum over all paths, ∂y/∂x; None where it is the product, or takes too long.
    """

    of: int
    wrt: int
    chain: Chain
    count: int
    choice: Literal["current", "strongest", "shortest"]
    factors: tuple[Array, ...] | None = None
    product: Array | None = None
    whole: Array | None = None


def product_through(evaluation: Evaluation, of: int, wrt: int, edge: Edge | None) -> Product:
    """The product along the path that passes an edge, else along the strongest.

    Raises:
        UnknownError: partials of the walk are not known.
    """
    ways = Ways(evaluation, of, wrt)
    chain = None if edge is None else ways.through(edge)
    choice: Literal["current", "strongest", "shortest"] = "current"
    if chain is None:
        chain = ways.strongest() or ()
        is_ranked = ways.count <= MOST_FOLLOWED and is_small(evaluation, chain)
        choice = "strongest" if is_ranked else "shortest"
    found = Product(of, wrt, chain, ways.count, choice)
    if not chain or not is_small(evaluation, chain):
        return found
    made = factors(evaluation, chain)
    with np.errstate(all="ignore"):
        product = frozen(np.asarray(reduce(np.matmul, made)))
    total = TotalJacobian(evaluation, of, wrt)
    whole = total.toarray() if ways.count > 1 and total.is_cheap else None
    return replace(found, factors=made, product=product, whole=whole)
