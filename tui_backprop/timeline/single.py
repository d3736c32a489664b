"""The one partial of an edge between numbers, without arrays: graphs may have many such edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tui_backprop.graph.arrays import Adjoints, Values
from tui_backprop.rules.derivative import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.timeline.sums import PassWalk

_TOGETHER: Final = 256
"""Edges for which NumPy is told once to be quiet."""


class Single(NamedTuple):
    """A step whose edge has no other.

    Attributes:
        partial: ∂y/∂x.
        v: the cotangent of the node; forward the tangent of the parent.
        contribution: v · ∂y/∂x.
        before: the sum that the step adds to; None where nothing had arrived.
        after: the sum after it.
    """

    partial: float
    v: float
    contribution: float
    before: float | None
    after: float


class ScalarEdges:
    """The edges between numbers of one pass, of ops that work entry by entry."""

    def __init__(self, trace: Evaluation, walk: PassWalk) -> None:
        values, adjoints = trace.node_values, walk.run.cotangents
        self._nodes = trace.graph.nodes
        self._number: Any = trace.graph.dtype.type
        self._source = walk.route.source
        # Of others, which are recorded, some may be missing.
        self.has_all = type(values) is Values and type(adjoints) is Adjoints
        self._raw: Any = getattr(values, "raw", None)
        self.vectors: Any = adjoints.raw

    def products(self, edge: Edge) -> tuple[Any, Any, Any] | None:
        """∂y/∂x, v, and v · ∂y/∂x; None for other edges. The caller silences NumPy."""
        node, raw, nodes = self._nodes[edge.node], self._raw, self._nodes
        if not self.has_all or node.shape or node.rule is None or node.rule.computed_by:
            return None
        derivative = node.rule.derivatives[edge.argument]
        if type(derivative) is not Scalar:  # a planted bug has another kind of it
            return None
        operands = []
        for parent in node.parents:
            if nodes[parent].shape:
                return None
            operands.append(raw[parent][()])
        partial = derivative.partial(np, raw[node.id][()], *operands, **node.params)
        if type(partial) is not self._number:
            partial = self._number(partial)
        v = self.vectors[self._source(edge)][()]
        return partial, v, self._number(0) if derivative.masked and not partial else v * partial


class Singles:
    """Such steps of one pass. It is asked of every edge once, in walking order.

    Where several edges meet, the sum so far is remembered, and not looked up.
    """

    def __init__(self, trace: Evaluation, walk: PassWalk) -> None:
        self._walk = walk
        self._edges = ScalarEdges(trace, walk)
        self._overwritten = self._walk.run.walk.overwritten
        self._left: dict[int, int] = {}
        self._sums: dict[int, Any] = {}

    def all(self) -> Iterator[tuple[int, Edge, Single | None]]:
        """The edges of the route in walking order, each with its number and its step.

        The step is None where an operand or the node has axes, or a row of its own, and where a
        planted bug keeps only the last of several contributions. The numbers are those of
        `Frame.partial`, to the last bit.
        """
        edge, edges = self._walk.route.edge, self._walk.route.edges
        for first in range(0, edges, _TOGETHER):
            numbers = range(first, min(first + _TOGETHER, edges))
            with np.errstate(all="ignore"):
                found = [(n, at, self._of(at)) for n, at in zip(numbers, map(edge, numbers),
                                                                strict=True)]  # fmt: skip
            yield from found

    def _of(self, edge: Edge) -> Single | None:
        target = self._walk.route.target(edge)
        left = self._left.pop(target, 0) or len(self._walk.route.edges_into(target))
        if left > 1:
            self._left[target] = left - 1
        before = self._sums.pop(target, None)
        found = None if target in self._overwritten else self._edges.products(edge)
        if found is None:
            return None
        partial, v, own = found
        if before is None:
            done = len(self._walk.route.edges_into(target)) - left
            before = self._walk.sums.after(target, done)
        if left == 1:
            after = self._edges.vectors[target]
        else:
            self._sums[target] = after = own if before is None else before + own
        earlier = None if before is None else float(before)
        return Single(float(partial), float(v), float(own), earlier, float(after))
