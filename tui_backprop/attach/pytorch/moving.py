"""Values around an op that only moves entries: the same memory, seen otherwise."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.attach.pytorch.graph import op_name
from tui_backprop.attach.pytorch.reading import NO_CALL, Seen, axis, dims

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array, Shape

_RESHAPING: Final = frozenset(
    ["view", "unsafe_view", "reshape_alias", "squeeze", "unsqueeze", "alias"]
)


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
