"""The extent of an expression, from the extents of what it reads.

It stands apart from the bounds of single ops. An op without one bounds nothing, unless what it
reads stays the same: the search then looks at each step.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.conditions.arithmetic import NUMBERS
from tui_backprop.debug.conditions.evaluation import MOVING
from tui_backprop.debug.conditions.intervals import Extent, between, hull_of
from tui_backprop.debug.conditions.logic import ANSWERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, IntArray

BOUNDS: Final = MappingProxyType({**NUMBERS, **ANSWERS})
"""How each op bounds its result."""


def hull(graph: Graph, leaves: Sequence[Extent], result: int) -> Extent | None:
    """The extent of a formula; None where an op on the way bounds nothing.

    Args:
        graph: of a formula.
        leaves: of what it reads, in the order of its constants.
        result: the node asked for.
    """
    found = list(leaves)
    with np.errstate(all="ignore"):
        for node in graph.nodes[len(leaves) :]:
            if node.rule is None:
                extent: Extent | None = hull_of(
                    np.asarray(node.literal, dtype=graph.dtype).reshape(node.shape or (1,))
                )
            else:
                extent = _node(node, node.rule, [found[p] for p in node.parents])
            if extent is None:
                return None
            found.append(extent)
    return found[result]


def _node(node: Node, rule: Rule, operands: Sequence[Extent]) -> Extent | None:
    bound = BOUNDS.get(rule.name)
    axes = {key: x for key, x in node.params.items() if key in {"axis", "keepdims"}}
    others = (x for key, x in node.params.items() if key not in axes)
    if bound is not None and all(x is None for x in others):
        return _shaped(bound(*operands, **axes), node)
    if rule.name in MOVING:
        return _moved(node, rule, operands)
    if all(x.is_constant for x in operands):
        value = np.asarray(rule.forward(np, *(x.low for x in operands), **node.params))
        return between(value, value, nan=np.isnan(value))
    return None


def _shaped(extent: Extent, node: Node) -> Extent:
    """Broadcast to the shape of the node: a flag may come from one operand alone."""
    if extent.unknown.shape == node.shape:
        return extent
    return extent.each(lambda part: np.broadcast_to(part, node.shape))


def _moved(node: Node, rule: Rule, operands: Sequence[Extent]) -> Extent:
    """Entries that change places only."""
    forward = rule.forward

    def numbers(name: str) -> Array:
        given = [np.asarray(getattr(x, name), dtype=np.float64) for x in operands]
        return np.asarray(forward(np, *given, **node.params))

    def flags(name: str) -> IntArray:
        return np.asarray(numbers(name) > 0)

    return Extent(numbers("low"), numbers("high"), flags("nan"), flags("number"),
                  flags("unknown"), flags("known"))  # fmt: skip
