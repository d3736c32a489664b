"""Products of vectors and matrices; each partial is an entry of the other operand.

In a row, ``a`` and ``b`` are the operands. For ``matmul`` the axes are named as in

    Y[…, r, c] = Σ_k A[…, r, k] · B[…, k, c]

where a vector on the left has no r, a vector on the right no c, and the axes … broadcast.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import SUMS_PRODUCTS, Example
from tui_backprop.rules.shapes import batch_shape, broadcast_ties, take, unbroadcast
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Shape


@dataclass(frozen=True, slots=True)
class _Axes:
    """The operands' shapes as stacks of matrices: a vector is one row, or one column.

    Attributes:
        batch: the axes … after broadcasting.
        a: (…, r, k).
        b: (…, k, c).
    """

    batch: Shape
    a: Shape
    b: Shape

    @classmethod
    def of(cls, a: Shape, b: Shape) -> _Axes:
        """Read both shapes; numbers are refused, and lengths of k or of … that differ."""
        if not a or not b:
            raise ShapeError(
                said("@ needs vectors or matrices, found shapes {a} and {b}; use *", a=a, b=b)
            )
        rows, columns = a if len(a) > 1 else (1, *a), b if len(b) > 1 else (*b, 1)
        if rows[-1] != columns[-2]:
            raise ShapeError(
                said(
                    "shapes {a} and {b} do not fit for @: the last axis of the left, {left}, "
                    "must equal {which} axis of the right, {right}",
                    a=a,
                    b=b,
                    left=rows[-1],
                    which=said("the only") if len(b) == 1 else said("the last but one"),
                    right=columns[-2],
                )
            )
        return cls(batch_shape(rows, columns, "@"), rows, columns)

    @property
    def y(self) -> Shape:
        """(…, r, c)."""
        return (*self.batch, self.a[-2], self.b[-1])


def _shape(a: Shape, b: Shape) -> Shape:
    axes = _Axes.of(a, b)
    r = axes.y[-2:-1] if len(a) > 1 else ()
    c = axes.y[-1:] if len(b) > 1 else ()
    return (*axes.batch, *r, *c)


def _product(m: Any, a: Any, b: Any) -> Any:
    """The product, of two arrays without further axes as ``dot``, which starts sooner."""
    if m is np and a.ndim <= 2 and b.ndim <= 2:
        return a.dot(b)
    return m.matmul(a, b)


def _vjp_a(v: Array, _y: Array, a: Array, b: Array) -> Array:
    """``v Bᵀ``, summed over the axes … along which A was repeated."""
    if b.ndim == 1:
        if a.ndim <= 2:
            return v * b if a.ndim == 1 else v[:, None] * b
    elif a.ndim == b.ndim == 2:
        found: Array = v.dot(b.T)
        return found
    axes = _Axes.of(a.shape, b.shape)
    pulled = v.reshape(axes.y) @ np.swapaxes(b.reshape(axes.b), -1, -2)
    return unbroadcast(pulled, axes.a).reshape(a.shape)


def _vjp_b(v: Array, _y: Array, a: Array, b: Array) -> Array:
    """``Aᵀ v``, summed over the axes … along which B was repeated."""
    if a.ndim == 1 and b.ndim <= 2:
        return a * v if b.ndim == 1 else a[:, None] * v
    if a.ndim == 2 and b.ndim <= 2:
        found: Array = v.dot(a) if b.ndim == 1 else a.T.dot(v)
        return found
    axes = _Axes.of(a.shape, b.shape)
    pulled = np.swapaxes(a.reshape(axes.a), -1, -2) @ v.reshape(axes.y)
    return unbroadcast(pulled, axes.b).reshape(b.shape)


def _sparsity_a(_out: Shape, a: Shape, b: Shape) -> Tied:
    """Y and A agree on … and r."""
    axes = _Axes.of(a, b)
    row = (len(axes.y) - 2, len(axes.a) - 2)
    return Tied(axes.y, axes.a, (*broadcast_ties(axes.batch, axes.a[:-2]), row))


def _sparsity_b(_out: Shape, a: Shape, b: Shape) -> Tied:
    """Y and B agree on … and c."""
    axes = _Axes.of(a, b)
    column = (len(axes.y) - 1, len(axes.b) - 1)
    return Tied(axes.y, axes.b, (*broadcast_ties(axes.batch, axes.b[:-2]), column))


def _entry_a(_m: Any, j: Index, i: Index, _y: Any, a: Any, b: Any) -> Any:
    """∂Y[…, r, c]/∂A[…, r, k] = B[…, k, c]."""
    c = j[-1:] if len(b.shape) > 1 else ()
    return take(b, (*_batch(j, a, b), i[-1], *c))


def _entry_b(_m: Any, j: Index, i: Index, _y: Any, a: Any, b: Any) -> Any:
    """∂Y[…, r, c]/∂B[…, k, c] = A[…, r, k]."""
    batch = _batch(j, a, b)
    r = j[len(batch) : len(batch) + 1] if len(a.shape) > 1 else ()
    k = i[-2] if len(b.shape) > 1 else i[-1]
    return take(a, (*batch, *r, k))


def _batch(j: Index, a: Any, b: Any) -> Index:
    """The coordinates … of an entry of Y."""
    return j[: len(j) - (len(a.shape) > 1) - (len(b.shape) > 1)]


def _cost(_out: Shape, a: Shape, b: Shape) -> int:
    """One for each (…, r, k, c)."""
    axes = _Axes.of(a, b)
    return prod(axes.y) * axes.a[-1]


def _sum_shape(b: Shape, x: Shape, w: Shape) -> Shape:
    found = _shape(x, w)
    ends = zip(reversed(b), reversed(found), strict=False)
    fits = len(b) <= 2 and all(n in {1, m} for n, m in ends)
    if len(x) != 2 or len(w) != 2 or not fits:
        raise ShapeError(
            said(
                "addmm adds b to the product of two matrices, and b must broadcast to it; found "
                "shapes {b}, {x} and {w}",
                b=b,
                x=x,
                w=w,
            )
        )
    return found


_ADDED: Final = Part(
    linear=False,
    vjp=lambda v, _y, b, _x, _w: unbroadcast(v, b.shape),
    jvp=lambda t, y, _b, _x, _w: np.broadcast_to(t, y.shape),
    sparsity=lambda out, b, _x, _w: Tied(out, b, broadcast_ties(out, b)),
    entry=lambda m, _j, _i, _y, _b, _x, _w: 1,
)
_LEFT: Final = Part(
    linear=False,
    vjp=lambda v, y, _b, x, w: _vjp_a(v, y, x, w),
    jvp=lambda t, _y, _b, _x, w: t @ w,
    sparsity=lambda out, _b, x, w: _sparsity_a(out, x, w),
    entry=lambda m, j, i, y, _b, x, w: _entry_a(m, j, i, y, x, w),
)
_RIGHT: Final = Part(
    linear=False,
    vjp=lambda v, y, _b, x, w: _vjp_b(v, y, x, w),
    jvp=lambda t, _y, _b, x, _w: x @ t,
    sparsity=lambda out, _b, x, w: _sparsity_b(out, x, w),
    entry=lambda m, j, i, y, _b, x, w: _entry_b(m, j, i, y, x, w),
)

RULES: Final[tuple[Rule, ...]] = (
    structural(
        "matmul",
        "a b",
        text="{a} @ {b}",
        forward=_product,
        shape=_shape,
        cost=_cost,
        parts=(
            Part(linear=True, vjp=_vjp_a, sparsity=_sparsity_a, entry=_entry_a),
            Part(linear=True, vjp=_vjp_b, sparsity=_sparsity_b, entry=_entry_b),
        ),
        summary="the matrix product; leading axes broadcast",
        examples=(
            Example(((3,), (3,))),
            Example(((2, 3), (3,))),
            Example(((2,), (2, 3))),
            Example(((2, 3), (3, 2))),
            Example(((2, 2, 3), (2, 3, 1))),
            Example(((2, 1, 2, 2), (3, 2, 1))),
            Example(((2, 2, 2), (2,))),
            Example(((2,), (2, 2, 2))),
            Example(((1, 2, 2), (2, 2, 1))),
            Example(((2, 0), (0, 2))),
            Example(((0, 2), (2, 2))),
        ),
        traits=SUMS_PRODUCTS,
    ),
    structural(
        "addmm",
        "b x w",
        text="addmm({b}, {x}, {w})",
        forward=lambda m, b, x, w: b + _product(m, x, w),
        shape=_sum_shape,
        cost=lambda out, _b, x, w: _cost(out, x, w),
        parts=(_ADDED, _LEFT, _RIGHT),
        summary="b + x @ w, a layer's bias and product in one; b broadcasts",
        examples=(
            Example(((3,), (2, 2), (2, 3))),
            Example(((), (2, 3), (3, 1))),
            Example(((2, 1), (2, 1), (1, 2))),
            Example(((2, 2), (2, 2), (2, 2))),
            Example(((3,), (0, 2), (2, 3))),
        ),
    ),
)
