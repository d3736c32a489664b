"""Nodes and edges as functions of the values: what is asked of a rule, put together once.

It stands apart from the two loops over the tape, forward and backward, which call these and nothing
else. A graph that is evaluated again keeps them; the first time they are made on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tui_backprop.rules.broadcasting import unbroadcast
from tui_backprop.rules.pulling import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tui_backprop.graph.model import Node
    from tui_backprop.graph.plan import Walk
    from tui_backprop.rules.pulling import Pull
    from tui_backprop.rules.types import Shape

    Numbers: TypeAlias = Sequence[Any]
    Call: TypeAlias = tuple[int, Callable[[Numbers], Any]]
    Step: TypeAlias = tuple[int, int, Pull, bool]


def bound_calls(nodes: Iterable[Node]) -> Iterator[Call]:
    """The ops in tape order: which node, and what computes it from the values before it."""
    for node in nodes:
        if node.rule is not None:
            yield node.id, reading(node.rule.forward, node.params, node.parents)


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
    pull = rule.derivative(argument).bound(node.params, (node.id, *node.parents))
    if not rule.elementwise or shape == node.shape:
        return pull
    return lambda v, values: unbroadcast(np.asarray(pull(v, values), dtype=v.dtype), shape)


def bound_steps(nodes: Sequence[Node], walk: Walk) -> Iterator[Step]:
    """A backward pass, edge by edge: from which node, into which parent, and what pulls back.

    With them goes whether so many edges meet in the parent that its sums are kept on the way.
    """
    wide = walk.wide
    for n, arguments in zip(walk.nodes, walk.arguments, strict=True):
        node = nodes[n]
        parents = node.parents
        for a in arguments:
            parent = parents[a]
            yield n, parent, bound_pull(node, a, nodes[parent].shape), parent in wide
