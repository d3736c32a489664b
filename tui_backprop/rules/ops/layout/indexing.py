"""Transpose, reshape and indexing: every entry of the value is one entry of the operand.

Where y[j] is x[i] the partial is 1, elsewhere it is 0 by structure. The static arguments are
NumPy's ``axes`` and ``shape``, and ``key`` of ``x[key]``.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeGuard

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said, said_many
from tui_backprop.rules.gathering import ORDER, permuted, same_order
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import MOVES, Example, Parameter
from tui_backprop.rules.shapes import broadcast_shape, normal_axis, representable, whole_number
from tui_backprop.rules.sparsity import Gathered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import EllipsisType

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, IntArray, Shape


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
        raise ArgumentError(said("an index can only have one '...'"))
    reading = sum(map(_width, items))
    if reading > len(shape):
        axes = said_many(len(shape), "{count} axis", "{count} axes")
        raise ArgumentError(
            said(
                "too many indices: {reading}, but shape {shape} has {axes}",
                reading=reading,
                shape=shape,
                axes=axes,
            )
        )
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


@dataclass(frozen=True, slots=True, eq=False)
class _Key:
    """A key as NumPy reads it quickest.

    Attributes:
        items: the key for NumPy.
        may_repeat: whether an entry may be read more than once.
    """

    items: Any
    may_repeat: bool


def _quick_key(key: Any) -> _Key:
    """The key for NumPy, which the shape rule has checked; of ints and slices as it stands.

    A list alone is an array alone: in a tuple NumPy adds up at its places ten times slower.
    """
    if type(key) is _Key:
        return key
    parts = key if isinstance(key, tuple) else (key,)
    if all(type(part) in _BASIC for part in parts):
        return _Key((*parts, ...) if ... not in parts else parts, may_repeat=False)
    items: list[Any] = []
    for item in map(_item, parts):
        items += np.nonzero(item) if _is_mask(item) else (item,)
    if len(items) == 1 and np.ndim(items[0]):
        return _Key(items[0], may_repeat=True)
    may_repeat = reads_twice(tuple(items))
    is_open = any(item is Ellipsis for item in items)
    return _Key(tuple(items) if is_open else (*items, ...), may_repeat)


_BASIC: Final = frozenset((int, slice, type(None), type(...)))


def reads_twice(items: tuple[Item, ...]) -> bool:
    """Whether a list takes part, so that an entry may be read more than once."""
    return any(isinstance(item, np.ndarray) for item in items)


def _item(part: Any) -> Item:
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, slice):
        start, stop, step = (
            b if b is None else whole_number(b, said("a bound of a slice"))
            for b in (part.start, part.stop, part.step)
        )
        if step == 0:
            raise ArgumentError(said("the step of a slice must not be 0"))
        return slice(start, stop, step)
    if isinstance(part, list | tuple) or (isinstance(part, np.ndarray) and part.ndim):
        return _listed(part)
    return whole_number(part, said("an index"))


def _listed(part: Any) -> IntArray:
    try:
        found = np.asarray(part)
    except ValueError:
        raise ArgumentError(
            said("an index list must not be ragged: {part}", part=repr(part))
        ) from None
    if found.dtype == np.bool_:
        return found
    if found.size and found.dtype.kind not in "iu":
        raise ArgumentError(
            said(
                "an index list must hold whole numbers only, or True and False only, found {part}",
                part=repr(part),
            )
        )
    return found.astype(np.intp)


def _is_mask(item: Item) -> TypeGuard[IntArray]:
    return isinstance(item, np.ndarray) and item.dtype == np.bool_


def _kept(mask: IntArray, axis: int, stop: int, shape: Shape) -> tuple[IntArray, ...]:
    """Where a mask is True: of each axis that it covers the coordinates."""
    if mask.shape != shape[axis:stop]:
        covered = said("axis {axis}", axis=axis)
        if stop != axis + 1:
            covered = said("axes {first} to {last}", first=axis, last=stop - 1)
        raise ShapeError(
            said(
                "a mask of shape {mask} does not fit {covered} of shape {shape}: expected {wanted}",
                mask=mask.shape,
                covered=covered,
                shape=shape,
                wanted=shape[axis:stop],
            )
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
            said(
                "index {index} is out of bounds for axis {axis} of length {n} (shape {shape})",
                index=outside.flat[0],
                axis=axis,
                n=n,
                shape=shape,
            )
        )


def _order(x: Shape, axes: Any = None) -> tuple[int, ...]:
    """The operand's axis behind each axis of the value."""
    if axes is None:
        return tuple(reversed(range(len(x))))
    found = tuple(normal_axis(a, x) for a in (axes if isinstance(axes, tuple | list) else (axes,)))
    if sorted(found) != list(range(len(x))):
        raise ArgumentError(
            said(
                "axes {axes} must name each axis of shape {x} once: an order of {order}",
                axes=axes,
                x=x,
                order=tuple(range(len(x))),
            )
        )
    return found


def _reshaped(x: Shape, shape: Any) -> Shape:
    """The new shape, −1 worked out."""
    asked = tuple(
        whole_number(n, said("a length in a shape"))
        for n in (shape if isinstance(shape, tuple | list) else (shape,))
    )
    unknown = [a for a, n in enumerate(asked) if n == -1]
    size, known = prod(x), prod(n for n in asked if n != -1)
    if any(n < -1 for n in asked) or len(unknown) > 1:
        raise ArgumentError(
            said("shape {asked}: lengths are 0 or more, and at most one is −1", asked=asked)
        )
    fits = known != 0 and size % known == 0 if unknown else size == known
    if not fits:
        raise ArgumentError(
            said("cannot reshape {x}, {size} entries, to {asked}", x=x, size=size, asked=asked)
            if unknown
            else said(
                "cannot reshape {x}, {size} entries, to {asked}, {known} entries",
                x=x,
                size=size,
                asked=asked,
                known=known,
            )
        )
    return representable(tuple(size // known if n == -1 else n for n in asked))


def _scattered(v: Array, _y: Array, x: Array, key: Any) -> Array:
    """The cotangent added up at the entries that were read; all others receive 0."""
    quick = _quick_key(key)
    total = np.zeros(x.shape, dtype=v.dtype)
    if quick.may_repeat:
        np.add.at(total, quick.items, v)
    else:
        total[quick.items] = v
    return total


RULES: Final[tuple[Rule, ...]] = (
    permuted(
        "transpose",
        _order,
        "the axes in another order; reversed, unless said",
        (
            Example(((),)),
            Example(((3,),)),
            Example(((2, 3),)),
            Example(((2, 1, 3),), {"axes": (1, 2, 0)}),
            Example(((2, 3, 2),), {"axes": (-1, 0, 1)}),
            Example(((0, 3),)),
        ),
        (Parameter("axes", "axes", None),),
    ),
    same_order(
        "reshape",
        _reshaped,
        "the same entries in the same order, in another shape",
        (
            Example(((2, 3),), {"shape": (3, 2)}),
            Example(((2, 3),), {"shape": -1}),
            Example(((4,),), {"shape": (2, -1, 1)}),
            Example(((),), {"shape": (1, 1)}),
            Example(((1,),), {"shape": ()}),
            Example(((0, 3),), {"shape": (2, 0)}),
            Example(((2, 3),), {"shape": (3, -1), "order": "F"}),
        ),
        (Parameter("shape", "shape"), ORDER),
        text="reshape({x}, {shape}, order={order})",
        directly=lambda x, shape, order="C": x.reshape(shape, order=order),
    ),
    structural(
        "index",
        "x",
        text="{x}[{key}]",
        parameters=(Parameter("key", "index"),),
        forward=lambda m, x, key: x[_quick_key(key).items],
        prepare=lambda key: {"key": _quick_key(key)},
        shape=indexed_shape,
        parts=(
            Part(
                linear=True,
                vjp=_scattered,
                sparsity=lambda out, x, key: Gathered(gathered_source(x, key), prod(x)),
                entry=lambda m, j, i, y, x, key: 1,
                nonzeros=lambda out, x, key: prod(out),
            ),
        ),
        summary="entries picked as NumPy does; one picked twice receives both contributions",
        examples=(
            Example(((3,),), {"key": 1}),
            Example(((3,),), {"key": -1}),
            Example(((3,),), {"key": slice(None, None, -2)}),
            Example(((3,),), {"key": [2, 0, 2]}),
            Example(((3,),), {"key": []}),
            Example(((),), {"key": ()}),
            Example(((),), {"key": (None, ...)}),
            Example(((2, 3),), {"key": (slice(1, None), slice(None, None, 2))}),
            Example(((2, 3),), {"key": (slice(None), None)}),
            Example(((2, 3),), {"key": (..., -1)}),
            Example(((2, 3),), {"key": ([0, 1, 1], [2, 2, 2])}),
            Example(((2, 3),), {"key": [[1], [0]]}),
            Example(((3,),), {"key": [True, False, True]}),
            Example(((2, 3),), {"key": [[False, True, True], [True, False, False]]}),
            Example(((2, 3, 2),), {"key": (1, [True, False, True])}),
            Example(((2, 3),), {"key": (slice(None), [False, False, False])}),
            Example(((2, 3, 2),), {"key": (0, slice(None), [1, 0, 1])}),
            Example(((2, 3, 2),), {"key": (slice(None), [0, 2], 1)}),
            Example(((2, 0),), {"key": slice(None, None, -1)}),
        ),
        traits=MOVES,
    ),
)
