"""Reverse-mode differentiation: cotangents flow from the output back to the inputs.

It stands apart because the whole of it is one loop over the tape; the mathematics is in the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.rules.broadcasting import unbroadcast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.graph.plan import Walk
    from tui_backprop.rules.types import Array


@dataclass(frozen=True, slots=True, eq=False)
class PassRun:
    """What one backward pass did.

    Attributes:
        walk: the order it went.
        seed: v as it was placed on ``walk.of``; that node's shape, read-only.
        assumed_ones: whether v was left out.
        initial: gradients of the inputs before this pass, where there were any.
        cotangents: the finished adjoint of every node reached, by id; of an input its gradient,
            earlier passes included.
    """

    walk: Walk
    seed: Array
    assumed_ones: bool
    initial: Mapping[int, Array]
    cotangents: Mapping[int, Array]

    @property
    def of(self) -> int:
        """The node that was seeded."""
        return self.walk.of

    def cotangent(self, node: int) -> Array | None:
        """The finished adjoint of a node, None where nothing arrived."""
        return self.cotangents.get(node)


def frozen(array: Array) -> Array:
    """The same array, read-only: frames show it, nobody may change it."""
    array.setflags(write=False)
    return array


def accumulate(adjoint: Array | None, contribution: Array) -> Array:
    """Add one edge's VJP to a node's adjoint.

    A node read k times receives k contributions, one per edge:  x̄ = Σ_e v_eᵀ J_e

    Args:
        adjoint: the sum so far, shape of the node's value; None before the first edge.
        contribution: v_eᵀ J_e, same shape.

    Returns:
        A read-only array. The old one stays valid: earlier frames show it.
    """
    if adjoint is None:
        return frozen(np.asarray(contribution))
    return frozen(np.asarray(adjoint + contribution))


def pull_back(node: Node, argument: int, v: Array, values: Sequence[Array]) -> Array:
    """``vᵀJ`` of one edge, in the parent's shape and dtype.

    The one place where broadcasting is undone.

    Args:
        node: the child.
        argument: which of its operands.
        v: the child's cotangent, shape of its value.
        values: all forward values by node id.
    """
    rule = node.rule
    if rule is None:
        raise AssertionError("a leaf has no operands to pull back into")
    operands = tuple(values[p] for p in node.parents)
    pulled = rule.derivative(argument).vjp(v, values[node.id], operands, node.params)
    parent = operands[argument]
    return unbroadcast(np.asarray(pulled, dtype=parent.dtype), parent.shape)


def edge_vjp(nodes: Sequence[Node], edge: Edge, v: Array, values: Sequence[Array]) -> Array:
    """`pull_back` for an edge, quiet about NaN and infinities: they are data here."""
    with np.errstate(all="ignore"):
        return pull_back(nodes[edge.node], edge.argument, v, values)


def run_backward(
    nodes: Sequence[Node],
    values: Sequence[Array],
    walk: Walk,
    seed: Array,
    initial: Mapping[int, Array],
) -> dict[int, Array]:
    """One whole pass, vectorised.

    Args:
        nodes: the tape.
        values: all forward values by node id.
        walk: the order to go.
        seed: v, shape of the node ``walk.of``.
        initial: gradients that inputs hold already; contributions are added to them.

    Returns:
        The adjoint of every node reached, and of every input in ``initial``.
    """
    adjoints: dict[int, Array] = dict(initial)
    adjoints[walk.of] = accumulate(initial.get(walk.of), seed)
    with np.errstate(all="ignore"):
        for n, arguments in zip(walk.nodes, walk.arguments, strict=True):
            node = nodes[n]
            v = adjoints[n]
            for a in arguments:
                parent = node.parents[a]
                contribution = pull_back(node, a, v, values)
                adjoints[parent] = accumulate(adjoints.get(parent), contribution)
    return adjoints
