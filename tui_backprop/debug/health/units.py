"""Units that are off: those of a layer through which no sample of the batch sends a gradient.

A share of dead entries hides them: one unit of sixteen that is off for good is 6% of its layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.health.record import Units
from tui_backprop.graph.model import Role
from tui_backprop.rules.derivative import Constant, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Shape

_LEAST: Final = 2
"""Samples; what one sample does says nothing about a unit."""
_CHANNELS: Final = frozenset({"conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d",
                              "max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d"})  # fmt: skip
"""Ops whose axis 1 is that of the channels."""
_MOST_BEFORE: Final = 4
"""Nodes before an activation that are asked which of its axes is that of the units."""


def has_units(node: Node) -> bool:
    """Whether a node may have units: it is an op that chooses, of a shape with two axes or more."""
    return node.rule is not None and len(node.shape) > 1 and _chooses(node.rule)


def units_of(graph: Graph, node: Node, steepest: Array) -> Units | None:
    """The units of a node that are off; None without a batch.

    Args:
        graph: the tape.
        node: that `has_units`.
        steepest: the largest slope of each entry.
    """
    axis = _axis(graph, node)
    samples = node.shape[0 if axis else 1]
    others = tuple(k for k in range(len(node.shape)) if k != axis)
    if samples < _LEAST or not node.size:
        return None
    off = np.flatnonzero(np.all(steepest == 0, axis=others))
    return Units(axis, node.shape[axis], samples, tuple(off.tolist()))


def _chooses(rule: Rule) -> bool:
    """Whether the slope of an op depends on which side of a kink its operand lies."""
    partials = (d.partial for d in rule.derivatives if isinstance(d, Scalar))
    return rule.kink is not None and any(not isinstance(p, Constant) for p in partials)


def _axis(graph: Graph, node: Node) -> int:
    """Along which axis the units of a layer lie.

    Rows are samples, and units the last axis; channels of a convolution are axis 1. Of ``W @ X``
    with the weights in front units are rows.
    """
    last = len(node.shape) - 1
    if len(node.shape) > 3:
        return 1
    for before in _before(graph, node):
        if before.op in _CHANNELS:
            return 1
        if before.op == "add":
            shapes = [graph.nodes[p].shape for p in before.parents]
            if any(_stands_up(shape, node.shape) for shape in shapes):
                return 0
        if before.op == "matmul" and last == 1:
            one, other = (_is_weight(graph.nodes[p]) for p in before.parents)
            return 0 if one and not other else last
    return last


def _is_weight(node: Node) -> bool:
    """Whether a factor is a leaf of weights; where data are inputs too, its name must say so."""
    return node.role is Role.INPUT and node.name[:1] in {"W", "w"}


def _stands_up(shape: Shape, of: Shape) -> bool:
    """Whether a bias has one number for each row, ``(units, 1)``."""
    return len(of) == 2 and shape == (of[0], 1)


def _before(graph: Graph, node: Node) -> Iterator[Node]:
    """The nodes that an activation follows, the nearest first; leaves have nothing to say."""
    for _ in range(_MOST_BEFORE):
        ops = (graph.nodes[p] for p in node.parents)
        largest = max((n for n in ops if n.role is Role.OP), key=lambda n: n.size, default=None)
        if largest is None:
            return
        node = largest
        yield node
