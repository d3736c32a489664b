"""Peers of products of vectors and matrices, and of what linear algebra makes of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tests.benchmarks.peers.ops.peer import LINE, SQUARE, Peer

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

_TWO: Final = (SQUARE, SQUARE)


def _of_matmul(v: Array, _y: Array, a: Array, b: Array) -> tuple[Array, Array]:
    return v @ b.T, a.T @ v


def _of_product_of_all(v: Array, _y: Array, a: Array, b: Array) -> tuple[Array, Array]:
    return v * b, v * a


def _of_kron(v: Array, _y: Array, a: Array, b: Array) -> tuple[Array, Array]:
    apart = v.reshape(a.shape[0], b.shape[0], a.shape[1], b.shape[1])
    return np.einsum("ikjl,kl->ij", apart, b), np.einsum("ikjl,ij->kl", apart, a)


def _of_solve(v: Array, y: Array, a: Array, _b: Array) -> tuple[Array, Array]:
    w = np.linalg.solve(a.T, v)
    return -np.outer(w, y), w


PEERS: Final = (
    Peer("matmul", np.matmul, _of_matmul, _TWO),
    Peer("matmul", np.matmul, lambda v, y, a, x: (np.outer(v, x), v @ a), (SQUARE, (100,)),
         note="with a vector"),
    Peer("dot", np.dot, _of_matmul, _TWO),
    Peer("inner", np.inner, lambda v, y, a, b: (v @ b, v.T @ a), _TWO),
    Peer("addmm", lambda b, x, w: b + x @ w,
         lambda v, y, b, x, w: (v.sum(axis=0), v @ w.T, x.T @ v), ((100,), SQUARE, SQUARE)),
    Peer("tensordot", np.tensordot, _of_product_of_all, _TWO),
    Peer("einsum", lambda a, b: np.einsum("ij,jk->ik", a, b), _of_matmul, _TWO,
         {"subscripts": "ij,jk->ik"}),
    Peer("outer", np.outer, lambda v, y, a, b: (v @ b, a @ v), ((100,), (100,))),
    Peer("vdot", np.vdot, _of_product_of_all, (LINE, LINE)),
    Peer("kron", np.kron, _of_kron, ((10, 10), (10, 10))),
    Peer("trace", np.trace, lambda v, y, x: v * np.eye(len(x)), (SQUARE,)),
    Peer("det", np.linalg.det, lambda v, y, a: v * y * np.linalg.inv(a).T, (SQUARE,)),
    Peer("inv", np.linalg.inv, lambda v, y, a: -y.T @ v @ y.T, (SQUARE,)),
    Peer("solve", np.linalg.solve, _of_solve, (SQUARE, (100,))),
)  # fmt: skip
