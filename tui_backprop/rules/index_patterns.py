"""NumPy's indexing as arithmetic: the shape of ``x[key]``, and which entry of x each entry reads.

It stands apart because a shape must be known, and refused if too big, before anything is indexed,
and because sparsity needs the positions and not the values.

A key is an int, slice, None, Ellipsis, (nested) list of ints or of truth values, or a tuple of
these. A mask of k axes is what NumPy makes of it: a list of ints for each of them, side by side.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules.broadcasting import broadcast_shape
from tui_backprop.rules.shapes import representable, whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import EllipsisType

    from tui_backprop.rules.types import IntArray, Shape

Item: TypeAlias = "int | slice | EllipsisType | IntArray | None"


def parsed_key(key: Any, shape: Shape) -> tuple[Item, ...]:
    """A key as NumPy takes it: lists made arrays, one Ellipsis always there, bounds checked.

    Raises:
        ArgumentError: a part is of another kind, out of bounds, or there are too many.
        ShapeError: a mask has not the lengths of the axes that it covers.
    """
    items = tuple(_item(part) for part in (key if isinstance(key, tuple) else (key,)))
    ellipses = sum(item is Ellipsis for item in items)
    if ellipses > 1:
        raise ArgumentError("an index can only have one '...'")
    reading = sum(map(_width, items))
    if reading > len(shape):
        axes = f"{len(shape)} {'axis' if len(shape) == 1 else 'axes'}"
        raise ArgumentError(f"too many indices: {reading}, but shape {shape} has {axes}")
    items = items if ellipses else (*items, Ellipsis)
    found: list[Item] = []
    for item, axis, stop in _walk(items, shape):
        if _is_mask(item):
            found += _kept(item, axis, stop, shape)
        else:
            if isinstance(item, int | np.ndarray):
                _check_bounds(np.asarray(item), axis, shape)
            found.append(item)
    return tuple(found)


def indexed_shape(shape: Shape, key: Any) -> Shape:
    """The shape of ``x[key]``, without making it.

    Raises:
        ArgumentError: see `parsed_key`.
        ShapeError: see `parsed_key`; or lists of the key do not broadcast.
    """
    items = parsed_key(key, shape)
    basic: list[int] = []
    listed: list[Shape] = []
    places: list[tuple[int, int]] = []
    for number, (item, axis, stop) in enumerate(_walk(items, shape)):
        if item is None:
            basic.append(1)
        elif isinstance(item, slice):
            basic.append(len(range(*item.indices(shape[axis]))))
        elif isinstance(item, int | np.ndarray):
            listed.append(np.shape(item))
            places.append((number, len(basic)))
        else:
            basic.extend(shape[axis:stop])
    # Lists, and the ints among them, stand where the first stood if nothing parts them, not even an
    # empty '...'; else in front. Ints alone take no place at all.
    parted = bool(places) and places[-1][0] - places[0][0] >= len(places)
    at = places[0][1] if places and not parted else 0
    return representable((*basic[:at], *broadcast_shape(*listed), *basic[at:]))


def gathered_source(shape: Shape, key: Any) -> IntArray:
    """The flat position in x that each entry of ``x[key]`` reads, in C order."""
    items: Any = parsed_key(key, shape)
    total = np.zeros(indexed_shape(shape, key), dtype=np.intp)
    for axis, n in enumerate(shape):
        # One coordinate at a time, stretched without memory: x may be far larger than x[key].
        along = np.arange(n, dtype=np.intp).reshape(n, *(1 for _ in shape[axis + 1 :]))
        total += np.broadcast_to(along, shape)[items] * prod(shape[axis + 1 :])
    return total.ravel()


def reads_twice(items: tuple[Item, ...]) -> bool:
    """Whether a list takes part, so that an entry may be read more than once."""
    return any(isinstance(item, np.ndarray) for item in items)


def _item(part: Any) -> Item:
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, slice):
        start, stop, step = (
            b if b is None else whole_number(b, "a bound of a slice")
            for b in (part.start, part.stop, part.step)
        )
        if step == 0:
            raise ArgumentError("the step of a slice must not be 0")
        return slice(start, stop, step)
    if isinstance(part, list | tuple) or (isinstance(part, np.ndarray) and part.ndim):
        return _listed(part)
    return whole_number(part, "an index")


def _listed(part: Any) -> IntArray:
    try:
        found = np.asarray(part)
    except ValueError:
        raise ArgumentError(f"an index list must not be ragged: {part!r}") from None
    if found.dtype == np.bool_:
        return found
    if found.size and found.dtype.kind not in "iu":
        raise ArgumentError(
            f"an index list must hold whole numbers only, or True and False only, found {part!r}"
        )
    return found.astype(np.intp)


def _is_mask(item: Item) -> TypeGuard[IntArray]:
    return isinstance(item, np.ndarray) and item.dtype == np.bool_


def _kept(mask: IntArray, axis: int, stop: int, shape: Shape) -> tuple[IntArray, ...]:
    """Where a mask is True: of each axis that it covers the coordinates."""
    if mask.shape != shape[axis:stop]:
        covered = f"axis {axis}" if stop == axis + 1 else f"axes {axis} to {stop - 1}"
        raise ShapeError(
            f"a mask of shape {mask.shape} does not fit {covered} of shape {shape}: "
            f"expected {shape[axis:stop]}"
        )
    return np.nonzero(mask)


def _width(item: Item) -> int:
    """How many axes of x an item reads; ``...`` reads those that are left."""
    if item is None or item is Ellipsis:
        return 0
    return item.ndim if _is_mask(item) else 1


def _walk(items: tuple[Item, ...], shape: Shape) -> Iterator[tuple[Item, int, int]]:
    """Each item with the axes of x that it reads, as a range."""
    reading = sum(map(_width, items))
    axis = 0
    for item in items:
        width = len(shape) - reading if item is Ellipsis else _width(item)
        yield item, axis, axis + width
        axis += width


def _check_bounds(found: IntArray, axis: int, shape: Shape) -> None:
    n = shape[axis]
    outside = found[(found < -n) | (found >= n)]
    if outside.size:
        raise ArgumentError(
            f"index {outside.flat[0]} is out of bounds for axis {axis} of length {n} "
            f"(shape {shape})"
        )
