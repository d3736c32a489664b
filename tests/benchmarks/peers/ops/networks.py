"""Peers of what networks are made of: softmax, normalization, attention, convolutions, pools."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tests.benchmarks.peers.ops.peer import SQUARE, Peer

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

_EPS: Final = 1e-5


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _of_softmax(v: Array, y: Array, *_: Array) -> Array:
    return np.asarray(y * (v - (v * y).sum(axis=-1, keepdims=True)))


def _log_softmax(x: Array) -> Array:
    low = x - x.max(axis=-1, keepdims=True)
    return np.asarray(low - np.log(np.exp(low).sum(axis=-1, keepdims=True)))


def _of_log_softmax(v: Array, y: Array, _x: Array) -> Array:
    return np.asarray(v - np.exp(y) * v.sum(axis=-1, keepdims=True))


def _normalization(axis: int) -> tuple[Any, Any]:
    """What a layer or a batch does, and its VJP."""

    def value(x: Array) -> Array:
        centred = x - x.mean(axis=axis, keepdims=True)
        variance = (centred * centred).mean(axis=axis, keepdims=True)
        return np.asarray(centred / np.sqrt(variance + _EPS))

    def vjp(v: Array, y: Array, x: Array) -> Array:
        deviation = np.sqrt(x.var(axis=axis, keepdims=True) + _EPS)
        shared = v.mean(axis=axis, keepdims=True) + y * (v * y).mean(axis=axis, keepdims=True)
        return np.asarray((v - shared) / deviation)

    return value, vjp


def _rms(x: Array) -> Array:
    return np.asarray(np.sqrt((x * x).mean(axis=-1, keepdims=True) + _EPS))


def _of_rms_norm(v: Array, y: Array, x: Array) -> Array:
    return np.asarray((v - y * (v * y).mean(axis=-1, keepdims=True)) / _rms(x))


def _lengths(x: Array, y: Array) -> tuple[Array, Array]:
    return np.linalg.norm(x, axis=-1), np.linalg.norm(y, axis=-1)


def _cosine(x: Array, y: Array) -> Array:
    one, other = _lengths(x, y)
    return np.asarray((x * y).sum(axis=-1) / (one * other))


def _of_cosine(v: Array, z: Array, x: Array, y: Array) -> tuple[Array, Array]:
    one, other = (length[:, None] for length in _lengths(x, y))
    u, w, z, v = x / one, y / other, z[:, None], v[:, None]
    return v * (w - z * u) / one, v * (u - z * w) / other


def _weights(q: Array, k: Array) -> Array:
    return _softmax(q @ k.T / sqrt(q.shape[1]))


def _of_attention(g: Array, _y: Array, q: Array, k: Array, v: Array) -> tuple[Array, ...]:
    p = _weights(q, k)
    s = _of_softmax(g @ v.T, p) / sqrt(q.shape[1])
    return s @ k, s.T @ q, p.T @ g


def _windows(x: Array, axes: int) -> Array:
    """(N, places, …, C, kernel, …) of kernels of three."""
    seen = sliding_window_view(x, (3,) * axes, axis=tuple(range(2, 2 + axes)))
    return np.moveaxis(seen, 1, 1 + axes)


def _convolution(axes: int) -> tuple[Any, Any]:
    """The products of all windows at once, and its VJP: a convolution with the kernels turned."""
    places = tuple(range(1, 1 + axes))
    turned = (slice(None), slice(None), *(slice(None, None, -1),) * axes)

    def product(x: Array, w: Array) -> Array:
        over = tuple(range(1, w.ndim))
        found = np.tensordot(_windows(x, axes), w, (tuple(a + axes for a in over), over))
        return np.moveaxis(found, -1, 1)

    def vjp(v: Array, _y: Array, x: Array, w: Array) -> tuple[Array, Array]:
        around = np.pad(v, ((0, 0), (0, 0), *((2, 2),) * axes))
        by_x = product(around, w[turned].swapaxes(0, 1))
        met = (0, *(p + 1 for p in places)), (0, *places)
        return by_x, np.tensordot(v, _windows(x, axes), met)

    return product, vjp


def _pairs(x: Array) -> Array:
    return x.reshape(*x.shape[:-1], -1, 2)


def _blocks(x: Array) -> Array:
    """Windows of two by two, their entries last."""
    n, h, w = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2).swapaxes(2, 3).reshape(n, h // 2, w // 2, 4)


def _to_largest(v: Array, windows: Array) -> Array:
    """Each entry of v to the first largest of its window."""
    found = np.zeros_like(windows)
    np.put_along_axis(found, windows.argmax(axis=-1)[..., None], v[..., None], axis=-1)
    return found


def _of_largest_of_blocks(v: Array, _y: Array, x: Array) -> Array:
    n, h, w = x.shape
    found = _to_largest(v, _blocks(x)).reshape(n, h // 2, w // 2, 2, 2)
    return found.swapaxes(2, 3).reshape(x.shape)


def _of_mean_of_blocks(v: Array, _y: Array, _x: Array) -> Array:
    return np.repeat(np.repeat(v / 4, 2, axis=-1), 2, axis=-2)


_LINES: Final = (10, 10, 100)
_IMAGES: Final = (1, 4, 50, 50)
_PLANES: Final = (4, 50, 50)
_OF_TWO: Final = {"kernel_size": 2}
_HALVED: Final = {"output_size": 25}

PEERS: Final = (
    Peer("softmax", _softmax, _of_softmax, (SQUARE,)),
    Peer("log_softmax", _log_softmax, _of_log_softmax, (SQUARE,)),
    Peer("layer_norm", *_normalization(-1), (SQUARE,)),
    Peer("batch_norm", *_normalization(0), (SQUARE,)),
    Peer("rms_norm", lambda x: x / _rms(x), _of_rms_norm, (SQUARE,)),
    Peer("cosine_similarity", _cosine, _of_cosine, (SQUARE, SQUARE)),
    Peer("scaled_dot_product_attention", lambda q, k, v: _weights(q, k) @ v, _of_attention,
         (SQUARE, SQUARE, SQUARE)),
    Peer("conv1d", *_convolution(1), (_LINES, (10, 10, 3))),
    Peer("conv2d", *_convolution(2), (_IMAGES, (4, 4, 3, 3))),
    Peer("max_pool1d", lambda x: _pairs(x).max(axis=-1),
         lambda v, y, x: _to_largest(v, _pairs(x)).reshape(x.shape), (SQUARE,), _OF_TWO),
    Peer("max_pool2d", lambda x: _blocks(x).max(axis=-1), _of_largest_of_blocks, (_PLANES,),
         _OF_TWO),
    Peer("avg_pool1d", lambda x: _pairs(x).mean(axis=-1),
         lambda v, y, x: np.repeat(v / 2, 2, axis=-1), (SQUARE,), _OF_TWO),
    Peer("avg_pool2d", lambda x: _blocks(x).mean(axis=-1), _of_mean_of_blocks, (_PLANES,),
         _OF_TWO),
    Peer("adaptive_max_pool2d", lambda x: _blocks(x).max(axis=-1), _of_largest_of_blocks,
         (_PLANES,), _HALVED),
    Peer("adaptive_avg_pool2d", lambda x: _blocks(x).mean(axis=-1), _of_mean_of_blocks, (_PLANES,),
         _HALVED),
)  # fmt: skip
