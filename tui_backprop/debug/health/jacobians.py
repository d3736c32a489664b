"""How large the local Jacobians of ops are that are more than one slope for each entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.health.slopes import is_bent
from tui_backprop.debug.health.stacked_entries import stacked_entries
from tui_backprop.graph.jacobian import LocalJacobian
from tui_backprop.graph.model import Edge
from tui_backprop.graph.sizes import norm, norms
from tui_backprop.rules.derivative import Structural
from tui_backprop.rules.sparsity import pattern_entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.health.alike import Alike
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.rules.types import Array

_CHUNK: Final = 1 << 16
"""Entries of a Jacobian that are held at once."""


def affordable(groups: Sequence[Alike], entries: int) -> frozenset[int]:
    """The nodes to measure: those of the smallest Jacobians, as many as the budget allows."""
    sizes = {n: size for group in groups for size in [nonzeros(group)] for n in group.numbers}
    order = sorted(sorted(sizes), key=sizes.__getitem__)
    total = np.cumsum([sizes[n] for n in order])
    return frozenset(order[: int(np.searchsorted(total, entries, "right"))])


def nonzeros(group: Alike) -> int:
    """How many entries the patterns of one of these ops have, without building them."""
    node = group.first
    own = (group.rule.derivative(a) for a in group.arguments)
    return sum(d.nonzeros(node.shape, group.shapes, node.params) for d in own)


def is_constant(group: Alike) -> bool:
    """Whether the Jacobians of these ops are the same, whatever the numbers are.

    Those of ops that are linear in all of their operands together.
    """
    own = [group.rule.derivatives[a] for a in group.arguments]
    is_joint = len(group.rule.operands) == 1 or group.rule.traits.adds or group.rule.traits.moves
    return is_joint and all(isinstance(d, Structural) and d.linear and not d.is_picked for d in own)


def jacobian_sizes(
    evaluation: Evaluation, group: Alike, numbers: Sequence[int]
) -> tuple[Array, Array] | None:
    """`jacobian_size` of many nodes at once; None where they have to be asked one by one."""
    lengths, largest = [], [np.zeros(len(numbers))]
    for a in group.arguments:
        entries = stacked_entries(evaluation, group, a, numbers)
        if entries is None:
            return None
        lengths.append(norms(norms(entries)))
        if is_bent(group.rule, a):
            steepest = np.abs(entries).max(axis=1).astype(np.float64)
            largest.append(np.where(lengths[-1] > 0, steepest, 0.0))
    return norms(np.stack(lengths, axis=1)), np.max(largest, axis=0)


def jacobian_size(evaluation: Evaluation, group: Alike, n: int) -> tuple[float, float]:
    """The Frobenius norm of a node's local Jacobian with respect to its arguments together.

    Returns:
        It, and the largest partial by operands in which the op is not linear; NaN is none.

    Raises:
        UnknownError: the Jacobian is not known.
    """
    parents = evaluation.graph.nodes[n].parents
    edges = [Edge(parents[a], n, a) for a in group.arguments]
    found = [_edge_size(evaluation, e, is_bent(group.rule, e.argument)) for e in edges]
    return norm(np.array([size for size, _ in found])), max(steep for _, steep in found)


def _edge_size(evaluation: Evaluation, edge: Edge, is_steep: bool) -> tuple[float, float]:
    """The norm and the largest size of an edge's partials, some columns at a time."""
    jacobian = LocalJacobian(evaluation, edge)
    n = jacobian.shape[1]
    width = max(1, _CHUNK * n // max(jacobian.sparsity.nonzeros, 1))
    found = []
    steepest = 0.0
    for start in range(0, n, width):
        j, i = pattern_entries(jacobian.sparsity, range(start, min(start + width, n)))
        entries = jacobian.entries(j, i)
        found.append(norm(entries))
        if is_steep and found[-1] > steepest:  # no entry is larger than their norm
            steepest = max(steepest, float(np.abs(entries).max(initial=0.0)))
    return norm(np.array(found)), steepest
