"""Products that look at their operands in another shape: outer, vdot and kron.

They stand apart from ``products`` because an axis of the value is not an axis of an operand: outer
and vdot flatten, kron interleaves.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``a`` and ``b`` the
operands, ``v`` the cotangent of the value. Each row is written once for the left operand; the right
one is the same with the roles exchanged.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example
from tui_backprop.rules.shapes import representable
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Shape


def _flat(m: Any, x: Any) -> Any:
    return m.reshape(x, (prod(x.shape),))


def _at(x: Any, flat: Any) -> Any:
    """The entry at a flat position, by its coordinates: symbols know no others."""
    return x[tuple(np.unravel_index(flat, x.shape)) if x.shape else ()]


def _position(i: Index, shape: Shape) -> Any:
    return np.ravel_multi_index(i, shape) if shape else 0


def _outer_part(k: int) -> Part:
    def pull(v: Array, _y: Array, *arrays: Array) -> Array:
        turned, other = (v, v.T)[k], arrays[1 - k]
        return np.asarray(turned @ other.ravel()).reshape(arrays[k].shape)

    return Part(
        linear=True,
        vjp=pull,
        sparsity=lambda out, *shapes: Tied(out, (prod(shapes[k]),), ((k, 0),)),
        entry=lambda m, j, i, y, *arrays: _at(arrays[1 - k], j[1 - k]),
    )


def _vdot_shape(a: Shape, b: Shape) -> Shape:
    if prod(a) != prod(b):
        raise ShapeError(
            f"vdot needs as many entries on both sides: {a} has {prod(a)}, {b} has {prod(b)}"
        )
    return ()


def _vdot_part(k: int) -> Part:
    return Part(
        linear=True,
        vjp=lambda v, y, *arrays: v * arrays[1 - k].reshape(arrays[k].shape),
        sparsity=lambda out, *shapes: Tied((), (prod(shapes[k]),), ()),
        entry=lambda m, j, i, y, *arrays: _at(arrays[1 - k], _position(i, arrays[k].shape)),
    )


def _padded(*shapes: Shape) -> tuple[Shape, Shape]:
    """Both shapes with as many axes, 1 in front."""
    rank = max(map(len, shapes))
    a, b = ((1,) * (rank - len(shape)) + shape for shape in shapes)
    return a, b


def _kron_shape(a: Shape, b: Shape) -> Shape:
    return representable(tuple(n * k for n, k in zip(*_padded(a, b), strict=True)))


def _interleaved(a: Shape, b: Shape) -> Shape:
    """The value seen with twice the axes: of a and of b in turn."""
    return tuple(n for pair in zip(*_padded(a, b), strict=True) for n in pair)


def _kron(m: Any, a: Any, b: Any) -> Any:
    own, other = _padded(a.shape, b.shape)
    rank = len(own)
    spaced = m.reshape(a, tuple(n for k in own for n in (k, 1)))
    tiled = m.reshape(b, tuple(n for k in other for n in (1, k)))
    return m.reshape(spaced * tiled, _kron_shape(a.shape, b.shape)) if rank else a * b


def _kron_part(k: int) -> Part:
    def pull(v: Array, _y: Array, *arrays: Array) -> Array:
        view = _interleaved(arrays[0].shape, arrays[1].shape)
        other = _padded(arrays[0].shape, arrays[1].shape)[1 - k]
        aligned = tuple(n for length in other for n in ((1, length), (length, 1))[k])
        gone = tuple(range(1 - k, len(view), 2))
        return np.asarray(
            np.sum(v.reshape(view) * arrays[1 - k].reshape(aligned), axis=gone)
        ).reshape(arrays[k].shape)

    def sparsity(_out: Shape, *shapes: Shape) -> Tied:
        own = _padded(*shapes)[k]
        ties = tuple((2 * axis + k, axis) for axis in range(len(own)))
        return Tied(_interleaved(*shapes), own, ties)

    def entry(_m: Any, j: Index, _i: Index, _y: Any, *arrays: Any) -> Any:
        right = _padded(arrays[0].shape, arrays[1].shape)[1]
        places = tuple(c // n if k else c % n for c, n in zip(j, right, strict=True))
        other = arrays[1 - k]
        return other[places[len(places) - len(other.shape) :]]

    return Part(linear=True, vjp=pull, sparsity=sparsity, entry=entry)


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "outer",
        "a b",
        text="outer({a}, {b})",
        forward=lambda m, a, b: _flat(m, a)[:, None] * _flat(m, b),
        shape=lambda a, b: representable((prod(a), prod(b))),
        parts=(_outer_part(0), _outer_part(1)),
        summary="every entry of a with every entry of b, as a matrix",
        examples=(
            Example(((2,), (3,))),
            Example(((2, 2), (3,))),
            Example(((2,), (1, 3))),
            Example(((), (2,))),
            Example(((0,), (2,))),
        ),
    ),
    structural(
        "vdot",
        "a b",
        text="vdot({a}, {b})",
        forward=lambda m, a, b: m.sum(_flat(m, a) * _flat(m, b)),
        shape=_vdot_shape,
        parts=(_vdot_part(0), _vdot_part(1)),
        summary="the sum of the products of all entries, each side read in C order",
        examples=(
            Example(((3,), (3,))),
            Example(((2, 3), (3, 2))),
            Example(((4,), (2, 2))),
            Example(((), ())),
            Example(((0,), (0,))),
        ),
    ),
    structural(
        "kron",
        "a b",
        text="kron({a}, {b})",
        forward=_kron,
        shape=_kron_shape,
        parts=(_kron_part(0), _kron_part(1)),
        summary="every entry of a times all of b, as blocks",
        examples=(
            Example(((2,), (3,))),
            Example(((2, 2), (1, 3))),
            Example(((2,), (2, 2))),
            Example(((2, 1, 2), (2,))),
            Example(((), (2,))),
            Example(((), ())),
            Example(((0,), (2,))),
        ),
    ),
)
