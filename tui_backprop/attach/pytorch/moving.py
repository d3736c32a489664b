"""The forward values of nodes: as they were named, recorded or saved, or moved from a neighbour's.

Around an op that only moves entries it is the same memory, seen otherwise.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.attach.pytorch.graph import op_name
from tui_backprop.attach.pytorch.ops import NodeOp, array, only_moves, shape_of
from tui_backprop.attach.pytorch.reading import NO_CALL, Seen, axis, dims
from tui_backprop.attach.pytorch.sharing import owner
from tui_backprop.errors import UnknownError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.attach.pytorch.graph import Nodes
    from tui_backprop.attach.pytorch.names import Names
    from tui_backprop.attach.pytorch.recording import Recording
    from tui_backprop.rules.types import Array, Shape

_RESHAPING: Final = frozenset(
    ["view", "unsafe_view", "reshape_alias", "squeeze", "unsqueeze", "alias"]
)


class Forward:
    """Finds the values of the nodes behind a loss.

    Args:
        nodes: of the loss.
        order: those that ran backward.
        names: what the program calls them.
        recording: of the forward pass.
        dtype: of the arrays.
    """

    def __init__(
        self,
        nodes: Nodes,
        order: Iterable[Any],
        names: Names,
        recording: Recording,
        dtype: np.dtype[Any],
    ) -> None:
        self._nodes, self._names, self._recording = nodes, names, recording
        self._dtype = dtype
        self._movers = {node.next_functions[0]: node for node in order if only_moves(node)}

    def value(
        self, node: Any, output: int, operand: Array | None = None, links: int = 4
    ) -> Array | None:
        """An output of a node, if somebody kept it, or what was moved from it.

        Args:
            node: PyTorch's.
            output: which of its outputs.
            operand: the value of its one operand. Where that is a copy it is looked at otherwise:
                what PyTorch kept of a transposed weight is the weight, which training changes.
            links: how many moves are followed.
        """
        if operand is not None and owner(operand) is None:
            seen = seen_after(node, operand, shape_of(node, output))
            if seen is not None:
                return seen
        named = self._names.nodes.get((node, output))
        tensor = named[1] if named else self._recording.value(node, output)
        if tensor is None:
            tensor = self._nodes.saved.get((node, output))
        if tensor is None or tuple(tensor.shape) != shape_of(node, output):
            return self._moved_back(node, output, links)
        return array(tensor, self._dtype)

    def _moved_back(self, node: Any, output: int, links: int) -> Array | None:
        """The value of a node out of that of an op that only moved its entries: Jᵀ times that."""
        reader = self._movers.get((node, output)) if links else None
        found = None if reader is None else self.value(reader, 0, links=links - 1)
        if reader is None or found is None:
            return None
        same = seen_before(reader, found, shape_of(node, output))
        if same is not None:
            return same
        with suppress(UnknownError):
            return NodeOp(reader, [0], [0]).vjp(found)[0].astype(self._dtype)
        return None

    def moved(self, op: NodeOp, operand: Array | None) -> Array | None:
        """The value of an op that only moves entries of its one operand: J times that."""
        if operand is None or not op.is_moving or len(op.node.next_functions) != 1:
            return None
        found = seen_after(op.node, operand, op.shape)
        if found is not None:
            return found
        with suppress(UnknownError):
            return op.jvp(0, operand).astype(self._dtype, copy=False)
        return None


def seen_after(node: Any, x: Array, shape: Shape) -> Array | None:
    """The value of a node out of its operand's; None where that takes more than another look."""
    if op_name(node) in _RESHAPING:
        return x.reshape(shape)
    axes = _axes(node, x.ndim)
    return None if axes is None else x.transpose(axes)


def seen_before(node: Any, y: Array, shape: Shape) -> Array | None:
    """The value of a node's operand out of its own; None where that takes more."""
    if op_name(node) in _RESHAPING:
        return y.reshape(shape)
    axes = _axes(node, y.ndim)
    return None if axes is None else y.transpose(np.argsort(axes))


def _axes(node: Any, count: int) -> tuple[int, ...] | None:
    """Which axis of the operand each of the output is, of an op that only exchanges axes."""
    found = list(range(count))
    name = op_name(node)
    if name == "t":
        return tuple(reversed(found))
    # Another release of PyTorch may save other things.
    with suppress(TypeError, ValueError, LookupError, AttributeError):
        seen = Seen(node, 0, NO_CALL)
        if name == "transpose":
            a, b = axis("dim0")(seen), axis("dim1")(seen)
            found[a], found[b] = found[b], found[a]
            return tuple(found)
        if name == "permute":
            return tuple(dims("dims")(seen))
    return None
