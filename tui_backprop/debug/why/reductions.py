"""Why an op that reads many entries gives NaN, from the entries that it read.

It stands apart from the ops that read one entry of each operand because here the reason lies in how
many entries there are, or in all of them together. Each reason is asked of the numbers; where none
holds, nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.debug.said import joined, said
from tui_backprop.debug.why.names import number
from tui_backprop.debug.why.operands import reads
from tui_backprop.graph.jacobian import coordinates, picked
from tui_backprop.graph.naming import label
from tui_backprop.rules.targets import class_axis, classes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.types import Array

    Reason: TypeAlias = Callable[[Evaluation, Node, int], str]


def reduction_hint(evaluation: Evaluation, node: Node, j: int) -> str:
    """Why entry j is NaN; empty where it is not known."""
    recognise = _REASONS.get(node.op)
    found = "" if recognise is None else recognise(evaluation, node, j)
    return found or row_hint(evaluation, node, j) or _of_infinities(evaluation, node, j)


def row_hint(evaluation: Evaluation, node: Node, j: int) -> str:
    """What the op's own row says of an entry that is not finite, or has no slope; or nothing."""
    if node.rule is None:
        return ""
    y = evaluation.value(node.id)
    operands = tuple(evaluation.value(p) for p in node.parents)
    at = tuple(int(c) for c in coordinates(j, node.shape))
    text = node.rule.reason(at, y, operands, node.params)
    return said(text) if text else ""


def _spread(evaluation: Evaluation, node: Node, _j: int) -> str:
    """The variance and its root divide by n − ddof."""
    count = evaluation.graph.nodes[node.parents[0]].size // max(node.size, 1)
    ddof = node.params.get("ddof", 0)
    if count > ddof:
        return ""
    return said(
        "{op} divides by n - ddof, and of {count} with ddof={ddof} that is {left}",
        op=node.op, count=count, ddof=ddof, left=count - ddof,
    )  # fmt: skip


def _mean(evaluation: Evaluation, node: Node, _j: int) -> str:
    size = evaluation.graph.nodes[node.parents[0]].size
    return said("the mean of nothing is 0/0") if not size else ""


def _average(evaluation: Evaluation, node: Node, j: int) -> str:
    if len(node.parents) < 2:
        return _mean(evaluation, node, j)
    weights = evaluation.value(node.parents[1])
    if weights.sum() != 0:
        return ""
    return said("the weights {node} add up to 0: 0/0 is NaN",
                node=label(evaluation.graph, node.parents[1]))  # fmt: skip


def _classified(evaluation: Evaluation, node: Node, j: int) -> str:
    """A loss over labels, some of which may be ignored."""
    labels = evaluation.value(node.parents[1])
    ignored = node.params.get("ignore_index")
    if node.params.get("reduction") == "mean" and np.all(labels == ignored):
        return said(
            "all labels in {labels} are {ignored}, which is ignored: the mean of nothing is 0/0",
            labels=label(evaluation.graph, node.parents[1]), ignored=ignored,
        )  # fmt: skip
    return _logits(evaluation, node, j) if node.op == "cross_entropy" else ""


def _logits(evaluation: Evaluation, node: Node, _j: int) -> str:
    scores = evaluation.value(node.parents[0])
    rows = np.moveaxis(scores, class_axis(scores.ndim), -1).reshape(-1, classes_of(scores.shape))
    return _normalized(rows[int(np.argmax(np.isinf(rows).all(axis=1)))])


def _softmax(evaluation: Evaluation, node: Node, j: int) -> str:
    """exp(x) / Σ exp(x), where every exp is 0 or one of them infinite."""
    scores = _row(evaluation, node, j)
    found = _normalized(scores)
    if node.op != "softmax" or not np.all(scores == -np.inf):
        return found
    instead = said("scaled_dot_product_attention gives 0 for such a row instead")
    return joined("; ", [found, instead])


def _row(evaluation: Evaluation, node: Node, j: int) -> Array:
    """The entries along the axis of a node that has its operand's shape."""
    x = evaluation.value(node.parents[0])
    axis = node.params.get("axis", -1)
    if not x.ndim or not isinstance(axis, int):
        return x.ravel()
    at = list(np.unravel_index(j, x.shape))
    lines = np.moveaxis(x, axis, -1)
    del at[axis]
    return np.asarray(lines[tuple(at)])


def _normalized(scores: Array) -> str:
    if scores.size and np.all(scores == -np.inf):
        return said("all that it normalizes is -inf: each exp is 0, and 0/0 is NaN")
    if np.any(scores == np.inf):
        return said("it subtracts the largest entry first, and inf - inf is NaN")
    return ""


def _inverse(evaluation: Evaluation, node: Node, _j: int) -> str:
    matrix = evaluation.value(node.parents[0])
    if not np.isfinite(matrix).all():
        return ""
    with np.errstate(all="ignore"):
        is_singular = np.any(np.linalg.matrix_rank(matrix) < matrix.shape[-1])
    if not is_singular:
        return ""
    name = label(evaluation.graph, node.parents[0])
    return said("{node} is singular: it has no inverse", node=name)


def _of_infinities(evaluation: Evaluation, node: Node, j: int) -> str:
    """What infinities among the entries make of a sum of products."""
    arrays = [picked(evaluation.value(p), flat) for p, flat in reads(evaluation, node.id, j)]
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
    """What is said where no reason is known."""
    return said("why {op} gives {value} for these is not known here", op=node.op,
                value=number(value))  # fmt: skip


_PRODUCTS: Final = frozenset(
    {"matmul", "dot", "inner", "vdot", "outer", "kron", "tensordot", "einsum", "conv1d", "conv2d"}
)
_REASONS: Final[dict[str, Reason]] = {
    "var": _spread,
    "std": _spread,
    "mean": _mean,
    "average": _average,
    "cross_entropy": _classified,
    "nll": _classified,
    "softmax": _softmax,
    "log_softmax": _softmax,
    "inv": _inverse,
    "solve": _inverse,
}
