"""The length of a vector, in the senses that NumPy's ``norm`` knows; of two axes it is a matrix.

It stands apart from the other reductions because which sense is meant decides value, slope and
kink.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand,
``y`` the value; ``ord``, ``axis`` and ``keepdims`` are NumPy's:

    ord=1:  Σ |x|          None, 2, "fro":  √Σ x²          inf:  max |x|
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.rules.axes import (
    normal_axes,
    reduced_shape,
    reduced_sparsity,
    refuse_axis_of_number,
)
from tui_backprop.rules.extremes import TIES, gap, share
from tui_backprop.rules.groups import AXIS, Shared, Slopes, nonempty_shape
from tui_backprop.rules.matrix_norms import (
    matrix_kink,
    matrix_norm,
    matrix_slopes,
    refuse_nothing,
)
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Shape

_KEEPDIMS: Final = Parameter("keepdims", "bool", default=False)
"""Also by position, as in NumPy's ``linalg.norm``."""

_SMALL: Final = 1e-290

_ORDERS: Final = (None, 1, 2, inf, "fro")


def _shape(x: Shape, axis: Any = None, keepdims: bool = False, **static: Any) -> Shape:
    """The reduced shape.

    Raises:
        ArgumentError: no such order, or one that measures something else of so many axes.
    """
    order = static.get("ord")
    if order not in _ORDERS:
        raise ArgumentError(f"ord must be None, 1, 2, inf or 'fro', found {order!r}")
    refuse_axis_of_number(axis, x)
    count = len(normal_axes(axis, x))
    named = f"{count} of shape {x}" if axis is not None else f"all {count} of shape {x}"
    if order == "fro" and count != 2:
        raise ArgumentError(f"ord='fro' is the length of a matrix: it needs 2 axes, found {named}")
    if order in {1, 2, inf} and count not in {1, 2}:
        raise ArgumentError(
            f"ord={order} is the size of a vector or a matrix: it needs 1 axis or 2, found "
            f"{named}; name them as in axis=-1, or leave ord out"
        )
    if _is_matrix(x, axis, order):
        refuse_nothing(x, axis, order)
        return reduced_shape(x, axis, keepdims)
    if order is None and axis is not None and count not in {1, 2}:
        raise ArgumentError(f"norm needs 1 or 2 axes, or axis=None for all, found {named}")
    return (
        nonempty_shape("the largest", x, axis, keepdims)
        if order == inf
        else (reduced_shape(x, axis, keepdims))
    )


def _is_matrix(x: Shape, axis: Any, order: Any) -> bool:
    """Whether an order measures two axes as a matrix."""
    return order in {1, 2, inf} and len(normal_axes(axis, x)) == 2


def _norm(m: Any, x: Any, axis: Any = None, keepdims: bool = False, **static: Any) -> Any:
    order = static.get("ord")
    if _is_matrix(x.shape, axis, order):
        return matrix_norm(m, x, axis, keepdims, order)
    if order == 1:
        return m.sum(m.abs(x), axis=axis, keepdims=keepdims)
    if order == inf:
        return m.max(m.abs(x), axis=axis, keepdims=keepdims)
    if m is np:
        return length(x, axis, keepdims=keepdims)
    return m.sqrt(m.sum(x**2, axis=axis, keepdims=keepdims))


def length(x: Array, axis: Any, *, keepdims: bool) -> Array:
    """√Σ x², scaled by a power of two meanwhile: no square overflows, and no digit changes."""
    axes = normal_axes(axis, x.shape)
    _, exponent = np.frexp(np.max(np.abs(x), axis=axes, keepdims=True, initial=0))
    squares = np.ldexp(x, -exponent) ** 2
    found = np.ldexp(np.sqrt(np.sum(squares, axis=axes, keepdims=True)), exponent)
    return np.asarray(found).reshape(reduced_shape(x.shape, axis, keepdims))


def _slope(m: Any, x: Any, y: Any, ties: Any, _n: int, **static: Any) -> Any:
    """The sign, or for the largest its sign."""
    order = static.get("ord")
    if order == 1:
        return m.sign(x)
    return m.sign(x) * share(m, m.abs(x), y, ties)


def _shift(y: Array) -> Array:
    """The exponent of a power of two that brings x away from the ends of float64."""
    return np.where(y == inf, -600, np.where(y < _SMALL, 600, 0))


def _shifted(m: Any, x: Any, y: Any, axes: tuple[int, ...]) -> Any:
    """The length of x times that power."""
    if m is not np or not (shift := _shift(y)).any():
        return y
    return length(np.ldexp(x, shift), axes, keepdims=True)


def _direction(m: Any, x: Any, y: Any, shifted: Any, _n: int, **_static: Any) -> Any:
    if m is np:
        x = np.ldexp(x, _shift(y))
    return m.where(m.equal(y, 0), 0, m.divide(x, shifted if m is np else y))


def _kink(_m: Any, x: Any, axis: Any = None, keepdims: bool = False, **static: Any) -> Any:
    """The smallest |x|; the largest, and how far it is above the next; or the length."""
    order, size = static.get("ord"), np.abs(x)
    if _is_matrix(x.shape, axis, order):
        return matrix_kink(x, axis, keepdims, order)
    if order == 1:
        return np.min(size, axis=axis, keepdims=keepdims, initial=inf)
    value = _norm(np, x, axis, keepdims, **static)
    return np.minimum(gap(size, axis, keepdims), value) if order == inf else value


_VECTOR: Final = Slopes(_slope, Shared("ties", lambda m, x, y, axes: TIES.of(m, m.abs(x), y, axes)))
_LENGTH: Final = Slopes(_direction, Shared("length", _shifted))


def _slopes(x: Any, axis: Any = None, **static: Any) -> Slopes:
    order = static.get("ord")
    if _is_matrix(x.shape, axis, order):
        return matrix_slopes(x.shape, axis, order)
    return _VECTOR if order in {1, inf} else _LENGTH


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "norm",
        "x",
        text="norm({x}, ord={ord}, axis={axis}, keepdims={keepdims})",
        parameters=(Parameter("ord", "norm_order", None), AXIS, _KEEPDIMS),
        forward=_norm,
        shape=_shape,
        parts=(
            Part(
                vjp=lambda v, y, x, **static: _slopes(x, **static).vjp(v, y, x, **static),
                jvp=lambda t, y, x, **static: _slopes(x, **static).jvp(t, y, x, **static),
                entry=lambda m, j, i, y, x, **static: _slopes(x, **static).entry(
                    m, j, i, y, x, **static
                ),
                sparsity=lambda out, x, axis=None, **_: reduced_sparsity(x, axis),
            ),
        ),
        summary="the length of a vector or of all entries, no square overflows on the way; of a "
        "matrix the largest column sum (ord=1), row sum (inf) or singular value (2)",
        kink=_kink,
        convention="the gradient is 0 at 0, but with ord=2 of a matrix; entries, rows, columns or "
        "singular values that tie for the largest share evenly",
        examples=(
            Example(((3,),)),
            Example(((),)),
            Example(((2, 3),)),
            Example(((2, 3),), {"axis": -1, "keepdims": True}),
            Example(((2, 3, 2),), {"axis": (0, -1)}),
            Example(((2, 3),), {"ord": "fro"}),
            Example(((2, 3),), {"ord": 2, "axis": 0}),
            Example(((3,),), {"ord": 1}),
            Example(((2, 3),), {"ord": 1, "axis": 0, "keepdims": True}),
            Example(((3,),), {"ord": inf}),
            Example(((2, 3),), {"ord": inf, "axis": 1}),
            Example(((2, 0),), {"axis": 1}),
            Example(((2, 3),), {"ord": 1}),
            Example(((2, 3),), {"ord": inf, "keepdims": True}),
            Example(((2, 2, 3),), {"ord": 1, "axis": (-1, 0)}),
            Example(((0, 2),), {"ord": 1}),
            Example(((2, 2),), {"ord": 2}),
            Example(((2, 2, 3),), {"ord": 2, "axis": (2, 0)}),
            Example(((3, 1),), {"ord": 2, "keepdims": True}),
        ),
    ),
)
