"""Measuring a walk's health: every node, by the last backward pass."""

from __future__ import annotations

from math import inf, isfinite, isnan
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from tui_backprop.debug.health.norms import flattens, is_bent, jacobian_size, nonzeros, norm, slopes
from tui_backprop.debug.health.record import Flag, Health, NodeHealth, Thresholds
from tui_backprop.debug.journey import finished
from tui_backprop.errors import UnknownError
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import label
from tui_backprop.graph.passes import run_backward
from tui_backprop.progress import reported

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.debug.journey import Journey
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array


_TOGETHER: Final = 1000
"""Nodes that are measured before a journey says how far it has come: a tenth of a second."""


def health(evaluation: Evaluation, thresholds: Thresholds | None = None) -> Health:
    """Measure every node, by the last backward pass."""
    return finished(examined(evaluation, thresholds))


def examined(
    evaluation: Evaluation, thresholds: Thresholds | None = None, only: int | None = None
) -> Journey[Health]:
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
    from tui_backprop.debug.health.roots import roots

    return Health(
        nodes=tuple(found),
        output="" if run is None else label(evaluation.graph, run.of),
        pass_number=numbers[-1] if numbers else None,
        seed=measured.seed,
        left_out=measured.left_out,
        thresholds=limits,
        roots=() if only is not None else roots(evaluation, run, measured.adjoints, found),
    )


class _Measured:
    """The measurements of one evaluation."""

    def __init__(self, evaluation: Evaluation, run: PassRun | None, limits: Thresholds) -> None:
        self._evaluation = evaluation
        self._limits = limits
        self._flattens: dict[tuple[str, str], bool] = {}
        self.adjoints = {} if run is None else _adjoints(evaluation, run)
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
        adjoint = self.adjoints.get(node.id)
        size = None if adjoint is None else norm(adjoint)
        depth = self._depths.get(node.id)
        ratio = None if size is None or not self.seed else size / self.seed
        arguments = self._evaluation.plan.arguments[node.id]
        jacobian: float | None = None
        steepest = 0.0
        dead: float | None = None
        saturated: float | None = None
        if node.id in self._affordable:
            try:
                jacobian, steepest = jacobian_size(self._evaluation, node, arguments)
            except UnknownError:
                self.left_out += 1
        elif arguments and node.rule and node.rule.elementwise:
            steep = [slopes(self._evaluation, node, a) for a in arguments]
            jacobian = norm(np.array([norm(s) for s in steep]))
            dead, saturated = self._flat_shares(node, node.rule, np.max(steep, axis=0))
            if self._limits.steep < jacobian < inf:
                bent = [s for a, s in zip(arguments, steep, strict=True) if is_bent(node.rule, a)]
                steepest = max((float(s.max(initial=0.0)) for s in bent), default=0.0)
        is_known = self._evaluation.is_known(node.id)
        value = self._evaluation.value(node.id) if is_known else None
        return NodeHealth(
            node.id, label(self._evaluation.graph, node.id), node.op, node.shape, depth,
            None if value is None else norm(value), size,
            None if ratio is None or not depth else ratio ** (1 / depth), jacobian, dead, saturated,
            (*([] if value is None else _strange(value, "value")),
             *self._of_jacobian(jacobian, steepest), *self._of_adjoint(adjoint, ratio),
             *self._of_slopes(dead, saturated), *self._of_input(node)),
        )  # fmt: skip

    def _of_adjoint(self, adjoint: Array | None, ratio: float | None) -> list[Flag]:
        if adjoint is None or not adjoint.size:
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


def _strange(array: Array, what: Literal["value", "adjoint"]) -> list[Flag]:
    """The flags of numbers that are not finite."""
    found: list[Flag] = []
    if np.isfinite(array).all():
        return found
    if np.isnan(array).any():
        found.append("nan value" if what == "value" else "nan adjoint")
    if np.isinf(array).any():
        found.append("inf value" if what == "value" else "inf adjoint")
    return found


def _adjoints(evaluation: Evaluation, run: PassRun) -> Mapping[int, Array]:
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
