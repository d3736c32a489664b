"""Peers of what takes matrices apart, one of a hundred by a hundred."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tests.benchmarks.peers.ops.peer import SQUARE, Peer, no_vjp

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array


def _positive(chance: np.random.Generator) -> Array:
    """A symmetric matrix whose eigenvalues are positive and lie apart."""
    q, _ = np.linalg.qr(chance.normal(size=SQUARE))
    return np.asarray((q * np.linspace(1, 10, 100)) @ q.T)


def _triangular(chance: np.random.Generator) -> Array:
    return np.asarray(np.tril(chance.uniform(-0.1, 0.1, SQUARE)) + 2 * np.eye(100))


def _of_cholesky(v: Array, y: Array, _a: Array) -> Array:
    """L⁻ᵀ·Φ(Lᵀ·v)·L⁻¹, made symmetric; Φ halves the diagonal of a lower triangle."""
    inner = np.tril(y.T @ np.tril(v))
    inner[np.diag_indices_from(inner)] /= 2
    inverse = np.linalg.inv(y)
    found = inverse.T @ inner @ inverse
    return np.asarray((found + found.T) / 2)


def _of_values(v: Array, _y: Array, a: Array) -> Array:
    _, q = np.linalg.eigh((a + a.T) / 2)
    return np.asarray((q * v) @ q.T)


def _of_singular_values(v: Array, _y: Array, a: Array) -> Array:
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return np.asarray((u * v) @ vh)


def _of_pseudo_inverse(v: Array, y: Array, _a: Array) -> Array:
    """−pᵀ·v·pᵀ: of a matrix that has an inverse."""
    return np.asarray(-y.T @ v @ y.T)


def _of_triangle(v: Array, y: Array, a: Array, _b: Array) -> tuple[Array, Array]:
    w = np.linalg.solve(a.T, v)
    return -np.tril(w @ y.T), w


PEERS: Final = (
    Peer("cholesky", np.linalg.cholesky, _of_cholesky, (SQUARE,), drawn={0: _positive}),
    Peer("eigvalsh", np.linalg.eigvalsh, _of_values, (SQUARE,), drawn={0: _positive}),
    Peer("svdvals", np.linalg.svdvals, _of_singular_values, (SQUARE,)),
    Peer("pinv", np.linalg.pinv, _of_pseudo_inverse, (SQUARE,)),
    Peer("logabsdet", lambda a: np.linalg.slogdet(a)[1], lambda v, y, a: v * np.linalg.inv(a).T,
         (SQUARE,)),
    Peer("signdet", lambda a: np.linalg.slogdet(a)[0], no_vjp, (SQUARE,)),
    Peer("solve_triangular", np.linalg.solve, _of_triangle, (SQUARE, (100, 1)), {"upper": False},
         drawn={0: _triangular}),
)  # fmt: skip

_SEVERAL: Final = "NumPy gives all factors in one call, and a hand would pull all back at once"

WITHOUT: Final = dict.fromkeys(("qr_q", "qr_r", "eigvecsh", "svd_u", "svd_vh"), _SEVERAL)
