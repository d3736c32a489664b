"""Eigenvalues and eigenvectors of symmetric matrices: `eigvalsh` and `eigvecsh`.

NumPy and PyTorch give both together; here each is an op of its own, with its own gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.ops.linear.decomposing import by_columns, matrix, symmetric, turned
from tui_backprop.rules.ops.linear.linear_algebra import square
from tui_backprop.rules.ops.linear.spectral import (
    FOUND,
    NONE,
    each_written,
    eigh,
    inverse_gaps,
    least_gap,
    spectral_cost,
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
    from tui_backprop.rules.types import Array, Index, Shape


def _eigvalsh(m: Any, a: Any) -> Any:
    if m is np:
        return eigh(a)[0]

    def of_one(one: Any) -> Any:
        if len(one) == 1:
            return [one[0, 0]]
        return list(values_of_two(m, symmetric(one, m))) if len(one) == 2 else None

    return each_written(m, a.shape[:-1], a, of_one)


def _eigvecsh(m: Any, a: Any) -> Any:
    if m is np:
        return eigh(a)[1]

    def of_one(one: Any) -> Any:
        if len(one) == 1:
            return [[1]]
        if len(one) > 2:
            return None
        s = symmetric(one, m)
        return np.array(vectors_of_two(m, s), dtype=object).T

    return each_written(m, a.shape, a, of_one)


def _value_entry(m: Any, j: Index, i: Index, y: Any, a: Any) -> Any:
    """``v_p·v_q`` of the eigenvector v; of two rows ``(A − λ')/(λ − λ')``, λ' the other value."""
    batch, k, p, q = j[:-1], j[-1], i[-2], i[-1]
    if m is np:
        vectors = eigh(a)[1]
        return vectors[(*batch, p, k)] * vectors[(*batch, q, k)]
    if a.shape[-1] == 1:
        return 1
    if a.shape[-1] > 2:
        return m.named(f"v_{p}_{k}_v_{q}_{k}")
    s = symmetric(written_out(a, batch), m)
    own, other = y[(*batch, k)], y[(*batch, 1 - k)]
    return m.divide(s[p, q] - (other if p == q else 0), own - other)


def _eigvecsh_pushed(m: Any, t: Any, y: Any, a: Any) -> Any:
    """``V·(F ∘ Vᵀ·ȧ·V)``."""
    values = eigh(a)[0] if m is np else list(np.diagonal(turned(y) @ symmetric(a, m) @ y))
    return y @ (inverse_gaps(values, m) * (turned(y) @ symmetric(t, m) @ y))


def _eigvecsh_pulled(v: Array, y: Array, a: Array) -> Array:
    inner = inverse_gaps(eigh(a)[0]) * (turned(y) @ v)
    return np.asarray(symmetric(y @ inner @ turned(y)))


def _value_pulled(v: Array, _y: Array, a: Array) -> Array:
    """``V·diag(v)·Vᵀ``."""
    vectors = eigh(a)[1]
    return np.asarray((vectors * v[..., None, :]) @ turned(vectors))


def _value_pushed(t: Array, _y: Array, a: Array) -> Array:
    vectors = eigh(a)[1]
    return np.asarray((vectors * (symmetric(t) @ vectors)).sum(axis=-2))


def _square(name: str, a: Shape) -> Shape:
    return matrix(name, square(name, a))


_EIGEN: Final = (Example(((2, 2),)), Example(((3, 3),)), Example(((1, 1),)), Example(((2, 2, 2),)))

RULES: Final[tuple[Rule, ...]] = (
    structural(
        "eigvalsh",
        "a",
        forward=_eigvalsh,
        shape=lambda a: _square("eigvalsh", a)[:-1],
        cost=spectral_cost,
        parts=(
            Part(vjp=_value_pulled, jvp=_value_pushed, sparsity=whole_stack, entry=_value_entry),
        ),
        summary="the eigenvalues of (a + aᵀ)/2, from the least to the largest. NumPy and PyTorch "
        "read the triangle below only, which is the same where a is symmetric",
        kink=lambda m, a: least_gap(eigh(a)[0])[..., None],
        convention=FOUND.format(values="eigenvalues"),
        examples=_EIGEN,
    ),
    structural(
        "eigvecsh",
        "a",
        forward=_eigvecsh,
        shape=lambda a: _square("eigvecsh", a),
        cost=spectral_cost,
        parts=(
            Part(
                vjp=_eigvecsh_pulled,
                jvp=lambda t, y, a: np.asarray(_eigvecsh_pushed(np, t, y, a)),
                sparsity=lambda out, a: unless_single(a[-1], out, a),
                entry=by_columns(_eigvecsh_pushed),
                whole="the symmetric part of V·(F ∘ Vᵀ·v)·Vᵀ, where F = 1/(λ_j − λ_i) beside the "
                "diagonal",
            ),
        ),
        summary="the eigenvectors of (a + aᵀ)/2 in columns, in the order of eigvalsh, the largest "
        "entry of each positive",
        kink=lambda m, a: least_gap(eigh(a)[0])[..., None, None],
        convention=NONE.format(values="eigenvalues"),
        examples=_EIGEN,
    ),
)
