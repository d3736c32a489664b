"""Peers of the losses, each the mean over its entries or samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tests.benchmarks.peers.ops.peer import LINE, Peer, sigmoid

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

_TWO: Final = (LINE, LINE)


def _of_squares(v: Array, _y: Array, x: Array, t: Array) -> tuple[Array, Array]:
    found = v * 2 / x.size * (x - t)
    return found, -found


def _of_distances(v: Array, _y: Array, x: Array, t: Array) -> tuple[Array, Array]:
    found = v / x.size * np.sign(x - t)
    return found, -found


def _huber(x: Array, t: Array) -> Array:
    apart = np.abs(x - t)
    return np.asarray(np.where(apart <= 1, 0.5 * apart * apart, apart - 0.5).mean())


def _of_huber(v: Array, _y: Array, x: Array, t: Array) -> tuple[Array, Array]:
    found = v / x.size * np.clip(x - t, -1, 1)
    return found, -found


def _binary(p: Array, t: Array) -> Array:
    one, other = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)
    return np.asarray(-(t * one + (1 - t) * other).mean())


def _of_binary(v: Array, _y: Array, p: Array, t: Array) -> tuple[Array, Array]:
    v = v / p.size
    by_p = v * (p - t) / np.maximum(p * (1 - p), 1e-12)
    return by_p, v * (np.maximum(np.log1p(-p), -100) - np.maximum(np.log(p), -100))


def _logits(x: Array, t: Array) -> Array:
    return np.asarray((np.logaddexp(0, x) - t * x).mean())


def _of_logits(v: Array, _y: Array, x: Array, t: Array) -> tuple[Array, Array]:
    v = v / x.size
    return v * (sigmoid(x) - t), -v * x


def _of_hinge(v: Array, _y: Array, x: Array, t: Array) -> tuple[Array, Array]:
    passed = -v / x.size * (1 - t * x > 0)
    return passed * t, passed * x


def _divergence(p_log: Array, t: Array) -> Array:
    return np.asarray((t * (np.log(t) - p_log)).mean())


def _of_divergence(v: Array, _y: Array, p_log: Array, t: Array) -> tuple[Array, Array]:
    v = v / t.size
    return -v * t, v * (np.log(t) + 1 - p_log)


def _at(t: Array) -> tuple[Array, Array]:
    """The place of each sample's class."""
    return np.arange(len(t)), t.astype(np.intp)


def _cross_entropy(x: Array, t: Array) -> Array:
    low = x - x.max(axis=1, keepdims=True)
    return np.asarray((np.log(np.exp(low).sum(axis=1)) - low[_at(t)]).mean())


def _of_cross_entropy(v: Array, _y: Array, x: Array, t: Array) -> tuple[Array, Array]:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    e /= e.sum(axis=1, keepdims=True)
    e[_at(t)] -= 1
    return v / len(t) * e, np.zeros_like(t)


def _of_nll(v: Array, _y: Array, p_log: Array, t: Array) -> Array:
    found = np.zeros_like(p_log)
    found[_at(t)] = -v / len(t)
    return found


def _behind(x: Array, t: Array) -> Array:
    """How far each class comes within 1 of that of its sample, which does not itself."""
    found = np.maximum(1 - x[_at(t)][:, None] + x, 0)
    found[_at(t)] = 0
    return np.asarray(found)


def _of_margins(v: Array, _y: Array, x: Array, t: Array) -> Array:
    found = (_behind(x, t) > 0).astype(x.dtype)
    found[_at(t)] = -found.sum(axis=1)
    return np.asarray(v / x.size * found)


_CLASSES: Final = {1: lambda chance: chance.integers(0, 10, 1000).astype(np.float64)}
_SCORES: Final = ((1000, 10), (1000,))

PEERS: Final = (
    Peer("mse", lambda x, t: ((x - t) ** 2).mean(), _of_squares, _TWO),
    Peer("mae", lambda x, t: np.abs(x - t).mean(), _of_distances, _TWO),
    Peer("huber", _huber, _of_huber, _TWO),
    Peer("binary_cross_entropy", _binary, _of_binary, _TWO),
    Peer("binary_cross_entropy_with_logits", _logits, _of_logits, _TWO),
    Peer("hinge", lambda x, t: np.maximum(1 - t * x, 0).mean(), _of_hinge, _TWO),
    Peer("kl_div", _divergence, _of_divergence, _TWO),
    Peer("cross_entropy", _cross_entropy, _of_cross_entropy, _SCORES, drawn=_CLASSES),
    Peer(
        "multi_margin",
        lambda x, t: _behind(x, t).sum(axis=1).mean() / x.shape[1],
        _of_margins,
        _SCORES,
        drawn=_CLASSES,
    ),
    Peer("nll", lambda p_log, t: -p_log[_at(t)].mean(), _of_nll, _SCORES, drawn=_CLASSES),
)
