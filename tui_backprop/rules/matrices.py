"""Matrices as matrices: their diagonals, triangles and traces.

It stands apart from ``solving`` because no entry here depends on more than one of the operand's,
but for the sum of a trace.

In a row, ``x`` is the operand's shape, or in a ``pick`` the array itself; ``k`` and ``offset`` say
which diagonal, as NumPy has it: 0 the main one, positive above it.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.rules.axes import representable, whole_number
from tui_backprop.rules.gathering import as_array, gathered
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.sparsity import Tied
from tui_backprop.rules.spread import Spread

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, IntArray, Shape


def _matrix(name: str, x: Shape) -> Shape:
    if len(x) < 2:
        raise ShapeError(f"{name} needs a matrix, found shape {x}")
    return x


def _length(x: Shape, k: int) -> int:
    """How long a diagonal is."""
    rows, columns = x[-2:]
    return max(0, min(rows + min(k, 0), columns - max(k, 0)))


def _diagonal_shape(x: Shape, offset: Any = 0) -> Shape:
    _matrix("diagonal", x)
    return (*x[2:], _length(x[:2], whole_number(offset, "offset")))


def _diag_shape(x: Shape, k: Any = 0) -> Shape:
    shift = whole_number(k, "k")
    if len(x) == 1:
        side = x[0] + abs(shift)
        return representable((side, side))
    if len(x) != 2:
        raise ShapeError(f"diag needs a vector or a matrix, found shape {x}")
    return (_length(x, shift),)


def _diag(x: Array, k: int = 0, fill: Any = None) -> Array:
    """A vector on a diagonal, or the diagonal of a matrix."""
    if x.ndim == 2:
        return np.diagonal(x, k)
    side = x.size + abs(k)
    found = np.full((side, side), 0 if fill is None else fill, dtype=x.dtype)
    rows = np.arange(x.size) + max(-k, 0)
    found[rows, rows + k] = x
    return found


def _triangle(x: Array, keep: Array, fill: Any) -> Array:
    return np.where(keep, x, np.asarray(0 if fill is None else fill, dtype=x.dtype))


def _below(x: Array, k: int) -> Array:
    """Where a matrix stands on or below a diagonal."""
    rows, columns = x.shape[-2:]
    return np.arange(columns) - np.arange(rows)[:, None] <= k


def _lower(x: Array, k: int = 0, fill: Any = None) -> Array:
    return _triangle(x, _below(x, k), fill)


def _upper(x: Array, k: int = 0, fill: Any = None) -> Array:
    return _triangle(x, ~_below(x, k - 1), fill)


def _trace_shape(x: Shape, offset: Any = 0) -> Shape:
    whole_number(offset, "offset")
    if len(x) != 2:
        raise ShapeError(f"trace needs a matrix, found shape {x}")
    return ()


def _places(x: Shape, offset: int) -> IntArray:
    """Flat positions of a diagonal, ascending."""
    return np.diagonal(np.arange(prod(x), dtype=np.intp).reshape(x), offset)


def _trace_pulled(v: Array, _y: Array, x: Array, offset: int = 0) -> Array:
    """``v`` to every entry of the diagonal."""
    total = np.zeros(x.size, dtype=v.dtype)
    total[_places(x.shape, offset)] = v
    return total.reshape(x.shape)


def _trace_sparsity(_out: Shape, x: Shape, offset: int = 0) -> Spread:
    places = _places(x, offset)
    return Spread(Tied((), (places.size,), ()), places, prod(x))


_OFFSET: Final = Parameter("offset", "int", 0)
_K: Final = Parameter("k", "int", 0)

RULES: Final[tuple[Rule, ...]] = (
    structural(
        "trace",
        "x",
        text="trace({x}, offset={offset})",
        parameters=(_OFFSET,),
        forward=lambda m, x, offset=0: np.asarray(np.diagonal(as_array(m, x), offset).sum()),
        shape=_trace_shape,
        parts=(
            Part(
                linear=True,
                vjp=_trace_pulled,
                sparsity=_trace_sparsity,
                entry=lambda m, j, i, y, x, offset=0: 1,
            ),
        ),
        summary="the sum of a diagonal of a matrix",
        examples=(Example(((3, 3),)), Example(((2, 3),), {"offset": 1}),
                  Example(((3, 2),), {"offset": -1}), Example(((0, 0),))),
    ),
    gathered(
        "diagonal",
        _diagonal_shape,
        lambda x, offset=0, fill=None: np.diagonal(x, offset),
        "a diagonal of the first two axes, which becomes the last axis",
        (Example(((2, 3),)), Example(((3, 2),), {"offset": -1}), Example(((2, 3, 2),))),
        (_OFFSET,),
    ),
    gathered(
        "diag",
        _diag_shape,
        _diag,
        "a vector on the diagonal of a matrix of zeros; of a matrix, its diagonal",
        (Example(((2,),)), Example(((2,),), {"k": 1}), Example(((2,),), {"k": -1}),
         Example(((3, 2),)), Example(((2, 3),), {"k": 1})),
        (_K,),
    ),
    gathered(
        "tril",
        lambda x, k=0: _matrix("tril", x),
        _lower,
        "a matrix with zeros above a diagonal; those receive nothing",
        (Example(((3, 3),)), Example(((2, 3),), {"k": 1}), Example(((2, 2, 2),), {"k": -1})),
        (_K,),
    ),
    gathered(
        "triu",
        lambda x, k=0: _matrix("triu", x),
        _upper,
        "a matrix with zeros below a diagonal; those receive nothing",
        (Example(((3, 3),)), Example(((2, 3),), {"k": 1}), Example(((2, 2, 2),), {"k": -1})),
        (_K,),
    ),
)  # fmt: skip
