"""Why an op that reads many entries gives NaN, from the entries that it read.

Each reason is checked on the numbers; where none holds, nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.why.format import number
from tui_backprop.debug.why.operands import reads
from tui_backprop.graph.jacobian import coordinates, picked
from tui_backprop.graph.naming import label
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node


def reduction_hint(evaluation: Evaluation, node: Node, j: int) -> str:
    """Why entry j is NaN; empty where it is not known."""
    return row_hint(evaluation, node, j) or _of_infinities(evaluation, node, j)


def row_hint(evaluation: Evaluation, node: Node, j: int) -> str:
    """The reason that the op's row states for an entry or slope that is not finite, or nothing."""
    rule = node.rule
    if rule is None or not rule.reasons:
        return ""
    y = evaluation.value(node.id)
    operands = tuple(evaluation.value(p) for p in node.parents)
    at = tuple(int(c) for c in coordinates(j, node.shape))
    reason = rule.reason(at, y, operands, node.params)
    if reason is None:
        return ""
    names = (label(evaluation.graph, p) for p in node.parents)
    read = dict(zip(rule.operands, names, strict=True))
    told = reason.tells(y, *operands, **node.params)
    return said(reason.text, **{**node.params, **read, **told, "op": node.op})


def _of_infinities(evaluation: Evaluation, node: Node, j: int) -> str:
    """What infinities among the entries make of a sum of products."""
    arrays = [
        picked(evaluation.value(p), flat)
        for p, flat in reads(evaluation, node.id, j)
        if evaluation.is_known(p)
    ]
    numbers = np.concatenate([x.ravel() for x in arrays]) if arrays else np.zeros(0)
    infinite = numbers[np.isinf(numbers)]
    if not len(infinite):
        return ""
    if len(arrays) == 1 and len(set(infinite.tolist())) > 1:
        return said("inf - inf is NaN")
    if len(arrays) > 1 and node.op in _PRODUCTS and np.any(numbers == 0):
        return said("0 · inf is NaN")
    return said("it reads {value}: no finite number comes of it", value=number(infinite[0]))


def unknown_hint(node: Node, value: float) -> str:
    """The sentence where no reason is known."""
    return said("why {op} gives {value} for these is not known here", op=node.op,
                value=number(value))  # fmt: skip


_PRODUCTS: Final = frozenset(
    {"matmul", "dot", "inner", "vdot", "outer", "kron", "tensordot", "einsum", "conv1d", "conv2d"}
)
