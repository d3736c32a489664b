"""NumPy's indexing as arithmetic: the shape of ``x[key]``, and which entry of x each entry reads.

It stands apart because a shape must be known, and refused if too big, before anything is indexed,
and because sparsity needs the positions and not the values.

A key is an int, slice, None, Ellipsis, (nested) list of ints, or a tuple of these.
"""

from __future__ import annotations

from math import prod
from types import EllipsisType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.rules.axes import whole_number
from tui_backprop.rules.broadcasting import broadcast_shape

if TYPE_CHECKING:
    from tui_backprop.rules.types import IntArray, Shape

Item: TypeAlias = "int | slice | EllipsisType | IntArray | None"


def parsed_key(key: Any, shape: Shape) -> tuple[Item, ...]:
    """A key as NumPy takes it, lists made arrays, every part checked against the shape.

    Raises:
        ArgumentError: a part is of another kind, out of bounds, or there are too many.
    """
    items = tuple(_item(part) for part in (key if isinstance(key, tuple) else (key,)))
    for axis, item in zip(_axes_read(items, shape), items, strict=True):
        if axis is not None and not isinstance(item, slice):
            _check_bounds(np.asarray(item, dtype=np.intp), axis, shape)
    return items


def indexed_shape(shape: Shape, key: Any) -> Shape:
    """The shape of ``x[key]``, without making it.

    Raises:
        ArgumentError: see `parsed_key`; also where lists do not broadcast.
    """
    items = parsed_key(key, shape)
    has_list = any(isinstance(item, np.ndarray) for item in items)
    basic: list[int] = []
    listed: list[Shape] = []
    places: list[tuple[int, int]] = []
    for number, (axis, item) in enumerate(zip(_axes_read(items, shape), items, strict=True)):
        if item is None:
            basic.append(1)
        elif isinstance(item, slice) and axis is not None:
            basic.append(len(range(*item.indices(shape[axis]))))
        elif item is Ellipsis:
            basic.extend(_skipped(items, shape))
        elif has_list:
            listed.append(np.shape(item))
            places.append((number, len(basic)))
    basic.extend(_unread(items, shape))
    if not listed:
        return tuple(basic)
    # Lists and the ints between them stand together where the first stood; apart, they go in front.
    together = places[-1][0] - places[0][0] == len(places) - 1
    at = places[0][1] if together else 0
    return (*basic[:at], *broadcast_shape(*listed), *basic[at:])


def gathered_source(shape: Shape, key: Any) -> IntArray:
    """The flat position in x that each entry of ``x[key]`` reads, in C order."""
    items = parsed_key(key, shape)
    total = np.zeros(np.shape(np.broadcast_to(False, shape)[items]), dtype=np.intp)
    for axis, n in enumerate(shape):
        # One coordinate at a time, stretched without memory: x may be far larger than x[key].
        along = np.arange(n, dtype=np.intp).reshape(n, *(1 for _ in shape[axis + 1 :]))
        total += np.broadcast_to(along, shape)[items] * prod(shape[axis + 1 :])
    return total.ravel()


def is_gather(items: tuple[Item, ...]) -> bool:
    """Whether a list takes part, so that an entry may be read twice."""
    return any(isinstance(item, np.ndarray) for item in items)


def _item(part: Any) -> Item:
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, slice):
        bounds = [
            b if b is None else whole_number(b, "a slice's bound")
            for b in (part.start, part.stop, part.step)
        ]
        if bounds[2] == 0:
            raise ArgumentError("a slice's step must not be 0")
        return slice(*bounds)
    if isinstance(part, list | tuple | np.ndarray):
        return _listed(part)
    return whole_number(part, "an index")


def _listed(part: Any) -> IntArray:
    try:
        found = np.asarray(part)
    except ValueError:
        raise ArgumentError(f"an index list must not be ragged: {part!r}") from None
    if found.size and found.dtype.kind not in "iu":
        raise ArgumentError(f"an index list must hold whole numbers only, found {part!r}")
    return found.astype(np.intp)


def _axes_read(items: tuple[Item, ...], shape: Shape) -> list[int | None]:
    """For each item the axis of x that it reads, None where it reads none."""
    reading = sum(item is not None and item is not Ellipsis for item in items)
    if reading > len(shape):
        raise ArgumentError(
            f"too many indices: {reading} for shape {shape}, which has {len(shape)} "
            f"ax{'i' if len(shape) == 1 else 'e'}s"
        )
    if sum(item is Ellipsis for item in items) > 1:
        raise ArgumentError("an index can only have one '...'")
    found: list[int | None] = []
    axis = 0
    for item in items:
        if item is Ellipsis:
            axis += len(shape) - reading
        reads = item is not None and item is not Ellipsis
        found.append(axis if reads else None)
        axis += reads
    return found


def _skipped(items: tuple[Item, ...], shape: Shape) -> Shape:
    """The axes that the ellipsis stands for."""
    before = sum(item is not None for item in items[: items.index(Ellipsis)])
    after = sum(item is not None for item in items[items.index(Ellipsis) + 1 :])
    return shape[before : len(shape) - after]


def _unread(items: tuple[Item, ...], shape: Shape) -> Shape:
    """The axes that a key without an ellipsis says nothing about."""
    if any(item is Ellipsis for item in items):
        return ()
    return shape[sum(item is not None for item in items) :]


def _check_bounds(found: IntArray, axis: int, shape: Shape) -> None:
    n = shape[axis]
    outside = found[(found < -n) | (found >= n)]
    if outside.size:
        raise ArgumentError(
            f"index {outside.flat[0]} is out of bounds for axis {axis} of length {n} "
            f"(shape {shape})"
        )
