"""Where a gradient may rightly differ from PyTorch's: at a choice, or inside what is not finite.

It stands apart from the witness because it asks about the evaluation alone, and only when something
differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.jacobian import kink_distance
from tui_backprop.verify.pytorch.table import BESIDE_INFINITIES, DIFFERENCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.rules.types import Array


@dataclass(frozen=True, slots=True, eq=False)
class Blame:
    """What stands between the outputs and each node.

    Attributes:
        wild_values: node → why its value may differ beside the NaN and infinities that it is made
            of, in words.
        wild: node → the same for its cotangent, and those that this passed.
        chosen: node → the choice that its cotangent passed, in words.
    """

    wild_values: Mapping[int, str]
    wild: Mapping[int, str]
    chosen: Mapping[int, str]

    @classmethod
    def of(cls, evaluation: Evaluation) -> Blame:
        """Go forward over the values, then back along every pass."""
        wild_values = _wild_values(evaluation)
        wild: dict[int, str] = {}
        chosen: dict[int, str] = {}
        for run in evaluation.runs:
            if run is not None:
                _walk(evaluation, run, wild, chosen)
        return cls(wild_values, wild, chosen)


def _wild_values(evaluation: Evaluation) -> dict[int, str]:
    found: dict[int, str] = {}
    for node in evaluation.graph.nodes:
        reason = next((found[p] for p in node.parents if p in found), "")
        if not reason and not all(
            _is_finite(evaluation.value(k)) for k in (node.id, *node.parents)
        ):
            reason = BESIDE_INFINITIES.get(node.op, "")
        if reason:
            found[node.id] = reason
    return found


def _walk(
    evaluation: Evaluation, run: PassRun, wild: dict[int, str], chosen: dict[int, str]
) -> None:
    """What was met at a node is met by all before it that are reached through it."""
    nodes = evaluation.graph.nodes
    for n, arguments in zip(run.walk.nodes, run.walk.arguments, strict=True):
        node = nodes[n]
        reason = wild.get(n, "")
        if not reason and _is_wild(evaluation, run, node):
            reason = BESIDE_INFINITIES.get(node.op, "")
        choice = chosen.get(n) or _choice(evaluation, node)
        for parent in (node.parents[a] for a in arguments):
            if reason:
                wild.setdefault(parent, reason)
            if choice:
                chosen.setdefault(parent, choice)


def _is_wild(evaluation: Evaluation, run: PassRun, node: Node) -> bool:
    seen = [evaluation.value(k) for k in (node.id, *node.parents)]
    return not all(map(_is_finite, [*seen, run.cotangents[node.id]]))


def _choice(evaluation: Evaluation, node: Node) -> str:
    """The convention or the stated difference that a node uses somewhere; else empty."""
    rule = node.rule
    if rule is None:
        return ""
    stated = DIFFERENCES.get(rule.name)
    operands = [evaluation.value(p) for p in node.parents]
    with np.errstate(all="ignore"):
        if stated is not None and stated.at(evaluation.value(node.id), *operands, **node.params):
            return stated.reason
    distance = kink_distance(evaluation, node)
    return rule.convention if distance is not None and bool(np.any(distance == 0)) else ""


def _is_finite(x: Array) -> bool:
    return bool(np.isfinite(x).all())
