"""What frames ask of their walk when they are looked at; the last answers are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.arrays import frozen
from tui_backprop.graph.cache import SizedLRU
from tui_backprop.graph.jacobian import LocalJacobian
from tui_backprop.timeline.single import ScalarEdges
from tui_backprop.timeline.sums import column_of, column_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.timeline.frame import Term
    from tui_backprop.timeline.sums import Column, ColumnKey, PassWalk

_FIRST: Final = frozen(np.zeros(1, dtype=np.intp))
"""The only row of a number."""
_ROOM: Final = 16 << 20
_FINISHED: Final = 512
"""Sums written out that are kept: a few screens of them. More would weigh on the collector."""
_NEAR: Final = 256
"""How many edges and columns a screen may show at once, and more."""


class Asked:
    """Jacobians, columns and finished sums of one walk."""

    def __init__(self, trace: Evaluation, walks: Sequence[PassWalk | None], *, zeros: bool) -> None:
        self._trace = trace
        self._walks = walks
        self._zeros = zeros
        self._scalars: dict[int, ScalarEdges] = {}
        self._jacobians: SizedLRU[Edge, LocalJacobian] = SizedLRU(_ROOM, most=_NEAR)
        self._columns: SizedLRU[ColumnKey, Column] = SizedLRU(_ROOM, most=_NEAR)
        self._finished: SizedLRU[tuple[ColumnKey, int], list[Term]] = SizedLRU(
            _FINISHED, most=_FINISHED
        )

    def jacobian(self, edge: Edge) -> LocalJacobian:
        """The local Jacobian of an edge. The last ones are kept: a walk stays on its edge."""
        found = self._jacobians.get(edge)
        if found is not None:
            return found
        made = LocalJacobian(self._trace, edge)
        # Its pattern may hold two positions for every entry of the output.
        return self._jacobians.put(edge, made, 16 * made.shape[0] + 1024)

    def column(self, key: ColumnKey) -> Column:
        """Any column. The last ones are kept: a walk stays in its column, a pane shows a few."""
        found = self._columns.get(key)
        if found is not None:
            return found
        made = self._computed(key)
        return self._columns.put(key, made, made.nbytes)

    def _computed(self, key: ColumnKey) -> Column:
        number, edge, i = key
        walk = self._walks[number]
        if walk is None:
            raise AssertionError(f"pass {number} is a zero_grad, which has no columns")
        scalars = self._scalars.get(number)
        if scalars is None:
            scalars = self._scalars[number] = ScalarEdges(self._trace, walk)
        with np.errstate(all="ignore"):
            found = scalars.products(walk.route.edge(edge))
        if found is not None:  # without J, its pattern and its coordinates
            partial, v, own = map(np.array, found)
            products = _FIRST, partial[None], own[None]
            return column_of(walk, edge, i, v, products, zeros=self._zeros)
        jacobian = self.jacobian(walk.route.edge(edge))
        return column_terms(walk, edge, i, jacobian, zeros=self._zeros)

    def finished_terms(self, key: ColumnKey, most: int) -> list[Term]:
        """The summands of a column that the walk has passed by, without keeping the column."""
        found = self._finished.get((key, most))
        if found is not None:
            return found
        column = self._computed(key)
        made = column.terms(column.v.size - 1, most)
        return self._finished.put((key, most), made, 1)
