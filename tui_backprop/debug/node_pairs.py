"""The nodes of two walks side by side, a few thousand at a time: which of them may differ."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tui_backprop.graph.arrays import held, portions, stacked
from tui_backprop.graph.tolerance import Tolerance, is_same

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.types import Array, Shape

_BLOCK: Final = 4096
"""Nodes whose numbers are compared together: some milliseconds."""


class Block(NamedTuple):
    """Nodes that follow one another.

    Attributes:
        nodes: their numbers.
        suspects: those that may differ, ascending: all that do, and those whose value one of the
            walks does not hold. Behind a node that is another one nobody looks.
        are_same: whether all have the same rule, and the same value to the last bit.
    """

    nodes: range
    suspects: Sequence[int]
    are_same: bool


class NodePairs:
    """The nodes that two evaluations have at the same places.

    Attributes:
        count: how many there are.
    """

    def __init__(self, left: Evaluation, right: Evaluation, tolerance: Tolerance) -> None:
        self._both = left, right
        self._tolerance = tolerance
        self._blocks: dict[int, Block] = {}
        self._is_same: dict[int, bool] = {}
        self.count = min(len(x.graph.nodes) for x in self._both)

    def blocks(self) -> Iterator[Block]:
        """All of them; each is compared when it is asked for, and remembered."""
        for start in range(0, self.count, _BLOCK):
            if start not in self._blocks:
                nodes = range(start, min(start + _BLOCK, self.count))
                self._blocks[start] = self._block(nodes)
            yield self._blocks[start]

    @property
    def are_same(self) -> bool:
        """Whether all nodes have the same rule, and the same value to the last bit."""
        return all(block.are_same for block in self.blocks())

    def is_same(self, n: int) -> bool:
        """Whether a node has the same rule, and the same value to the last bit."""
        if n not in self._is_same:
            left, right = self._both
            is_known = left.is_known(n) and right.is_known(n)
            self._is_same[n] = (
                is_known
                and left.graph.nodes[n].rule is right.graph.nodes[n].rule
                and is_same(left.value(n), right.value(n))
            )
        return self._is_same[n]

    def _block(self, nodes: range) -> Block:
        left, right = (x.graph.nodes[nodes.start : nodes.stop] for x in self._both)
        pairs = zip(nodes, left, right, strict=True)
        other = next((n for n, a, b in pairs if not is_same_node(a, b)), nodes.stop)
        alike = range(nodes.start, other)
        suspects = [*nodes[len(alike) :][:1]]
        are_same = not suspects and all(a.rule is b.rule for a, b in zip(left, right, strict=True))
        for some, ours, theirs in self._values(alike):
            if ours is None or theirs is None:
                are_same = False
                suspects += some
            elif not is_same(ours, theirs):
                are_same = False
                apart = self._tolerance.apart(ours, theirs).reshape(len(some), -1).any(axis=1)
                suspects += [some[k] for k in np.flatnonzero(apart).tolist()]
        return Block(nodes, sorted(suspects), are_same)

    def _values(self, nodes: range) -> Iterator[tuple[Sequence[int], Array | None, Array | None]]:
        """Nodes of one shape with their values in both; None for one that cannot be read."""
        left, right = self._both
        numbers = (held(x.node_values, nodes) for x in self._both)
        by_shape: dict[Shape, list[tuple[int, Any, Any]]] = {}
        for n, a, b in zip(nodes, *numbers, strict=True):
            if a is None or b is None:
                yield [n], None, None
            elif a is not b:
                by_shape.setdefault(left.graph.nodes[n].shape, []).append((n, a, b))
        for shape, found in by_shape.items():
            for some in portions(found, prod(shape)):
                chosen, ours, theirs = zip(*some, strict=True)
                yield (
                    chosen,
                    stacked(ours, shape, left.graph.dtype),
                    stacked(theirs, shape, right.graph.dtype),
                )


def is_same_node(left: Node, right: Node) -> bool:
    """Whether op, static arguments, parents, shape and name are the same."""
    if left is right:
        return True
    return (
        ((left.rule is right.rule and left.role is right.role) or left.op == right.op)
        and left.parents == right.parents
        and left.shape == right.shape
        and left.name == right.name
        # A NaN among the arguments equals nothing, but is written as any other.
        and (left.params == right.params or repr(left.params) == repr(right.params))
    )
