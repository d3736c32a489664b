"""Singular values and vectors: `svdvals`, `svd_u` and `svd_vh`, each with its own gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.ops.linear.decomposing import by_columns, matrix, turned
from tui_backprop.rules.ops.linear.spectral import (
    FOUND,
    NONE,
    each_written,
    inverse_gaps,
    least_gap,
    singular_values,
    spectral_cost,
    svd,
    unless_single,
    values_of_two,
    vectors_of_two,
    whole_stack,
)
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example
from tui_backprop.rules.shapes import written_out

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index


def _svdvals(m: Any, a: Any) -> Any:
    if m is np:
        return singular_values(a)

    def of_one(one: Any) -> Any:
        gram = one @ one.T if one.shape[0] <= one.shape[1] else one.T @ one
        if len(gram) == 1:
            return [m.sqrt(gram[0, 0])]
        if len(gram) > 2:
            return None
        least, most = values_of_two(m, gram)
        return [m.sqrt(most), m.sqrt(least)]

    return each_written(m, (*a.shape[:-2], min(a.shape[-2:])), a, of_one)


def _left_of_two(m: Any, one: Any) -> Any:
    """U of a matrix of up to two rows, and no more rows than columns."""
    if one.shape[0] == 1:
        return np.array([[1]], dtype=object)
    return np.array(vectors_of_two(m, one @ one.T)[::-1], dtype=object).T


def _svd_u(m: Any, a: Any) -> Any:
    if m is np:
        return svd(a)[0]

    def of_one(one: Any) -> Any:
        return _left_of_two(m, one) if one.shape[0] <= min(2, one.shape[1]) else None

    return each_written(m, (*a.shape[:-1], min(a.shape[-2:])), a, of_one)


def _svd_vh(m: Any, a: Any) -> Any:
    if m is np:
        return np.asarray(turned(svd(a)[2]))

    def of_one(one: Any) -> Any:
        if one.shape[0] > min(2, one.shape[1]):
            return None
        return _lengths_taken_out(m, _left_of_two(m, one).T @ one)

    return each_written(m, (*a.shape[:-2], min(a.shape[-2:]), a.shape[-1]), a, of_one)


def _lengths_taken_out(m: Any, rows: Any) -> Any:
    lengths = [m.sqrt(sum(x * x for x in row)) for row in rows]
    return np.array([[m.divide(x, length) for x in row]
                     for row, length in zip(rows, lengths, strict=True)], dtype=object)  # fmt: skip


def _single_entry(m: Any, j: Index, i: Index, y: Any, a: Any) -> Any:
    """``u_p·v_q`` of the two singular vectors."""
    batch, k, p, q = j[:-1], j[-1], i[-2], i[-1]
    if m is np:
        u, _, v = svd(a)
        return u[(*batch, p, k)] * v[(*batch, q, k)]
    if min(a.shape[-2:]) > 2:
        return m.named(f"u_{p}_{k}_v_{q}_{k}")
    one = written_out(a, batch)
    is_wide = a.shape[-2] <= a.shape[-1]
    gram = one @ one.T if is_wide else one.T @ one
    own = y[(*batch, k)]
    onto = np.eye(len(gram), dtype=int)
    if len(gram) == 2:
        other = y[(*batch, 1 - k)]
        onto = m.divide(gram - other * other * onto, own * own - other * other)
    return m.divide((onto @ one if is_wide else one @ onto)[p, q], own)


def _single_pulled(v: Array, _y: Array, a: Array) -> Array:
    """``U·diag(v)·Vᵀ``."""
    left, _, right = svd(a)
    return np.asarray((left * v[..., None, :]) @ turned(right))


def _single_pushed(t: Array, _y: Array, a: Array) -> Array:
    left, _, right = svd(a)
    return np.asarray((left * (t @ right)).sum(axis=-2))


def _shares(values: Any, m: Any = np) -> Any:
    """``σ_j / (σ_i + σ_j) / (σ_j − σ_i)``: no squares, which would not fit."""
    if m is np:
        total = values[..., None, :] + values[..., :, None]
        return inverse_gaps(values) * np.divide(values[..., None, :], total)
    n = len(values)
    return inverse_gaps(values, m) * np.array(
        [[m.divide(values[j], values[i] + values[j]) for j in range(n)] for i in range(n)]
    )


def _left_pushed(m: Any, t: Any, u: Any, values: Any, v: Any) -> Any:
    """``U̇ = U·(F ∘ (P·Σ + Σ·Pᵀ)) + (1 − U·Uᵀ)·ȧ·V·Σ⁻¹``, where P = Uᵀ·ȧ·V."""
    moved = t @ v
    inner = turned(u) @ moved
    share = _shares(values, m)
    # The share of the transposed is that of exchanged places, whose difference has the other sign.
    found = u @ (share * inner - turned(share) * turned(inner))
    if u.shape[-2] == u.shape[-1]:
        return found
    rest = moved - u @ inner
    return found + (rest / values[..., None, :] if m is np else m.divide(rest, np.array(values)))


def _left_pulled(w: Array, u: Array, values: Array, v: Array) -> Array:
    """What a receives for w at U."""
    inner = turned(u) @ w
    share = _shares(values)
    found = share * (inner - turned(inner))
    if u.shape[-2] == u.shape[-1]:
        return np.asarray(u @ found @ turned(v))
    return np.asarray((u @ found + (w - u @ inner) / values[..., None, :]) @ turned(v))


def _of_symbols(m: Any, rows: Any) -> tuple[Any, Any]:
    """Lengths of rows, and the rows as columns of length 1."""
    lengths = [m.sqrt(sum(x * x for x in row)) for row in rows]
    return lengths, _lengths_taken_out(m, rows).T


def _svd_u_pushed(m: Any, t: Any, y: Any, a: Any) -> Any:
    if m is np:
        _, values, v = svd(a)
    else:
        values, v = _of_symbols(m, turned(y) @ a)
    return _left_pushed(m, t, y, values, v)


def _svd_u_pulled(w: Array, y: Array, a: Array) -> Array:
    _, values, v = svd(a)
    return _left_pulled(w, y, values, v)


def _svd_vh_pushed(m: Any, t: Any, y: Any, a: Any) -> Any:
    """V is to aᵀ what U is to a."""
    if m is np:
        u, values, _ = svd(a)
    else:
        values, u = _of_symbols(m, y @ turned(a))
    return turned(_left_pushed(m, turned(t), turned(y), values, u))


def _svd_vh_pulled(w: Array, y: Array, a: Array) -> Array:
    u, values, _ = svd(a)
    return np.asarray(turned(_left_pulled(turned(w), turned(y), values, u)))


def _svd_kink(a: Array) -> Array:
    """How far two singular values are from each other, or one from 0."""
    values = svd(a)[1]
    nearest = np.minimum(least_gap(values), values.min(axis=-1, initial=np.inf))
    return np.asarray(nearest)[..., None, None]


_ANY: Final = (Example(((2, 2),)), Example(((2, 3),)), Example(((3, 2),)), Example(((1, 2),)),
               Example(((2, 1),)), Example(((1, 1),)), Example(((2, 2, 2),)))  # fmt: skip

RULES: Final[tuple[Rule, ...]] = (
    structural(
        "svdvals",
        "a",
        forward=_svdvals,
        shape=lambda a: (*matrix("svdvals", a)[:-2], min(a[-2:])),
        cost=spectral_cost,
        parts=(
            Part(vjp=_single_pulled, jvp=_single_pushed, sparsity=whole_stack, entry=_single_entry),
        ),
        summary="the singular values, from the largest to the least",
        kink=lambda m, a: _svd_kink(a)[..., 0],
        convention=FOUND.format(values="singular values") + "; at 0 too",
        examples=_ANY,
    ),
    structural(
        "svd_u",
        "a",
        forward=_svd_u,
        shape=lambda a: (*matrix("svd_u", a)[:-1], min(a[-2:])),
        cost=spectral_cost,
        parts=(
            Part(
                vjp=_svd_u_pulled,
                jvp=lambda t, y, a: np.asarray(_svd_u_pushed(np, t, y, a)),
                sparsity=lambda out, a: unless_single(a[-2], out, a),
                entry=by_columns(_svd_u_pushed),
                whole="U·(F ∘ (M − Mᵀ))·Vᵀ + (1 − U·Uᵀ)·v·Σ⁻¹·Vᵀ, where M = Uᵀ·v and "
                "F = σ_j/(σ_j² − σ_i²) beside the diagonal",
            ),
        ),
        summary="the left singular vectors in columns, in the order of svdvals, the largest entry "
        "of each positive",
        kink=lambda m, a: _svd_kink(a),
        convention=NONE.format(values="singular values"),
        examples=_ANY,
    ),
    structural(
        "svd_vh",
        "a",
        forward=_svd_vh,
        shape=lambda a: (*matrix("svd_vh", a)[:-2], min(a[-2:]), a[-1]),
        cost=spectral_cost,
        parts=(
            Part(
                vjp=_svd_vh_pulled,
                jvp=lambda t, y, a: np.asarray(_svd_vh_pushed(np, t, y, a)),
                sparsity=lambda out, a: unless_single(a[-1], out, a),
                entry=by_columns(_svd_vh_pushed),
                whole="as U of aᵀ: V·(F ∘ (M − Mᵀ))·Uᵀ + (1 − V·Vᵀ)·vᵀ·Σ⁻¹·Uᵀ, transposed",
            ),
        ),
        summary="the right singular vectors in rows, in the order of svdvals; their signs go with "
        "svd_u",
        kink=lambda m, a: _svd_kink(a),
        convention=NONE.format(values="singular values"),
        examples=_ANY,
    ),
)  # fmt: skip
