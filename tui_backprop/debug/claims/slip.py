"""What a slip of a derivation by hand is, and what the searches for slips share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.types import Array, Params


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake that gives exactly the numbers that are claimed.

    Attributes:
        name: what kind of slip, in a few words.
        text: what was done, and where, in one sentence.
        edge: the edge at which it was done; None where it is no single one.
        node: the node whose contributions were not added up; None otherwise.
        is_of_seed: whether it was done when v was placed.
        is_of_pass: whether it was done where the second pass begins.
    """

    name: str
    text: str
    edge: Edge | None = None
    node: int | None = None
    is_of_seed: bool = False
    is_of_pass: bool = False


Candidates: TypeAlias = "Iterator[tuple[Slip, Array]]"
"""Slips, each with the numbers that it gives."""


@dataclass(frozen=True, slots=True)
class EdgeSlip:
    """A kind of mistake that is made at one edge.

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
    """True: any edge may have the slip."""
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
