"""The determinant.

It stands apart from ``solving`` because its slopes need no inverse: every matrix has cofactors.

In a row, ``m`` is the interpretation (NumPy, or SymPy under NumPy's names), ``a`` the matrix or a
stack of them, ``y`` the value, ``v`` its cotangent. With C the cofactors: ∂det/∂A[p, q] = C[p, q].
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.matrix_norms import DECOMPOSED
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example
from tui_backprop.rules.solving import MOST_SIDE, batched, one_matrix, square

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index

_MOST_MINORS: Final = 6
"""Side of a matrix whose cofactors are found minor by minor, exactly on whole numbers."""


def _cofactor(m: Any, a: Any, p: int, q: int) -> Any:
    minor = np.delete(np.delete(a, p, -2), q, -1)
    return (-1) ** (p + q) * (np.linalg.det(minor) if m is np else m.det(minor))


def _cofactors(a: Array) -> Array:
    """From minors where there are few, else by singular values; both without the inverse."""
    if a.shape[-1] > _MOST_MINORS:
        return _cofactors_by_values(a)
    found = np.empty_like(a)
    for p in range(a.shape[-1]):
        for q in range(a.shape[-1]):
            found[..., p, q] = _cofactor(np, a, p, q)
    return found


def _cofactors_by_values(a: Array) -> Array:
    """``det(U)·det(V) · U · diag(Π of the other σ) · Vᵀ`` of A = U·diag(σ)·Vᵀ."""
    try:
        u, values, v = np.linalg.svd(a)
    except np.linalg.LinAlgError:  # a NaN or an infinity somewhere
        if a.ndim == 2:
            return np.full_like(a, np.nan)
        stack = [_cofactors_by_values(one) for one in a.reshape(-1, *a.shape[-2:])]
        return np.asarray(stack).reshape(a.shape)
    ones = np.ones_like(values[..., :1])
    before = np.cumprod(np.concatenate([ones, values[..., :-1]], -1), -1)
    behind = np.cumprod(np.concatenate([ones, values[..., :0:-1]], -1), -1)[..., ::-1]
    sign = np.sign(np.linalg.det(u) * np.linalg.det(v))[..., None, None]
    return np.asarray(sign * (u * (before * behind)[..., None, :]) @ v)


def _det_entry(m: Any, _j: Index, i: Index, _y: Any, a: Any) -> Any:
    if m is np:
        return _cofactors(a)[i]
    if a.shape[-1] > MOST_SIDE:
        return m.named(f"cofactor_{i[-2]}_{i[-1]}")
    return _cofactor(m, one_matrix(a, i[:-2]), int(i[-2]), int(i[-1]))


RULES: Final[tuple[Rule, ...]] = (
    structural(
        "det",
        "a",
        text="det({a})",
        forward=lambda m, a: np.linalg.det(a) if m is np else m.det(a),
        shape=lambda a: square("det", a)[:-2],
        cost=lambda out, a: DECOMPOSED * prod(a) * a[-1],
        parts=(
            Part(
                vjp=lambda v, y, a: v[..., None, None] * _cofactors(a),
                jvp=lambda t, y, a: (_cofactors(a) * t).sum(axis=(-2, -1)),
                sparsity=lambda out, a: batched(out, a, len(out)),
                entry=_det_entry,
            ),
        ),
        summary="the determinant; its slopes are the cofactors, which every matrix has",
        examples=(Example(((2, 2),)), Example(((3, 3),)), Example(((1, 1),)),
                  Example(((2, 2, 2),))),
    ),
)  # fmt: skip
