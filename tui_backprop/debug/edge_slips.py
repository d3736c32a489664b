"""What people do wrong with one local derivative: another VJP for the same edge.

It stands apart from the search for slips because this is the mathematics of them. Each way takes
the evaluation, the edge, v and the true ``vᵀJ``, and gives the wrong one, or None where there is
none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.rules.broadcasting import unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.types import Array

_PRODUCTS: Final = frozenset({"matmul", "dot"})


@dataclass(frozen=True, slots=True)
class EdgeSlip:
    """One kind of slip.

    Attributes:
        name: in a few words.
        text: with ``{y}``, ``{x}`` and ``{op}``.
        ways: the wrong VJPs that it may mean.
        applies: whether the edge's op has it at all.
    """

    name: str
    text: str
    ways: tuple[Callable[[Evaluation, Edge, Array, Array], Array | None], ...]
    applies: Callable[[Evaluation, Edge], bool]


def _node(evaluation: Evaluation, edge: Edge) -> Node:
    return evaluation.graph.nodes[edge.node]


def _operands(evaluation: Evaluation, edge: Edge) -> list[Any]:
    return [evaluation.value(p) for p in _node(evaluation, edge).parents]


def _is_elementwise(evaluation: Evaluation, edge: Edge) -> bool:
    rule = _node(evaluation, edge).rule
    return rule is not None and rule.elementwise


def _is_stretched(evaluation: Evaluation, edge: Edge) -> bool:
    """Whether the operand was repeated to the shape of the result."""
    nodes = evaluation.graph.nodes
    shapes = nodes[edge.parent].shape, nodes[edge.node].shape
    return _is_elementwise(evaluation, edge) and shapes[0] != shapes[1] and 0 not in shapes[1]


def _is_product(evaluation: Evaluation, edge: Edge) -> bool:
    return _node(evaluation, edge).op in _PRODUCTS


def _always(_evaluation: Evaluation, _edge: Edge) -> bool:
    return True


def _vjp(evaluation: Evaluation, edge: Edge, v: Array, y: Array, operands: list[Any]) -> Array:
    """``vᵀJ`` at other numbers, before the sum over stretched axes."""
    node = _node(evaluation, edge)
    if node.rule is None:
        raise AssertionError("a leaf has no derivative")
    found = node.rule.derivative(edge.argument).vjp(v, y, tuple(operands), node.params)
    return np.asarray(found)


def _other_transposed(evaluation: Evaluation, edge: Edge, v: Array, _pulled: Array) -> Array | None:
    """W v where Wᵀ v belongs; only of a square W could anybody take the one for the other."""
    operands = _operands(evaluation, edge)
    other = 1 - edge.argument
    if operands[other].ndim != 2 or operands[other].shape[0] != operands[other].shape[1]:
        return None
    operands[other] = operands[other].T
    return _vjp(evaluation, edge, v, evaluation.value(edge.node), operands)


def _result_transposed(
    _evaluation: Evaluation, _edge: Edge, _v: Array, pulled: Array
) -> Array | None:
    """V xᵀ where x vᵀ belongs."""
    return pulled.T if pulled.ndim == 2 and pulled.shape[0] == pulled.shape[1] else None


def _at_output(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """f'(y) where f'(x) belongs."""
    node = _node(evaluation, edge)
    operands = _operands(evaluation, edge)
    operands[edge.argument] = evaluation.value(edge.node)
    if node.rule is None:
        return None
    y = np.asarray(node.rule.forward(np, *operands, **node.params))
    return unbroadcast(_vjp(evaluation, edge, v, y, operands), pulled.shape)


def _one(_evaluation: Evaluation, _edge: Edge, v: Array, pulled: Array) -> Array | None:
    """V where v · f'(x) belongs."""
    return unbroadcast(v, pulled.shape)


def _turned(_evaluation: Evaluation, _edge: Edge, _v: Array, pulled: Array) -> Array | None:
    return -pulled


def _slice(nth: int, evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    """One of the repeated operand's contributions where their sum belongs."""
    whole = _vjp(evaluation, edge, v, evaluation.value(edge.node), _operands(evaluation, edge))
    shape = pulled.shape
    extra = whole.ndim - len(shape)
    aligned = (1,) * extra + shape
    index = tuple(
        slice(nth, nth + 1 or None) if own == 1 and n != 1 else slice(None)
        for own, n in zip(aligned, whole.shape, strict=True)
    )
    return whole[index].reshape(shape)


def _first(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    return _slice(0, evaluation, edge, v, pulled)


def _last(evaluation: Evaluation, edge: Edge, v: Array, pulled: Array) -> Array | None:
    return _slice(-1, evaluation, edge, v, pulled)


EDGE_SLIPS: Final = (
    EdgeSlip(
        "missing transpose",
        "a matrix is not transposed on the way back from {y} to {x}",
        (_other_transposed, _result_transposed),
        _is_product,
    ),
    EdgeSlip(
        "forgotten sum",
        "{x} is repeated to the shape of {y}, and its contributions are not added up over the "
        "repeated axis",
        (_first, _last),
        _is_stretched,
    ),
    EdgeSlip(
        "derivative at the output",
        "the slope of {op} is taken at the output {y} instead of the input {x}",
        (_at_output,),
        _is_elementwise,
    ),
    EdgeSlip(
        "forgotten factor",
        "the factor d{y}/d{x} of {op} is left out of the chain",
        (_one,),
        _is_elementwise,
    ),
    EdgeSlip("sign of a factor", "the sign of d{y}/d{x} of {op} is turned", (_turned,), _always),
)
"""In this order: the more telling first."""
