"""The witness SymPy: every local Jacobian against the derivative of the row's own forward.

It stands apart from the other witnesses because it looks at single partials, so that it names the
op that is wrong and not only the gradient that suffers. An entry outside the stated sparsity must
have the derivative 0.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.graph.jacobian import LocalJacobian, convention_at
from tui_backprop.graph.naming import partial
from tui_backprop.graph.tolerance import Tolerance, in_dtype
from tui_backprop.verify.formulas import Column, Scalars
from tui_backprop.verify.report import Finding
from tui_backprop.verify.sample_size import sample
from tui_backprop.verify.sampling import (
    chosen_edges,
    chosen_entries,
    chosen_rows,
    column_time,
    walked_edges,
)
from tui_backprop.verify.tally import Tally

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import IntArray, Shape
    from tui_backprop.verify.report import Testimony

_MOST_COLUMNS: Final = 8
"""Per edge of a structural row."""

_MOST_TIME: Final = 2_000_000
"""Microseconds, by estimate, for the columns of all structural rows."""


def algebra(evaluation: Evaluation) -> Testimony:
    """Compare the local Jacobians of all passes with SymPy's derivatives."""
    return _Algebra(evaluation).testimony()


class _Algebra:
    """One run of the witness."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self._nodes = evaluation.graph.nodes
        self._dtype: np.dtype[Any] = evaluation.graph.dtype
        single = self._dtype == np.float32
        self._tolerance = Tolerance(1e-4, 1e-6) if single else Tolerance(1e-9, 1e-12)
        self._tally = Tally("SymPy")
        self._scalars = Scalars()
        self._time = _MOST_TIME
        self._left_out = 0

    def testimony(self) -> Testimony:
        """Look at every edge and say what was found."""
        edges = walked_edges(self._evaluation)
        chosen, most = chosen_edges(self._evaluation, edges)
        structural = sum(not self._rule(edge).elementwise for edge in chosen)
        for edge in chosen:
            if self._rule(edge).elementwise:
                self._elementwise(edge, most)
            else:
                self._structural(edge, most, self._time // structural)
                structural -= 1
        total = sum(self._nodes[e.node].size * self._nodes[e.parent].size for e in edges)
        return self._tally.testimony(total, self._remark(len(edges)))

    def _remark(self, edges: int) -> str:
        if not edges:
            return "no edge is walked"
        if not self._left_out:
            return ""
        return f"{self._left_out} of {edges} Jacobians are too large for algebra"

    def _elementwise(self, edge: Edge, most: int) -> None:
        """Which entry y_j reads is left to NumPy's broadcasting, its partial to SymPy."""
        jacobian = LocalJacobian(self._evaluation, edge)
        node = self._nodes[edge.node]
        j, i = chosen_entries(jacobian, most)
        found = jacobian.entries(j, i)
        operands = [self._evaluation.value(p) for p in node.parents]
        read = [np.broadcast_to(x, node.shape).flat[j] for x in operands]
        source = _read(j, node.shape, operands[edge.argument].shape)
        rule = self._rule(edge)
        for k, engine in enumerate(found.tolist()):
            values = [float(x[k]) for x in read]
            witness: float | None = 0.0
            if source[k] == i[k]:
                witness = self._scalars.derivative(rule, edge.argument, node.params, values)
            self._compare(edge, (j[k], i[k]), engine, witness, np.isfinite(values).all())

    def _structural(self, edge: Edge, most: int, time: int) -> None:
        """Whole columns: one entry of the operand stays a symbol, the forward does the rest."""
        node = self._nodes[edge.node]
        jacobian = LocalJacobian(self._evaluation, edge)
        m, n = jacobian.shape
        if not m * n:
            return
        operands = [self._evaluation.value(p) for p in node.parents]
        cost = column_time(jacobian, sum(x.size for x in operands))
        columns = min(n if m * n <= most else min(_MOST_COLUMNS, most), time // cost)
        if not columns:
            self._left_out += 1
            return
        self._time -= columns * cost
        is_finite = all(np.isfinite(x).all() for x in operands)
        for i in sample(n, columns, edge.node, edge.argument):
            column = Column.of(self._rule(edge), edge.argument, node.params, operands, i)
            rows = self._rows(jacobian, column, i, max(1, most // columns))
            for j, engine in zip(rows, jacobian.entries(rows, np.asarray(i)), strict=True):
                witness = None if column is None else column.derivative(int(j))
                self._compare(edge, (j, i), float(engine), witness, is_finite)

    def _rows(self, jacobian: LocalJacobian, column: Column | None, i: int, most: int) -> IntArray:
        """A sample of the column, and the first row that reads the entry though none should."""
        inside = jacobian.sparsity.rows(i)
        rows = chosen_rows(inside, jacobian.shape[0], most, jacobian.edge.node, i)
        if column is None:
            return rows
        return np.union1d(rows, np.setdiff1d(column.rows, inside)[:1].astype(np.intp))

    def _compare(
        self,
        edge: Edge,
        place: tuple[int, int],
        engine: float,
        witness: float | None,
        is_finite: bool | np.bool_,
    ) -> None:
        j, i = place
        name = partial(self._evaluation.graph, edge, j, i)
        # Where the value is NaN a formula may still have a slope, off the real line or because 0
        # times what has no value is 0 to SymPy: no witness.
        is_outside = bool(np.isnan(self._evaluation.value(edge.node).flat[j]))
        if witness is None or (is_outside and math.isfinite(witness)):
            witness = math.nan
        expected = in_dtype(witness, self._dtype)
        finding = Finding(name, engine, expected, self._tolerance)
        if finding.excess > 1 and (np.isnan(expected) or not is_finite or is_outside):
            own = "the value itself is NaN there"
            self._tally.skip(finding, own if is_outside else "algebra has no value there")
        else:
            self._tally.compare(finding, lambda: convention_at(self._evaluation, edge, int(j)))

    def _rule(self, edge: Edge) -> Rule:
        return _rule_of(self._nodes[edge.node])


def _read(rows: IntArray, out: Shape, shape: Shape) -> IntArray:
    """Which entry of an operand, broadcast to ``out``, stands at each of some rows."""
    if not shape or not len(rows):
        return np.zeros(len(rows), dtype=np.intp)
    at = np.unravel_index(rows, out)[len(out) - len(shape) :]
    own = [c if n > 1 else np.zeros_like(c) for c, n in zip(at, shape, strict=True)]
    return np.asarray(np.ravel_multi_index(own, shape))


def _rule_of(node: Node) -> Rule:
    if node.rule is None:
        raise AssertionError("a leaf is never walked through")
    return node.rule
