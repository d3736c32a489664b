"""Nodes and edges as functions of the values: what is asked of a rule, put together once.

It stands apart from the two loops over the tape, forward and backward, which call these and nothing
else. A graph that is evaluated again keeps them; the first time they are made on the way.
"""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tui_backprop.rules.broadcasting import unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_backprop.graph.model import Node
    from tui_backprop.graph.plan import Walk
    from tui_backprop.rules.types import Array, Shape

    Values: TypeAlias = Sequence[Array]
    Forward: TypeAlias = Callable[[Values], Any]
    Pull: TypeAlias = Callable[[Array, Values], Any]
    Step: TypeAlias = tuple[int, tuple[tuple[int, Pull], ...]]


def bound_forward(node: Node) -> Forward | None:
    """What computes a node from the values before it; None for what is no op."""
    if node.rule is None:
        return None
    call = partial(node.rule.forward, np, **node.params)
    operands = _picking(node.parents)
    return lambda values: call(*operands(values))


def bound_pull(node: Node, argument: int, shape: Shape) -> Pull:
    """``(v, values)`` → ``vᵀJ`` of one edge, in the parent's shape; it may be a plain number.

    The one place where broadcasting is undone.

    Args:
        node: the child.
        argument: which of its operands.
        shape: the parent's.
    """
    rule = node.rule
    if rule is None:
        raise AssertionError("a leaf has no operands to pull back into")
    pull = rule.derivative(argument).bound(node.params)
    operands = _picking((node.id, *node.parents))
    if not rule.elementwise or shape == node.shape:
        return lambda v, values: pull(v, *operands(values))
    return lambda v, values: unbroadcast(
        np.asarray(pull(v, *operands(values)), dtype=v.dtype), shape
    )


def bound_steps(nodes: Sequence[Node], walk: Walk) -> Iterator[Step]:
    """A backward pass, node by node: which one, and of each edge its parent and what pulls back."""
    for n, arguments in zip(walk.nodes, walk.arguments, strict=True):
        node = nodes[n]
        parents = node.parents
        yield (
            n,
            tuple([(parents[a], bound_pull(node, a, nodes[parents[a]].shape)) for a in arguments]),
        )


def _picking(ids: tuple[int, ...]) -> Callable[[Values], tuple[Array, ...]]:
    """What picks some values: a tuple, also of one or none."""
    if len(ids) > 1:
        return itemgetter(*ids)
    return lambda values: tuple([values[k] for k in ids])
