"""Which entries of the values are NaN, or infinite, and which entries read one.

It stands apart because forward and backward ask the same: whether a bad number was made here or
handed on.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.lazy import cached_property
from tui_backprop.timeline.edge_groups import places

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, IntArray


class Spoiled:
    """The bad entries of an evaluation.

    Attributes:
        test: `np.isnan` or `np.isinf`.
    """

    def __init__(self, evaluation: Evaluation, test: Callable[[Array], IntArray]) -> None:
        self.test = test
        self._evaluation = evaluation
        self._nodes = evaluation.graph.nodes

    @cached_property
    def _masks(self) -> dict[int, IntArray]:
        """By node; nodes without a bad entry are absent."""
        found: dict[int, IntArray] = {}
        for node, value in enumerate(self._evaluation.node_values):
            if not is_finite(value):
                mask = np.asarray(self.test(value)).ravel()
                if mask.any():
                    found[node] = mask
        return found

    @property
    def nodes(self) -> list[int]:
        """The nodes with a bad entry, in order."""
        return list(self._masks)

    def mask(self, node: int) -> IntArray:
        """Which entries of a node are bad, flat."""
        found = self._masks.get(node)
        return np.zeros(self._nodes[node].size, dtype=bool) if found is None else found

    def is_fed(self, node: int, rows: IntArray) -> IntArray:
        """Whether some entry that y_j reads is bad, for each row j."""
        found = np.zeros(len(rows), dtype=bool)
        parents = self._nodes[node].parents
        for argument, parent in enumerate(parents):
            if parent in self._masks:
                found |= self._is_fed_by(self._nodes[node], argument, rows)
        return found

    def _is_fed_by(self, node: Node, argument: int, rows: IntArray) -> IntArray:
        mask = self._masks[node.parents[argument]]
        shapes = tuple(self._nodes[p].shape for p in node.parents)
        if node.rule is None:
            raise AssertionError("a leaf reads nothing")
        if node.rule.elementwise:
            return mask[places(rows, node.shape, shapes[argument])]
        derivative = node.rule.derivatives[argument]
        if derivative is None:  # no pattern is stated: any entry may be read
            return np.ones(len(rows), dtype=bool)
        pattern = derivative.sparsity(node.shape, shapes, node.params)
        return _reads(pattern, mask, rows)


def is_finite(array: Array) -> bool:
    """Whether every entry is finite; scalars, of which loops make many, without NumPy's call."""
    if array.size == 1:
        return math.isfinite(array.item())
    return bool(np.isfinite(array).all())


def _reads(pattern: Sparsity, mask: IntArray, rows: IntArray) -> IntArray:
    """Whether each row reads a masked entry; asked from the shorter side."""
    masked = np.flatnonzero(mask)
    if len(masked) > len(rows):
        return np.array([bool(mask[pattern.columns(j)].any()) for j in rows.tolist()], dtype=bool)
    reading = np.zeros(pattern.shape[0], dtype=bool)
    for i in masked.tolist():
        reading[pattern.rows(i)] = True
    return reading[rows]
