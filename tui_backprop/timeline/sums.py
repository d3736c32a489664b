"""What an adjoint was after some of its edges, without keeping every sum.

It stands apart because it is the one place where the walk trades memory for time: it starts from
the nearest sum that the pass kept, or from a checkpoint of its own at every √F-th of a node's F
edges, and adds the rest again when it is looked at.
"""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.graph.cache import Kept
from tui_backprop.graph.jacobian import local_vjp
from tui_backprop.graph.passes import accumulate

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.order import Route

SumKey: TypeAlias = tuple[int, int]
"""(node, how many of its edges are added)."""

_CHECKPOINT_ROOM: Final = 64 << 20
_RECENT_ROOM: Final = 32 << 20


class PartialSums:
    """Sums of leading contributions, for the nodes of one pass."""

    def __init__(self, evaluation: Evaluation, run: PassRun, route: Route) -> None:
        self._evaluation = evaluation
        self._run = run
        self._route = route
        self._checkpoints: Kept[SumKey, Array] = Kept(_CHECKPOINT_ROOM)
        self._recent: Kept[SumKey, Array] = Kept(_RECENT_ROOM)
        self._contributions: Kept[int, Array] = Kept(_RECENT_ROOM)

    def after(self, node: int, count: int) -> Array | None:
        """A node's adjoint after its first ``count`` edges; None before anything arrived."""
        edges = self._route.edges_into(node)
        if count == len(edges):
            return self._run.cotangent(node)
        if count == 0:
            return self._run.initial.get(node)
        found = self._recent.get((node, count))
        return self._add_up(node, count) if found is None else found

    def contribution(self, edge: int) -> Array:
        """``vᵀJ`` of one edge of the route."""
        found = self._contributions.get(edge)
        if found is not None:
            return found
        walked = self._route.edge(edge)
        if self._is_alone(walked.parent):
            return self._run.cotangents[walked.parent]
        made = local_vjp(self._evaluation, walked, self._run.cotangents[walked.node])
        return self._contributions.put(edge, made, made.nbytes)

    def is_large(self, node: int, edges: int) -> bool:
        """Whether the contributions of so many edges to a node are too much to keep."""
        return edges * self._evaluation.value(node).nbytes > _RECENT_ROOM

    def _is_alone(self, node: int) -> bool:
        """Whether nothing but one edge contributes to a node."""
        return node not in self._run.initial and len(self._route.edges_into(node)) == 1

    def _add_up(self, node: int, count: int) -> Array | None:
        edges = self._route.edges_into(node)
        stride = self._stride(node, len(edges))
        done, total = self._nearest(node, count, stride)
        for position in range(done, count):
            contribution = self.contribution(int(edges[position]))
            with np.errstate(all="ignore"):  # inf − inf is NaN, which is data
                total = accumulate(total, contribution)
            if (position + 1) % stride == 0:
                self._checkpoints.put((node, position + 1), total, total.nbytes)
        return total if total is None else self._recent.put((node, count), total, total.nbytes)

    def _nearest(self, node: int, count: int, stride: int) -> tuple[int, Array | None]:
        """The longest shorter sum that is still there, and how many edges it has."""
        before = self._recent.get((node, count - 1))
        if before is not None:
            return count - 1, before
        passed, total = self._run.milestones.nearest(node, count) or (
            0,
            self._run.initial.get(node),
        )
        for done in range(count - count % stride, passed, -stride):
            found = self._checkpoints.get((node, done))
            if found is not None:
                return done, found
        return passed, total

    def _stride(self, node: int, edges: int) -> int:
        """√F apart, or further, so that the checkpoints of one node fit."""
        size = self._evaluation.value(node).nbytes
        return max(isqrt(edges) + 1, edges * size // _CHECKPOINT_ROOM + 1)
