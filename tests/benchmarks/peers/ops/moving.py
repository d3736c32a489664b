"""Peers of what moves entries and computes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tests.benchmarks.peers.ops.peer import LINE, SIZE, SQUARE, Peer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.types import Array

_HALF: Final = SIZE // 2
_PLACES: Final = np.random.default_rng(7).integers(0, SIZE, SIZE)


def _back(v: Array, _y: Array, x: Array) -> Array:
    return np.reshape(v, x.shape)


def _of_slice(v: Array, _y: Array, x: Array) -> Array:
    found = np.zeros_like(x)
    found[1:-1:2] = v
    return found


def _of_list(v: Array, _y: Array, x: Array) -> Array:
    found = np.zeros_like(x)
    np.add.at(found, _PLACES, v)
    return found


def _of_diagonal(v: Array, _y: Array, x: Array) -> Array:
    found = np.zeros_like(x)
    np.fill_diagonal(found, v)
    return found


def _joined(op: str, value: Callable[..., Array], vjp: Callable[..., Any], *shapes: Any) -> Peer:
    return Peer(op, lambda a, b: value([a, b]), vjp, shapes)


def _looked_up(x: Array, weight: Array) -> Array:
    return np.asarray(weight[x.astype(np.intp)])


def _of_rows(v: Array, _y: Array, x: Array, weight: Array) -> Array:
    found = np.zeros_like(weight)
    np.add.at(found, x.astype(np.intp), v)
    return found


PEERS: Final = (
    Peer("transpose", np.transpose, lambda v, y, x: np.transpose(v), (SQUARE,), is_view=True),
    Peer("reshape", lambda x: np.reshape(x, SQUARE), _back, (LINE,), {"shape": SQUARE},
         is_view=True),
    Peer("ravel", np.ravel, _back, (SQUARE,), is_view=True),
    Peer("squeeze", np.squeeze, _back, ((1, SIZE),), is_view=True),
    Peer("expand_dims", lambda x: np.expand_dims(x, 0), _back, (LINE,), {"axis": 0}, is_view=True),
    Peer("swapaxes", lambda x: np.swapaxes(x, 0, 1), lambda v, y, x: np.swapaxes(v, 0, 1),
         (SQUARE,), {"axis1": 0, "axis2": 1}, is_view=True),
    Peer("moveaxis", lambda x: np.moveaxis(x, 0, 1), lambda v, y, x: np.moveaxis(v, 1, 0),
         (SQUARE,), {"source": 0, "destination": 1}, is_view=True),
    Peer("broadcast_to", lambda x: np.broadcast_to(x, SQUARE), lambda v, y, x: v.sum(axis=0),
         ((100,),), {"shape": SQUARE}),
    Peer("index", lambda x: x[1:-1:2], _of_slice, (LINE,), {"key": slice(1, -1, 2)},
         note="by a slice"),
    Peer("index", lambda x: x[_PLACES], _of_list, (LINE,), {"key": _PLACES.tolist()},
         note="by a list"),
    Peer("flip", np.flip, lambda v, y, x: np.flip(v), (SQUARE,)),
    Peer("roll", lambda x: np.roll(x, 3), lambda v, y, x: np.roll(v, -3), (LINE,), {"shift": 3}),
    Peer("tile", lambda x: np.tile(x, 2), lambda v, y, x: v.reshape(2, -1).sum(axis=0), ((_HALF,),),
         {"reps": 2}),
    Peer("repeat", lambda x: np.repeat(x, 2), lambda v, y, x: v.reshape(-1, 2).sum(axis=1),
         ((_HALF,),), {"repeats": 2}),
    Peer("pad", lambda x: np.pad(x, 1), lambda v, y, x: v[1:-1, 1:-1], (SQUARE,),
         {"pad_width": 1}),
    _joined("concatenate", np.concatenate, lambda v, y, a, b: (v[:_HALF], v[_HALF:]),
            (_HALF,), (_HALF,)),
    _joined("stack", np.stack, lambda v, y, a, b: (v[0], v[1]), (_HALF,), (_HALF,)),
    _joined("vstack", np.vstack, lambda v, y, a, b: (v[:50], v[50:]), (50, 100), (50, 100)),
    _joined("hstack", np.hstack, lambda v, y, a, b: (v[:, :50], v[:, 50:]), (100, 50), (100, 50)),
    Peer("diagonal", np.diagonal, _of_diagonal, (SQUARE,)),
    Peer("diag", np.diag, lambda v, y, x: np.diagonal(v), ((100,),)),
    Peer("tril", np.tril, lambda v, y, x: np.tril(v), (SQUARE,)),
    Peer("triu", np.triu, lambda v, y, x: np.triu(v), (SQUARE,)),
    Peer("embedding", _looked_up, _of_rows, ((1000,), (100, 10)),
         drawn={0: lambda chance: chance.integers(0, 100, 1000).astype(np.float64)}),
)  # fmt: skip
