"""A forward pass on the timeline: edges in tape order, in an edge rows, in a row its columns.

It is the backward walk with the two ends of every edge exchanged: what is multiplied is the tangent
of the parent, what is added to is the tangent of the node. So a *column* of the sums is here a row
of J, and an entry of it a column of J.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.forward_mode import push_forward, run_tangents
from tui_backprop.graph.jacobian import picked
from tui_backprop.rules.sparsity import pattern_entries
from tui_backprop.rules.transposed import transposed
from tui_backprop.timeline.order import Route
from tui_backprop.timeline.sums import PartialSums, PassWalk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, IntArray

_KEPT: Final = 64
"""Patterns that stay transposed: edges of one kind share theirs."""


class ForwardRoute(Route):
    """Every partial of one forward pass, addressed from 0."""

    _turned: dict[int, tuple[Sparsity, Sparsity]] | None = None

    def source(self, edge: Edge) -> int:
        """The node whose tangent an edge multiplies."""
        return edge.parent

    def target(self, edge: Edge) -> int:
        """The node whose tangent an edge adds to."""
        return edge.node

    def sparsity(self, edge: Edge) -> Sparsity:
        """The pattern of an edge's Jacobian with rows and columns exchanged."""
        if self._turned is None:
            self._turned = {}
        pattern = super().sparsity(edge)
        found = self._turned.get(id(pattern))
        if found is None:
            if len(self._turned) >= _KEPT:
                self._turned.clear()
            # The pattern is kept too, so that its address means no other one.
            found = self._turned[id(pattern)] = pattern, transposed(pattern)
        return found[1]

    def products(self, jacobian: LocalJacobian, v: Array, i: int) -> tuple[IntArray, Array, Array]:
        """The columns of row ``i`` of J inside the sparsity, their partials, and ∂y_i/∂x_k · t_k.

        Args:
            jacobian: of the edge.
            v: the tangent t of the parent.
            i: the row of J.
        """
        columns = jacobian.sparsity.columns(i)
        partials = jacobian.entries(np.asarray(i), columns)
        return columns, partials, jacobian.contribution(picked(v, columns), partials)

    def entries(self, jacobian: LocalJacobian, columns: range) -> tuple[IntArray, IntArray, Array]:
        """All partials of some rows of J: the column of each, its row, and the partials."""
        i, j = pattern_entries(self.sparsity(jacobian.edge), columns)
        return i, j, jacobian.rows_entries(j, i)

    def run_of_nodes(self, nodes: range) -> range:
        """The positions that push into any of some nodes, which follow one another."""
        walked = self._walk.nodes
        begin, end = bisect_left(walked, nodes.start), bisect_left(walked, nodes.stop)
        return range(self._starts[self._first[begin]], self._starts[self._first[end]])

    def _targets(self) -> IntArray:
        return np.repeat(self._walk.nodes, np.diff(self._first)).astype(np.intp)


class TangentSums(PartialSums):
    """Sums of leading contributions to the tangents of one forward pass."""

    def _handed_on(self, edge: Edge, vector: Array) -> Array:
        return push_forward(self._evaluation, edge, vector)


def forward_pass(
    evaluation: Evaluation,
    tangents: Mapping[int, Array],
    start: int,
    *,
    assumed_ones: bool,
    zeros: bool,
) -> PassWalk:
    """A forward pass from some inputs, its first seed at a step.

    Raises:
        UnknownError: an op is another program's, and does not tell its JVP.
    """
    run = run_tangents(evaluation, tangents, assumed_ones=assumed_ones)
    route = ForwardRoute(evaluation.graph, run.walk, evaluation.patterns, zeros=zeros)
    sums = TangentSums(evaluation, run, route)
    return PassWalk(run, route, sums, start + len(run.seeded))
