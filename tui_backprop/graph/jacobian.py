"""Local and total Jacobians, read entry by entry and never built whole."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.graph.arrays import frozen
from tui_backprop.graph.cache import SizedLRU
from tui_backprop.graph.passes import run_backward
from tui_backprop.graph.plan import walk_from
from tui_backprop.lazy import cached_property
from tui_backprop.rules.derivative import Structural
from tui_backprop.rules.sparsity import pattern_entries

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.derivative import Derivative
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, IntArray, Shape


_MANY: Final = 200
"""Positions from which on dividing all of them is quicker than `np.unravel_index`."""


def coordinates(flat: IntArray | int, shape: Shape) -> Index:
    """One coordinate (array) per axis; an empty tuple for a 0-d shape."""
    if not shape:
        return ()
    if isinstance(flat, int) or flat.size < _MANY:
        return tuple(np.unravel_index(flat, shape))
    found: list[IntArray] = []
    rest = flat
    for length in reversed(shape[1:]):
        above = rest // max(length, 1)
        found.append(rest - above * length)
        rest = above
    return (rest, *reversed(found))


def _ascending(flat: IntArray, shape: Shape) -> Index:
    """The coordinates of ascending positions: of a stretch in one row only the last one varies."""
    if len(shape) < 2 or flat.size < _MANY:
        return coordinates(flat, shape)
    first, last = (int(flat[k]) // shape[-1] for k in (0, -1))
    if first != last:
        return coordinates(flat, shape)
    return (*np.unravel_index(first, shape[:-1]), flat - first * shape[-1])


def picked(array: Array, flat: IntArray | int) -> Array:
    """The entries at flat positions; a transposed or repeated array is not copied for it."""
    if array.flags.c_contiguous:
        return np.asarray(array.reshape(-1)[flat])
    return np.asarray(array[coordinates(flat, array.shape)])


class LocalJacobian:
    """∂y/∂x of one edge.

    Attributes:
        edge: the parent (x), the node (y) and the argument number.
        sparsity: which entries can be non-zero.
        shape: (m, n).
        is_cheap: whether an entry costs little: nobody else has to be asked for it.
    """

    def __init__(self, evaluation: Evaluation, edge: Edge) -> None:
        node = evaluation.graph.nodes[edge.node]
        if node.rule is None:
            raise AssertionError("a leaf has no local Jacobian")
        self.edge = edge
        self._derivative: Derivative = node.rule.derivative(edge.argument)
        self._params = node.params
        self._node = node
        self._parent = evaluation.graph.nodes[edge.parent]
        self._dtype = evaluation.graph.dtype
        self._evaluation = evaluation
        # Whoever computes an op that no row states knows its operands himself.
        self._is_ours = self.is_cheap = not node.rule.computed_by
        self.sparsity: Sparsity = evaluation.patterns.of(edge)
        self.shape = (node.size, self._parent.size)

    @property
    def is_pattern_known(self) -> bool:
        """Whoever computes an op may not tell which entries it reads: then any may be non-zero."""
        return self._derivative.has_pattern

    @cached_property
    def _y(self) -> Array | None:
        return self._evaluation.value(self._node.id) if self._is_ours else None

    @cached_property
    def _operands(self) -> tuple[Array, ...]:
        """Read when an entry is: the pattern is known where values are not."""
        if not self._is_ours:
            return ()
        return tuple(self._evaluation.value(p) for p in self._node.parents)

    def entries(self, j: IntArray, i: IntArray) -> Array:
        """Partials at flat positions that broadcast; 0 outside the sparsity."""
        j, i = np.asarray(j), np.asarray(i)
        inside = self.sparsity.contains(j, i)
        if inside.size and inside.all():  # rows and columns are looked up once, not where they meet
            found = np.broadcast_to(self._inside(j, i), inside.shape)
            return frozen(np.array(found, dtype=self._dtype))
        found = np.zeros(inside.shape, dtype=self._dtype)
        if inside.any():
            j, i = np.broadcast_arrays(j, i)
            found[inside] = self._inside(j[inside], i[inside])
        return frozen(found)

    def entry(self, j: int, i: int) -> float:
        """One partial."""
        return float(self.entries(np.asarray(j), np.asarray(i)))

    def column_entries(self, i: int) -> tuple[IntArray, Array]:
        """The rows of column ``i`` inside the sparsity, ascending, and their partials."""
        rows = self.sparsity.rows(i)
        found = self._partials(_ascending(rows, self._node.shape), i)
        # A scalar output has no coordinate that could tell how many rows were asked for.
        return rows, found if found.shape == rows.shape else np.full(rows.shape, found)

    def columns_entries(self, columns: range) -> tuple[IntArray, IntArray, Array]:
        """Rows and columns of all entries inside the sparsity, in walking order, and the partials.

        They are those of `column_entries`, to the last bit, of an op that is ours.
        """
        j, i = pattern_entries(self.sparsity, columns)
        if self._regroups:
            none = np.zeros(0, dtype=self._dtype)
            found = np.concatenate([none, *(self.column_entries(k)[1] for k in columns)])
            return j, i, found
        found = self._partials(coordinates(j, self._node.shape), i)
        return j, i, found if found.shape == j.shape else np.full(j.shape, found)

    def rows_entries(self, j: IntArray, i: IntArray) -> Array:
        """The partials inside the sparsity, of whole rows one after the other.

        They are those that `entries` gives of each row, to the last bit, of an op that is ours.
        """
        if not self._regroups:
            return self.entries(j, i)
        begins = np.flatnonzero(np.diff(j, prepend=-1)).tolist()
        found = [np.zeros(0, dtype=self._dtype)]
        for first, last in pairwise([*begins, j.size]):
            found.append(self.entries(j[first], i[first:last]))
        return np.concatenate(found)

    @property
    def _regroups(self) -> bool:
        return isinstance(self._derivative, Structural) and self._derivative.part.regroups

    def contribution(self, v: Array, partials: Array) -> Array:
        """``v_j · ∂y_j/∂x_i`` entry by entry, multiplied as the backward pass does it."""
        with np.errstate(all="ignore"):
            return self._derivative.contribution(v, partials)

    def row(self, j: int) -> Array:
        """∂y_j/∂x, length n."""
        return self.entries(np.asarray(j), np.arange(self.shape[1]))

    def column(self, i: int) -> Array:
        """∂y/∂x_i, length m."""
        return self.entries(np.arange(self.shape[0]), np.asarray(i))

    def block(self, rows: IntArray, columns: IntArray) -> Array:
        """The partials where these rows and columns cross."""
        return self.entries(np.asarray(rows)[:, None], np.asarray(columns)[None, :])

    def toarray(self) -> Array:
        """The whole matrix: m·n numbers."""
        return self.block(np.arange(self.shape[0]), np.arange(self.shape[1]))

    def _inside(self, j: IntArray, i: IntArray) -> Array:
        return self._partials(coordinates(j, self._node.shape), i)

    def _partials(self, at: Index, i: IntArray | int) -> Array:
        own = coordinates(i, self._parent.shape)
        with np.errstate(all="ignore"):
            found = self._derivative.entries(np, at, own, self._y, self._operands, self._params)
        return np.asarray(found)


class TotalJacobian:
    """∂of/∂input through the whole graph, one backward pass per row that is looked at.

    Attributes:
        of: id of the output node.
        wrt: id of the node below.
        shape: (m, n).
    """

    _ROOM = 32 << 20
    _FEW_PULLS = 500
    """Edges that all passes together may walk in a time that nobody notices."""
    _FEW_ENTRIES = 1 << 20

    def __init__(self, evaluation: Evaluation, of: int, wrt: int) -> None:
        self._evaluation = evaluation
        self._walk = walk_from(evaluation.graph, of, evaluation.plan.arguments)
        self._rows: SizedLRU[int, Array] = SizedLRU(self._ROOM)
        self.of = of
        self.wrt = wrt
        nodes = evaluation.graph.nodes
        self.shape = (nodes[of].size, nodes[wrt].size)

    @property
    def is_cheap(self) -> bool:
        """Whether all its rows are computed before anybody notices."""
        passes, nodes = self.shape[0], self._evaluation.graph.nodes
        entries = sum(nodes[n].size for n in self._walk.nodes)
        return (
            passes * len(self._walk.parents) <= self._FEW_PULLS
            and passes * entries <= self._FEW_ENTRIES
        )

    def row(self, j: int) -> Array:
        """∂of_j/∂input: the VJP of the unit vector e_j, length n."""
        found = self._rows.get(j)
        if found is not None:
            return found
        made = self._pull_unit(j)
        return self._rows.put(j, made, made.nbytes)

    def entries(self, j: IntArray, i: IntArray) -> Array:
        """Partials at flat positions that broadcast."""
        j, i = np.broadcast_arrays(np.asarray(j), np.asarray(i))
        found = np.empty(j.shape, dtype=self._evaluation.graph.dtype)
        for row in np.unique(j):
            chosen = j == row
            found[chosen] = self.row(int(row))[i[chosen]]
        return frozen(found)

    def block(self, rows: IntArray, columns: IntArray) -> Array:
        """The partials where these rows and columns cross."""
        return self.entries(np.asarray(rows)[:, None], np.asarray(columns)[None, :])

    def toarray(self) -> Array:
        """The whole matrix, by one backward pass per row."""
        return self.block(np.arange(self.shape[0]), np.arange(self.shape[1]))

    def _pull_unit(self, j: int) -> Array:
        evaluation = self._evaluation
        unit = np.zeros(self.shape[0], dtype=evaluation.graph.dtype)
        unit[j] = 1.0
        seed = unit.reshape(evaluation.graph.nodes[self.of].shape)
        values = evaluation.node_values
        with np.errstate(all="ignore"):
            adjoints = run_backward(evaluation.graph.nodes, values, self._walk, seed, {})
        found = adjoints.get(self.wrt)
        zeros = np.zeros(self.shape[1], dtype=evaluation.graph.dtype)
        return frozen(zeros if found is None else found.ravel())


def whole_by(evaluation: Evaluation, edge: Edge) -> int:
    """The input by which J of the whole graph is asked for while an edge is pulled back.

    It is the one that is pulled into, else the first.
    """
    inputs = evaluation.graph.inputs.values()
    return edge.parent if edge.parent in inputs else next(iter(inputs))


Jacobian: TypeAlias = LocalJacobian | TotalJacobian
"""An m × n matrix of partials, rows outputs, columns operands, read where it is looked at."""


def local_vjp(evaluation: Evaluation, edge: Edge, v: Array) -> Array:
    """``vᵀJ`` of one edge of an evaluation, read-only, in the parent's shape."""
    return frozen(evaluation.pull(edge, v))
