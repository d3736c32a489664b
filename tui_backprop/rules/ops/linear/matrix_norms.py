"""Norms of matrices: the largest column, row or singular value, or the sum of the latter.

Values, slopes and kinks by order, for the row of ``norm``, which takes vectors as well.
"""

from __future__ import annotations

from math import inf, prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.reduction_slopes import Shared, Slopes, gap
from tui_backprop.rules.shapes import normal_axis, reduced_shape

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
    """Refuse the largest of no columns, rows or singular values."""
    rows, columns = (x[a] for a in axes_of(x, axis))
    if order == "nuc":
        return
    of = {1: columns, inf: rows, 2: min(rows, columns)}[abs(order)]
    if not of:
        what = {1: said("column"), inf: said("row"), 2: said("singular value")}[abs(order)]
        which = said("largest") if order > 0 else said("smallest")
        raise ShapeError(
            said(
                "norm with ord={order}: a matrix of shape {x} has no {which} {what}",
                order=order,
                x=x,
                which=which,
                what=what,
            )
        )


def matrix_norm(m: Any, x: Any, axis: Any, keepdims: bool, order: Any) -> Any:
    """The value; a formula of singular values only where they solve a quadratic equation."""
    axes = axes_of(x.shape, axis)
    if order in _SPECTRAL:
        found = _spectral(m, np.moveaxis(x, axes, (-2, -1)), order)
        return np.asarray(found).reshape(reduced_shape(x.shape, axis, keepdims))
    sums, across = _sums(m, x, axes, order)
    found = (m.max if order > 0 else m.min)(sums, axis=across, keepdims=True)
    return m.reshape(found, reduced_shape(x.shape, axis, keepdims))


def matrix_cost(x: Shape, axis: Any, order: Any) -> int:
    """Singular values are dear."""
    sides = [x[a] for a in axes_of(x, axis)]
    return DECOMPOSED * prod(x) * min(sides) if order in _SPECTRAL else prod(x)


def matrix_slopes(x: Shape, axis: Any, order: Any) -> Slopes:
    """The derivative of one order of matrix norm."""
    axes = axes_of(x, axis)
    if order in _SPECTRAL:
        return Slopes(
            lambda m, x, y, shared, n, **_: shared,
            Shared("u_times_v", lambda m, x, y, _axes: _outer(m, x, y, axes, order)),
        )
    return Slopes(
        lambda m, x, y, share, n, **_: m.sign(x) * share,
        Shared("share", lambda m, x, y, _axes: _shares(m, x, axes, order)),
    )


def matrix_kink(x: Array, axis: Any, keepdims: bool, order: Any) -> Array:
    """How far the one chosen is from the next, or an entry of it, or a single σ, from 0."""
    axes, out = axes_of(x.shape, axis), reduced_shape(x.shape, axis, keepdims)
    if order in _SPECTRAL:
        values = _singular(np.moveaxis(x, axes, (-2, -1)))[1]
        smallest = np.min(values, axis=-1, initial=np.inf)
        if order == "nuc":
            return np.reshape(smallest, out)
        nearest = values[..., 0] if order > 0 else smallest
        return np.reshape(np.minimum(gap(values if order > 0 else -values, -1), nearest), out)
    sums, across = _sums(np, x, axes, order)
    chosen = (np.max if order > 0 else np.min)(sums, axis=across, keepdims=True)
    nearest = np.where(np.equal(sums, chosen), np.abs(x), np.inf)
    nearest = np.min(nearest, axis=axes, initial=np.inf)
    return np.reshape(np.minimum(gap(sums if order > 0 else -sums, axes), nearest), out)


def _sums(m: Any, x: Any, axes: Axes, order: Any) -> tuple[Any, int]:
    """Σ |x| of each column, or of each row, all axes kept; and the axis that they stand along."""
    along, across = axes if abs(order) == 1 else axes[::-1]
    return m.sum(m.abs(x), axis=along, keepdims=True), across


def _shares(m: Any, x: Any, axes: Axes, order: Any) -> Any:
    """What each column, or row, receives: 1, or 1/k of k that tie, or 0.

    The one chosen is found again, from sums that were added in the same order.
    """
    sums, across = _sums(m, x, axes, order)
    chosen = (m.max if order > 0 else m.min)(sums, axis=across, keepdims=True)
    is_chosen = m.where(m.equal(sums, chosen), 1, 0)
    return m.divide(is_chosen, m.sum(is_chosen, axis=across, keepdims=True))


def _singular(a: Array) -> tuple[Array, Array, Array]:
    """U, σ and Vᵀ of each matrix of a stack; NaN where a NaN or an infinity lets none be found.

    LAPACK answers such a matrix with an error, or with numbers that mean nothing.
    """
    is_finite = np.asarray(np.isfinite(a).all(axis=(-2, -1), keepdims=True))
    u, values, v = np.linalg.svd(np.where(is_finite, a, 0), full_matrices=False)
    return (
        np.where(is_finite, u, np.nan),
        np.where(is_finite[..., 0], values, np.nan),
        np.where(is_finite, v, np.nan),
    )


def _outer(m: Any, x: Any, y: Any, axes: Axes, order: Any) -> Any:
    """``u vᵀ`` in x's shape, or the mean of several where singular values tie; of nuc ``U Vᵀ``."""
    a = np.moveaxis(x, axes, (-2, -1))
    if m is not np:
        found = _unitary(m, a, y) if order == "nuc" else _projected(m, a, y)
    else:
        u, values, v = _singular(a)
        share = np.ones_like(values)
        if order != "nuc":
            chosen = values[..., :1] if order > 0 else values[..., -1:]
            ties = np.where(np.equal(values, chosen), 1, 0)
            share = np.divide(ties, ties.sum(axis=-1, keepdims=True))
        found = (u * share[..., None, :]) @ v
    return np.moveaxis(found, (-2, -1), axes)


_SPECTRAL: Final = (2, -2, "nuc")
"""Orders that are made of singular values."""

_SIDES: Final = 2
"""The shorter side of a matrix whose singular values a formula writes out."""


def _gram(a: Any) -> tuple[Any, bool]:
    """AᵀA or AAᵀ, whichever is smaller, and whether it is the former."""
    turned = np.swapaxes(a, -1, -2)
    is_tall = a.shape[-2] >= a.shape[-1]
    return (np.matmul(turned, a) if is_tall else np.matmul(a, turned)), is_tall


def _spectral(m: Any, a: Any, order: Any) -> Any:
    """The largest or smallest singular value of each matrix of a stack, or their sum.

    Of two:  σ² = (t ± √(t² − 4d)) / 2  and  (σ₁ + σ₂)² = t + 2·√d.
    """
    if m is np:
        values = _singular(a)[1]
        return np.sum(values, axis=-1) if order == "nuc" else values[..., 0 if order > 0 else -1]
    if min(a.shape[-2:]) > _SIDES:
        return np.full(a.shape[:-2], m.nan, dtype=object)
    gram, _ = _gram(a)
    trace = np.trace(gram, axis1=-2, axis2=-1)
    if gram.shape[-1] == 1:
        return m.sqrt(trace)
    g, h, o = gram[..., 0, 0], gram[..., 1, 1], gram[..., 0, 1]
    if order == "nuc":
        return m.sqrt(trace + 2 * m.sqrt(g * h - o * o))
    # (g − h)² + 4·o² of the matrix (g o; o h), which no rounding makes negative.
    root = m.sqrt((g - h) * (g - h) + 4 * o * o)
    return m.sqrt(m.divide(trace + root if order > 0 else trace - root, 2))


def _unitary(m: Any, a: Any, y: Any) -> Any:
    """A·(AᵀA)^(−1/2) of one matrix: with s = σ₁·σ₂ it is A·(y² − s − AᵀA) / (s·y)."""
    if min(a.shape[-2:]) > _SIDES:
        return np.full(a.shape, m.named("u_times_v"), dtype=object)
    gram, is_tall = _gram(a)
    if gram.shape[-1] == 1:
        return m.divide(a, y)
    identity = np.eye(_SIDES, dtype=int)
    trace = np.asarray(np.trace(gram, axis1=-2, axis2=-1))[..., None, None]
    product = m.divide(y * y - trace, 2)
    root = m.divide((y * y - product) * identity - gram, product * y)
    return np.matmul(a, root) if is_tall else np.matmul(root, a)


def _projected(m: Any, a: Any, y: Any) -> Any:
    """A·P/σ of one matrix, where P projects on the singular vector: (AᵀA − λ₂) / (λ₁ − λ₂)."""
    if min(a.shape[-2:]) > _SIDES:
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
