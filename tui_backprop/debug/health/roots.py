"""The roots of what is flagged: the node or the edge at which each trouble begins."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.health.norms import norm
from tui_backprop.debug.health.record import Root
from tui_backprop.graph.jacobian import local_vjp
from tui_backprop.graph.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui_backprop.debug.health.record import NodeHealth, Trouble
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.rules.types import Array

_MOST_UNREACHED: Final = 3
_MOST_EDGES: Final = 1_000
"""Edges at which some trouble may begin that are weighed against each other, and nodes below one
that are counted for it."""


def roots(
    evaluation: Evaluation,
    run: PassRun | None,
    adjoints: Mapping[int, Array],
    found: Sequence[NodeHealth],
) -> tuple[Root, ...]:
    """The roots of what is flagged, the gravest first.

    Args:
        evaluation: what was measured.
        run: the pass that it was measured by.
        adjoints: what that pass alone gives.
        found: the measurements of all nodes.
    """
    flagged: dict[int, set[str]] = {node.node: {*node.flags} for node in found if node.flags}
    if not flagged:
        return ()
    return tuple(_all(evaluation, run, adjoints, flagged))


def _all(
    evaluation: Evaluation,
    run: PassRun | None,
    adjoints: Mapping[int, Array],
    flagged: Mapping[int, set[str]],
) -> Iterator[Root]:
    values = list(_first_value(evaluation, flagged))
    yield from values
    if run is not None:
        edges = run.walk.edges(evaluation.graph.nodes)
        search = _Search(evaluation, adjoints, run.of, edges, flagged)
        yield from (one for one in search.not_finite() if not values or _is_well(one, flagged))
        yield from search.begins("zero", {"zero adjoint"})
        yield from search.begins("exploding", {"exploding"})
        yield from search.begins("vanishing", {"vanishing"})
    unreached = [n for n, flags in flagged.items() if "no gradient" in flags]
    for node in unreached[:_MOST_UNREACHED]:
        yield Root("unreached", node, node, len(unreached))


def _is_well(root: Root, flagged: Mapping[int, set[str]]) -> bool:
    """Whether the value of a root is finite, so that it is not what values brought about."""
    return flagged.get(root.node, set()).isdisjoint({"nan value", "inf value"})


def _first_value(evaluation: Evaluation, flagged: Mapping[int, set[str]]) -> Iterator[Root]:
    """The first op whose value is NaN; without NaN, the first that makes an infinity.

    A leaf that came so is the root only of what an op makes of it: an infinity may be intended.
    """
    nodes = evaluation.graph.nodes
    for flag in ("nan value", "inf value"):
        sick = [n for n, flags in flagged.items() if flag in flags]
        ops = [n for n in sick if nodes[n].role is Role.OP]
        leaves = [n for n in sick if nodes[n].role is not Role.OP]
        if not ops or (flag == "inf value" and leaves):
            continue
        root = leaves[0] if leaves else min(ops)
        yield Root("value", root, root, len(sick))
        return


class _Search:
    """Follows the edges of a pass in the order of its walk."""

    def __init__(
        self,
        evaluation: Evaluation,
        adjoints: Mapping[int, Array],
        of: int,
        edges: Sequence[Edge],
        flagged: Mapping[int, set[str]],
    ) -> None:
        self._evaluation = evaluation
        self._adjoints = adjoints
        self._of = of
        self._edges = edges
        self._flagged = flagged
        self._present = set().union(*flagged.values())

    def not_finite(self) -> Iterator[Root]:
        """The first edge that hands on what is not finite though what came to it was.

        v itself may have come so; and finite numbers may overflow where they are added up.
        """
        bad = {"nan adjoint", "inf adjoint"}
        if not np.isfinite(self._adjoints[self._of]).all():
            yield Root("seed", self._of, self._of, self._count(bad))
            return
        entering = list(islice(self._entering(bad), _MOST_EDGES))
        handing = (e for e in entering if not np.isfinite(self._handed_on(e)).all())
        for edge in islice((*handing, *entering), 1):
            yield Root("adjoint", edge.node, edge.parent, self._count(bad))

    def begins(self, trouble: Trouble, flags: set[str]) -> Iterator[Root]:
        """Of the edges where a flag begins the one that changes the norm most; of equals the first.

        An edge that hands on zeros is no root of zeros where it leads to a node that others reach.
        """
        best: tuple[float, Edge, float | None] | None = None
        for edge in islice(self._entering(flags), _MOST_EDGES):
            before = norm(self._adjoints[edge.node])
            after = norm(self._handed_on(edge))
            if not before or (trouble == "zero" and after):
                continue
            factor = after / before
            if trouble == "zero":
                score = float(self._below(edge.parent, flags))
            else:
                score = factor if trouble == "exploding" else -factor
            if best is None or score > best[0]:
                best = score, edge, factor or None
        if best is not None:
            _, edge, factor_or_none = best
            yield Root(trouble, edge.node, edge.parent, self._count(flags), factor_or_none)

    def _entering(self, flags: set[str]) -> Iterator[Edge]:
        """The edges from a node without a flag to one with it."""
        if self._present.isdisjoint(flags):
            return
        for edge in self._edges:
            below, above = (self._flagged.get(n, set()) for n in (edge.parent, edge.node))
            if flags & below and not flags & above:
                yield edge

    def _handed_on(self, edge: Edge) -> Array:
        return local_vjp(self._evaluation, edge, self._adjoints[edge.node])

    def _count(self, flags: set[str]) -> int:
        return sum(1 for found in self._flagged.values() if found & flags)

    def _below(self, start: int, flags: set[str]) -> int:
        """How many nodes with a flag lie below a node, itself included."""
        nodes = self._evaluation.graph.nodes
        reached, waiting = {start}, [start]
        while waiting and len(reached) < _MOST_EDGES:
            for parent in nodes[waiting.pop()].parents:
                if parent not in reached and flags & self._flagged.get(parent, set()):
                    reached.add(parent)
                    waiting.append(parent)
        return len(reached)
