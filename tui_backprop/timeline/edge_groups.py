"""Edges of one op, argument and shape, grouped so that their partials are computed in one call.

Ten thousand edges into one weight then cost as much as one edge with ten thousand rows.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.arrays import raw_of
from tui_backprop.graph.jacobian import LocalJacobian, coordinates, picked
from tui_backprop.graph.model import Edge
from tui_backprop.lazy import cached_property
from tui_backprop.rules.derivative import Structural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.derivative import Derivative
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, IntArray, Shape
    from tui_backprop.timeline.order import Route
    from tui_backprop.timeline.timeline import Timeline

_FEW: Final = 16
_FEW_TIMES: Final = 4


@dataclass(frozen=True, eq=False)
class EdgeGroup:
    """Edges whose local Jacobians share one sparsity pattern, so that their numbers can be stacked.

    Attributes:
        rule: their op.
        argument: which operand they lead from.
        first: one of their nodes; the others have its shape and parameters.
        shapes: of the operands.
        nodes: the ids of their nodes.
        parents: the operands' ids, a row for each node.
        numbers: their numbers in the route.
        picked: the pattern of the one edge, where its operands' numbers decide it.
    """

    rule: Rule
    argument: int
    first: Node
    shapes: tuple[Shape, ...]
    nodes: list[int]
    parents: list[tuple[int, ...]]
    numbers: IntArray
    picked: Sparsity | None = None

    @property
    def derivative(self) -> Derivative:
        """The derivative of the rule by that operand."""
        return self.rule.derivative(self.argument)

    @cached_property
    def pattern(self) -> Sparsity:
        """The pattern of each of their Jacobians."""
        if self.picked is not None:
            return self.picked
        return self.derivative.sparsity(self.first.shape, self.shapes, self.first.params)

    def is_surely_unread(self, i: int) -> bool:
        """Whether no row reads entry ``i``, where that is seen without the pattern.

        A linear op of one operand shows it on the i-th unit vector. `x[t]` in a long loop is asked
        for every t.
        """
        is_linear = isinstance(self.derivative, Structural) and self.derivative.linear
        if not is_linear or len(self.shapes) > 1 or self.first.size > _FEW:
            return False
        unit = np.zeros(self.shapes[0])
        unit.flat[i] = 1
        return not np.any(self.rule.forward(np, unit, **self.first.params))

    def partials(self, evaluation: Evaluation, rows: IntArray, i: int) -> Array:
        """∂y_j/∂x_i for rows inside the sparsity: a line for each edge."""
        if self.rule.elementwise:
            return self._stacked(evaluation, rows)
        at = coordinates(rows, self.first.shape)
        own = coordinates(i, self.shapes[self.argument])
        values = evaluation.node_values
        found = np.empty((len(self.nodes), len(rows)), dtype=evaluation.graph.dtype)
        is_ours = not self.rule.computed_by  # others know their operands themselves
        for line, node, parents in zip(found, self.nodes, self.parents, strict=True):
            operands = tuple(values[p] for p in parents) if is_ours else ()
            y = values[node] if is_ours else None
            line[:] = self.derivative.entries(np, at, own, y, operands, self.first.params)
        return found

    def entries(self, evaluation: Evaluation, j: IntArray, i: IntArray) -> Array:
        """∂y_j/∂x_i for places inside the sparsity: a line for each edge."""
        if self.rule.elementwise:
            return self._stacked(evaluation, j)
        at = coordinates(j, self.first.shape)
        own = coordinates(i, self.shapes[self.argument])
        values, derivative, params = evaluation.node_values, self.derivative, self.first.params
        found = np.empty((len(self.nodes), len(j)), dtype=evaluation.graph.dtype)
        for line, node, parents in zip(found, self.nodes, self.parents, strict=True):
            operands = tuple([values[p] for p in parents])
            line[:] = derivative.entries(np, at, own, values[node], operands, params)
        return found

    def matrices(self, timeline: Timeline) -> Array:
        """The whole J of each edge, written out: its m × n numbers, in the order of `numbers`."""
        (m, n), evaluation = self.pattern.shape, timeline.trace
        found = np.zeros((len(self.nodes), m, n), dtype=evaluation.graph.dtype)
        if self.rule.elementwise:
            rows = np.arange(m)
            j, i = np.nonzero(self.pattern.contains(rows[:, None], np.arange(n)[None, :]))
            with np.errstate(all="ignore"):
                found[:, j, i] = self._stacked(evaluation, j)
            return found
        for line, node, parents in zip(found, self.nodes, self.parents, strict=True):
            edge = Edge(parents[self.argument], node, self.argument)
            line[:] = LocalJacobian(evaluation, edge).toarray()
        return found

    def _stacked(self, evaluation: Evaluation, rows: IntArray) -> Array:
        """An elementwise op sees one long vector: the entries of all edges."""
        values = raw_of(evaluation.node_values)
        y = stacked([values[n] for n in self.nodes], rows)
        operands = []
        for argument, shape in enumerate(self.shapes):
            read = [values[p[argument]] for p in self.parents]
            at = places(rows, self.first.shape, shape)
            operands.append(stacked(read, at).ravel())
        every = (np.arange(y.size),)
        found = self.derivative.entries(
            np, every, every, y.ravel(), tuple(operands), self.first.params
        )
        return np.asarray(found).reshape(y.shape)


def stacked(arrays: Sequence[Array], flat: IntArray) -> Array:
    """The entries at given flat positions of arrays of one shape and dtype: one row per array."""
    if arrays[0].size == 1:  # ten thousand scalars: as plain numbers they are quick to gather
        column = np.array([x.item() for x in arrays], dtype=arrays[0].dtype)
        return np.broadcast_to(column[:, None], (len(arrays), len(flat)))
    if arrays[0].size <= _FEW_TIMES * len(flat):  # to move some too many is quicker than to pick
        return np.stack(arrays).reshape(len(arrays), -1)[:, flat]
    return np.array([picked(x, flat) for x in arrays])


def places(rows: IntArray, out: Shape, shape: Shape) -> IntArray:
    """Flat positions in an operand of ``shape``, broadcast to ``out``, that given rows read."""
    if shape == out:
        return rows
    every = np.arange(prod(shape)).reshape(shape)
    return picked(np.broadcast_to(every, out), rows)


def groups_of(timeline: Timeline, route: Route, numbers: IntArray) -> list[EdgeGroup]:
    """The edges of a route, grouped by op, argument, shapes and parameters."""
    if not len(numbers):
        return []
    nodes = timeline.nodes
    children, arguments = route.children(numbers)
    kinds = route.kinds[children] * (int(arguments.max()) + 1) + arguments
    order = np.argsort(kinds, kind="stable")
    marks = np.flatnonzero(np.diff(kinds[order])) + 1
    groups: list[EdgeGroup] = []
    for members in sorted(np.split(order, marks), key=lambda found: int(found[0])):
        node, argument = nodes[children[members[0]]], int(arguments[members[0]])
        # Where operands decide what is read, no two edges share a pattern.
        each = members[:, None] if _is_picked(node, argument) else [members]
        groups += [
            _group(timeline, nodes[children[some[0]]], argument, children[some], numbers[some])
            for some in each
        ]
    return groups


def _group(
    timeline: Timeline, node: Node, argument: int, children: IntArray, numbers: IntArray
) -> EdgeGroup:
    if node.rule is None:
        raise AssertionError("a leaf is never walked through")
    nodes = timeline.nodes
    shapes = tuple(nodes[p].shape for p in node.parents)
    ids = children.tolist()
    picked = None
    if _is_picked(node, argument):
        picked = timeline.trace.patterns.of(Edge(node.parents[argument], node.id, argument))
    parents = [nodes[n].parents for n in ids]
    return EdgeGroup(node.rule, argument, node, shapes, ids, parents, numbers, picked)


def _is_picked(node: Node, argument: int) -> bool:
    """Whether operand values decide which entries are read: then no two edges share a pattern."""
    return node.rule is not None and node.rule.derivative(argument).is_picked
