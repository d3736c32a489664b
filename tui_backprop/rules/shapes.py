"""Shapes: which axes ``axis`` names, what a reduction leaves over, and how operands broadcast."""

from __future__ import annotations

from functools import lru_cache
from itertools import zip_longest
from math import prod
from operator import index
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import all_of, said
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.types import Array, Index, Shape

Read = TypeVar("Read")


def whole_number(value: Any, what: str) -> int:
    """``value`` as an int; anything else is refused, booleans and floats too."""
    try:
        if not isinstance(value, bool | np.bool_):
            return index(value)
    except TypeError:
        pass
    raise ArgumentError(
        said("{what} must be a whole number, found {value}", what=what, value=repr(value))
    )


def normal_axis(axis: Any, shape: Shape) -> int:
    """One axis counted from 0.

    Raises:
        ArgumentError: the shape has no such axis; the message shows it.
    """
    found = whole_number(axis, "axis")
    if -len(shape) <= found < len(shape):
        return found % len(shape)
    if not shape:
        raise ArgumentError(said("axis {found} is out of range: shape () has no axes", found=found))
    raise ArgumentError(
        said(
            "axis {found} is out of range for shape {shape}: it has axes 0 to {last}, or "
            "−{count} to −1",
            found=found,
            shape=shape,
            last=len(shape) - 1,
            count=len(shape),
        )
    )


def normal_axes(axis: Any, shape: Shape) -> tuple[int, ...]:
    """Every axis named, ascending, counted from 0; None names all of them.

    A number has no axes, yet NumPy's reductions and PyTorch's take axis 0 or −1 of it; rows that
    do not ask `refuse_axis_of_number` first.

    Raises:
        ArgumentError: an axis is out of range or named twice.
    """
    if axis is None:
        return tuple(range(len(shape)))
    if not isinstance(axis, tuple):
        return () if names_axis_of_number(axis, shape) else (normal_axis(axis, shape),)
    found = [normal_axis(a, shape) for a in axis]
    if len(set(found)) < len(found):
        raise ArgumentError(
            said("axis {axis} names an axis of shape {shape} twice", axis=axis, shape=shape)
        )
    return tuple(sorted(found))


def names_axis_of_number(axis: Any, shape: Shape) -> bool:
    """Whether one axis, the first or the last, is named of a shape that has none."""
    return not shape and axis is not None and axis in {0, -1} and not isinstance(axis, bool)


def refuse_axis_of_number(axis: Any, shape: Shape) -> None:
    """Refuse an axis of a number, for rows whose functions take none."""
    if axis is not None and not isinstance(axis, tuple):
        normal_axis(axis, shape)


def reduced_shape(shape: Shape, axis: Any = None, keepdims: bool = False) -> Shape:
    """The shape that is left when the named axes are reduced."""
    gone = normal_axes(axis, shape)
    if keepdims:
        return tuple(1 if a in gone else n for a, n in enumerate(shape))
    return tuple(n for a, n in enumerate(shape) if a not in gone)


def reduced_count(shape: Shape, axis: Any = None) -> int:
    """How many entries meet in each entry of the result."""
    return prod(shape[a] for a in normal_axes(axis, shape))


def reduced_sparsity(shape: Shape, axis: Any = None) -> Tied:
    """Output and operand agree on every axis that is kept; the reduced ones are free."""
    gone = normal_axes(axis, shape)
    kept = tuple(a for a in range(len(shape)) if a not in gone)
    return Tied(tuple(shape[a] for a in kept), shape, tuple(enumerate(kept)))


def spread(v: Any, shape: Shape, axis: Any = None) -> Array:
    """A reduction's result repeated along the reduced axes, read-only; the transpose of a sum.

    v is in the reduced shape, with or without the axes kept, and may be a placeholder for it;
    ``shape`` is that before.
    """
    if v.size == 1:
        if not isinstance(v, (np.ndarray, np.generic)):
            found: Array = v.repeated(shape)
            return found
        # What `broadcast_to` would give, at a tenth of its price.
        return np.ndarray(shape, v.dtype, v, 0, (0,) * len(shape))
    return np.broadcast_to(v.reshape(reduced_shape(shape, axis, keepdims=True)), shape)


def remembered(read: Callable[..., Read]) -> Callable[..., Read]:
    """What shapes and arguments were read as before, for values that are computed again and again.

    Only for arguments that the shape rule has checked: what is equal is taken for the same.
    """
    known = lru_cache(maxsize=256)(read)

    def asked(*shapes: Shape, **params: Any) -> Read:
        try:
            return known(*shapes, **params)
        except TypeError:  # a list cannot be looked up
            return read(*shapes, **params)

    return asked


def representable(shape: Shape) -> Shape:
    """The shape itself, if NumPy can have an array of it.

    Raises:
        ArgumentError: it has more than 64 axes, or an axis too long for a machine integer.
    """
    try:
        np.broadcast_to(False, shape)
    except ValueError:
        raise ArgumentError(
            said("shape {shape} cannot be: it has too many axes, or too long ones", shape=shape)
        ) from None
    return shape


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
            shown = all_of(str(s) for s in shapes)
            raise ShapeError(
                said(
                    "shapes {shown} do not broadcast: aligned from the right, each axis must be "
                    "equal or 1",
                    shown=shown,
                )
            )
        axes.append(found.pop() if found else 1)
    return tuple(reversed(axes))


def batch_shape(a: Shape, b: Shape, op: str) -> Shape:
    """The shape that the axes before the last two broadcast to; a refusal shows both in full."""
    try:
        return broadcast_shape(a[:-2], b[:-2])
    except ShapeError:
        raise ShapeError(
            said(
                "shapes {a} and {b} do not fit for {op}: the axes before the last two do not "
                "broadcast: aligned from the right, each must be equal or 1",
                a=a,
                b=b,
                op=op,
            )
        ) from None


def unbroadcast(array: Array, shape: Shape) -> Array:
    """Sum over the axes along which an operand of ``shape`` was repeated.

    The transpose of broadcasting: an entry read k times receives k contributions, added up.
    """
    if array.shape == shape:
        return array
    extra = array.ndim - len(shape)
    stretched = tuple(
        extra + axis for axis, n in enumerate(shape) if n == 1 and array.shape[extra + axis] != 1
    )
    # As ``add.reduce``, to skip the wrapper around it.
    summed: Array = np.add.reduce(array, axis=(*range(extra), *stretched), keepdims=True)
    return summed.reshape(shape)


def broadcast_ties(out_shape: Shape, in_shape: Shape) -> tuple[tuple[int, int], ...]:
    """Pairs (output axis, operand axis) whose coordinates agree; stretched axes are free."""
    extra = len(out_shape) - len(in_shape)
    return tuple(
        (extra + axis, axis) for axis, n in enumerate(in_shape) if n == out_shape[extra + axis]
    )


def written_out(symbols: Any, at: Index = ()) -> Any:
    """All entries of an operand that makes them one by one, or those behind leading coordinates."""
    found = np.empty(symbols.shape[len(at) :], dtype=object)
    for place in np.ndindex(found.shape):
        found[place] = symbols[(*at, *place)]
    return found


def take(operand: Any, index: Index) -> Any:
    """The entries of a broadcast operand that the result's entry at ``index`` reads.

    The operand is anything with ``shape`` that can be indexed by a tuple: an array, or symbols.
    """
    shape: Shape = operand.shape
    own = index[len(index) - len(shape) :]
    return operand[tuple(0 if n == 1 else c for n, c in zip(shape, own, strict=True))]
