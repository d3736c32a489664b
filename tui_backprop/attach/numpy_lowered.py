"""Small functions of NumPy that have no op of their own, said in terms of functions that have one.

They are written as anybody would write them with NumPy, and are recorded as what they do. The
numbers of a result are NumPy's own; where the ops give others, that is said when the trace is made.
"""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.attach.numpy_arrays import plain
from tui_backprop.attach.numpy_frames import refused
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_LN2: Final = math.log(2)


def _along(x: Any, axis: int, key: Any) -> Any:
    """The entries ``key`` along one axis."""
    index: list[Any] = [slice(None)] * np.ndim(plain(x))
    index[axis] = key
    return x[tuple(index)]


def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    if prepend is not None or append is not None:
        ends = [np.broadcast_to(e, (*np.shape(plain(a))[:-1], 1)) if np.ndim(plain(e)) == 0 else e
                for e in (prepend, append) if e is not None]  # fmt: skip
        a = np.concatenate([*ends[: prepend is not None], a, *ends[prepend is not None :]], axis)
    for _ in range(n):
        a = _along(a, axis, slice(1, None)) - _along(a, axis, slice(None, -1))
    return a


def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    if axis is None:
        return np.concatenate([np.ravel(arr), np.ravel(values)])
    return np.concatenate([arr, values], axis)


def _cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    if 2 in (np.shape(plain(x))[-1], np.shape(plain(y))[-1]):
        raise refused(said("np.cross of vectors of length 2 is not part of NumPy any more"))
    ahead, behind = [1, 2, 0], [2, 0, 1]
    found = x[..., ahead] * y[..., behind] - x[..., behind] * y[..., ahead]
    return np.moveaxis(found, -1, axisc)


def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    found = default
    for condition, choice in zip(condlist[::-1], choicelist[::-1], strict=True):
        found = np.where(condition, choice, found)
    return found


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


def _nan_to_num(
    x: Any, _copy: Any = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None  # noqa: FBT002 - NumPy's
) -> Any:
    limits = np.finfo(np.asarray(plain(x)).dtype)
    x = np.where(np.isnan(x), nan, x)
    x = np.where(x == np.inf, float(limits.max) if posinf is None else posinf, x)
    return np.where(x == -np.inf, float(limits.min) if neginf is None else neginf, x)


def _linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, **options: Any  # noqa: FBT001, FBT002 - NumPy's
) -> Any:
    if options.pop("axis", 0) or options.pop("retstep", False):
        raise refused(said("np.linspace is traced without 'axis' and 'retstep'"))
    steps = np.arange(num) / max(1, num - 1 if endpoint else num)
    steps = steps.reshape(-1, *(1,) * max(np.ndim(plain(start)), np.ndim(plain(stop))))
    return start + steps * (stop - start)


def _gradient(f: Any, *spacing: Any, axis: Any = None, edge_order: int = 1) -> Any:
    if edge_order != 1:
        raise refused(said("np.gradient is traced with edge_order=1 only"))
    count = np.ndim(plain(f))
    axes = range(count) if axis is None else (axis,) if isinstance(axis, int) else axis
    steps = spacing if len(spacing) == len(axes) else (spacing or (1.0,)) * len(axes)
    if any(np.ndim(plain(step)) for step in steps):
        raise refused(said("np.gradient is traced with one number as spacing"))
    found = [_slope(f, a, step) for a, step in zip(axes, steps, strict=True)]
    return found[0] if len(found) == 1 else tuple(found)


def _slope(f: Any, axis: int, step: Any) -> Any:
    middle = (_along(f, axis, slice(2, None)) - _along(f, axis, slice(None, -2))) / (2 * step)
    first = (_along(f, axis, slice(1, 2)) - _along(f, axis, slice(0, 1))) / step
    last = (_along(f, axis, slice(-1, None)) - _along(f, axis, slice(-2, -1))) / step
    return np.concatenate([first, middle, last], axis)


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
    return np.ravel(a)[indices] if axis is None else _along(a, axis, indices)


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
    along = -1 if axis is None else axis
    at = q * (np.shape(plain(ordered))[along] - 1)
    low, share = math.floor(at), at - math.floor(at)
    found = _along(ordered, along, low)
    if share:
        found = found + (_along(ordered, along, low + 1) - found) * share
    if not keepdims:
        return found
    return np.reshape(found, (1,) * len(shape)) if axis is None else np.expand_dims(found, axis)


def _percentile(a: Any, q: Any, axis: Any = None, *out: Any, **options: Any) -> Any:
    return _quantile(a, q / 100, axis, *out, **options)


def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    length = np.shape(plain(ary))[axis]
    where = indices_or_sections
    if isinstance(where, int | np.integer):
        small, more = divmod(length, int(where))
        sizes = [small + (k < more) for k in range(int(where))]
        where = np.cumsum(sizes)[:-1].tolist()
    ends = [0, *where, length]
    return [_along(ary, axis, slice(int(a), int(b))) for a, b in zip(ends, ends[1:], strict=False)]


def _hsplit(ary: Any, where: Any) -> list[Any]:
    return _split(ary, where, 1 if np.ndim(plain(ary)) > 1 else 0)


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


def _cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None) -> Any:  # noqa: FBT001, FBT002 - NumPy's
    x = np.atleast_2d(m)
    if not rowvar and np.shape(plain(x))[0] != 1:
        x = x.T
    if y is not None:
        other = np.atleast_2d(y)
        x = np.concatenate([x, other if rowvar else other.T])
    apart = x - np.mean(x, axis=1, keepdims=True)
    count = np.shape(plain(x))[1] - (int(not bias) if ddof is None else ddof)
    return np.squeeze(apart @ apart.T / count)


def _corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:  # noqa: FBT001, FBT002 - NumPy's
    found = _cov(x, y, rowvar)
    deviation = np.sqrt(np.diag(found))
    return found / deviation[:, None] / deviation


def _matrix_power(a: Any, n: int) -> Any:
    base = np.linalg.inv(a) if n < 0 else a
    if n == 0:
        return np.broadcast_to(np.eye(np.shape(plain(a))[-1]), np.shape(plain(a)))
    found = base
    for _ in range(abs(n) - 1):
        found = found @ base
    return found


def _multi_dot(arrays: Sequence[Any], **_out: Any) -> Any:
    found = arrays[0]
    for array in arrays[1:]:
        found = np.dot(found, array)
    return found


def _pinv(a: Any, *_rcond: Any, **_options: Any) -> Any:
    """Of a matrix of full rank."""
    t = np.swapaxes(a, -1, -2)
    rows, columns = np.shape(plain(a))[-2:]
    return np.linalg.inv(t @ a) @ t if rows >= columns else t @ np.linalg.inv(a @ t)


def _slogdet(a: Any) -> tuple[Any, Any]:
    det = np.linalg.det(a)
    return np.sign(plain(det)), np.log(np.abs(det))


def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Each entry of the shorter one times the longer one, moved along."""
    n, m = np.size(plain(a)), np.size(plain(v))
    if n < m:
        a, v, n, m = v, a, m, n
    found = sum(np.pad(a * v[k], (k, m - 1 - k)) for k in range(m))
    start, length = {"full": (0, n + m - 1), "same": ((m - 1) // 2, n),
                     "valid": (m - 1, n - m + 1)}[mode]  # fmt: skip
    return found[start : start + length]


def _correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    found = _convolve(a, v[::-1], mode)
    return found if np.size(plain(a)) >= np.size(plain(v)) or mode != "same" else found[:]


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    if x is not None:
        dx = np.diff(x) if np.ndim(plain(x)) == 1 else np.diff(x, axis=axis)
        if np.ndim(plain(x)) == 1:
            dx = dx.reshape((-1, *(1,) * (np.ndim(plain(y)) - 1 - axis % np.ndim(plain(y)))))
    pairs = _along(y, axis, slice(1, None)) + _along(y, axis, slice(None, -1))
    return np.sum(dx * pairs / 2.0, axis)


def _polyval(p: Any, x: Any) -> Any:
    found = p[0]
    for coefficient in p[1:]:
        found = found * x + coefficient
    return found


def _roll_axis(a: Any, axis: int, start: int = 0) -> Any:
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


def _trunc(x: Any) -> Any:
    return np.sign(x) * np.floor(np.abs(x))


def _fmod(x: Any, y: Any) -> Any:
    return x - y * _trunc(x / y)


def _fmax(x: Any, y: Any) -> Any:
    return np.where(np.isnan(x), y, np.where(np.isnan(y), x, np.maximum(x, y)))


def _fmin(x: Any, y: Any) -> Any:
    return np.where(np.isnan(x), y, np.where(np.isnan(y), x, np.minimum(x, y)))




def _delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    if axis is None:
        arr, axis = np.ravel(arr), 0
    kept = np.delete(np.arange(np.shape(plain(arr))[axis]), obj)
    return _along(arr, axis, kept)


def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, **_: Any) -> Any:
    """The line through the two points beside each x, which these numbers decide."""
    at = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, np.size(plain(xp)) - 2)
    share = (x - xp[at]) / (xp[at + 1] - xp[at])
    found = fp[at] + np.clip(share, 0, 1) * (fp[at + 1] - fp[at])
    found = found if left is None else np.where(x < xp[0], left, found)
    return found if right is None else np.where(x > xp[-1], right, found)


LOWERED: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "append": _append,
        "array_split": _split,
        "atleast_1d": _at_least(1),
        "atleast_2d": _at_least(2),
        "atleast_3d": _at_least(3),
        "bitwise_not": lambda x: x == 0,
        "broadcast_arrays": lambda *args: tuple(
            np.broadcast_to(a, np.broadcast_shapes(*(np.shape(plain(b)) for b in args)))
            for a in args
        ),
        "column_stack": _column_stack,
        "compress": lambda condition, a, axis=None: _take(a, np.flatnonzero(condition), axis),
        "conj": lambda x: x,
        "conjugate": lambda x: x,
        "convolve": _convolve,
        "copy": lambda a, *_, **__: a,
        "copysign": lambda x, y: np.abs(x) * np.where(np.signbit(plain(y)), -1.0, 1.0),
        "corrcoef": _corrcoef,
        "correlate": _correlate,
        "cov": _cov,
        "cross": _cross,
        "deg2rad": lambda x: x * (math.pi / 180),
        "degrees": lambda x: x * (180 / math.pi),
        "delete": _delete,
        "diff": _diff,
        "divmod": lambda x, y: (x // y, x % y),
        "dsplit": lambda ary, where: _split(ary, where, 2),
        "dstack": _dstack,
        "ediff1d": lambda ary: np.diff(np.ravel(ary)),
        "extract": lambda condition, arr: np.ravel(arr)[np.flatnonzero(condition)],
        "fix": lambda x: _trunc(x),
        "fliplr": lambda m: m[:, ::-1],
        "flipud": lambda m: m[::-1],
        "fmax": _fmax,
        "fmin": _fmin,
        "fmod": _fmod,
        "gradient": _gradient,
        "heaviside": lambda x, y: np.where(x > 0, 1.0, np.where(x == 0, y, 0.0)),
        "hsplit": _hsplit,
        "imag": lambda val: np.zeros(np.shape(plain(val))),
        "interp": _interp,
        "invert": lambda x: x == 0,
        "isfinite": lambda x: np.abs(x) < np.inf,
        "isinf": lambda x: np.abs(x) == np.inf,
        "isnan": lambda x: x != x,  # noqa: PLR0124 - what makes a NaN one
        "ldexp": lambda x, n: x * np.exp2(n),
        "linspace": _linspace,
        "logaddexp2": lambda x, y: np.logaddexp(x * _LN2, y * _LN2) / _LN2,
        "logical_and": lambda x, y: (x != 0) * (y != 0),
        "logical_not": lambda x: x == 0,
        "logical_or": lambda x, y: np.maximum(x != 0, y != 0),
        "logical_xor": lambda x, y: (x != 0) != (y != 0),
        "logit": lambda x: np.log(x / (1 - x)),
        "matrix_transpose": lambda x: np.swapaxes(x, -1, -2),
        "matvec": lambda a, x: np.squeeze(a @ x[..., None], -1),
        "median": _median,
        "nan_to_num": _nan_to_num,
        "nanmax": _without_nan("max", -math.inf),
        "nanmean": _nanmean,
        "nanmin": _without_nan("min", math.inf),
        "nanprod": _without_nan("prod", 1.0),
        "nanstd": lambda a, *args, **kwargs: np.sqrt(_nanvar(a, *args, **kwargs)),
        "nansum": _without_nan("sum", 0.0),
        "nanvar": _nanvar,
        "partition": _partition,
        "percentile": _percentile,
        "polyval": _polyval,
        "positive": lambda x: x,
        "ptp": lambda a, axis=None, **kw: np.max(a, axis, **kw) - np.min(a, axis, **kw),
        "quantile": _quantile,
        "rad2deg": lambda x: x * (180 / math.pi),
        "radians": lambda x: x * (math.pi / 180),
        "real": lambda val: val,
        "real_if_close": lambda a, *_: a,
        "rollaxis": _roll_axis,
        "rot90": _rot90,
        "select": _select,
        "sort": _sort,
        "split": _split,
        "take": _take,
        "take_along_axis": _take_along_axis,
        "trapezoid": _trapezoid,
        "trunc": _trunc,
        "unstack": lambda x, axis=0: tuple(np.moveaxis(x, axis, 0)),
        "unwrap": lambda p, **kw: p + (np.unwrap(plain(p), **kw) - plain(p)),
        "vecdot": lambda x, y, axis=-1: np.sum(x * y, axis),
        "vecmat": lambda x, a: np.squeeze(x[..., None, :] @ a, -2),
        "vsplit": lambda ary, where: _split(ary, where, 0),
        "xlogy": lambda x, y: np.where(x == 0, 0.0, x * np.log(np.where(x == 0, 1.0, y))),
        "linalg.cross": lambda x1, x2, axis=-1: _cross(x1, x2, axis=axis),
        "linalg.diagonal": lambda x, offset=0: np.diagonal(x, offset, -2, -1),
        "linalg.matrix_norm": lambda x, ord="fro", keepdims=False: np.linalg.norm(
            x, ord, (-2, -1), keepdims
        ),
        "linalg.matrix_power": _matrix_power,
        "linalg.matrix_transpose": lambda x: np.swapaxes(x, -1, -2),
        "linalg.multi_dot": _multi_dot,
        "linalg.pinv": _pinv,
        "linalg.slogdet": _slogdet,
        "linalg.trace": lambda x, offset=0: np.trace(x, offset, -2, -1),
        "linalg.vecdot": lambda x1, x2, axis=-1: np.sum(x1 * x2, axis),
        "linalg.vector_norm": lambda x, axis=None, keepdims=False, ord=2: np.linalg.norm(
            np.ravel(x) if axis is None else x, ord, axis, keepdims
        ),
    }
)
"""By the name of NumPy's function; what stands here gives way to an op of that name."""
