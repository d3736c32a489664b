"""Norms of vectors and of matrices, in the orders that NumPy's ``norm`` knows.

The order decides value, slope and kink; ``ord``, ``axis`` and ``keepdims`` are NumPy's:

    ord=1:  Σ |x|      None, 2, "fro":  √Σ x²      inf, −inf:  the largest, the smallest |x|
    ord=0:  how many entries are not 0              another p:  (Σ |x|ᵖ)^(1/p)
"""

from __future__ import annotations

from math import inf, isnan, prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said
from tui_backprop.rules import slope_reasons
from tui_backprop.rules.ops.elementwise.functions import are_moderate
from tui_backprop.rules.ops.linear.matrix_norms import (
    matrix_cost,
    matrix_kink,
    matrix_norm,
    matrix_slopes,
    refuse_nothing,
)
from tui_backprop.rules.ops.reducing.reductions import TIES, share
from tui_backprop.rules.reduction_slopes import (
    AXIS,
    MANY,
    Shared,
    Slopes,
    gap,
    no_entries,
    nonempty_shape,
)
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter, Traits
from tui_backprop.rules.shapes import (
    normal_axes,
    reduced_shape,
    reduced_sparsity,
    refuse_axis_of_number,
)

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Shape


_MATRIX: Final = (1, -1, 2, -2, inf, -inf, "fro", "nuc")
_KEEPDIMS: Final = Parameter("keepdims", "bool", default=False)
"""Also by position, as in NumPy's ``linalg.norm``."""

_SMALL: Final = 1e-290


def _shape(x: Shape, axis: Any = None, keepdims: bool = False, **static: Any) -> Shape:
    """The reduced shape; an order that measures something else of so many axes is refused."""
    order = static.get("ord")
    _refuse_unknown(order)
    refuse_axis_of_number(axis, x)
    count = len(normal_axes(axis, x))
    named = said("{count} of shape {shape}", count=count, shape=x)
    if axis is None:
        named = said("all {count} of shape {shape}", count=count, shape=x)
    if order in {"fro", "nuc"} and count != 2:
        what = {"fro": said("the length"), "nuc": said("the sum of the singular values")}[order]
        raise ArgumentError(
            said(
                "ord={order} is {what} of a matrix: it needs 2 axes, found {named}",
                order=repr(order),
                what=what,
                named=named,
            )
        )
    if order is not None and count not in {1, 2}:
        raise ArgumentError(
            said(
                "ord={order} is the size of a vector or a matrix: it needs 1 axis or 2, found "
                "{named}; name them as in axis=-1, or leave ord out",
                order=order,
                named=named,
            )
        )
    if order is not None and count == 2 and order not in _MATRIX:
        raise ArgumentError(
            said(
                "ord={order} is for a vector, and 2 axes are a matrix: write axis=-1, or one of "
                "1, -1, 2, -2, inf, -inf, 'fro' and 'nuc'",
                order=order,
            )
        )
    if is_matrix(x, axis, order):
        refuse_nothing(x, axis, order)
        return reduced_shape(x, axis, keepdims)
    if order is None and axis is not None and count not in {1, 2}:
        raise ArgumentError(
            said("norm needs 1 or 2 axes, or axis=None for all, found {named}", named=named)
        )
    if order == inf or (isinstance(order, int | float) and order < 0):
        what = said("the largest") if order == inf else said("the smallest")
        return nonempty_shape(what, x, axis, keepdims)
    return reduced_shape(x, axis, keepdims)


def _refuse_unknown(order: Any) -> None:
    is_number = isinstance(order, int | float) and not isinstance(order, bool)
    if order is not None and order not in {"fro", "nuc"} and not (is_number and not isnan(order)):
        raise ArgumentError(
            said("ord must be None, a number, 'fro' or 'nuc', found {order}", order=repr(order))
        )


def is_matrix(x: Shape, axis: Any, order: Any) -> bool:
    """Whether an order measures two axes as a matrix, and not as the row of their entries."""
    return order not in {None, "fro"} and len(normal_axes(axis, x)) == 2


def _cost(_out: Shape, x: Shape, axis: Any = None, **static: Any) -> int:
    order = static.get("ord")
    return matrix_cost(x, axis, order) if is_matrix(x, axis, order) else prod(x)


def _norm(m: Any, x: Any, axis: Any = None, keepdims: bool = False, **static: Any) -> Any:
    order = static.get("ord")
    if is_matrix(x.shape, axis, order):
        return matrix_norm(m, x, axis, keepdims, order)
    if order == 0:
        return m.sum(m.where(m.equal(x, 0), 0, m.ones_like(x)), axis=axis, keepdims=keepdims)
    if order == 1:
        return m.sum(m.abs(x), axis=axis, keepdims=keepdims)
    if order in {inf, -inf}:
        return (m.max if order == inf else m.min)(m.abs(x), axis=axis, keepdims=keepdims)
    power = 2 if order in {None, "fro"} else order
    if m is np:
        if power == 2 and axis is None and x.size >= MANY and not keepdims:
            found = _length_of_all(x)
            if are_moderate(found):
                return found
        return length(x, axis, power, keepdims=keepdims)
    if power == 2:
        return m.sqrt(m.sum(x**2, axis=axis, keepdims=keepdims))
    return m.sum(m.abs(x) ** power, axis=axis, keepdims=keepdims) ** m.divide(1, power)


def _length_of_all(x: Array) -> Any:
    """The root of the sum of all squares, which may be lost."""
    row = x.reshape(-1)
    return np.sqrt(row.dot(row))


def length(x: Array, axis: Any, power: float = 2, *, keepdims: bool) -> Array:
    """(Σ |x|ᵖ)^(1/p), scaled by a power of two meanwhile: no power over- or underflows.

    The scale is that of the entry that counts most: the largest, of a negative power the smallest.
    """
    axes = normal_axes(axis, x.shape)
    if power == 2:
        with np.errstate(all="ignore"):  # then it is not used
            usual = np.sqrt(np.add.reduce(x * x, axis=axes, keepdims=True))
        if are_moderate(usual):
            return usual.reshape(reduced_shape(x.shape, axis, keepdims))
    size = np.abs(x)
    if power > 0:
        leading = np.max(size, axis=axes, keepdims=True, initial=0)
    else:
        leading = np.min(size, axis=axes, keepdims=True, initial=inf)
    _, exponent = np.frexp(np.where(np.isfinite(leading), leading, 1))
    if power == 2:
        total = np.sqrt(np.sum(np.ldexp(x, -exponent) ** 2, axis=axes, keepdims=True))
    else:
        powers = np.ldexp(size, -exponent) ** x.dtype.type(power)
        total = np.sum(powers, axis=axes, keepdims=True) ** x.dtype.type(1 / power)
    found = np.ldexp(total, exponent)
    return np.asarray(found).reshape(reduced_shape(x.shape, axis, keepdims))


def _slope(m: Any, x: Any, y: Any, ties: Any, _n: int, **static: Any) -> Any:
    """The sign, a power of the share, or for the largest or smallest its sign."""
    order: Any = static.get("ord")
    if order == 0:
        return m.ones_like(x) * 0
    if order == 1:
        return m.sign(x)
    if order in {inf, -inf}:
        return m.sign(x) * share(m, m.abs(x), y, ties)
    power = m.divide(m.abs(x), y) ** (order - 1)
    return m.where(m.equal(x, 0), 0, m.sign(x) * power)


def _shift(y: Array) -> Array:
    """The exponent of a power of two that brings x away from the ends of float64."""
    return np.where(y == inf, -600, np.where(y < _SMALL, 600, 0))


def _shifted(m: Any, x: Any, y: Any, axes: tuple[int, ...]) -> Any:
    """The length of x times that power."""
    if m is not np or are_moderate(y) or not (shift := _shift(y)).any():
        return y
    return length(np.ldexp(x, shift), axes, keepdims=True)


def _direction(m: Any, x: Any, y: Any, shifted: Any, _n: int, **_static: Any) -> Any:
    if m is not np:
        return m.where(m.equal(y, 0), 0, m.divide(x, y))
    if are_moderate(y):
        return np.divide(x, y)
    shift = _shift(y)
    found = np.divide(np.ldexp(x, shift) if shift.any() else x, shifted)
    return found if np.all(y) else np.where(y == 0, 0, found)


def _kink(_m: Any, x: Any, axis: Any = None, keepdims: bool = False, **static: Any) -> Any:
    """The smallest |x|; the largest, and how far it is above the next; or the length."""
    order, size = static.get("ord"), np.abs(x)
    if is_matrix(x.shape, axis, order):
        return matrix_kink(x, axis, keepdims, order)
    value = _norm(np, x, axis, keepdims, **static)
    if order == inf:
        return np.minimum(gap(size, axis, keepdims), value)
    if order == -inf:
        return np.minimum(gap(-size, axis, keepdims), value)
    if order in {None, 2, "fro"}:
        return value
    return np.min(size, axis=axis, keepdims=keepdims, initial=inf)


_VECTOR: Final = Slopes(_slope, Shared("ties", lambda m, x, y, axes: TIES.of(m, m.abs(x), y, axes)))
_LENGTH: Final = Slopes(_direction, Shared("length", _shifted))


def _sparsity(out: Shape, x: Shape, axis: Any = None, **static: Any) -> Sparsity:
    """How many entries are not 0 changes in jumps only."""
    is_count = static.get("ord") == 0
    return no_entries(out, x) if is_count else reduced_sparsity(x, axis)


def _slopes(x: Any, axis: Any = None, **static: Any) -> Slopes:
    order = static.get("ord")
    if is_matrix(x.shape, axis, order):
        return matrix_slopes(x.shape, axis, order)
    return _LENGTH if order in {None, 2, "fro"} else _VECTOR


def _vjp(v: Array, y: Array, x: Array, **static: Any) -> Array:
    """The VJP of a count: 0 everywhere, even for an infinite v. Of a length of many v / y · x."""
    order = static.get("ord")
    if order == 0:
        return np.zeros_like(x)
    if order in {None, "fro"} and y.size == 1 and x.size >= MANY and are_moderate(y):
        each = v / y
        if are_moderate(each):
            return np.asarray(each * x)
    return _slopes(x, **static).vjp(v, y, x, **static)


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "norm",
        "x",
        parameters=(Parameter("ord", "norm_order", None), AXIS, _KEEPDIMS),
        forward=_norm,
        shape=_shape,
        cost=_cost,
        parts=(
            Part(
                vjp=_vjp,
                jvp=lambda t, y, x, **static: _slopes(x, **static).jvp(t, y, x, **static),
                entry=lambda m, j, i, y, x, **static: _slopes(x, **static).entry(
                    m, j, i, y, x, **static
                ),
                sparsity=_sparsity,
            ),
        ),
        summary="the length of a vector or of all entries, no square overflows on the way; of a "
        "matrix the largest column sum (ord=1), row sum (inf) or singular value (2), with a minus "
        "the smallest, or the sum of the singular values ('nuc')",
        kink=_kink,
        convention="the gradient is 0 at 0, but with singular values of a matrix, whose vectors "
        "are those that are found; entries, rows, columns or singular values that tie for the "
        "largest or smallest share evenly",
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
            Example(((3,),), {"ord": 3}),
            Example(((2, 3),), {"ord": 0.5, "axis": 1}),
            Example(((3,),), {"ord": -1}),
            Example(((3,),), {"ord": 0}),
            Example(((2, 3),), {"ord": -inf, "axis": 0, "keepdims": True}),
            Example(((2, 3),), {"ord": -1}),
            Example(((2, 3),), {"ord": -inf}),
            Example(((2, 3),), {"ord": -2}),
            Example(((2, 2, 3),), {"ord": "nuc", "axis": (2, 0)}),
            Example(((1, 3),), {"ord": "nuc", "keepdims": True}),
        ),
        traits=Traits(reduces=True, zero=slope_reasons.length),
    ),
)
