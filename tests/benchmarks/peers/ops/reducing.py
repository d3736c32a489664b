"""Peers of what brings many entries together along an axis: sums, extremes, norms, running ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tests.benchmarks.peers.ops.peer import SQUARE, Peer

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array


def _logsumexp(x: Array) -> Array:
    top = x.max()
    return np.asarray(np.log(np.sum(np.exp(x - top))) + top)


def _spread(v: Array, _y: Array, x: Array) -> Array:
    return np.broadcast_to(v, x.shape)


def _of_extreme(v: Array, y: Array, x: Array) -> Array:
    """Those that tie share evenly."""
    is_it = x == y
    return np.asarray(v * is_it / is_it.sum())


def _of_product(v: Array, y: Array, x: Array) -> Array:
    """The quotient, unless something is 0: then what comes before times what comes behind."""
    if x.all():
        return np.asarray((v * y)[:, None] / x)
    ones = np.ones_like(x[:, :1])
    before = np.cumprod(np.hstack([ones, x[:, :-1]]), axis=1)
    behind = np.cumprod(np.hstack([ones, x[:, :0:-1]]), axis=1)[:, ::-1]
    return np.asarray(v[:, None] * before * behind)


def _of_running_sum(v: Array, _y: Array, x: Array) -> Array:
    return np.cumsum(v[::-1])[::-1].reshape(x.shape)


def _of_running_product(v: Array, y: Array, x: Array) -> Array:
    """The quotient, unless something is 0: then from behind, r[i] = v[i] + x[i + 1]·r[i + 1]."""
    if x.all():
        return np.asarray(np.cumsum((v * y)[:, ::-1], axis=1)[:, ::-1] / x)
    before = np.cumprod(np.hstack([np.ones_like(x[:, :1]), x[:, :-1]]), axis=1)
    found = v.copy()
    for i in reversed(range(x.shape[1] - 1)):
        found[:, i] += x[:, i + 1] * found[:, i + 1]
    return before * found


def _centred(x: Array) -> Any:
    return x - x.mean()


PEERS: Final = (
    Peer("sum", np.sum, _spread, (SQUARE,)),
    Peer("sum", lambda x: x.sum(axis=0), _spread, (SQUARE,), {"axis": 0}, note="axis=0"),
    Peer("mean", np.mean, lambda v, y, x: _spread(v / x.size, y, x), (SQUARE,)),
    Peer("average", np.average, lambda v, y, x: _spread(v / x.size, y, x), (SQUARE,)),
    Peer("prod", lambda x: x.prod(axis=1), _of_product, (SQUARE,), {"axis": 1}),
    Peer("logsumexp", _logsumexp, lambda v, y, x: v * np.exp(x - y), (SQUARE,)),
    Peer("var", np.var, lambda v, y, x: v * 2 / x.size * _centred(x), (SQUARE,)),
    Peer("std", np.std, lambda v, y, x: v / (x.size * y) * _centred(x), (SQUARE,)),
    Peer("max", np.max, _of_extreme, (SQUARE,)),
    Peer("min", np.min, _of_extreme, (SQUARE,)),
    Peer("norm", np.linalg.norm, lambda v, y, x: v / y * x, (SQUARE,)),
    Peer("cumsum", np.cumsum, _of_running_sum, (SQUARE,)),
    Peer("cumprod", lambda x: x.cumprod(axis=1), _of_running_product, (SQUARE,), {"axis": 1}),
)
