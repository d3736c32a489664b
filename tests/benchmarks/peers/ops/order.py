"""Peers of what orders entries, and of what takes them at places that are data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tests.benchmarks.peers.ops.peer import LINE, SIZE, SQUARE, Peer, no_vjp

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.types import Array


def _sent(v: Array, places: Array, x: Array) -> Array:
    """Each entry of v to the place in its row that it came from."""
    found = np.zeros_like(x)
    np.put_along_axis(found, places, v, axis=-1)
    return found


def _largest(x: Array) -> Array:
    """The places of the ten largest entries of each row."""
    found = np.argpartition(x, -10, axis=-1)[:, -10:]
    order = np.argsort(np.take_along_axis(x, found, axis=-1), axis=-1)[:, ::-1]
    return np.take_along_axis(found, order, axis=-1)


def _of_middle(v: Array, _y: Array, x: Array) -> Array:
    """Half to each of the middle two of an even number."""
    half = x.size // 2
    found = np.zeros_like(x)
    found.flat[np.argpartition(x, (half - 1, half), axis=None)[half - 1 : half + 1]] = v / 2
    return found


def _of_quantile(v: Array, _y: Array, x: Array) -> Array:
    """To the two between which a quarter of the others lies, in proportion."""
    at = 0.25 * (x.size - 1)
    low = int(at)
    found = np.zeros_like(x)
    one, other = np.argpartition(x, (low, low + 1), axis=None)[low : low + 2]
    found.flat[one], found.flat[other] = v * (1 - at + low), v * (at - low)
    return found


def _of_tenth(v: Array, _y: Array, x: Array) -> Array:
    """To the tenth smallest entry of each row."""
    return _sent(v[:, None], np.argpartition(x, 9, axis=-1)[:, 9:10], x)


def _of_running(v: Array, y: Array, x: Array) -> Array:
    """To the entry that was the extreme last, of each row."""
    places = np.maximum.accumulate(np.where(x == y, np.arange(x.shape[1]), 0), axis=1)
    at = places + x.shape[1] * np.arange(len(x))[:, None]
    return np.bincount(at.ravel(), v.ravel(), x.size).reshape(x.shape)


def _as_places(x: Array) -> Array:
    return x.astype(np.intp)


def _taken(v: Array, _y: Array, x: Array, indices: Array) -> Array:
    return np.bincount(_as_places(indices), v, x.size)


def _of_gathered(v: Array, _y: Array, x: Array, index: Array) -> Array:
    """Each entry of v to the place in its row that was read, summed where that was read twice."""
    found = np.zeros_like(x)
    np.add.at(found, (np.arange(len(x))[:, None], _as_places(index)), v)
    return found


def _gathered(x: Array, index: Array) -> Array:
    return np.take_along_axis(x, _as_places(index), axis=1)


def _of_selected(v: Array, _y: Array, x: Array, index: Array) -> Array:
    found = np.zeros_like(x)
    np.add.at(found, _as_places(index), v)
    return found


def _with_added(x: Array, index: Array, source: Array) -> Array:
    found = x.copy()
    np.add.at(found, _as_places(index), source)
    return found


def _places(count: int, *shape: int) -> Callable[[np.random.Generator], Array]:
    return lambda chance: chance.integers(0, count, shape).astype(np.float64)


_ALONG: Final[dict[str, Any]] = {"axis": 1}
_FIRST: Final[dict[str, Any]] = {"axis": 0}

PEERS: Final = (
    Peer("sort", lambda x: np.sort(x, axis=-1), lambda v, y, x: _sent(v, np.argsort(x), x),
         (SQUARE,)),
    Peer("topk", lambda x: np.take_along_axis(x, _largest(x), axis=-1),
         lambda v, y, x: _sent(v, _largest(x), x), (SQUARE,), {"k": 10}),
    Peer("median", np.median, _of_middle, (SQUARE,)),
    Peer("quantile", lambda x: np.quantile(x, 0.25), _of_quantile, (SQUARE,), {"q": 0.25}),
    Peer("percentile", lambda x: np.percentile(x, 25), _of_quantile, (SQUARE,), {"q": 25}),
    Peer("nanmedian", np.nanmedian, _of_middle, (SQUARE,)),
    Peer("nanquantile", lambda x: np.nanquantile(x, 0.25), _of_quantile, (SQUARE,), {"q": 0.25}),
    Peer("kthvalue", lambda x: np.partition(x, 9, axis=-1)[:, 9], _of_tenth, (SQUARE,),
         {"k": 10}),
    Peer("cummax", lambda x: np.maximum.accumulate(x, axis=1), _of_running, (SQUARE,), _ALONG),
    Peer("cummin", lambda x: np.minimum.accumulate(x, axis=1), _of_running, (SQUARE,), _ALONG),
    Peer("argsort", np.argsort, no_vjp, (SQUARE,)),
    Peer("argmax", np.argmax, no_vjp, (SQUARE,)),
    Peer("argmin", np.argmin, no_vjp, (SQUARE,)),
    Peer("take", lambda x, indices: np.take(x, _as_places(indices)), _taken, (LINE, LINE),
         drawn={1: _places(SIZE, SIZE)}),
    Peer("take_along_axis", _gathered, _of_gathered, (SQUARE, SQUARE),
         drawn={1: _places(100, *SQUARE)}),
    Peer("gather", _gathered, _of_gathered, (SQUARE, SQUARE), _ALONG,
         drawn={1: _places(100, *SQUARE)}),
    Peer("index_select", lambda x, index: x[_as_places(index)], _of_selected, (SQUARE, (100,)),
         _FIRST, drawn={1: _places(100, 100)}),
    Peer("index_add", _with_added, lambda v, y, x, index, source: (v, v[_as_places(index)]),
         (SQUARE, (100,), SQUARE), _FIRST, drawn={1: _places(100, 100)}),
    Peer("flatten", np.ravel, lambda v, y, x: v.reshape(x.shape), (SQUARE,), is_view=True),
)  # fmt: skip
