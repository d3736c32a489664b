"""NumPy's broadcasting, once: shapes, the sum over broadcast axes, and which entry reads which.

It stands apart because the elementwise rows, matmul's batch axes and the graph share it.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.errors import ShapeError

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array, Index, Shape


def broadcast_shape(*shapes: Shape) -> Shape:
    """The shape that all operands broadcast to.

    Raises:
        ShapeError: some axis has two lengths, neither of them 1; the message shows the shapes.
    """
    if len(set(shapes)) == 1:
        return shapes[0]
    # By hand: np.broadcast_shapes also refuses a result too big to exist, and that is for the
    # limits to say, with their own words.
    axes = []
    for lengths in zip_longest(*(reversed(s) for s in shapes), fillvalue=1):
        found = set(lengths) - {1}
        if len(found) > 1:
            shown = " and ".join(str(s) for s in shapes)
            raise ShapeError(
                f"shapes {shown} do not broadcast: "
                "aligned from the right, each axis must be equal or 1"
            )
        axes.append(found.pop() if found else 1)
    return tuple(reversed(axes))


def batch_shape(a: Shape, b: Shape, op: str) -> Shape:
    """What the axes before the last two broadcast to.

    Raises:
        ShapeError: they do not; the message shows the shapes in full.
    """
    try:
        return broadcast_shape(a[:-2], b[:-2])
    except ShapeError:
        raise ShapeError(
            f"shapes {a} and {b} do not fit for {op}: the axes before the last two do not "
            "broadcast: aligned from the right, each must be equal or 1"
        ) from None


def unbroadcast(array: Array, shape: Shape) -> Array:
    """Sum over the axes along which an operand of ``shape`` was repeated.

    The transpose of broadcasting: an entry read k times receives k contributions, added up.

    Args:
        array: a cotangent of the broadcast result.
        shape: the operand's own shape.

    Returns:
        An array of ``shape``.
    """
    if array.shape == shape:
        return array
    extra = array.ndim - len(shape)
    stretched = tuple(
        extra + axis for axis, n in enumerate(shape) if n == 1 and array.shape[extra + axis] != 1
    )
    summed = np.sum(array, axis=(*range(extra), *stretched), keepdims=True)
    return np.asarray(summed).reshape(shape)


def broadcast_ties(out_shape: Shape, in_shape: Shape) -> tuple[tuple[int, int], ...]:
    """Pairs (output axis, operand axis) whose coordinates agree; stretched axes are free."""
    extra = len(out_shape) - len(in_shape)
    return tuple(
        (extra + axis, axis) for axis, n in enumerate(in_shape) if n == out_shape[extra + axis]
    )


def take(operand: Any, index: Index) -> Any:
    """The entries of a broadcast operand that stand at ``index`` of the result.

    Args:
        operand: anything with ``shape`` that can be indexed by a tuple: an array, or symbols.
        index: one coordinate per axis of the result, integers or integer arrays.
    """
    shape: Shape = operand.shape
    own = index[len(index) - len(shape) :]
    return operand[tuple(0 if n == 1 else c for n, c in zip(shape, own, strict=True))]
