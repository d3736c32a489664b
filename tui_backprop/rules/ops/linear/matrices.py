"""Diagonals, triangles and traces of matrices: their entries only move, or add up.

In a row, ``x`` is the operand's shape, or in a ``pick`` the array itself; ``k`` and ``offset`` say
which diagonal, as NumPy has it: 0 the main one, positive above it.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.gathering import as_array, gathered
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import PLAIN, Example, Parameter
from tui_backprop.rules.shapes import normal_axis, representable, whole_number
from tui_backprop.rules.sparsity import Spread, Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, IntArray, Shape


def _length(x: Shape, k: int) -> int:
    """How long a diagonal of a matrix is."""
    rows, columns = x
    return max(0, min(rows + min(k, 0), columns - max(k, 0)))


_FAR: Final = 2**30
"""Beyond every diagonal that an array in memory has."""


def _sides(name: str, x: Shape, axis1: Any, axis2: Any) -> tuple[int, int]:
    """The axes of rows and of columns, counted from 0; they must be two, and different ones."""
    if len(x) < 2:
        raise ShapeError(
            said("{name} needs a matrix, or a stack of them, found shape {x}", name=name, x=x)
        )
    first, second = normal_axis(axis1, x), normal_axis(axis2, x)
    if first == second:
        raise ArgumentError(
            said(
                "axis1={axis1} and axis2={axis2} name the same axis of shape {x}",
                axis1=axis1,
                axis2=axis2,
                x=x,
            )
        )
    return first, second


def _diagonal_shape(x: Shape, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Shape:
    first, second = _sides("diagonal", x, axis1, axis2)
    rest = (n for a, n in enumerate(x) if a not in {first, second})
    return (*rest, _length((x[first], x[second]), whole_number(offset, "offset")))


def _diag_shape(x: Shape, k: Any = 0) -> Shape:
    shift = whole_number(k, "k")
    if len(x) == 1:
        side = x[0] + abs(shift)
        return representable((side, side))
    if len(x) != 2:
        raise ShapeError(said("diag needs a vector or a matrix, found shape {x}", x=x))
    return (_length(x, shift),)


def _diag(x: Array, k: int = 0, fill: Any = None) -> Array:
    """A vector on a diagonal, or the diagonal of a matrix."""
    if x.ndim == 2:
        return _diagonal(x, k)
    side = x.size + abs(k)
    found = np.zeros(side * side, dtype=x.dtype)
    if fill:
        found.fill(fill)
    start = k if k >= 0 else -k * side
    found[start : start + x.size * (side + 1) : side + 1] = x
    return found.reshape(side, side)


def _triangle(x: Array, keep: Array, fill: Any) -> Array:
    return np.where(keep, x, np.asarray(0 if fill is None else fill, dtype=x.dtype))


def _below(x: Array, k: int) -> Array:
    """Where a matrix stands on or below a diagonal; a vector counts as each of its rows."""
    rows, columns = x.shape[-2:] if x.ndim > 1 else x.shape * 2
    return np.arange(columns) - np.arange(rows)[:, None] <= k


def _triangle_shape(name: str, x: Shape, k: Any) -> Shape:
    whole_number(k, "k")
    if not x:
        raise ShapeError(
            said(
                "{name} needs a matrix, or a vector as each of its rows, found shape ()", name=name
            )
        )
    return x if len(x) > 1 else representable(x * 2)


def _trace_shape(x: Shape, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Shape:
    whole_number(offset, "offset")
    sides = _sides("trace", x, axis1, axis2)
    return tuple(n for a, n in enumerate(x) if a not in sides)


def _places(x: Shape, offset: int, axis1: int, axis2: int) -> IntArray:
    """Flat positions of a diagonal, along a last axis."""
    return _diagonal(np.arange(prod(x), dtype=np.intp).reshape(x), offset, axis1, axis2)


def _diagonal(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """One that lies far outside is as empty as one just outside, and has a machine integer."""
    return np.diagonal(x, min(max(offset, -_FAR), _FAR), axis1, axis2)


def _trace(m: Any, x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.asarray(_diagonal(as_array(m, x), offset, axis1, axis2).sum(axis=-1))


def _trace_pulled(
    v: Array, _y: Array, x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Array:
    """``v`` to every entry of the diagonal."""
    return _on_diagonal(v[..., None], x.shape, offset, axis1, axis2)


def _on_diagonal(v: Array, x: Shape, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """What the entries of a diagonal receive, along a last axis; all others receive 0."""
    total = np.zeros(x, dtype=v.dtype)
    own = _diagonal(total, offset, axis1, axis2)
    own.flags.writeable = True  # NumPy gives a view, and guards it
    own[...] = v
    return total


def _vector_back(v: Array, x: Shape, k: int = 0) -> Array | None:
    """The diagonal that a vector became; to the diagonal that was taken of a matrix."""
    return _diagonal(v, k) if len(x) == 1 else _on_diagonal(v, x, k)


def _triangle_back(v: Array, x: Shape, keep: Array) -> Array | None:
    """The triangle of v; of a vector, which is each of the rows, entry by entry."""
    return None if len(x) == 1 else _triangle(v, keep, None)


def _trace_sparsity(
    out: Shape, x: Shape, offset: int = 0, axis1: int = 0, axis2: int = 1
) -> Spread:
    """Of what stands on the diagonals all axes agree but their own.

    In x's order a diagonal runs along the first of its two axes; the other one follows.
    """
    places = _places(x, offset, axis1, axis2)
    first, second = sorted(_sides("trace", x, axis1, axis2))
    order = [a for a in range(len(x)) if a != second]
    inner = tuple(places.shape[-1] if a == first else x[a] for a in order)
    kept = (k for k, a in enumerate(order) if a != first)
    return Spread(Tied(out, inner, tuple(enumerate(kept))), np.sort(places, axis=None), prod(x))


_DIAGONAL: Final = (
    Parameter("offset", "int", 0),
    Parameter("axis1", "int", 0),
    Parameter("axis2", "int", 1),
)
_K: Final = Parameter("k", "int", 0)

RULES: Final[tuple[Rule, ...]] = (
    structural(
        "trace",
        "x",
        parameters=_DIAGONAL,
        forward=_trace,
        shape=_trace_shape,
        parts=(
            Part(
                linear=True,
                vjp=_trace_pulled,
                sparsity=_trace_sparsity,
                entry=lambda m, j, i, y, x, **_: 1,
            ),
        ),
        summary="the sum of a diagonal of a matrix, or of each of a stack",
        examples=(Example(((3, 3),)), Example(((2, 3),), {"offset": 1}),
                  Example(((3, 2),), {"offset": -1}), Example(((0, 0),)),
                  Example(((2, 3, 2),)), Example(((2, 2, 3),), {"axis1": -1, "axis2": 1}),
                  Example(((3, 2, 2),), {"axis1": 2, "axis2": 0, "offset": 1})),
    ),
    gathered(
        "diagonal",
        _diagonal_shape,
        lambda x, offset=0, axis1=0, axis2=1, fill=None: _diagonal(x, offset, axis1, axis2),
        "a diagonal of two axes, the first two unless said; it becomes the last axis",
        (Example(((2, 3),)), Example(((3, 2),), {"offset": -1}), Example(((2, 3, 2),)),
         Example(((2, 3, 2),), {"axis1": -1, "axis2": 0})),
        _DIAGONAL,
        back=_on_diagonal,
    ),
    gathered(
        "diag",
        _diag_shape,
        _diag,
        "a vector on the diagonal of a matrix of zeros; of a matrix, its diagonal",
        (Example(((2,),)), Example(((2,),), {"k": 1}), Example(((2,),), {"k": -1}),
         Example(((3, 2),)), Example(((2, 3),), {"k": 1})),
        (_K,),
        PLAIN,
        _vector_back,
    ),
    gathered(
        "tril",
        lambda x, k=0: _triangle_shape("tril", x, k),
        lambda x, k=0, fill=None: _triangle(x, _below(x, k), fill),
        "a matrix with zeros above a diagonal; those receive nothing",
        (Example(((3, 3),)), Example(((2, 3),), {"k": 1}), Example(((2, 2, 2),), {"k": -1}),
         Example(((3,),))),
        (_K,),
        PLAIN,
        lambda v, x, k=0: _triangle_back(v, x, _below(v, k)),
    ),
    gathered(
        "triu",
        lambda x, k=0: _triangle_shape("triu", x, k),
        lambda x, k=0, fill=None: _triangle(x, ~_below(x, k - 1), fill),
        "a matrix with zeros below a diagonal; those receive nothing",
        (Example(((3, 3),)), Example(((2, 3),), {"k": 1}), Example(((2, 2, 2),), {"k": -1}),
         Example(((3,),))),
        (_K,),
        PLAIN,
        lambda v, x, k=0: _triangle_back(v, x, ~_below(v, k - 1)),
    ),
)  # fmt: skip
