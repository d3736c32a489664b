"""Slips with a Jacobian whose entries meet: which of them are used, and how they are added up.

It stands apart from the slips of single factors because these need J, or what a loss makes of its
labels.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.claims.edge_slip import EdgeSlip, node_of, operands_of
from tui_backprop.graph.jacobian import LocalJacobian, picked
from tui_backprop.rules.softmax import softmax
from tui_backprop.rules.sparsity import Tied, pattern_entries
from tui_backprop.rules.targets import class_axis, samples_of

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array

_MOST_ENTRIES: Final = 20_000
"""Partials of one Jacobian that are looked at one by one."""


def _overlaps(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether an entry is read by several windows, or picked more than once."""
    pattern = evaluation.patterns.of(edge)
    return not isinstance(pattern, Tied) and 0 < pattern.nonzeros <= _MOST_ENTRIES


def _overwritten(evaluation: Evaluation, edge: Edge, v: Array, *, is_first: bool) -> Array:
    """``x.grad[window] = …`` where ``+=`` belongs: of an entry one contribution stays."""
    jacobian = LocalJacobian(evaluation, edge)
    n = jacobian.shape[1]
    j, i = pattern_entries(jacobian.sparsity, range(n))
    partials = jacobian.entries(j, i)
    written = np.flatnonzero(partials)  # a window writes to what it passes v to
    j, i, partials = j[written], i[written], partials[written]
    contributions = jacobian.contribution(picked(v, j), partials)
    chosen = i[::-1] if not is_first else i
    at, where = np.unique(chosen, return_index=True)
    where = len(i) - 1 - where if not is_first else where
    found = np.zeros(n, dtype=contributions.dtype)
    found[at] = contributions[where]
    return found.reshape(evaluation.value(edge.parent).shape)


def _last_window(evaluation: Evaluation, edge: Edge, v: Array, _pulled: Array) -> Array | None:
    return _overwritten(evaluation, edge, v, is_first=False)


def _first_window(evaluation: Evaluation, edge: Edge, v: Array, _pulled: Array) -> Array | None:
    return _overwritten(evaluation, edge, v, is_first=True)


def _is_square(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether entries act on each other, and there are as many as they make."""
    node = node_of(evaluation, edge)
    is_dense = node.rule is not None and not node.rule.elementwise
    return is_dense and evaluation.graph.nodes[edge.parent].shape == node.shape


def _diagonal(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """Only ∂y_i/∂x_i, as p·(1 − p) of a softmax."""
    at = np.arange(v.size)
    if v.size > _MOST_ENTRIES:
        return None
    jacobian = LocalJacobian(evaluation, edge)
    found = jacobian.contribution(picked(v, at), jacobian.entries(at, at))
    return np.asarray(found.reshape(pulled.shape))


def _pushed(evaluation: Evaluation, edge: Edge, v: Array, _pulled: Array) -> Array | None:
    """J·v where vᵀJ belongs."""
    node = node_of(evaluation, edge)
    if node.rule is None or node.op in {"matmul", "dot"}:
        return None
    operands = tuple(operands_of(evaluation, edge))
    y = evaluation.value(edge.node)
    found = node.rule.derivative(edge.argument).jvp(v, y, operands, node.params)
    return np.asarray(found)


def _has_probabilities(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether it is a cross entropy by its scores whose labels are written out."""
    node, nodes = node_of(evaluation, edge), evaluation.graph.nodes
    if node.op != "cross_entropy" or edge.argument != 0 or len(node.parents) > 2:
        return False
    return nodes[node.parents[1]].shape == nodes[edge.parent].shape


def _p_minus_t(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """P − t, which is right where the labels of a sample add up to 1; else p·Σt − t is."""
    node = node_of(evaluation, edge)
    x, t = operands_of(evaluation, edge)
    axis, is_mean = class_axis(x.ndim), node.params["reduction"] == "mean"
    missing = (1 - node.params["label_smoothing"]) * (1 - np.sum(t, axis=axis, keepdims=True))
    samples = prod(samples_of(x.shape)) if is_mean else 1
    each = np.expand_dims(v, axis) if node.params["reduction"] == "none" else v
    return np.asarray(pulled + each * missing * softmax(np, x, axis) / max(samples, 1))


STRUCTURE_SLIPS: Final = (
    EdgeSlip(
        "= for +=",
        "{made} reads some entry of {x} more than once, and its contributions are not added "
        "up: one of them stands alone",
        (_last_window, _first_window),
        _overlaps,
    ),
    EdgeSlip(
        "labels that do not add up to 1",
        "d{y}/d{x} is taken to be p - t, which is right where the labels of each sample add up "
        "to 1; here it is p·Σt - t",
        (_p_minus_t,),
        _has_probabilities,
    ),
    EdgeSlip(
        "only the diagonal",
        "of the Jacobian of {op} only the diagonal is used, each d{y}[i]/d{x}[i]",
        (_diagonal,),
        _is_square,
    ),
    EdgeSlip(
        "J and not its transpose",
        "the Jacobian of {op} is multiplied with v from the wrong side: J·v where vᵀJ belongs",
        (_pushed,),
        _is_square,
    ),
)
