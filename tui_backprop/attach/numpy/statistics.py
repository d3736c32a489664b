"""Order, choice and statistics of NumPy that have no op of their own, said in terms of others."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.attach.numpy.arrays import plain
from tui_backprop.attach.numpy.frames import refused
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def along(x: Any, axis: int, key: Any) -> Any:
    """The entries ``key`` along one axis."""
    index: list[Any] = [slice(None)] * np.ndim(plain(x))
    index[axis] = key
    return x[tuple(index)]


def _sort(a: Any, axis: int | None = -1, **_kind: Any) -> Any:
    """In the order that these numbers have."""
    if axis is None:
        a, axis = np.ravel(a), -1
    return np.take_along_axis(a, np.argsort(a, axis), axis)


def _partition(a: Any, kth: Any, axis: int = -1, **_kind: Any) -> Any:
    return np.take_along_axis(a, np.argpartition(a, kth, axis), axis)


def _take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    if axis is None:
        return np.ravel(arr)[indices]
    index = list(np.ix_(*(range(n) for n in indices.shape)))
    index[axis] = indices
    return arr[tuple(index)]


def _take(a: Any, indices: Any, axis: int | None = None, *_out: Any, **_mode: Any) -> Any:
    return np.ravel(a)[indices] if axis is None else along(a, axis, indices)


def _median(a: Any, axis: Any = None, *_out: Any, keepdims: bool = False, **_: Any) -> Any:
    return np.quantile(a, 0.5, axis, keepdims=keepdims)


def _quantile(
    a: Any, q: Any, axis: Any = None, *_out: Any, method: str = "linear", keepdims: bool = False,
    **_: Any,
) -> Any:  # fmt: skip
    if method != "linear" or np.ndim(q) or not (axis is None or isinstance(axis, int)):
        raise refused(said("np.quantile is traced for one q, one axis and method='linear'"))
    shape = np.shape(plain(a))
    ordered = np.sort(a, axis)
    last = -1 if axis is None else axis
    at = q * (np.shape(plain(ordered))[last] - 1)
    low, share = math.floor(at), at - math.floor(at)
    found = along(ordered, last, low)
    if share:
        found = found + (along(ordered, last, low + 1) - found) * share
    if not keepdims:
        return found
    return np.reshape(found, (1,) * len(shape)) if axis is None else np.expand_dims(found, axis)


def _percentile(a: Any, q: Any, axis: Any = None, *out: Any, **options: Any) -> Any:
    return _quantile(a, q / 100, axis, *out, **options)


def _without_nan(name: str, filler: float) -> Callable[..., Any]:
    def reduced(a: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(np, name)(np.where(np.isnan(a), filler, a), *args, **kwargs)

    return reduced


def _nanmean(a: Any, axis: Any = None, *_: Any, keepdims: Any = False, **__: Any) -> Any:
    count = np.sum(~np.isnan(plain(a)), axis, keepdims=bool(keepdims))
    return np.nansum(a, axis, keepdims=bool(keepdims)) / count


def _nanvar(a: Any, axis: Any = None, *_: Any, ddof: float = 0, keepdims: Any = False) -> Any:
    keeps = keepdims is True
    apart = np.where(np.isnan(a), 0.0, a - np.nanmean(a, axis, keepdims=True))
    count = np.sum(~np.isnan(plain(a)), axis, keepdims=keeps)
    return np.sum(apart**2, axis, keepdims=keeps) / (count - ddof)


def _cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None) -> Any:
    x = np.atleast_2d(m)
    if not rowvar and np.shape(plain(x))[0] != 1:
        x = x.T
    if y is not None:
        other = np.atleast_2d(y)
        x = np.concatenate([x, other if rowvar else other.T])
    apart = x - np.mean(x, axis=1, keepdims=True)
    count = np.shape(plain(x))[1] - (int(not bias) if ddof is None else ddof)
    return np.squeeze(apart @ apart.T / count)


def _corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    found = _cov(x, y, rowvar)
    deviation = np.sqrt(np.diag(found))
    return found / deviation[:, None] / deviation


def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, **_: Any) -> Any:
    """The line through the two points beside each x, which these numbers decide."""
    at = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, np.size(plain(xp)) - 2)
    share = (x - xp[at]) / (xp[at + 1] - xp[at])
    found = fp[at] + np.clip(share, 0, 1) * (fp[at + 1] - fp[at])
    found = found if left is None else np.where(x < xp[0], left, found)
    return found if right is None else np.where(x > xp[-1], right, found)


STATISTICS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "compress": lambda condition, a, axis=None: _take(a, np.flatnonzero(condition), axis),
        "corrcoef": _corrcoef,
        "cov": _cov,
        "extract": lambda condition, arr: np.ravel(arr)[np.flatnonzero(condition)],
        "interp": _interp,
        "median": _median,
        "nanmax": _without_nan("max", -math.inf),
        "nanmean": _nanmean,
        "nanmin": _without_nan("min", math.inf),
        "nanprod": _without_nan("prod", 1.0),
        "nanstd": lambda a, *args, **kwargs: np.sqrt(_nanvar(a, *args, **kwargs)),
        "nansum": _without_nan("sum", 0.0),
        "nanvar": _nanvar,
        "partition": _partition,
        "percentile": _percentile,
        "ptp": lambda a, axis=None, **kw: np.max(a, axis, **kw) - np.min(a, axis, **kw),
        "quantile": _quantile,
        "sort": _sort,
        "take": _take,
        "take_along_axis": _take_along_axis,
    }
)
"""By the name of NumPy's function."""
