"""The values of many nodes, kept in little room: small ones side by side in one array.

A tensor of one number needs several hundred bytes; a long program has a million of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import Array, IntArray, Shape

_SMALL: Final = 16
"""Entries up to which a value is copied; a larger one keeps its tensor."""


class Numbers(Sequence["Array"]):
    """Values by node id, read-only."""

    def __init__(self, t: Any, graph: Graph) -> None:
        sizes = {shape: prod(shape) for shape in {node.shape for node in graph.nodes}}
        widths = {shape: size if size <= _SMALL else 0 for shape, size in sizes.items()}
        self._t = t
        self._shapes = [node.shape for node in graph.nodes]
        self._starts = np.zeros(len(graph.nodes) + 1, dtype=np.int64)
        np.cumsum([widths[shape] for shape in self._shapes], out=self._starts[1:])
        self._flat: Array = np.empty(int(self._starts[-1]), dtype=graph.dtype)
        self._tensor = t.from_numpy(self._flat)
        self._others: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self._shapes)

    @overload
    def __getitem__(self, index: int) -> Array: ...
    @overload
    def __getitem__(self, index: slice) -> list[Array]: ...
    def __getitem__(self, index: int | slice) -> Array | list[Array]:
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self)))]
        found: Array = self.tensor(range(len(self))[index]).numpy()
        return found

    def tensor(self, node: int) -> Any:
        """The value of a node as a tensor of its own, without what it was computed from."""
        other = self._others.get(node)
        if other is not None:
            return other.detach()
        start, stop = self._starts[node : node + 2].tolist()
        return self._tensor[start:stop].view(self._shapes[node])

    def keep(self, first: int, tensors: Sequence[Any]) -> None:
        """Take in the values of nodes that follow one another, from a first one on."""
        alike: dict[Shape, list[int]] = {}
        dtype = self._tensor.dtype
        for k, tensor in enumerate(tensors):
            shape = self._shapes[first + k]
            is_small = not shape or 0 < tensor.numel() <= _SMALL
            # By its strides a sum may be added up in another order.
            if is_small and tensor.dtype is dtype and (not shape or tensor.is_contiguous()):
                alike.setdefault(shape, []).append(k)
            else:
                self._others[first + k] = tensor.detach()
        with self._t.no_grad():
            for found in alike.values():
                together = self._t.stack([tensors[k] for k in found]).numpy()
                entries = together.reshape(len(found), -1)
                starts = self._starts[first + np.array(found)]
                self._flat[starts[:, np.newaxis] + np.arange(entries.shape[1])] = entries

    def is_small(self, node: int) -> bool:
        """Whether a value stands beside others, for `entries` to give."""
        return node not in self._others

    def widths(self, nodes: IntArray) -> IntArray:
        """How many entries each of some small values has."""
        return np.asarray(self._starts[nodes + 1] - self._starts[nodes])

    def entries(self, nodes: IntArray) -> Array:
        """Every entry of some small values, one value after the other, as float64."""
        widths = self.widths(nodes)
        within = np.arange(int(widths.sum())) - np.repeat(np.cumsum(widths) - widths, widths)
        found = self._flat[np.repeat(self._starts[nodes], widths) + within]
        return np.asarray(found, dtype=np.float64)
