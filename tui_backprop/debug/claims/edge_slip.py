"""One kind of slip with one local derivative, and what every kind asks of an edge.

It stands apart from the lists of slips because there are several, each with its own mathematics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.types import Array, Params


@dataclass(frozen=True, slots=True)
class EdgeSlip:
    """One kind of slip.

    Attributes:
        name: in a few words.
        text: with ``{y}``, ``{x}``, ``{op}``, and ``{made}`` for y as the program writes it.
        ways: the wrong VJPs that it may mean.
        applies: whether the edge's op has it at all.
    """

    name: str
    text: str
    ways: tuple[Callable[[Evaluation, Edge, Array, Array], Array | None], ...]
    applies: Callable[[Evaluation, Edge], bool]


def node_of(evaluation: Evaluation, edge: Edge) -> Node:
    """The node that the edge leads back from."""
    return evaluation.graph.nodes[edge.node]


def operands_of(evaluation: Evaluation, edge: Edge) -> list[Any]:
    """The values of its operands."""
    return [evaluation.value(p) for p in node_of(evaluation, edge).parents]


def always(_evaluation: Evaluation, _edge: Edge) -> bool:
    """Any edge may have the slip."""
    return True


def vjp_at(
    evaluation: Evaluation,
    edge: Edge,
    v: Array,
    y: Array,
    operands: list[Any],
    params: Params | None = None,
) -> Array:
    """``vᵀJ`` at other numbers or static arguments, before the sum over stretched axes."""
    node = node_of(evaluation, edge)
    if node.rule is None:
        raise AssertionError("a leaf has no derivative")
    given = node.params if params is None else params
    found = node.rule.derivative(edge.argument).vjp(v, y, tuple(operands), given)
    return np.asarray(found)
