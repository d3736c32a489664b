"""The size of a matrix, in the senses that NumPy's ``norm`` knows of two axes.

    ord=1:  max over columns of Σ |x|     inf:  max over rows of Σ |x|     2:  the largest σ

It stands apart from the norms of vectors because what is chosen here is a whole row or column, or
a pair of singular vectors:  ∂σ/∂X = u vᵀ.

``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``x`` the operand, ``y`` the
value. Rows run along the first axis that ``axis`` names, columns along the second.
"""

from __future__ import annotations

from math import inf, prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.rules.axes import normal_axis, reduced_shape
from tui_backprop.rules.extremes import gap
from tui_backprop.rules.groups import Shared, Slopes

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array, Shape

Axes = tuple[int, int]

DECOMPOSED: Final = 8
"""Multiplications for each entry of a matrix and each of its singular values, to find them all."""


def axes_of(x: Shape, axis: Any) -> Axes:
    """The axis of rows and that of columns, counted from 0."""
    first, second = (0, 1) if axis is None else axis
    return normal_axis(first, x), normal_axis(second, x)


def refuse_nothing(x: Shape, axis: Any, order: Any) -> None:
    """See that there is something to choose the largest of.

    Raises:
        ShapeError: there is no column, no row, no singular value.
    """
    rows, columns = (x[a] for a in axes_of(x, axis))
    of = {1: columns, inf: rows, 2: min(rows, columns)}[order]
    if not of:
        what = {1: "column", inf: "row", 2: "singular value"}[order]
        raise ShapeError(f"norm with ord={order}: a matrix of shape {x} has no largest {what}")


def matrix_norm(m: Any, x: Any, axis: Any, keepdims: bool, order: Any) -> Any:
    """The value; a formula of singular values only where they solve a quadratic equation."""
    axes = axes_of(x.shape, axis)
    if order == 2:
        found = _largest(m, np.moveaxis(x, axes, (-2, -1)))
        return np.asarray(found).reshape(reduced_shape(x.shape, axis, keepdims))
    sums, across = _sums(m, x, axes, order)
    found = m.max(sums, axis=across, keepdims=True)
    return m.reshape(found, reduced_shape(x.shape, axis, keepdims))


def matrix_cost(x: Shape, axis: Any, order: Any) -> int:
    """Singular values are dear."""
    sides = [x[a] for a in axes_of(x, axis)]
    return DECOMPOSED * prod(x) * min(sides) if order == 2 else prod(x)


def matrix_slopes(x: Shape, axis: Any, order: Any) -> Slopes:
    """The derivative of one of them."""
    axes = axes_of(x, axis)
    if order == 2:
        return Slopes(
            lambda m, x, y, shared, n, **_: shared,
            Shared("u_times_v", lambda m, x, y, _axes: _outer(m, x, y, axes)),
        )
    return Slopes(
        lambda m, x, y, share, n, **_: m.sign(x) * share,
        Shared("share", lambda m, x, y, _axes: _shares(m, x, axes, order)),
    )


def matrix_kink(x: Array, axis: Any, keepdims: bool, order: Any) -> Array:
    """How far the largest is above the next, or an entry of it, or a single σ, from 0."""
    axes, out = axes_of(x.shape, axis), reduced_shape(x.shape, axis, keepdims)
    if order == 2:
        values = _singular(np.moveaxis(x, axes, (-2, -1)))[1]
        return np.reshape(np.minimum(gap(values, -1), values[..., 0]), out)
    sums, across = _sums(np, x, axes, order)
    top = np.max(sums, axis=across, keepdims=True)
    chosen = np.where(np.equal(sums, top), np.abs(x), np.inf)
    nearest = np.min(chosen, axis=axes, initial=np.inf)
    return np.reshape(np.minimum(gap(sums, axes), nearest), out)


def _sums(m: Any, x: Any, axes: Axes, order: Any) -> tuple[Any, int]:
    """Σ |x| of each column, or of each row, all axes kept; and the axis that they stand along."""
    along, across = axes if order == 1 else axes[::-1]
    return m.sum(m.abs(x), axis=along, keepdims=True), across


def _shares(m: Any, x: Any, axes: Axes, order: Any) -> Any:
    """What each column, or row, receives: 1, or 1/k of k that tie, or 0.

    The largest is found again, from sums that were added in the same order.
    """
    sums, across = _sums(m, x, axes, order)
    is_top = m.where(m.equal(sums, m.max(sums, axis=across, keepdims=True)), 1, 0)
    return m.divide(is_top, m.sum(is_top, axis=across, keepdims=True))


def _singular(a: Array) -> tuple[Array, Array, Array]:
    """U, σ and Vᵀ of each matrix of a stack; NaN where a NaN or an infinity lets none be found."""
    try:
        return np.linalg.svd(a, full_matrices=False)
    except np.linalg.LinAlgError:
        k = min(a.shape[-2:])
        if a.ndim == 2:
            shapes = ((a.shape[0], k), (k,), (k, a.shape[1]))
            u, values, v = (np.full(s, np.nan, dtype=a.dtype) for s in shapes)
            return u, values, v
    parts = zip(*(_singular(one) for one in a.reshape(-1, *a.shape[-2:])), strict=True)
    u, values, v = (np.stack(p).reshape(*a.shape[:-2], *p[0].shape) for p in parts)
    return u, values, v


def _outer(m: Any, x: Any, y: Any, axes: Axes) -> Any:
    """``u vᵀ`` in x's shape, or the mean of several where singular values tie."""
    a = np.moveaxis(x, axes, (-2, -1))
    if m is not np:
        found = _projected(m, a, y)
    else:
        u, values, v = _singular(a)
        ties = np.where(np.equal(values, values[..., :1]), 1, 0)
        share = np.divide(ties, ties.sum(axis=-1, keepdims=True))
        found = (u * share[..., None, :]) @ v
    return np.moveaxis(found, (-2, -1), axes)


_SMALL: Final = 2
"""The shorter side of a matrix whose singular values a formula writes out."""


def _gram(a: Any) -> tuple[Any, bool]:
    """AᵀA or AAᵀ, whichever is smaller, and whether it is the former."""
    turned = np.swapaxes(a, -1, -2)
    is_tall = a.shape[-2] >= a.shape[-1]
    return (np.matmul(turned, a) if is_tall else np.matmul(a, turned)), is_tall


def _largest(m: Any, a: Any) -> Any:
    """The largest singular value of each matrix of a stack: σ² = (t + √(t² − 4d)) / 2."""
    if m is np:
        return _singular(a)[1][..., 0]
    if min(a.shape[-2:]) > _SMALL:
        return np.full(a.shape[:-2], m.nan, dtype=object)
    gram, _ = _gram(a)
    trace = np.trace(gram, axis1=-2, axis2=-1)
    if gram.shape[-1] == 1:
        return m.sqrt(trace)
    # (g − h)² + 4·o² of the matrix (g o; o h), which no rounding makes negative.
    apart = gram[..., 0, 0] - gram[..., 1, 1]
    root = m.sqrt(apart * apart + 4 * gram[..., 0, 1] * gram[..., 0, 1])
    return m.sqrt(m.divide(trace + root, 2))


def _projected(m: Any, a: Any, y: Any) -> Any:
    """A·P/σ of one matrix, where P projects on the singular vector: (AᵀA − λ₂) / (λ₁ − λ₂)."""
    if min(a.shape[-2:]) > _SMALL:
        return np.full(a.shape, m.named("u_times_v"), dtype=object)
    gram, is_tall = _gram(a)
    identity = np.eye(gram.shape[-1], dtype=int)
    trace = np.asarray(np.trace(gram, axis1=-2, axis2=-1))[..., None, None]
    top = y * y
    apart = 2 * top - trace
    split = m.divide(gram - (trace - top) * identity, apart)
    half = m.divide(identity, gram.shape[-1])
    onto = half if gram.shape[-1] == 1 else m.where(m.equal(apart, 0), half, split)
    return m.divide(np.matmul(a, onto) if is_tall else np.matmul(onto, a), y)
