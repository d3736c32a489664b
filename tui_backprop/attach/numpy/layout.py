"""Joining, splitting and turning arrays in ways that have no op of their own, said in others."""

from __future__ import annotations

from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.attach.numpy.arrays import plain
from tui_backprop.attach.numpy.frames import refused
from tui_backprop.attach.numpy.statistics import along
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    if axis is None:
        return np.concatenate([np.ravel(arr), np.ravel(values)])
    return np.concatenate([arr, values], axis)


def _rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    if k % 4 == 0:
        return m[:]
    if k % 4 == 2:
        return np.flip(m, axes)
    if k % 4 == 1:
        return np.swapaxes(np.flip(m, axes[1]), *axes)
    return np.flip(np.swapaxes(m, *axes), axes[1])


def _column_stack(tup: Sequence[Any]) -> Any:
    columns = [a if np.ndim(plain(a)) > 1 else np.reshape(a, (-1, 1)) for a in tup]
    return np.concatenate(columns, 1)


def _dstack(tup: Sequence[Any]) -> Any:
    return np.concatenate([np.atleast_3d(a) for a in tup], 2)


def _at_least(axes: int) -> Callable[..., Any]:
    def one(a: Any) -> Any:
        shape = np.shape(plain(a))
        if len(shape) >= axes:
            return a
        if axes == 3:
            shape = {0: (1, 1, 1), 1: (1, *shape, 1)}.get(len(shape), (*shape, 1))
        else:
            shape = (1,) * (axes - len(shape)) + shape
        return np.reshape(a, shape)

    return lambda *arys: one(arys[0]) if len(arys) == 1 else tuple(one(a) for a in arys)


def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    length = np.shape(plain(ary))[axis]
    where = indices_or_sections
    if isinstance(where, int | np.integer):
        small, more = divmod(length, int(where))
        sizes = [small + (k < more) for k in range(int(where))]
        where = np.cumsum(sizes)[:-1].tolist()
    ends = [0, *where, length]
    return [along(ary, axis, slice(int(a), int(b))) for a, b in pairwise(ends)]


def _hsplit(ary: Any, where: Any) -> list[Any]:
    return _split(ary, where, 1 if np.ndim(plain(ary)) > 1 else 0)


def _apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    rest = np.moveaxis(arr, axis, -1)
    shape = np.shape(plain(rest))
    rows = np.reshape(rest, (-1, shape[-1]))
    found = np.stack([func1d(row, *args, **kwargs) for row in rows])
    inner = np.shape(plain(found))[1:]
    found = np.reshape(found, (*shape[:-1], *inner))
    ends = range(len(shape) - 1, len(shape) - 1 + len(inner))
    return np.moveaxis(found, list(ends), [axis % len(shape) + k for k in range(len(inner))])


def _block(arrays: Any) -> Any:
    if any(isinstance(row, list) for row in arrays):
        rows = [np.concatenate([np.atleast_2d(part) for part in row], -1) for row in arrays]
        return np.concatenate(rows, -2)
    return np.concatenate([np.atleast_1d(part) for part in arrays], -1)


def _insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    if not isinstance(obj, int):
        raise refused(said("np.insert is traced at one place"))
    if axis is None:
        arr, axis = np.ravel(arr), 0
    shape = list(np.shape(plain(arr)))
    at = obj + shape[axis] if obj < 0 else obj
    shape[axis] = np.size(plain(values)) if len(shape) == 1 else 1
    ends = along(arr, axis, slice(None, at)), along(arr, axis, slice(at, None))
    return np.concatenate([ends[0], np.broadcast_to(values, shape), ends[1]], axis)


def _meshgrid(*xi: Any, indexing: str = "xy", **_: Any) -> tuple[Any, ...]:
    count = len(xi)
    shape = [int(np.size(plain(x))) for x in xi]
    axes = [1, 0, *range(2, count)] if indexing == "xy" and count > 1 else list(range(count))
    whole = [shape[axes.index(k)] for k in range(count)]
    laid = [np.reshape(x, [-1 if k == a else 1 for k in range(count)])
            for x, a in zip(xi, axes, strict=True)]  # fmt: skip
    return tuple(np.broadcast_to(x, whole) for x in laid)


def _windows(x: Any, window_shape: Any, axis: Any = None, **_options: Any) -> Any:
    lengths = window_shape if isinstance(window_shape, tuple | list) else (window_shape,)
    count = np.ndim(plain(x))
    axes = range(count) if axis is None else axis if isinstance(axis, tuple | list) else (axis,)
    for length, one in zip(lengths, axes, strict=True):
        starts = np.shape(plain(x))[one] - length + 1
        picked = along(x, one % count, np.add.outer(np.arange(starts), np.arange(length)))
        x = np.moveaxis(picked, one % count + 1, -1)
    return x


def _roll_axis(a: Any, axis: int, start: int = 0) -> Any:
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


def _delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    if axis is None:
        arr, axis = np.ravel(arr), 0
    kept = np.delete(np.arange(np.shape(plain(arr))[axis]), obj)
    return along(arr, axis, kept)


LAYOUT: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "append": _append,
        "apply_along_axis": _apply_along_axis,
        "array_split": _split,
        "atleast_1d": _at_least(1),
        "atleast_2d": _at_least(2),
        "atleast_3d": _at_least(3),
        "block": _block,
        "broadcast_arrays": lambda *args: tuple(
            np.broadcast_to(a, np.broadcast_shapes(*(np.shape(plain(b)) for b in args)))
            for a in args
        ),
        "column_stack": _column_stack,
        "delete": _delete,
        "dsplit": lambda ary, where: _split(ary, where, 2),
        "dstack": _dstack,
        "diagflat": lambda v, k=0: np.diag(np.ravel(v), k),
        "fliplr": lambda m: m[:, ::-1],
        "flipud": lambda m: m[::-1],
        "hsplit": _hsplit,
        "insert": _insert,
        "matrix_transpose": lambda x: np.swapaxes(x, -1, -2),
        "meshgrid": _meshgrid,
        "rollaxis": _roll_axis,
        "rot90": _rot90,
        "split": _split,
        "unstack": lambda x, axis=0: tuple(np.moveaxis(x, axis, 0)),
        "vsplit": lambda ary, where: _split(ary, where, 0),
        "lib.stride_tricks.sliding_window_view": _windows,
    }
)
"""By the name of NumPy's function."""
