"""The slopes on either side of a kink, measured on the row's own forward next to the point.

No row states them: a row states only the convention that is used at the kink.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tui_backprop.graph.jacobian import coordinates
from tui_backprop.rules.shapes import take

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.types import Array

_STEP: Final = 2.0**-20
_DIGITS: Final = 6
_NOISE: Final = 1e-8
"""Slopes that are smaller, next to the value, are what rounding makes of 0."""

_MOST_ENTRIES: Final = 100_000
"""Entries of an operand on which an op is computed five times for one slope."""


class Sides(NamedTuple):
    """The slope from the left and that from the right; infinite at a jump."""

    left: float
    right: float

    @property
    def differ(self) -> bool:
        """Whether there is no derivative."""
        if not np.isfinite(self).all():
            return True
        return abs(self.right - self.left) > 1e-5 * max(abs(self.left), abs(self.right))


def sides(evaluation: Evaluation, edge: Edge, j: int, i: int) -> Sides | None:
    """How steep y_j rises in x_i, to six digits; None where that cannot be measured."""
    node = evaluation.graph.nodes[edge.node]
    operands = [np.asarray(evaluation.value(p), dtype=np.float64) for p in node.parents]
    if node.rule is None or max(x.size for x in operands) > _MOST_ENTRIES:
        return None
    place = coordinates(j, node.shape)
    if node.rule.elementwise:
        operands, place, i = [np.asarray(take(x, place)) for x in operands], (), 0
    if not np.isfinite(operands[edge.argument].flat[i]):
        return None
    with np.errstate(all="ignore"):
        left, right = (_slope(node, operands, (edge.argument, i), place, s) for s in (-1.0, 1.0))
    return None if np.isnan(left) or np.isnan(right) else Sides(left, right)


def _slope(
    node: Node, operands: list[Array], of: tuple[int, int], place: Any, direction: float
) -> float:
    """The quotient of a small step, freed of what the step's size adds to it."""
    argument, i = of
    step = direction * _STEP * max(1.0, abs(float(operands[argument].flat[i])))
    start = _value(node, operands, place)
    quotients = []
    for h in (step, step / 2):
        moved = operands[argument].copy()
        moved.flat[i] += h
        there = [*operands[:argument], moved, *operands[argument + 1 :]]
        quotients.append((_value(node, there, place) - start) / h)
    far, near = quotients
    if abs(near - far) > 1e-3 * max(1.0, abs(far)):  # it grows as the step shrinks
        return float(np.sign(near) * np.inf)
    found = 2 * near - far
    if abs(found) < _NOISE * (1 + abs(start)):
        return 0.0
    return float(f"{found:.{_DIGITS}g}")


def _value(node: Node, operands: list[Array], place: Any) -> float:
    if node.rule is None:
        raise AssertionError("a leaf has no forward")
    return float(np.asarray(node.rule.forward(np, *operands, **node.params))[place])
