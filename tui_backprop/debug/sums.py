"""What an adjoint was after some of its edges, without keeping every sum.

It stands apart because it is the one place where the walk trades memory for time: checkpoints at
every √F-th of a node's F edges, the rest added again when it is looked at.
"""

from __future__ import annotations

from collections import OrderedDict
from math import isqrt
from typing import TYPE_CHECKING

from tui_backprop.graph.backward import accumulate
from tui_backprop.graph.jacobian import local_vjp

if TYPE_CHECKING:
    from tui_backprop.debug.route import Route
    from tui_backprop.graph.backward import PassRun
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.rules.types import Array


class PartialSums:
    """Sums of leading contributions, for the nodes of one pass."""

    _KEPT_RECENT = 64

    def __init__(self, evaluation: Evaluation, run: PassRun, route: Route) -> None:
        self._evaluation = evaluation
        self._run = run
        self._route = route
        self._checkpoints: dict[tuple[int, int], Array] = {}
        self._recent: OrderedDict[tuple[int, int], Array] = OrderedDict()

    def after(self, node: int, count: int) -> Array | None:
        """A node's adjoint after its first ``count`` edges; None before anything arrived."""
        edges = self._route.edges_into(node)
        if count == len(edges):
            return self._run.cotangent(node)
        if count == 0:
            return self._start(node)
        key = (node, count)
        found = self._recent.get(key)
        if found is None:
            found = self._checkpoints.get(key)
        return self._add_up(node, count) if found is None else found

    def contribution(self, edge: int) -> Array:
        """``vᵀJ`` of one edge of the route."""
        walked = self._route.edge(edge)
        v = self._run.cotangents[walked.node]
        return local_vjp(self._evaluation, walked, v)

    def _start(self, node: int) -> Array | None:
        return self._run.initial.get(node)

    def _add_up(self, node: int, count: int) -> Array | None:
        edges = self._route.edges_into(node)
        stride = isqrt(len(edges)) + 1
        done = count - count % stride
        while done and (node, done) not in self._checkpoints:
            done -= stride
        total = self._checkpoints[node, done] if done else self._start(node)
        for position in range(done, count):
            total = accumulate(total, self.contribution(int(edges[position])))
            if (position + 1) % stride == 0:
                self._checkpoints[node, position + 1] = total
        if total is not None:
            self._recent[node, count] = total
            if len(self._recent) > self._KEPT_RECENT:
                self._recent.popitem(last=False)
        return total
