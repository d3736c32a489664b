"""The one partial of an edge between numbers, without arrays: graphs may have many such edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tui_backprop.graph.arrays import Values
from tui_backprop.rules.derivative import Scalar

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge
    from tui_backprop.timeline.timeline import Timeline


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


class Singles:
    """Such steps of one pass. It is asked of every edge once, in walking order.

    Where several edges meet, the sum so far is remembered, and not looked up.
    """

    def __init__(self, timeline: Timeline, pass_number: int) -> None:
        values = timeline.trace.node_values
        self._walk = timeline.walk(pass_number)
        self._nodes = timeline.nodes
        self._raw = values.raw if isinstance(values, Values) else None
        self._seen: dict[int, int] = {}
        self._sums: dict[int, Any] = {}

    def of(self, edge: Edge) -> Single | None:
        """The step of an edge; None where an operand or the node has axes, or a row of its own.

        Also None where a planted bug keeps only the last of several contributions.

        The numbers are those of `Frame.partial`, to the last bit.
        """
        target = self._walk.route.target(edge)
        if target in self._walk.run.walk.overwritten:
            return None
        seen = self._seen.get(target, 0)
        self._seen[target] = seen + 1
        found = self._products(edge)
        if found is None:
            self._sums.pop(target, None)
            return None
        partial, v, own = found
        before = self._sums.get(target)
        if before is None:
            before = self._walk.sums.after(target, seen)
        if seen + 1 == len(self._walk.route.edges_into(target)):
            after = self._walk.run.cotangents[target]
            self._sums.pop(target, None)
        else:
            with np.errstate(all="ignore"):
                self._sums[target] = after = own if before is None else before + own
        return Single(
            float(partial), float(v), float(own), None if before is None else float(before),
            float(after),
        )  # fmt: skip

    def _products(self, edge: Edge) -> tuple[Any, Any, Any] | None:
        node, raw = self._nodes[edge.node], self._raw
        if node.shape or raw is None or node.rule is None or node.rule.computed_by:
            return None
        derivative = node.rule.derivatives[edge.argument]
        if not isinstance(derivative, Scalar):
            return None
        parents = node.parents
        if any(self._nodes[p].shape for p in parents):
            return None
        v = self._walk.run.cotangents[self._walk.route.source(edge)]
        operands = tuple([raw[p] for p in parents])
        with np.errstate(all="ignore"):
            partial = derivative.entries(np, (), (), raw[node.id], operands, node.params)
            return partial, v, derivative.contribution(v, partial)
