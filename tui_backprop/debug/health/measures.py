"""Measuring a walk's health: every node, by the last backward pass."""

from __future__ import annotations

from itertools import islice
from math import inf, isfinite, isnan
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from tui_backprop.debug.health.norms import flattens, is_bent, jacobian_size, nonzeros, slopes
from tui_backprop.debug.health.record import Flag, Health, NodeHealth, Root, Thresholds
from tui_backprop.debug.health.units import units_of
from tui_backprop.errors import UnknownError
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import label
from tui_backprop.graph.passes import run_backward
from tui_backprop.graph.sizes import norm
from tui_backprop.progress import reported, run_to_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui_backprop.debug.health.record import Trouble, Units
    from tui_backprop.graph.arrays import Adjoints
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.graph.sizes import Size
    from tui_backprop.progress import Resumable
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array


_TOGETHER: Final = 1000
"""Nodes that are measured before the measuring says how far it has come: a tenth of a second."""


def health(evaluation: Evaluation, thresholds: Thresholds | None = None) -> Health:
    """Measure every node, by the last backward pass."""
    return run_to_end(examined(evaluation, thresholds))


def examined(
    evaluation: Evaluation, thresholds: Thresholds | None = None, only: int | None = None
) -> Resumable[Health]:
    """`health` in as many pieces as a large graph takes.

    Args:
        evaluation: what is measured.
        thresholds: from where on something is flagged.
        only: the one node to measure; None for all.

    Yields:
        Nodes that it has come to: the steps that build them.
    """
    limits = thresholds or Thresholds()
    numbers = [k for k, run in enumerate(evaluation.runs) if run is not None]
    run = evaluation.runs[numbers[-1]] if numbers else None
    measured = _Measured(evaluation, run, limits)
    nodes = evaluation.graph.nodes
    found: list[NodeHealth] = []
    chosen = nodes if only is None else nodes[only : only + 1]
    for node in reported("measuring", chosen, len(chosen)):
        found.append(measured.node(node))
        if not node.id % _TOGETHER:
            yield node.id

    return Health(
        nodes=tuple(found),
        output="" if run is None else label(evaluation.graph, run.of),
        pass_number=numbers[-1] if numbers else None,
        seed=measured.seed,
        left_out=measured.left_out,
        thresholds=limits,
        roots=() if only is not None else roots(evaluation, run, measured.adjoints, found),
        passes=len(numbers),
    )


class _Measured:
    """The measurements of one evaluation."""

    def __init__(self, evaluation: Evaluation, run: PassRun | None, limits: Thresholds) -> None:
        self._evaluation = evaluation
        self._limits = limits
        self._flattens: dict[tuple[str, str], bool] = {}
        self.adjoints = None if run is None else _adjoints(evaluation, run)
        self._depths = {} if run is None else _depths(evaluation, run)
        self.seed = 0.0 if run is None else norm(run.seed)
        self._affordable = self._choose()
        self.left_out = len(self._structural()) - len(self._affordable)

    def _structural(self) -> list[Node]:
        """The nodes whose Jacobians are more than one slope for each entry."""
        arguments = self._evaluation.plan.arguments
        nodes = self._evaluation.graph.nodes
        return [n for n in nodes if arguments[n.id] and n.rule and not n.rule.elementwise]

    def _choose(self) -> frozenset[int]:
        """The nodes to measure: the smallest ones, as many as the budget allows."""
        arguments = self._evaluation.plan.arguments
        sizes = {n.id: nonzeros(self._evaluation, n, arguments[n.id]) for n in self._structural()}
        order = sorted(sizes, key=lambda n: sizes[n])
        total = np.cumsum([sizes[n] for n in order])
        return frozenset(order[: int(np.searchsorted(total, self._limits.entries, "right"))])

    def node(self, node: Node) -> NodeHealth:
        """All measurements of one node."""
        adjoints = self.adjoints
        adjoint = None if adjoints is None or node.id not in adjoints else adjoints.size(node.id)
        depth = self._depths.get(node.id)
        ratio = None if adjoint is None or not self.seed else adjoint.norm / self.seed
        arguments = self._evaluation.plan.arguments[node.id]
        jacobian: float | None = None
        steepest = 0.0
        dead: float | None = None
        saturated: float | None = None
        units: Units | None = None
        is_structural = node.id in self._affordable
        steep: list[Array] = []
        try:
            if is_structural:
                jacobian, steepest = jacobian_size(self._evaluation, node, arguments)
            elif node.rule and node.rule.elementwise:
                steep = [slopes(self._evaluation, node, a) for a in arguments]
        except UnknownError:
            self.left_out += 1
        if steep and node.rule:
            jacobian = norm(np.array([norm(s) for s in steep]))
            steepest_of_each = np.max(steep, axis=0)
            dead, saturated = self._flat_shares(node, node.rule, steepest_of_each)
            units = units_of(self._evaluation.graph, node, steepest_of_each)
            if self._limits.steep < jacobian < inf:
                bent = [s for a, s in zip(arguments, steep, strict=True) if is_bent(node.rule, a)]
                steepest = max((float(s.max(initial=0.0)) for s in bent), default=0.0)
        value = self._evaluation.value_size(node.id)
        return NodeHealth(
            node.id, label(self._evaluation.graph, node.id), node.op, node.shape, depth,
            None if value is None else value.norm, None if adjoint is None else adjoint.norm,
            None if ratio is None or not depth else ratio ** (1 / depth), jacobian, dead, saturated,
            (*([] if value is None else _strange(value, "value")),
             *self._of_jacobian(jacobian, steepest), *self._of_adjoint(node, adjoint, ratio),
             *self._of_slopes(dead, saturated), *self._of_input(node)), units,
        )  # fmt: skip

    def _of_adjoint(self, node: Node, adjoint: Size | None, ratio: float | None) -> list[Flag]:
        if adjoint is None or not node.size:
            return []
        found = _strange(adjoint, "adjoint")
        if ratio is None or found:
            return found
        if ratio == 0:
            return ["zero adjoint"]
        if ratio < self._limits.vanishing:
            return ["vanishing"]
        return ["exploding"] if ratio > self._limits.exploding else []

    def _of_jacobian(self, jacobian: float | None, steepest: float) -> list[Flag]:
        """The flags of a node's slopes, whatever adjoint they meet."""
        if jacobian is None:
            return []
        if not isfinite(jacobian):
            return ["nan slope" if isnan(jacobian) else "inf slope"]
        return ["steep"] if steepest > self._limits.steep else []

    def _of_input(self, node: Node) -> list[Flag]:
        """An input that no pass reaches: PyTorch leaves its grad None."""
        if node.role is not Role.INPUT or not node.size:
            return []
        runs = [run for run in self._evaluation.runs if run is not None]
        is_reached = any(node.id in run.cotangents for run in runs)
        return [] if is_reached or not runs else ["no gradient"]

    def _of_slopes(self, dead: float | None, saturated: float | None) -> list[Flag]:
        found: list[Flag] = []
        if dead is not None and dead >= self._limits.share:
            found.append("dead")
        if saturated is not None and saturated >= self._limits.share:
            found.append("saturated")
        return found

    def _flat_shares(
        self, node: Node, rule: Rule, steepest: Array
    ) -> tuple[float | None, float | None]:
        """The shares of dead and of saturated entries; None where there can be none."""
        if not node.size:
            return None, None
        dead = float(np.mean(steepest == 0))
        key = rule.name, repr(node.params)
        if key not in self._flattens:
            self._flattens[key] = flattens(rule, node.params, self._limits.flat)
        if not self._flattens[key]:
            return dead, None
        return dead, float(np.mean(steepest < self._limits.flat))


def _strange(size: Size, what: Literal["value", "adjoint"]) -> list[Flag]:
    """The flags of numbers that are not finite."""
    found: list[Flag] = []
    if size.nan:
        found.append("nan value" if what == "value" else "nan adjoint")
    if size.inf:
        found.append("inf value" if what == "value" else "inf adjoint")
    return found


def _adjoints(evaluation: Evaluation, run: PassRun) -> Adjoints:
    """The adjoints of one pass alone, without gradients of earlier passes."""
    if not run.initial:
        return run.cotangents
    values = evaluation.node_values
    with np.errstate(all="ignore"):
        return run_backward(evaluation.graph.nodes, values, run.walk, run.seed, {})


def _depths(evaluation: Evaluation, run: PassRun) -> dict[int, int]:
    """Edges on the longest way down from the output, for every node that the pass reaches."""
    nodes = evaluation.graph.nodes
    found = {run.of: 0}
    for n, arguments in zip(run.walk.nodes, run.walk.arguments, strict=True):
        for a in arguments:
            parent = nodes[n].parents[a]
            found[parent] = max(found.get(parent, 0), found[n] + 1)
    return found


_MOST_UNREACHED: Final = 3
_MOST_EDGES: Final = 1_000
"""Edges at which some trouble may begin that are weighed against each other, and nodes below one
that are counted for it."""


def roots(
    evaluation: Evaluation,
    run: PassRun | None,
    adjoints: Adjoints | None,
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
    adjoints: Adjoints | None,
    flagged: Mapping[int, set[str]],
) -> Iterator[Root]:
    values = list(_first_value(evaluation, flagged))
    yield from values
    if run is not None and adjoints is not None:
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
        adjoints: Adjoints,
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
        if not self._adjoints.size(self._of).is_finite:
            yield Root("seed", self._of, self._of, self._count(bad))
            return
        entering = list(islice(self._entering(bad), _MOST_EDGES))
        handing = (e for e in entering if not self._handed_on(e).is_finite)
        for edge in islice((*handing, *entering), 1):
            yield Root("adjoint", edge.node, edge.parent, self._count(bad))

    def begins(self, trouble: Trouble, flags: set[str]) -> Iterator[Root]:
        """Of the edges where a flag begins the one that changes the norm most; of equals the first.

        An edge that hands on zeros is no root of zeros where it leads to a node that others reach.
        """
        best: tuple[float, Edge, float | None] | None = None
        for edge in islice(self._entering(flags), _MOST_EDGES):
            before = self._adjoints.size(edge.node).norm
            after = self._handed_on(edge).norm
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

    def _handed_on(self, edge: Edge) -> Size:
        return self._evaluation.pulled_size(edge, self._adjoints)

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
