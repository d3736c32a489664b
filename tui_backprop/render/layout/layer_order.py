"""Which layer each node stands in, and the edges between them as arrays.

It stands apart because it is the only stage that follows the tape node by node; the others are
passes over whole arrays.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.rules.types import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Every edge, by child and then by argument.

    Attributes:
        parent: the node read, one per edge.
        child: the node that reads.
        starts: the edges of node k are ``starts[k]`` to ``starts[k + 1]``; one longer than nodes.
    """

    parent: IntArray
    child: IntArray
    starts: IntArray


def edges_of(parents: Sequence[tuple[int, ...]]) -> Edges:
    """The edges as arrays.

    Raises:
        ValueError: a node reads itself, a later node, or one that is not there.
    """
    counts = np.fromiter(map(len, parents), dtype=np.intp, count=len(parents))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    parent = np.fromiter(chain.from_iterable(parents), dtype=np.intp, count=int(starts[-1]))
    child = np.repeat(np.arange(len(parents)), counts)
    wrong = np.flatnonzero((parent < 0) | (parent >= child))
    if wrong.size:
        e = int(wrong[0])
        raise ValueError(
            f"node {child[e]} reads node {parent[e]}; a parent stands before its child"
        )
    return Edges(parent, child, starts)


def assign_layers(parents: Sequence[tuple[int, ...]]) -> list[int]:
    """The layer of each node, from 0 at the top.

    The end of each path stands as early as its longest path allows, everything else as late as
    its readers allow: a constant next to its first use, never at the far top.
    """
    layers = _longest_paths(parents)
    latest = [len(parents)] * len(parents)
    for node in range(len(parents) - 1, -1, -1):
        if latest[node] < len(parents):
            layers[node] = latest[node]
        above = layers[node] - 1
        for parent in parents[node]:
            if above < latest[parent]:  # noqa: PLR1730 - a call per edge doubles the time
                latest[parent] = above
    return layers


def _longest_paths(parents: Sequence[tuple[int, ...]]) -> list[int]:
    layers = [0] * len(parents)
    for node, reads in enumerate(parents):
        layer = -1
        for parent in reads:
            if layers[parent] > layer:  # noqa: PLR1730 - as above
                layer = layers[parent]
        layers[node] = layer + 1
    return layers


def visiting_order(parents: Sequence[tuple[int, ...]]) -> list[int]:
    """When a walk from the ends of the graph up to the leaves first meets each node.

    Sorted by it, the layers of a tree have no crossings, and operands stand in argument order.
    """
    when = [-1] * len(parents)
    count = 0
    for end in _ends(parents):
        stack = [end]
        while stack:
            node = stack.pop()
            if when[node] < 0:
                when[node] = count
                count += 1
                stack += parents[node][::-1]
    return when


def _ends(parents: Sequence[tuple[int, ...]]) -> list[int]:
    """The nodes that no other reads."""
    is_end = [True] * len(parents)
    for reads in parents:
        for parent in reads:
            is_end[parent] = False
    return [node for node, end in enumerate(is_end) if end]
