"""NumPy's other ways to rearrange: axes added, dropped and moved, entries turned and repeated.

In a row, ``x`` is the operand's shape, or in a ``pick`` the array itself; the static arguments are
NumPy's.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import joined, said
from tui_backprop.rules.gathering import ORDER, gathered, permuted, repeated, same_order
from tui_backprop.rules.rule import PLAIN, Example, Parameter
from tui_backprop.rules.shapes import (
    broadcast_shape,
    normal_axes,
    normal_axis,
    refuse_axis_of_number,
    representable,
    whole_number,
)

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Shape


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def _squeezed(x: Shape, axis: Any = None) -> Shape:
    if axis is None:
        return tuple(n for n in x if n != 1)
    gone = normal_axes(axis, x)
    for a in gone:
        if x[a] != 1:
            raise ArgumentError(
                said(
                    "squeeze takes axes of length 1: axis {a} of {x} has {length}",
                    a=a,
                    x=x,
                    length=x[a],
                )
            )
    return tuple(n for a, n in enumerate(x) if a not in gone)


def _expanded(x: Shape, axis: Any) -> Shape:
    asked = _as_tuple(axis)
    new = normal_axes(asked, (1,) * (len(x) + len(asked)))
    rest = iter(x)
    return tuple(1 if a in new else next(rest) for a in range(len(x) + len(asked)))


def _broadcast(x: Shape, shape: Any) -> Shape:
    wanted = tuple(whole_number(n, said("a length in a shape")) for n in _as_tuple(shape))
    if any(n < 0 for n in wanted) or broadcast_shape(x, wanted) != wanted:
        raise ArgumentError(said("shape {x} does not broadcast to {wanted}", x=x, wanted=wanted))
    return representable(wanted)


def _swapped(x: Shape, axis1: Any, axis2: Any) -> tuple[int, ...]:
    order = list(range(len(x)))
    one, other = normal_axis(axis1, x), normal_axis(axis2, x)
    order[one], order[other] = order[other], order[one]
    return tuple(order)


def _moved(x: Shape, source: Any, destination: Any) -> tuple[int, ...]:
    came = [normal_axis(a, x) for a in _as_tuple(source)]
    goes = [normal_axis(a, x) for a in _as_tuple(destination)]
    if len(came) != len(goes) or len({*came}) != len(came) or len({*goes}) != len(goes):
        raise ArgumentError(
            said(
                "moveaxis needs as many sources as destinations, each once: {source} to "
                "{destination}",
                source=source,
                destination=destination,
            )
        )
    order = [a for a in range(len(x)) if a not in came]
    for place, axis in sorted(zip(goes, came, strict=True)):
        order.insert(place, axis)
    return tuple(order)


def _flipped(x: Shape, axis: Any = None) -> Shape:
    refuse_axis_of_number(axis, x)
    normal_axes(axis, x)
    return x


def _rolled(x: Shape, shift: Any, axis: Any = None) -> Shape:
    shifts = [whole_number(n, "shift") for n in _as_tuple(shift)]
    axes = [0] if axis is None else [normal_axis(a, x) for a in _as_tuple(axis)]
    if len(shifts) != len(axes) and 1 not in {len(shifts), len(axes)}:
        raise ArgumentError(
            said(
                "roll needs a shift for each axis, found {shift} for {axis}", shift=shift, axis=axis
            )
        )
    return x


def _roll(x: Array, shift: Any, axis: Any = None, fill: Any = None) -> Array:
    del fill
    return x.copy() if () in {shift, axis} else np.roll(x, shift, axis=axis)


def _rolled_back(v: Array, _x: Shape, shift: Any, axis: Any = None) -> Array:
    return _roll(v, tuple(-n for n in _as_tuple(shift)), axis)


def _tiled(x: Shape, reps: Any) -> Shape:
    times = [whole_number(n, "reps") for n in _as_tuple(reps)]
    if any(n < 0 for n in times):
        raise ArgumentError(
            said("reps {reps}: an array cannot be repeated a negative number of times", reps=reps)
        )
    rank = max(len(x), len(times))
    lengths = (1,) * (rank - len(x)) + x
    factors = [1] * (rank - len(times)) + times
    return representable(tuple(n * k for n, k in zip(lengths, factors, strict=True)))


def _copies_added(v: Array, x: Shape, **_reps: Any) -> Array | None:
    """The copies of a vector, added up; of more axes entry by entry."""
    return v.reshape(-1, *x).sum(axis=0) if len(x) == v.ndim == 1 and x[0] > 1 else None


def _repeated(x: Shape, repeats: Any, axis: Any = None) -> Shape:
    times = [whole_number(n, "repeats") for n in _as_tuple(repeats)]
    if any(n < 0 for n in times):
        raise ArgumentError(said("repeats is {repeats}: it must be 0 or more", repeats=repeats))
    chosen = None if axis is None else normal_axis(axis, x)
    length = prod(x) if chosen is None else x[chosen]
    if len(times) not in {1, length}:
        raise ArgumentError(
            said(
                "repeats of length {count} does not fit {length} entries: a number for each, or "
                "one for all",
                count=len(times),
                length=length,
            )
        )
    total = sum(times) if len(times) == length else times[0] * length
    if chosen is None:
        return representable((total,))
    return representable(tuple(total if a == chosen else n for a, n in enumerate(x)))


def _widths(x: Shape, pad_width: Any) -> list[tuple[int, int]]:
    """Before and after, for each axis; one number or one pair serves all."""
    rows = _as_tuple(pad_width)
    if not any(isinstance(row, tuple | list) for row in rows):
        rows = (rows,)
    pairs = [_as_tuple(row) * (2 if len(_as_tuple(row)) == 1 else 1) for row in rows]
    if len(pairs) not in {1, len(x)} or any(len(pair) != 2 for pair in pairs):
        raise ArgumentError(
            said(
                "pad_width {pad_width} does not fit shape {x}: a pair for each axis",
                pad_width=pad_width,
                x=x,
            )
        )
    found = [(whole_number(a, "pad_width"), whole_number(b, "pad_width")) for a, b in pairs]
    if any(n < 0 for pair in found for n in pair):
        raise ArgumentError(
            said("pad_width {pad_width}: a width is 0 or more", pad_width=pad_width)
        )
    return found if len(found) == len(x) else found * len(x)


_MODES: Final = ("constant", "edge", "reflect", "symmetric", "wrap")


def _padded(x: Shape, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Shape:
    widths = _widths(x, pad_width)
    if mode not in _MODES:
        known = joined(", ", map(repr, _MODES[:-1]))
        raise ArgumentError(
            said(
                "mode must be {known} or {last}, found {mode}",
                known=known,
                last=repr(_MODES[-1]),
                mode=repr(mode),
            )
        )
    if mode == "constant":
        _borders(x, constant_values)
    elif constant_values != 0:
        raise ArgumentError(
            said("constant_values is for mode='constant', and mode is {mode}", mode=repr(mode))
        )
    for axis, (n, pair) in enumerate(zip(x, widths, strict=True)):
        if mode != "constant" and n == 0 and any(pair):
            raise ArgumentError(
                said(
                    "axis {axis} of {x} has no entries to repeat: use mode='constant'",
                    axis=axis,
                    x=x,
                )
            )
    pairs = zip(x, widths, strict=True)
    return representable(tuple(n + before + after for n, (before, after) in pairs))


def _borders(x: Shape, constant_values: Any) -> Any:
    """The constant before and behind, for each axis, as NumPy reads one number or several."""
    try:
        return np.broadcast_to(np.asarray(constant_values, dtype=np.float64), (len(x), 2))
    except ValueError:
        raise ArgumentError(
            said(
                "constant_values {constant_values} does not fit shape {x}: one number, two, or "
                "a pair for each axis",
                constant_values=constant_values,
                x=x,
            )
        ) from None


def _pad(
    x: Array, pad_width: Any, mode: str = "constant", constant_values: Any = 0, fill: Any = None
) -> Array:
    widths = _widths(x.shape, pad_width)
    if mode != "constant" and widths:
        padded: Any = np.pad  # its types know no mode that is a variable
        return np.asarray(padded(x, widths, mode=mode))
    borders = _borders(x.shape, constant_values if fill is None else fill)
    found = x
    # Axis by axis as NumPy does it: a corner belongs to the last axis.
    for axis, ((before, after), (low, high)) in enumerate(zip(widths, borders, strict=True)):
        first, last = ([*found.shape[:axis], n, *found.shape[axis + 1 :]] for n in (before, after))
        parts = np.full(first, low, dtype=x.dtype), found, np.full(last, high, dtype=x.dtype)
        found = np.concatenate(parts, axis=axis)
    return found.copy() if found is x else found


def _inside(v: Array, x: Shape, pad_width: Any, mode: str = "constant", **_: Any) -> Array | None:
    """What stands between constants; what repeats the operand is added up entry by entry."""
    if mode != "constant":
        return None
    pairs = zip(x, _widths(x, pad_width), strict=True)
    return v[tuple([slice(before, before + n) for n, (before, _) in pairs])]


_AXIS: Final = Parameter("axis", "axis", None)

RULES: Final[tuple[Rule, ...]] = (
    same_order(
        "ravel",
        lambda x: (prod(x),),
        "the same entries in one row",
        (Example(((2, 3),)), Example(((),)), Example(((0, 2),)),
         Example(((2, 3),), {"order": "F"})),
        (ORDER,),
        directly=lambda x, order="C": x.ravel(order),
    ),
    same_order(
        "squeeze",
        _squeezed,
        "the same entries without axes of length 1, or without the given ones",
        (Example(((1, 3),)), Example(((2, 1, 1),), {"axis": -1}), Example(((1,),)),
         Example(((),), {"axis": 0})),
        (_AXIS,),
        directly=lambda x, axis=None: x.reshape(()) if not x.ndim else np.squeeze(x, axis),
    ),
    same_order(
        "expand_dims",
        _expanded,
        "the same entries with new axes of length 1, at the given places of the result",
        (Example(((3,),), {"axis": 0}), Example(((2, 2),), {"axis": (0, -1)}),
         Example(((),), {"axis": 0})),
        (Parameter("axis", "shape"),),
        directly=np.expand_dims,
    ),
    repeated(
        "broadcast_to",
        _broadcast,
        "the array repeated to a shape that it broadcasts to",
        (Example(((3,),), {"shape": (2, 3)}), Example(((2, 1),), {"shape": (2, 3)}),
         Example(((),), {"shape": (2,)}), Example(((1,),), {"shape": (0,)})),
        (Parameter("shape", "shape"),),
        np.broadcast_to,
    ),
    permuted(
        "swapaxes",
        _swapped,
        "two axes exchanged",
        (Example(((2, 3),), {"axis1": 0, "axis2": 1}),
         Example(((2, 1, 3),), {"axis1": 0, "axis2": -1})),
        (Parameter("axis1", "int"), Parameter("axis2", "int")),
    ),
    permuted(
        "moveaxis",
        _moved,
        "axes moved to other places, the rest in order",
        (Example(((2, 1, 3),), {"source": 0, "destination": -1}),
         Example(((2, 2, 3),), {"source": (0, 1), "destination": (-1, 0)})),
        (Parameter("source", "shape"), Parameter("destination", "shape")),
    ),
    gathered(
        "flip",
        _flipped,
        lambda x, axis=None, fill=None: np.flip(x, axis),
        "entries in reverse order along the given axes, or along all",
        (Example(((3,),)), Example(((2, 3),), {"axis": 1}), Example(((),))),
        (_AXIS,),
        back=lambda v, x, axis=None: np.flip(v, axis),
    ),
    gathered(
        "roll",
        _rolled,
        _roll,
        "entries moved on along an axis; what leaves at the end comes in at the front",
        (Example(((3,),), {"shift": 1}), Example(((2, 3),), {"shift": -1, "axis": 1}),
         Example(((2, 2),), {"shift": (1, 1), "axis": (0, 1)})),
        (Parameter("shift", "shape"), _AXIS),
        back=_rolled_back,
    ),
    gathered(
        "tile",
        _tiled,
        lambda x, reps, fill=None: np.tile(x, reps),
        "the whole array again and again; each copy sends its share back",
        (Example(((3,),), {"reps": 2}), Example(((2,),), {"reps": (2, 2)}),
         Example(((),), {"reps": 3}), Example(((2,),), {"reps": 0})),
        (Parameter("reps", "shape"),),
        back=_copies_added,
    ),
    gathered(
        "repeat",
        _repeated,
        lambda x, repeats, axis=None, fill=None: np.repeat(x, repeats, axis=axis),
        "each entry several times in a row; each copy sends its share back",
        (Example(((3,),), {"repeats": 2}), Example(((2, 2),), {"repeats": 3, "axis": 0}),
         Example(((),), {"repeats": 2}), Example(((3,),), {"repeats": (1, 0, 2)}),
         Example(((2, 2),), {"repeats": (0, 3), "axis": 1})),
        (Parameter("repeats", "shape"), _AXIS),
    ),
    gathered(
        "pad",
        _padded,
        _pad,
        "the array with entries around it: constants, which receive nothing, or its own again",
        (Example(((3,),), {"pad_width": 1}),
         Example(((2, 2),), {"pad_width": ((1, 0), (0, 2)), "constant_values": 7}),
         Example(((2,),), {"pad_width": (0, 2)}),
         Example(((2, 1),), {"pad_width": 1, "constant_values": ((3, 4), (5, 6))}),
         Example(((3,),), {"pad_width": (2, 1), "mode": "edge"}),
         Example(((2, 3),), {"pad_width": ((0, 1), (4, 2)), "mode": "reflect"}),
         Example(((3,),), {"pad_width": 4, "mode": "symmetric"}),
         Example(((2, 2),), {"pad_width": (1, 3), "mode": "wrap"})),
        (Parameter("pad_width", "pad_width"), Parameter("mode", "text", "constant"),
         Parameter("constant_values", "borders", 0, is_named=True)),
        PLAIN,
        _inside,
    ),
)  # fmt: skip
