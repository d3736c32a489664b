"""One derivation of a claimed number: the true one, or one with a single thing done differently.

Here is how a number comes out of a graph, pass after pass, and where that may be changed; which
changes people make by mistake is in `slips`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.jacobian import TotalJacobian, picked
from tui_backprop.graph.model import Edge
from tui_backprop.graph.passes import pull_back
from tui_backprop.graph.plan import walk_from
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.lazy import cached_property

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.graph.plan import Walk
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Claim

NEAREST: Final = 1e-6
"""How near a slip must come to every claimed number, relative to the larger."""

_MOST_ROWS: Final = 16
"""Rows of partials for which derivations other than the true one are tried."""


@dataclass(frozen=True, slots=True)
class Altered:
    """Another VJP of one edge: ``pull`` is given v and the true ``vᵀJ``, or None to leave it."""

    edge: Edge
    pull: Callable[[Array, Array], Array | None]


@dataclass(frozen=True, slots=True)
class Overwritten:
    """``=`` where ``+=`` belongs, at one node: its first or its last contribution stays."""

    node: int
    kept: Literal["first", "last"]


@dataclass(frozen=True, slots=True)
class Together:
    """The VJPs of several edges altered in one derivation."""

    parts: Mapping[Edge, Altered]


Alteration: TypeAlias = "Altered | Overwritten | Together"


def counting_passes(evaluation: Evaluation, claim: Claim) -> list[int]:
    """The passes that a claimed adjoint sums: for an input, all since the last zero_grad."""
    done = evaluation.runs[: claim.after]
    if not evaluation.is_input(claim.node):
        return [k for k, run in enumerate(done) if run is not None][-1:]
    start = max((k + 1 for k, run in enumerate(done) if run is None), default=0)
    return list(range(start, len(done)))


class Derivation:
    """All ways to derive what a claim is about.

    Attributes:
        passes: the backward passes that count; none for partials.
        target: the node at whose adjoint all of them end.
    """

    def __init__(self, evaluation: Evaluation, claim: Claim) -> None:
        self.evaluation = evaluation
        self.claim = claim
        self.passes = [] if claim.wrt is not None else counting_passes(evaluation, claim)
        self.target = claim.node if claim.wrt is None else claim.wrt
        self._nodes = evaluation.graph.nodes

    @cached_property
    def truth(self) -> Array:
        """The engine's numbers, in the shape of the claimed numbers."""
        claim, evaluation = self.claim, self.evaluation
        if claim.wrt is None or claim.columns is None:
            return self._entries(self._final())
        total = TotalJacobian(evaluation, claim.node, claim.wrt)
        block = total.block(claim.entries.ravel(), claim.columns.ravel())
        return block.reshape(claim.value.shape)

    @property
    def runs(self) -> list[PassRun]:
        """The runs of the counting passes."""
        runs = self.evaluation.runs
        return [run for k in self.passes if (run := runs[k]) is not None]

    @property
    def near(self) -> Tolerance:
        """How far a wrong derivation may be from what is claimed and still be what was done."""
        return Tolerance(max(NEAREST, self.claim.tolerance.rtol), atol=1e-12)

    @property
    def is_tractable(self) -> bool:
        """Whether other derivations are tried: partials of many rows are too many passes."""
        return self.claim.wrt is None or self.claim.entries.size <= _MOST_ROWS

    @cached_property
    def starts(self) -> list[tuple[Walk, Array]]:
        """The walks to take and their seeds: the passes, or a unit vector for each row."""
        if self.claim.wrt is None:
            return [(run.walk, run.seed) for run in self.runs]
        walk = walk_from(self.evaluation.graph, self.claim.node, self.evaluation.plan.arguments)
        return [(walk, self._unit(int(j))) for j in self.claim.entries.ravel()]

    @cached_property
    def edges(self) -> list[Edge]:
        """Every edge on a way from an output down to the target, in walking order, each once."""
        found: dict[Edge, None] = {}
        for walk in {id(walk): walk for walk, _ in self.starts}.values():
            above = {self.target}
            for edge in reversed(walk.edges(self._nodes)):
                if edge.parent in above:
                    above.add(edge.node)
            found.update((e, None) for e in walk.edges(self._nodes) if e.parent in above)
        return list(found)

    def altered(self, alteration: Alteration | None, seeds: Sequence[Array] | None = None) -> Array:
        """The claimed numbers as they come out with one thing done differently.

        Args:
            alteration: what; None for nothing.
            seeds: other seeds, one for each of `starts`.
        """
        chosen = seeds or [seed for _, seed in self.starts]
        shape = self._nodes[self.target].shape
        total: Array | None = None
        rows: list[Array] = []
        with np.errstate(all="ignore"):
            for (walk, _), seed in zip(self.starts, chosen, strict=True):
                if self.claim.wrt is not None:
                    total = None
                total = self._walked(walk, seed, total, alteration)
                rows.append(np.zeros(shape) if total is None else total)
        if self.claim.wrt is None or self.claim.columns is None:
            return self._entries(rows[-1] if rows else np.zeros(shape))
        block = [picked(row, self.claim.columns.ravel()) for row in rows]
        return np.array(block).reshape(self.claim.value.shape)

    def _walked(
        self, walk: Walk, seed: Array, initial: Array | None, alteration: Alteration | None
    ) -> Array | None:
        """The target's adjoint after one walk that starts from ``initial``."""
        values, nodes = self.evaluation.node_values, self._nodes
        adjoints: dict[int, Array] = {} if initial is None else {self.target: initial}
        adjoints[walk.of] = _added(adjoints.get(walk.of), seed, walk.of, alteration)
        for n, arguments in zip(walk.nodes, walk.arguments, strict=True):
            for a in arguments:
                parent, v = nodes[n].parents[a], adjoints[n]
                pulled = pull_back(nodes[n], a, v, values)
                altered = _at(alteration, Edge(parent, n, a))
                other = None if altered is None else altered.pull(v, pulled)
                pulled = pulled if other is None else other
                adjoints[parent] = _added(adjoints.get(parent), pulled, parent, alteration)
        return adjoints.get(self.target)

    def stale(self, *, is_added: bool) -> Array:
        """The claimed adjoint where no node forgets what an earlier pass left in it.

        Args:
            is_added: whether the seed is added to what the output holds, or stands for it.
        """
        values, nodes = self.evaluation.node_values, self._nodes
        left: dict[int, Array] = {}
        with np.errstate(all="ignore"):
            for walk, seed in self.starts:
                before = left.get(walk.of) if is_added else None
                left[walk.of] = seed if before is None else before + seed
                for edge in walk.edges(nodes):
                    pulled = pull_back(nodes[edge.node], edge.argument, left[edge.node], values)
                    left[edge.parent] = _added(left.get(edge.parent), pulled, edge.parent, None)
        return self._entries(left.get(self.target, np.zeros(nodes[self.target].shape)))

    def without_zero_grad(self) -> Array:
        """The claimed gradient as all passes leave it that were done so far."""
        runs = [run for run in self.evaluation.runs[: self.claim.after] if run is not None]
        total: Array | None = None
        with np.errstate(all="ignore"):
            for run in runs:
                total = self._walked(run.walk, run.seed, total, None)
        return self._entries(np.zeros(self._nodes[self.target].shape) if total is None else total)

    def _final(self) -> Array:
        """The whole adjoint of the claimed node; zeros where nothing arrives."""
        node, evaluation = self.claim.node, self.evaluation
        found: Array | None = None
        if evaluation.is_input(node):
            found = evaluation.gradients_after(self.claim.after - 1).get(node)
        elif self.runs:
            found = self.runs[-1].cotangents.get(node)
        return np.zeros(self._nodes[node].shape) if found is None else found

    def _entries(self, adjoint: Array) -> Array:
        return picked(adjoint, self.claim.entries)

    def _unit(self, j: int) -> Array:
        node = self._nodes[self.claim.node]
        unit = np.zeros(node.size, dtype=self.evaluation.graph.dtype)
        unit[j] = 1.0
        return unit.reshape(node.shape)


def _at(alteration: Alteration | None, edge: Edge) -> Altered | None:
    """The altered VJP of an edge, if the derivation alters it."""
    if isinstance(alteration, Together):
        return alteration.parts.get(edge)
    return alteration if isinstance(alteration, Altered) and alteration.edge == edge else None


def _added(before: Array | None, more: Array, node: int, alteration: Alteration | None) -> Array:
    if before is None:
        return more
    if isinstance(alteration, Overwritten) and alteration.node == node:
        return before if alteration.kept == "first" else more
    return np.asarray(before + more)
