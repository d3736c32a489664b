"""How steep elementwise ops are, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.arrays import held, stacked
from tui_backprop.rules.derivative import Constant, Operand, Scalar, Structural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.health.alike import Alike
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Params, Shape

_FAR: Final = 10.0
"""How far from 0 an op is asked whether it flattens out."""


def is_entrywise(group: Alike) -> bool:
    """Whether its slopes can be asked for together: each entry's depends on no other entry."""
    own = [group.rule.derivatives[a] for a in group.arguments]
    return all(type(derivative) is Scalar for derivative in own)


def slopes(evaluation: Evaluation, group: Alike, numbers: Sequence[int]) -> list[Array]:
    """|∂y/∂x| of elementwise ops by each of their arguments, entry by entry of the output.

    Args:
        evaluation: their values.
        group: what they have in common; `is_entrywise`, or only one is asked for.
        numbers: those of the nodes that are asked for.

    Returns:
        For each argument an array with an axis for the nodes in front.

    Raises:
        UnknownError: a value cannot be read.
    """
    if len(numbers) == 1:
        return [found[None] for found in _of_one(evaluation, group, numbers[0])]
    values, nodes = evaluation.node_values, evaluation.graph.nodes
    dtype, shape = evaluation.graph.dtype, group.first.shape
    y = stacked(held(values, numbers), shape, dtype)
    operands = tuple(
        _lifted(stacked(held(values, [nodes[n].parents[k] for n in numbers]), own, dtype), shape)
        for k, own in enumerate(group.shapes)
    )
    return _slopes(group, y, operands)


def _of_one(evaluation: Evaluation, group: Alike, n: int) -> list[Array]:
    parents = evaluation.graph.nodes[n].parents
    return _slopes(group, evaluation.value(n), tuple(map(evaluation.value, parents)))


def _slopes(group: Alike, y: Array, operands: tuple[Array, ...]) -> list[Array]:
    ones, params = np.ones_like(y), group.first.params
    with np.errstate(all="ignore"):
        found = [group.rule.derivative(a).vjp(ones, y, operands, params) for a in group.arguments]
    return [np.asarray(np.abs(np.broadcast_to(x, y.shape))) for x in found]


def _lifted(operand: Array, shape: Shape) -> Array:
    """Stacked operands that broadcast behind their first axis as each of them did."""
    missing = len(shape) - (operand.ndim - 1)
    return operand.reshape(len(operand), *(1,) * missing, *operand.shape[1:])


def is_bent(rule: Rule, argument: int) -> bool:
    """Whether an op may be nonlinear in an operand, so that its slope may be at a pole."""
    derivative = rule.derivatives[argument]
    if isinstance(derivative, Structural):
        return not derivative.linear
    if isinstance(derivative, Scalar):
        stated = derivative.partial
        is_other = isinstance(stated, Operand) and stated.argument != argument
        return not is_other and not isinstance(stated, Constant)
    return True


def flattens(rule: Rule, params: Params, slope: float) -> bool:
    """Whether an op of one operand goes flat far from 0, as sigmoid, tanh and softplus do.

    Flat is a slope below ``slope`` that is not exactly 0: that of relu is 0 by a choice.
    """
    if not rule.elementwise or len(rule.operands) != 1 or rule.derivatives[0] is None:
        return False
    x = np.array([-_FAR, _FAR])
    with np.errstate(all="ignore"):
        y = np.asarray(rule.forward(np, x, **params))
        found = np.abs(rule.derivative(0).vjp(np.ones(2), y, (x,), params))
    return bool(((found > 0) & (found < slope)).any())
