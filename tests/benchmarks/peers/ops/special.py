"""Peers of the functions in pieces, of the gamma and normal distribution, and of other windows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from tests.benchmarks.peers.ops.peer import LINE, SQUARE, Peer, by_math, no_vjp, nothing, sigmoid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.benchmarks.peers.ops.peer import Value, Vjp
    from tui_backprop.rules.types import Array

_TWO: Final = (LINE, LINE)
_LOG_2: Final = math.log(2)


def _chosen(v: Array, z: Array, x: Array, y: Array) -> tuple[Array, Array]:
    ties = 1 + (x == y)
    return v * (x == z) / ties, v * (y == z) / ties


def _of_powers(v: Array, _z: Array, x: Array, y: Array) -> tuple[Array, Array]:
    share = sigmoid((x - y) * _LOG_2)
    return v * share, v * (1 - share)


def _running(x: Array) -> Array:
    return np.logaddexp.accumulate(x, axis=1)


def _of_running(v: Array, y: Array, x: Array) -> Array:
    behind = np.cumsum((v * np.exp(-y))[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(np.exp(x) * behind)


def _to_largest(v: Array, windows: Array) -> Array:
    found = np.zeros_like(windows)
    np.put_along_axis(found, windows.argmax(axis=-1)[..., None], v[..., None], axis=-1)
    return found


def _shuffled(x: Array) -> Array:
    c, h, w = x.shape
    apart = x.reshape(c // 4, 2, 2, h, w)
    return apart.transpose(0, 3, 1, 4, 2).reshape(c // 4, 2 * h, 2 * w)


def _unshuffled(v: Array, x: Array) -> Array:
    c, h, w = x.shape
    return v.reshape(c // 4, h, 2, w, 2).transpose(0, 2, 4, 1, 3).reshape(x.shape)


_ENTRYWISE: Final[Mapping[str, tuple[Value, Vjp]]] = {
    "rsqrt": (lambda x: 1 / np.sqrt(x), lambda v, y, x: -0.5 * v * y / x),
    "erfc": (by_math(math.erfc), lambda v, y, x: v * (-2 / math.sqrt(math.pi)) * np.exp(-x * x)),
    "logit": (lambda x: np.log(x / (1 - x)), lambda v, y, x: v / (x * (1 - x))),
    "frac": (lambda x: x - np.trunc(x), lambda v, y, x: v),
    "trunc": (np.trunc, nothing),
    "nan_to_num": (np.nan_to_num, lambda v, y, x: v * np.isfinite(x)),
    "stop_gradient": (lambda x: x, no_vjp),
}

_PAIRS: Final[Mapping[str, tuple[Value, Vjp]]] = {
    "fmod": (np.fmod, lambda v, z, x, y: (v, -v * np.trunc(x / y))),
    "logaddexp2": (np.logaddexp2, _of_powers),
    "xlogy": (lambda x, y: x * np.log(y), lambda v, z, x, y: (v * np.log(y), v * x / y)),
    "copysign": (np.copysign, lambda v, z, x, y: (v * np.sign(x) * np.sign(y), nothing(v))),
    "heaviside": (np.heaviside, no_vjp),
    "fmax": (np.fmax, _chosen),
    "fmin": (np.fmin, _chosen),
}

PEERS: Final = (
    *(Peer(op, value, vjp, (LINE,)) for op, (value, vjp) in _ENTRYWISE.items()),
    *(Peer(op, value, vjp, _TWO) for op, (value, vjp) in _PAIRS.items()),
    Peer("logcumsumexp", _running, _of_running, (SQUARE,), {"axis": 1}),
    Peer("adaptive_avg_pool1d", lambda x: x.reshape(100, 50, 2).mean(axis=-1),
         lambda v, y, x: np.repeat(v / 2, 2, axis=-1), (SQUARE,), {"output_size": 50}),
    Peer("adaptive_max_pool1d", lambda x: x.reshape(100, 50, 2).max(axis=-1),
         lambda v, y, x: _to_largest(v, x.reshape(100, 50, 2)).reshape(x.shape), (SQUARE,),
         {"output_size": 50}),
    Peer("pixel_shuffle", _shuffled, lambda v, y, x: _unshuffled(v, x),
         ((16, 25, 25),),
         {"upscale_factor": 2}),
)  # fmt: skip

_NO_NUMPY: Final = "NumPy has none, nor has Python's math"

WITHOUT: Final = dict.fromkeys(("erfinv", "digamma", "lgamma"), _NO_NUMPY)
