"""Which edges and entries the SymPy witness looks at.

All of a small scenario, of a large one a sample of each edge, the same sample every time.
"""

from __future__ import annotations

from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from tui_backprop.graph.model import Edge

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.graph.plan import Walk
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import IntArray


Thing = TypeVar("Thing")

_MOST_ENTRIES: Final = 1200
"""Over all edges; each takes about a millisecond of algebra."""

_MOST_PER_EDGE: Final = 64


class WalkedEdges:
    """Every edge of every pass, each once, in walking order."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._all = evaluation.graph.nodes
        walks = {run.of: run.walk for run in evaluation.runs if run is not None}
        found = [_edges_of(walk) for walk in walks.values()]
        nodes, arguments, parents = np.concatenate(
            [np.zeros((3, 0), dtype=np.intp), *found], axis=1
        )
        if len(found) > 1:
            names = nodes * (arguments.max(initial=0) + 1) + arguments
            first = np.sort(np.unique(names, return_index=True)[1])
            nodes, arguments, parents = nodes[first], arguments[first], parents[first]
        self._nodes, self._arguments, self._parents = nodes, arguments, parents

    def __len__(self) -> int:
        return len(self._nodes)

    def __getitem__(self, number: int) -> Edge:
        places = self._parents, self._nodes, self._arguments
        return Edge(*(int(array[number]) for array in places))

    def kinds(self) -> set[int]:
        """The last edge of each op and argument."""
        codes = _codes([node.op for node in self._all])[0]
        kinds = codes[self._nodes] * (self._arguments.max(initial=0) + 1) + self._arguments
        from_behind = np.unique(kinds[::-1], return_index=True)[1]
        return {len(self) - 1 - k for k in from_behind.tolist()}

    def partials(self) -> int:
        """How many entries all their Jacobians have."""
        codes, shapes = _codes([node.shape for node in self._all])
        sizes = [prod(shape) for shape in shapes]
        pairs = codes[self._nodes] * len(shapes) + codes[self._parents]
        found = zip(*(x.tolist() for x in np.unique(pairs, return_counts=True)), strict=True)
        # Python's own numbers: there may be more than fit into a machine's.
        return sum(
            count * prod(sizes[c] for c in divmod(pair, len(shapes))) for pair, count in found
        )


def _edges_of(walk: Walk) -> IntArray:
    """The node, the argument and the parent of each edge of a walk."""
    count = len(walk.parents)
    arguments = np.fromiter(chain.from_iterable(walk.arguments), np.intp, count)
    lengths = np.fromiter(map(len, walk.arguments), np.intp, len(walk.nodes))
    nodes = np.repeat(np.asarray(walk.nodes, dtype=np.intp), lengths)
    return np.stack([nodes, arguments, np.asarray(walk.parents, dtype=np.intp)])


def _codes(things: list[Thing]) -> tuple[IntArray, list[Thing]]:
    """A number for each, the same for equal ones, and what each number stands for."""
    known: dict[Thing, int] = {}
    codes = [known.setdefault(thing, len(known)) for thing in things]
    return np.array(codes, dtype=np.intp), [*known]


def chosen_edges(edges: WalkedEdges) -> tuple[list[Edge], int]:
    """The edges to look at and how many entries of each.

    All of them; of more than the budget has entries, a sample with every op and argument in it.
    """
    if len(edges) <= _MOST_ENTRIES:
        every = [edges[k] for k in range(len(edges))]
        return every, min(_MOST_PER_EDGE, _MOST_ENTRIES // max(len(edges), 1))
    wanted = {*edges.kinds(), *sample(len(edges), _MOST_ENTRIES)}
    return [edges[k] for k in sorted(wanted)], 1


def chosen_entries(jacobian: LocalJacobian, most: int) -> tuple[IntArray, IntArray]:
    """Rows and columns of entries to look at, flat: mostly inside the sparsity, some outside."""
    m, n = jacobian.shape
    if m * n <= most:
        j, i = np.divmod(np.arange(m * n), n) if n else (np.arange(0), np.arange(0))
        return np.asarray(j), np.asarray(i)
    place = (jacobian.edge.node, jacobian.edge.argument)
    pattern = jacobian.sparsity
    found = [pattern.locate(p) for p in sample(pattern.nonzeros, most, *place)]
    found += _outside(pattern, most // 4, place)
    pairs = np.array(found, dtype=np.intp).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def chosen_rows(inside: IntArray, m: int, most: int, *place: int) -> IntArray:
    """Rows of a column to look at: a sample of those inside the sparsity, a few outside."""
    if m <= most:
        return np.arange(m)
    rows = inside[sample(len(inside), most, *place)]
    others = np.array(sample(m, most // 4, *place), dtype=np.intp)
    return np.union1d(rows, others)


def column_time(jacobian: LocalJacobian, operand_entries: int) -> int:
    """Microseconds that one column of a structural row takes, about.

    A row's forward touches each entry of its pattern once, a tenth of a microsecond for numbers.
    The outputs that read the symbol are sums, and from it on every term is a formula's.
    """
    m, n = jacobian.shape
    nonzeros = jacobian.sparsity.nonzeros
    formulas = (nonzeros // n + 1) * (nonzeros // m + 1)
    return 500 + 80 * formulas + (nonzeros + m + operand_entries) // 10


def _outside(pattern: Sparsity, most: int, place: tuple[int, int]) -> list[tuple[int, int]]:
    m, n = pattern.shape
    random = np.random.default_rng(place)
    j, i = random.integers(m, size=2 * most), random.integers(n, size=2 * most)
    outside = ~np.asarray(pattern.contains(j, i), dtype=bool)
    return [(int(a), int(b)) for a, b in zip(j[outside][:most], i[outside][:most], strict=True)]


def sample(total: int, most: int, *place: int) -> list[int]:
    """At most ``most`` numbers below ``total``, ascending; all of them where they fit.

    The first and the last are always among them, where two fit.

    Args:
        total: how many there are.
        most: how many are wanted.
        place: whatever tells this sample from others; the same place gives the same sample.
    """
    if total <= most:
        return list(range(total))
    if most < 3:
        return [0, total - 1][: max(most, 0)]
    random = np.random.default_rng(place)
    inner = random.choice(total - 2, size=most - 2, replace=False, shuffle=False) + 1
    return [0, *sorted(int(k) for k in inner), total - 1]
