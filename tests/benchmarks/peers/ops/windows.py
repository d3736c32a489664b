"""Peers of what spreads windows out or lays them side by side, and of pictures made larger."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tests.benchmarks.peers.ops.peer import SQUARE, Peer

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

_KERNEL: Final = 3


def _turned_round(axes: int) -> tuple[Any, Any]:
    """What each entry of a kernel adds to the places that it reaches, and its VJP, likewise."""
    entries = list(product(range(_KERNEL), repeat=axes))
    places = tuple(range(2, 2 + axes))

    def at(w: Array, entry: tuple[int, ...]) -> Array:
        return w.reshape(*w.shape[:2], -1)[..., entries.index(entry)]

    def reached(entry: tuple[int, ...], lengths: tuple[int, ...]) -> tuple[Any, ...]:
        return ..., *(slice(k, k + n) for k, n in zip(entry, lengths, strict=True))

    def value(x: Array, w: Array) -> Array:
        lengths = x.shape[2:]
        found = np.zeros((x.shape[0], w.shape[1], *(n + _KERNEL - 1 for n in lengths)))
        for entry in entries:
            share = np.tensordot(x, at(w, entry), (1, 0))
            found[reached(entry, lengths)] += np.moveaxis(share, -1, 1)
        return found

    def vjp(v: Array, _y: Array, x: Array, w: Array) -> tuple[Array, Array]:
        by_x, by_w = np.zeros_like(x), np.empty_like(w)
        for entry in entries:
            read = v[reached(entry, x.shape[2:])]
            by_x += np.moveaxis(np.tensordot(read, at(w, entry), (1, 1)), -1, 1)
            at(by_w, entry)[:] = np.tensordot(x, read, ((0, *places), (0, *places)))
        return by_x, by_w

    return value, vjp


def _unfolded(x: Array) -> Array:
    return sliding_window_view(x, 4, axis=1)[:, ::2]


def _folded(v: Array, _y: Array, x: Array) -> Array:
    """Each place receives from all windows that it lies in."""
    found, last = np.zeros_like(x), 2 * v.shape[1]
    for k in range(4):
        found[:, k : k + last : 2] += v[..., k]
    return found


def _enlarged(x: Array) -> Array:
    return np.repeat(np.repeat(x, 2, axis=-1), 2, axis=-2)


def _of_enlarged(v: Array, _y: Array, x: Array) -> Array:
    n, c, h, w = x.shape
    return np.asarray(v.reshape(n, c, h, 2, w, 2).sum(axis=(3, 5)))


PEERS: Final = (
    Peer("conv_transpose1d", *_turned_round(1), ((10, 10, 98), (10, 10, 3))),
    Peer("conv_transpose2d", *_turned_round(2), ((1, 4, 48, 48), (4, 4, 3, 3))),
    Peer("unfold", _unfolded, _folded, (SQUARE,), {"axis": 1, "size": 4, "step": 2}),
    Peer("interpolate", _enlarged, _of_enlarged, ((1, 4, 25, 25),), {"scale_factor": 2}),
)
