"""How large an array or a local Jacobian is, and how steep an elementwise op."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.jacobian import LocalJacobian
from tui_backprop.graph.model import Edge
from tui_backprop.graph.sizes import norm
from tui_backprop.rules.derivative import Constant, Operand, Scalar, Structural
from tui_backprop.rules.sparsity import pattern_entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Params

_CHUNK: Final = 1 << 16
"""Entries of a Jacobian that are held at once."""

_FAR: Final = 10.0
"""How far from 0 an op is asked whether it flattens out."""


def jacobian_size(
    evaluation: Evaluation, node: Node, arguments: Sequence[int]
) -> tuple[float, float]:
    """The Frobenius norm of a node's local Jacobian with respect to these arguments together.

    Returns:
        It, and the largest partial by operands in which the op is not linear; NaN is none.
    """
    found = [_edge_size(evaluation, node, a) for a in arguments]
    return norm(np.array([size for size, _ in found])), max(steep for _, steep in found)


def _edge_size(evaluation: Evaluation, node: Node, argument: int) -> tuple[float, float]:
    """The norm and the largest size of an edge's partials, some columns at a time."""
    jacobian = LocalJacobian(evaluation, Edge(node.parents[argument], node.id, argument))
    is_steep = node.rule is not None and is_bent(node.rule, argument)
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


def nonzeros(evaluation: Evaluation, node: Node, arguments: Sequence[int]) -> int:
    """How many entries the patterns of these arguments have, without building them."""
    if node.rule is None:
        return 0
    nodes = evaluation.graph.nodes
    shapes = tuple(nodes[p].shape for p in node.parents)
    return sum(node.rule.derivative(a).nonzeros(node.shape, shapes, node.params) for a in arguments)


def slopes(evaluation: Evaluation, node: Node, argument: int) -> Array:
    """|∂y/∂x| of an elementwise op, entry by entry of the output."""
    if node.rule is None:
        raise AssertionError("a leaf has no slope")
    y = evaluation.value(node.id)
    operands = tuple(evaluation.value(p) for p in node.parents)
    with np.errstate(all="ignore"):
        found = node.rule.derivative(argument).vjp(np.ones_like(y), y, operands, node.params)
    return np.asarray(np.abs(np.broadcast_to(found, y.shape)))


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
