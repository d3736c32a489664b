"""Where what is flagged begins: the nodes that are well themselves and hand on what is not."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.health.record import Root
from tui_backprop.graph.model import Edge, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.health.columns import Measurements
    from tui_backprop.debug.health.record import Flag, Trouble
    from tui_backprop.graph.arrays import Adjoints
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.graph.sizes import Size
    from tui_backprop.rules.types import IntArray

_MOST_UNREACHED: Final = 3
_MOST_EDGES: Final = 1_000
"""Edges at which some trouble may begin that are weighed against each other, and nodes below one
that are counted for it."""


def roots(
    evaluation: Evaluation,
    run: PassRun | None,
    adjoints: Adjoints | None,
    found: Measurements,
) -> tuple[Root, ...]:
    """The roots of what is flagged, the gravest first.

    Args:
        evaluation: what was measured.
        run: the pass that it was measured by.
        adjoints: what that pass alone gives.
        found: the measurements of all nodes.
    """
    return tuple(_all(evaluation, run, adjoints, found))


def _all(
    evaluation: Evaluation,
    run: PassRun | None,
    adjoints: Adjoints | None,
    found: Measurements,
) -> Iterator[Root]:
    values = list(_first_value(evaluation, found))
    yield from values
    if run is not None and adjoints is not None:
        search = _Search(evaluation, run, adjoints, found)
        is_bad = found.flags.has("nan value", "inf value")
        yield from (one for one in search.not_finite() if not values or not is_bad[one.node])
        yield from search.begins("zero", "zero adjoint")
        yield from search.begins("exploding", "exploding")
        yield from search.begins("vanishing", "vanishing")
    unreached = np.flatnonzero(found.flags.has("no gradient")).tolist()
    for node in unreached[:_MOST_UNREACHED]:
        yield Root("unreached", node, node, len(unreached))


def _first_value(evaluation: Evaluation, found: Measurements) -> Iterator[Root]:
    """The first op whose value is NaN; without NaN, the first that makes an infinity.

    A leaf that came so is the root only of what an op makes of it: an infinity may be intended.
    """
    nodes = evaluation.graph.nodes
    flags: tuple[Flag, ...] = ("nan value", "inf value")
    for flag in flags:
        sick = np.flatnonzero(found.flags.has(flag)).tolist()
        op = next((n for n in sick if nodes[n].role is Role.OP), None)
        leaf = next((n for n in sick if nodes[n].role is not Role.OP), None)
        if op is None or (flag == "inf value" and leaf is not None):
            continue
        root = op if leaf is None else leaf
        yield Root("value", root, root, len(sick))
        return


class _Search:
    """Follows the edges of a pass in the order of its walk."""

    def __init__(
        self, evaluation: Evaluation, run: PassRun, adjoints: Adjoints, found: Measurements
    ) -> None:
        self._evaluation = evaluation
        self._adjoints = adjoints
        self._walk = run.walk
        self._flags = found.flags
        self._norms = found.column("adjoint")

    def not_finite(self) -> Iterator[Root]:
        """The first edge that hands on what is not finite though what came to it was.

        v itself may have come so; and finite numbers may overflow where they are added up.
        """
        bad: tuple[Flag, Flag] = ("nan adjoint", "inf adjoint")
        count, of = self._count(*bad), self._walk.of
        if not self._adjoints.size(of).is_finite:
            yield Root("seed", of, of, count)
            return
        entering = list(islice(self._entering(*bad), _MOST_EDGES))
        handing = (e for e in entering if not self._handed_on(e).is_finite)
        for edge in islice(chain(handing, entering), 1):
            yield Root("adjoint", edge.node, edge.parent, count)

    def begins(self, trouble: Trouble, flag: Flag) -> Iterator[Root]:
        """Of the edges where a flag begins the one that changes the norm most; of equals the first.

        An edge that hands on zeros is no root of zeros where it leads to a node that others reach.
        """
        best: tuple[float, Edge, float | None] | None = None
        have = self._flags.has(flag)
        for edge in islice(self._entering(flag), _MOST_EDGES):
            before = self._norms[edge.node]
            after = self._handed_on(edge).norm
            if not before or (trouble == "zero" and after):
                continue
            factor = after / before
            if trouble == "zero":
                score = float(self._below(edge.parent, have))
            else:
                score = factor if trouble == "exploding" else -factor
            if best is None or score > best[0]:
                best = score, edge, factor or None
        if best is not None:
            _, edge, factor_or_none = best
            yield Root(trouble, edge.node, edge.parent, self._count(flag), factor_or_none)

    def _entering(self, *flags: Flag) -> Iterator[Edge]:
        """The edges from a node without a flag to one with it."""
        have = self._flags.has(*flags)
        if not have.any():
            return
        walk = self._walk
        counts = [*map(len, walk.arguments)]
        above = np.repeat(np.asarray(walk.nodes, dtype=np.intp), counts)
        entering = np.flatnonzero(have[np.asarray(walk.parents, dtype=np.intp)] & ~have[above])
        firsts = np.cumsum([0, *counts])
        for number in entering.tolist():
            at = int(firsts.searchsorted(number, "right")) - 1
            argument = walk.arguments[at][number - int(firsts[at])]
            yield Edge(walk.parents[number], walk.nodes[at], argument)

    def _handed_on(self, edge: Edge) -> Size:
        return self._evaluation.pulled_size(edge, self._adjoints)

    def _count(self, *flags: Flag) -> int:
        return int(self._flags.has(*flags).sum())

    def _below(self, start: int, have: IntArray) -> int:
        """How many nodes that have a flag lie below a node, itself included."""
        nodes = self._evaluation.graph.nodes
        reached, waiting = {start}, [start]
        while waiting and len(reached) < _MOST_EDGES:
            for parent in nodes[waiting.pop()].parents:
                if parent not in reached and have[parent]:
                    reached.add(parent)
                    waiting.append(parent)
        return len(reached)
