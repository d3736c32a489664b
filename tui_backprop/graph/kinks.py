"""Where a derivative was a choice: the point at which a function has a kink.

It stands apart because the engine never asks; the screen and the witnesses do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.graph.jacobian import coordinates
from tui_backprop.rules.broadcasting import take

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.types import Array


def kink_distance(evaluation: Evaluation, node: Node) -> Array | None:
    """A signed quantity that is zero where the op has its kink, entry by entry; None if smooth."""
    rule = node.rule
    if rule is None or rule.kink is None:
        return None
    operands = [evaluation.value(p) for p in node.parents]
    with np.errstate(all="ignore"):
        return np.asarray(rule.kink(np, *operands, **node.params))


def convention_at(evaluation: Evaluation, edge: Edge, j: int) -> str:
    """The stated convention, where the partial in row ``j`` is taken at a kink; else empty."""
    node = evaluation.graph.nodes[edge.node]
    rule = node.rule
    if rule is None or rule.kink is None:
        return ""
    at = coordinates(j, node.shape)
    operands = [evaluation.value(p) for p in node.parents]
    if rule.elementwise:
        operands = [np.asarray(take(x, at)) for x in operands]
        with np.errstate(all="ignore"):
            distance = np.asarray(rule.kink(np, *operands, **node.params))
    else:
        distance = np.asarray(kink_distance(evaluation, node))
        distance = np.broadcast_to(distance, node.shape)[at]
    return rule.convention if bool(np.any(distance == 0)) else ""
