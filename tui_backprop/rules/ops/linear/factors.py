"""Matrices as products of triangles: `cholesky` and `qr`.

The factors of `qr` are two ops, `qr_q` and `qr_r`, each with its own gradient.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.ops.linear.decomposing import (
    by_columns,
    each_matrix,
    matrix,
    solved_upper,
    stacked,
    symmetric,
    turned,
)
from tui_backprop.rules.ops.linear.linear_algebra import solutions, square
from tui_backprop.rules.ops.linear.matrix_norms import DECOMPOSED
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Domain, Example, Parameter, Reason

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Shape

Pair = tuple[Any, Any]


def _cholesky(m: Any, a: Any, upper: bool = False) -> Any:
    if m is np:
        found = each_matrix(lambda s: (np.linalg.cholesky(s),), symmetric(a))[0]
    else:
        found = np.asarray(_cholesky_formula(m, symmetric(a, m)))
    return turned(found) if upper else found


def _cholesky_formula(m: Any, s: Any) -> Any:
    """Column by column, as it is done by hand."""
    found = np.zeros(s.shape, dtype=object)
    for batch in np.ndindex(s.shape[:-2]):
        one, of = found[batch], s[batch]
        for c in range(s.shape[-1]):
            one[c, c] = m.sqrt(of[c, c] - sum(one[c, k] * one[c, k] for k in range(c)))
            for r in range(c + 1, s.shape[-1]):
                rest = of[r, c] - sum(one[r, k] * one[c, k] for k in range(c))
                one[r, c] = m.divide(rest, one[c, c])
    return found


def _halved(m: Any, x: Any) -> Any:
    """The triangle below, and half of the diagonal."""
    below = np.tril(x, -1)
    diagonal = x * np.eye(x.shape[-1], dtype=int if m is not np else x.dtype)
    return below + m.divide(diagonal, 2)


def _cholesky_pushed(m: Any, t: Any, y: Any, _a: Any, upper: bool = False) -> Any:
    """Column by column as L itself: so what is 0 by structure is exactly 0."""
    y = turned(y) if upper else y
    moved = symmetric(t, m)
    found = np.zeros_like(moved)
    for c in range(y.shape[-1]):
        before = found[..., c:, :c] @ y[..., c, :c, None] + y[..., c:, :c] @ found[..., c, :c, None]
        rest, pivot = moved[..., c:, c] - before[..., 0], y[..., c, c]
        found[..., c, c] = m.divide(rest[..., 0], 2 * pivot)
        below = rest[..., 1:] - y[..., c + 1 :, c] * found[..., c, c, None]
        found[..., c + 1 :, c] = m.divide(below, pivot[..., None] if m is np else pivot)
    return turned(found) if upper else found


def _cholesky_pulled(v: Array, y: Array, _a: Array, upper: bool = False) -> Array:
    """The symmetric part of ``L⁻ᵀ·Φ(Lᵀ·v)·L⁻¹``."""
    up, v = (y, turned(v)) if upper else (turned(y), v)
    inner = solutions(up, turned(solutions(up, _halved(np, np.tril(up @ np.tril(v))))))
    return np.asarray(symmetric(inner))


def _cholesky_pattern(out: Shape, a: Shape, upper: bool = False) -> Sparsity:
    """An entry is made of those before its column, and of those of its row up to there."""

    def meets(row: Any, column: Any, p: Any, q: Any) -> Any:
        row, column = (column, row) if upper else (row, column)
        first, last = np.minimum(p, q), np.maximum(p, q)
        return (column <= row) & (first <= column) & ((last <= column) | (last == row))

    return stacked(out, a, meets)


def _qr_formula(m: Any, a: Any) -> Pair:
    """Householder's reflections, with the signs that LAPACK gives."""
    rows, columns = a.shape
    q, r = np.eye(rows, dtype=int).astype(object), np.array(a, dtype=object)
    for k in range(min(rows - 1, columns)):
        length = m.sqrt(sum(r[p, k] * r[p, k] for p in range(k, rows)))
        end = m.where(m.less(r[k, k], 0), length, -length)
        v = np.array([0] * k + [r[k, k] - end, *(r[p, k] for p in range(k + 1, rows))], object)
        scale = m.divide(2, sum(x * x for x in v))
        r = r - scale * np.outer(v, v @ r)
        q = q - scale * np.outer(q @ v, v)
    least = min(rows, columns)
    return q[:, :least], np.triu(r)[:least]


def _qr(a: Array) -> Pair:
    found = np.linalg.qr(a)
    return np.asarray(found.Q), np.asarray(found.R)


def _factors(m: Any, a: Any) -> Pair:
    """Q and R; NaN where the matrix is not finite."""
    if m is np:
        q, r = each_matrix(_qr, a)
        return q, r
    if a.ndim == 2:
        return _qr_formula(m, a)
    made = [_qr_formula(m, one) for one in a.reshape(-1, *a.shape[-2:])]
    return tuple(np.array([pair[k] for pair in made]).reshape(*a.shape[:-2], *made[0][k].shape)
                 for k in (0, 1))  # type: ignore[return-value]  # fmt: skip # two of them


def _inverted(m: Any, r: Any) -> Any:
    """``r⁻¹``, of a triangle: what is 0 by structure stays so."""
    if m is not np:
        return m.inv(r)
    return solved_upper(r, np.broadcast_to(np.eye(r.shape[-1], dtype=r.dtype), r.shape))


def _skew(x: Any) -> Any:
    """The triangle below, and its negative above."""
    below = np.tril(x, -1)
    return below - turned(below)


def _q_pushed(m: Any, t: Any, y: Any, a: Any) -> Any:
    """``Q·Ω + (1 − Q·Qᵀ)·ȧ·R⁻¹`` with Ω made of the triangle below of ``Qᵀ·ȧ·R⁻¹``.

    What stands behind a square matrix in a wide one has no part in Q.
    """
    k = y.shape[-1]
    moved = t[..., :k] @ _inverted(m, np.triu(turned(y) @ a[..., :k]))
    inner = turned(y) @ moved
    rest = moved - y @ inner if y.shape[-2] > k else 0
    return y @ _skew(inner) + rest


def _q_pulled(v: Array, y: Array, a: Array) -> Array:
    """``(Q·tril(Qᵀ·v − vᵀ·Q) + (1 − Q·Qᵀ)·v)·R⁻ᵀ``."""
    k = y.shape[-1]
    inner = turned(y) @ v
    rest = v - y @ inner if y.shape[-2] > k else np.zeros_like(v)
    moved = y @ np.tril(inner - turned(inner), -1) + rest
    pulled = moved @ turned(_inverted(np, np.triu(turned(y) @ a[..., :k])))
    return np.concatenate([pulled, np.zeros_like(a[..., k:])], axis=-1)


def _q_of(m: Any, a: Any, r: Any) -> Any:
    """Q, from A and R."""
    k = r.shape[-2]
    return _factors(m, a)[0] if m is np else a[..., :k] @ m.inv(r[..., :k])


def _r_pushed(m: Any, t: Any, y: Any, a: Any) -> Any:
    """``Q̇ᵀ·A + Qᵀ·ȧ``."""
    q = _q_of(m, a, y)
    return np.triu(turned(_q_pushed(m, t, q, a)) @ a + turned(q) @ t)


def _r_pulled(v: Array, y: Array, a: Array) -> Array:
    q, v = _q_of(np, a, y), np.triu(v)
    return np.asarray(q @ v + _q_pulled(a @ turned(v), q, a))


def _q_pattern(out: Shape, a: Shape) -> Sparsity:
    """A column is made of those up to its own; the last one of a square is what is left over."""
    last = a[-2] - 2
    return stacked(out, a, lambda row, column, p, q: q <= np.minimum(column, last))


def _r_pattern(out: Shape, a: Shape) -> Sparsity:
    """Row k is what the columns give that the own column of Q is made of, and each its own."""
    last = a[-2] - 2

    def meets(row: Any, column: Any, _p: Any, q: Any) -> Any:
        return (row <= column) & ((q <= np.minimum(row, last)) | (q == column))

    return stacked(out, a, meets)


def _independence(_m: Any, a: Array) -> Array:
    """How far the columns are from depending on each other: the least of the diagonal of R."""
    r = _factors(np, a)[1]
    least = np.abs(np.diagonal(r, axis1=-2, axis2=-1)).min(axis=-1, initial=np.inf)
    return np.asarray(least)[..., None, None]


def _q_shape(a: Shape) -> Shape:
    matrix("qr_q", a)
    return (*a[:-1], min(a[-2:]))


def _r_shape(a: Shape) -> Shape:
    matrix("qr_r", a)
    return (*a[:-2], min(a[-2:]), a[-1])


_SIGNS: Final = (
    "the signs are LAPACK's, as in NumPy and PyTorch; of columns that depend on each other the "
    "gradient is NaN or infinite"
)
_TALL: Final = (Example(((2, 2),)), Example(((3, 2),)), Example(((2, 3),)), Example(((2, 2, 2),)),
                Example(((1, 1),)), Example(((3, 1),)), Example(((1, 2),)))  # fmt: skip


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "cholesky",
        "a",
        forward=_cholesky,
        parameters=(Parameter("upper", "bool", default=False, is_named=True),),
        shape=lambda a, upper=False: matrix("cholesky", square("cholesky", a)),
        cost=lambda out, a, upper=False: prod(a) * a[-1],
        parts=(
            Part(
                vjp=_cholesky_pulled,
                jvp=lambda t, y, a, upper=False: np.asarray(_cholesky_pushed(np, t, y, a, upper)),
                sparsity=_cholesky_pattern,
                entry=by_columns(_cholesky_pushed),
                whole="the symmetric part of L⁻ᵀ·Φ(Lᵀ·v)·L⁻¹, where Φ keeps the triangle below "
                "and half of the diagonal",
            ),
        ),
        summary="the triangle L with L·Lᵀ = (a + aᵀ)/2, or Lᵀ; NaN where that is not positive "
        "definite. NumPy and PyTorch read the triangle below only, which is the same where a is "
        "symmetric",
        domains=(Domain(-0.7, 0.7, diagonal=2.0),),
        reasons=(
            Reason(
                "{a} is not positive definite",
                lambda y, a, upper=False: (
                    np.isnan(y) & np.isfinite(a).all(axis=(-2, -1), keepdims=True)
                ),
            ),
        ),
        examples=(
            Example(((2, 2),)),
            Example(((1, 1),)),
            Example(((3, 3),)),
            Example(((2, 2, 2),)),
        ),
    ),
    structural(
        "qr_q",
        "a",
        forward=lambda m, a: _factors(m, a)[0],
        shape=_q_shape,
        cost=lambda out, a: DECOMPOSED * prod(a) * min(a[-2:]),
        parts=(
            Part(
                vjp=_q_pulled,
                jvp=lambda t, y, a: np.asarray(_q_pushed(np, t, y, a)),
                sparsity=_q_pattern,
                entry=by_columns(_q_pushed),
                whole="(Q·tril(Qᵀ·v − vᵀ·Q) + (1 − Q·Qᵀ)·v)·R⁻ᵀ",
            ),
        ),
        summary="the orthogonal factor Q of a = Q·R, as many columns as there are in common",
        kink=_independence,
        convention=_SIGNS,
        domains=(Domain(diagonal=2.0),),
        examples=_TALL,
    ),
    structural(
        "qr_r",
        "a",
        forward=lambda m, a: _factors(m, a)[1],
        shape=_r_shape,
        cost=lambda out, a: DECOMPOSED * prod(a) * min(a[-2:]),
        parts=(
            Part(
                vjp=_r_pulled,
                jvp=lambda t, y, a: np.asarray(_r_pushed(np, t, y, a)),
                sparsity=_r_pattern,
                entry=by_columns(_r_pushed),
                whole="Q·v and what a·vᵀ gives back through Q",
            ),
        ),
        summary="the triangle R of a = Q·R",
        kink=_independence,
        convention=_SIGNS,
        domains=(Domain(diagonal=2.0),),
        examples=_TALL,
    ),
)
