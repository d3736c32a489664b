"""Which entries of the local Jacobians of a graph can be non-zero, found once for edges alike.

It stands apart from the plan because it is filled as people look: a loop unrolled asks the same of
thousands of edges, and a walk asks it again at every step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.graph.cache import Kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Shape

    _Key: TypeAlias = tuple[int, int, int, Shape, tuple[Shape, ...]]

_ROOM: Final = 16 << 20
_MOST: Final = 256
"""Patterns: more than a screen shows at once."""


class PickedPatterns:
    """The patterns of one evaluation: exact where numbers without a gradient decide what is read.

    Embedding numbers and class labels do; elsewhere shapes decide, and the pattern is the graph's.
    """

    def __init__(self, nodes: Sequence[Node], values: Sequence[Array], stated: Patterns) -> None:
        self._nodes = nodes
        self._values = values
        self._stated = stated
        self._kept: Kept[tuple[int, int], Sparsity] = Kept(_ROOM, most=_MOST)

    def is_picked(self, edge: Edge) -> bool:
        """Whether numbers decide the pattern of an edge."""
        rule = self._nodes[edge.node].rule
        return rule is not None and rule.derivative(edge.argument).is_picked

    def of(self, edge: Edge) -> Sparsity:
        """The pattern of an edge's Jacobian."""
        node = self._nodes[edge.node]
        if node.rule is None or not self.is_picked(edge):
            return self._stated.of(edge)
        found = self._kept.get((edge.node, edge.argument))
        if found is not None:
            return found
        operands = tuple([self._values[p] for p in node.parents])
        made = node.rule.derivative(edge.argument).picked(node.shape, operands, node.params)
        return self._kept.put((edge.node, edge.argument), made, 16 * made.nonzeros + 1024)


class Patterns:
    """The patterns of a graph's edges; shapes, the rule and its arguments decide them."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = nodes
        self._kept: Kept[_Key, Sparsity] = Kept(_ROOM, most=_MOST)

    def of(self, edge: Edge) -> Sparsity:
        """The pattern of an edge's Jacobian."""
        nodes = self._nodes
        node = nodes[edge.node]
        rule, params = node.rule, node.params
        if rule is None:
            raise AssertionError("a leaf is never walked through")
        shapes = tuple([nodes[p].shape for p in node.parents])
        # The graph keeps its rules and arguments, so that an address means the same one for good.
        key = edge.argument, id(rule), id(params), node.shape, shapes
        found = self._kept.get(key)
        if found is not None:
            return found
        made = rule.derivative(edge.argument).sparsity(node.shape, shapes, params)
        # A pattern may hold two positions for every entry of the output.
        return self._kept.put(key, made, 16 * node.size + 1024)
