"""Equations whose matrix is a triangle: `solve_triangular`, as PyTorch writes it.

Only the triangle is read, and only it receives. With ``left`` x solves a·x = b, else x·a = b.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.ops.linear.decomposing import (
    MOST_FORMULA,
    MOST_LISTED,
    solved_lower,
    solved_upper,
    turned,
)
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Domain, Example, Parameter, Reason
from tui_backprop.rules.shapes import written_out
from tui_backprop.rules.sparsity import Listed, Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Shape


def _side_shape(
    a: Shape, b: Shape, upper: bool, left: bool = True, unitriangular: bool = False
) -> Shape:
    del upper, unitriangular  # the shape is the same
    is_square = len(a) > 1 and a[-1] == a[-2]
    is_matrix = len(b) > 1 and b[:-2] == a[:-2]
    if not (is_square and is_matrix and b[-2 if left else -1] == a[-1]):
        raise ShapeError(
            said(
                "solve_triangular needs matrices a and b of one stack, a square and b with as "
                "many {sides}: found {a} and {b}",
                sides=said("rows") if left else said("columns"),
                a=a,
                b=b,
            )
        )
    return b


def _kept(a: Array, upper: bool) -> Array:
    """A triangle, with 0 beside it."""
    side = a.shape[-1]
    mask = (_known_mask if side <= _MOST_KNOWN else _mask)(side, upper)
    return np.where(mask, a, a.dtype.type(0))


def _mask(side: int, upper: bool) -> Array:
    """Which entries of a matrix are in a triangle."""
    found = np.tri(side, k=-1, dtype=bool) if upper else np.tri(side, dtype=bool)
    return ~found if upper else found


_known_mask: Final = lru_cache(maxsize=16)(_mask)
"""Of matrices so small that theirs can be kept."""

_MOST_KNOWN: Final = 256


def _triangle(m: Any, a: Any, upper: bool, unitriangular: bool) -> Any:
    """What is read of the matrix."""
    if not unitriangular:
        return np.asarray(np.triu(a) if upper else np.tril(a)) if m is not np else _kept(a, upper)
    ones = np.eye(a.shape[-1], dtype=a.dtype if m is np else int)
    return (np.triu(a, 1) if upper else np.tril(a, -1)) + ones


def _triangular(
    m: Any, a: Any, b: Any, upper: bool, left: bool = True, unitriangular: bool = False
) -> Any:
    read = _triangle(m, a, upper, unitriangular)
    return (
        _solved(m, read, b, upper)
        if left
        else turned(_solved(m, turned(read), turned(b), not upper))
    )


def _solved(m: Any, read: Any, b: Any, upper: bool) -> Any:
    if m is not np:
        return m.inv(read) @ b
    return solved_upper(read, b) if upper else solved_lower(read, b)


def _pulled_b(
    v: Array, _y: Array, a: Array, _b: Array, upper: bool, left: bool, unitriangular: bool
) -> Array:
    read = _triangle(np, a, upper, unitriangular)
    if left:
        return np.asarray(_solved(np, turned(read), v, not upper))
    return np.asarray(turned(_solved(np, read, turned(v), upper)))


def _pulled_a(
    v: Array, y: Array, a: Array, b: Array, upper: bool, left: bool, unitriangular: bool
) -> Array:
    moved = _pulled_b(v, y, a, b, upper, left, unitriangular)
    found = moved @ turned(y) if left else turned(y) @ moved
    if not unitriangular:
        return -_kept(found, upper)
    return np.asarray(-(np.triu(found, 1) if upper else np.tril(found, -1)))


def _pushed_a(
    t: Array, y: Array, a: Array, _b: Array, upper: bool, left: bool, unitriangular: bool
) -> Array:
    least = int(unitriangular)
    moved = np.triu(t, least) if upper else np.tril(t, -least)
    product = moved @ y if left else y @ moved
    return np.asarray(-_triangular(np, a, product, upper, left, unitriangular))


def _inverse_at(m: Any, a: Any, batch: Index, r: Any, c: Any, upper: bool, unit: bool) -> Any:
    """Entries of the inverse of what is read."""
    if m is np:
        read = _triangle(np, a, upper, unit)
        ones = np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
        return _solved(np, read, ones, upper)[(*batch, r, c)]
    if a.shape[-1] > MOST_FORMULA:
        return m.named(f"inverse_{r}_{c}")
    return m.inv(_triangle(m, written_out(a, batch), upper, unit))[r, c]


def _entry_a(
    m: Any,
    j: Index,
    i: Index,
    y: Any,
    a: Any,
    _b: Any,
    upper: bool,
    left: bool,
    unitriangular: bool,
) -> Any:
    batch, (r, c), (p, q) = j[:-2], j[-2:], i[-2:]
    if left:
        found = -_inverse_at(m, a, batch, r, p, upper, unitriangular) * y[(*batch, q, c)]
    else:
        found = -y[(*batch, r, p)] * _inverse_at(m, a, batch, q, c, upper, unitriangular)
    if a.shape[-1] <= MOST_LISTED:
        return found
    order = np.subtract(q, p) if upper else np.subtract(p, q)
    return m.where(order >= int(unitriangular), found, 0)


def _entry_b(
    m: Any,
    j: Index,
    i: Index,
    _y: Any,
    a: Any,
    _b: Any,
    upper: bool,
    left: bool,
    unitriangular: bool,
) -> Any:
    batch, (r, c), (p, q) = j[:-2], j[-2:], i[-2:]
    if left:
        return _inverse_at(m, a, batch, r, p, upper, unitriangular)
    return _inverse_at(m, a, batch, q, c, upper, unitriangular)


def _pairs(out: Shape, own: Shape, meets: Any) -> Listed:
    """The entries that meet within each matrix."""
    count, lead = prod(out[:-2]), len(out) - 2
    place = np.indices((*out[lead:], *own[lead:]), sparse=True)
    mask = np.broadcast_to(meets(*place), (*out[lead:], *own[lead:]))
    m, n = prod(out[lead:]), prod(own[lead:])
    rows, columns = np.nonzero(mask.reshape(m, n))
    stack = np.arange(count, dtype=np.intp)[:, None]
    return Listed((count * m, count * n), (stack * m + rows).ravel(), (stack * n + columns).ravel())


def _pattern_a(
    out: Shape, a: Shape, _b: Shape, upper: bool, left: bool, unitriangular: bool
) -> Sparsity:
    """What is before an unknown in the order in which they are solved for."""
    if a[-1] > MOST_LISTED:
        return Tied(out, a, tuple((k, k) for k in range(len(a) - 2)))
    least, sign = int(unitriangular), -1 if upper else 1

    def meets(r: Any, c: Any, p: Any, q: Any) -> Any:
        solved = sign * (r - p) >= 0 if left else sign * (q - c) >= 0
        return (sign * (p - q) >= least) & solved

    return _pairs(out, a, meets)


def _pattern_b(
    out: Shape, _a: Shape, b: Shape, upper: bool, left: bool, unitriangular: bool
) -> Sparsity:
    """Each column, or row, is solved for by itself."""
    del unitriangular
    lead = len(out) - 2
    if max(out[-2:]) > MOST_LISTED:
        apart = lead + 1 if left else lead
        return Tied(out, b, (*((k, k) for k in range(lead)), (apart, apart)))
    sign = -1 if upper else 1

    def meets(r: Any, c: Any, p: Any, q: Any) -> Any:
        return (c == q) & (sign * (r - p) >= 0) if left else (r == p) & (sign * (q - c) >= 0)

    return _pairs(out, b, meets)


def _has_zero(y: Array, a: Array, _b: Array, **params: Any) -> Array:
    """Where a 0 on the diagonal leaves no single solution."""
    if params["unitriangular"]:
        return np.zeros(y.shape, dtype=bool)
    zero = np.equal(np.diagonal(a, axis1=-2, axis2=-1), 0).any(axis=-1)[..., None, None]
    return np.asarray(~np.isfinite(y) & zero)


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "solve_triangular",
        "a b",
        parameters=(
            Parameter("upper", "bool", is_named=True),
            Parameter("left", "bool", default=True, is_named=True),
            Parameter("unitriangular", "bool", default=False, is_named=True),
        ),
        forward=_triangular,
        shape=_side_shape,
        cost=lambda out, a, b, **_: prod(out) * a[-1],
        parts=(
            Part(vjp=_pulled_a, jvp=_pushed_a, sparsity=_pattern_a, entry=_entry_a,
                 whole="the triangle of −w·xᵀ, where aᵀ·w = v"),
            Part(linear=True, vjp=_pulled_b, sparsity=_pattern_b, entry=_entry_b,
                 whole="w, where aᵀ·w = v"),
        ),
        summary="the x of a·x = b, or of x·a = b, where only a triangle of a is read; "
        "infinite or NaN where its diagonal has a 0",
        reasons=(Reason("the diagonal of {a} has a 0", _has_zero),),
        domains=(Domain(diagonal=3.0), Domain()),
        examples=(Example(((2, 2), (2, 1)), {"upper": False}),
                  Example(((3, 3), (3, 2)), {"upper": True}),
                  Example(((2, 2, 2), (2, 2, 1)), {"upper": True, "unitriangular": True}),
                  Example(((2, 2), (3, 2)), {"upper": False, "left": False})),
    ),
)  # fmt: skip
