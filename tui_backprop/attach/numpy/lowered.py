"""Small functions of NumPy that have no op of their own, said in terms of functions that have one.

They are written as anybody would write them with NumPy, and are recorded as what they do. The
numbers of a result are NumPy's own; where the ops give others, that is said when the trace is made.
"""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.attach.numpy.arrays import plain
from tui_backprop.attach.numpy.frames import refused
from tui_backprop.attach.numpy.layout import LAYOUT
from tui_backprop.attach.numpy.statistics import STATISTICS, along
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_LN2: Final = math.log(2)


def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    if prepend is not None or append is not None:
        ends = [np.broadcast_to(e, (*np.shape(plain(a))[:-1], 1)) if np.ndim(plain(e)) == 0 else e
                for e in (prepend, append) if e is not None]  # fmt: skip
        a = np.concatenate([*ends[: prepend is not None], a, *ends[prepend is not None :]], axis)
    for _ in range(n):
        a = along(a, axis, slice(1, None)) - along(a, axis, slice(None, -1))
    return a


def _cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = _moved(a, axisa, -1), _moved(b, axisb, -1)
    lengths = {np.shape(plain(x))[-1], np.shape(plain(y))[-1]}
    x, y = _in_space(x), _in_space(y)
    ahead, behind = [1, 2, 0], [2, 0, 1]
    found = x[..., ahead] * y[..., behind] - x[..., behind] * y[..., ahead]
    return found[..., 2] if lengths == {2} else _moved(found, -1, axisc)


def _moved(x: Any, source: int, destination: int) -> Any:
    """An axis in another place; nothing is done where it stands there."""
    count = np.ndim(plain(x))
    return x if (source - destination) % count == 0 else np.moveaxis(x, source, destination)


def _in_space(x: Any) -> Any:
    """Vectors of the plane get a third entry, 0."""
    if np.shape(plain(x))[-1] == 3:
        return x
    return np.concatenate([x, np.zeros((*np.shape(plain(x))[:-1], 1))], -1)


def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    found = default
    for condition, choice in zip(condlist[::-1], choicelist[::-1], strict=True):
        found = np.where(condition, choice, found)
    return found


def _nan_to_num(
    x: Any, copy: Any = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    if not copy:
        raise refused(
            said("np.nan_to_num with copy=False changes an array in place"),
            said("leave copy=False out"),
        )
    limits = np.finfo(np.asarray(plain(x)).dtype)
    x = np.where(np.isnan(x), nan, x)
    x = np.where(x == np.inf, float(limits.max) if posinf is None else posinf, x)
    return np.where(x == -np.inf, float(limits.min) if neginf is None else neginf, x)


def _linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, **options: Any) -> Any:
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
    middle = (along(f, axis, slice(2, None)) - along(f, axis, slice(None, -2))) / (2 * step)
    first = (along(f, axis, slice(1, 2)) - along(f, axis, slice(0, 1))) / step
    last = (along(f, axis, slice(-1, None)) - along(f, axis, slice(-2, -1))) / step
    return np.concatenate([first, middle, last], axis)


def _matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:  # noqa: A002 - NumPy's
    return np.linalg.norm(x, ord, (-2, -1), keepdims)


def _vector_norm(
    x: Any,
    *,
    axis: Any = None,
    keepdims: bool = False,
    ord: Any = 2,  # noqa: A002 - NumPy's
) -> Any:
    return np.linalg.norm(np.ravel(x) if axis is None else x, ord, axis, keepdims)


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


def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Each entry of the shorter one times the longer one, moved along."""
    n, m = np.size(plain(a)), np.size(plain(v))
    if n < m:
        a, v, n, m = v, a, m, n
    found = np.sum(np.stack([np.pad(a * v[k], (k, m - 1 - k)) for k in range(m)]), 0)
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
    pairs = along(y, axis, slice(1, None)) + along(y, axis, slice(None, -1))
    return np.sum(dx * pairs / 2.0, axis)


def _vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    count = np.size(plain(x)) if N is None else N
    powers = [x**k for k in range(count)]
    return np.stack(powers if increasing else powers[::-1], axis=1)


def _polyval(p: Any, x: Any) -> Any:
    found = p[0]
    for coefficient in p[1:]:
        found = found * x + coefficient
    return found


def _trunc(x: Any) -> Any:
    return np.sign(x) * np.floor(np.abs(x))


def _fmod(x: Any, y: Any) -> Any:
    return x - y * _trunc(x / y)


def _fmax(x: Any, y: Any) -> Any:
    return np.where(np.isnan(x), y, np.where(np.isnan(y), x, np.maximum(x, y)))


def _fmin(x: Any, y: Any) -> Any:
    return np.where(np.isnan(x), y, np.where(np.isnan(y), x, np.minimum(x, y)))


LOWERED: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        **LAYOUT,
        **STATISTICS,
        "angle": lambda z, deg=False: np.where(z < 0, 180.0 if deg else math.pi, 0.0),
        "bitwise_not": lambda x: x == 0,
        "conj": lambda x: x.copy(),
        "conjugate": lambda x: x.copy(),
        "convolve": _convolve,
        "copy": lambda a, *_, **__: a.copy(),
        "copysign": lambda x, y: np.abs(x) * np.where(np.signbit(plain(y)), -1.0, 1.0),
        "correlate": _correlate,
        "cross": _cross,
        "cumulative_prod": lambda x, *, axis=None, **_: np.cumprod(x, axis),
        "cumulative_sum": lambda x, *, axis=None, **_: np.cumsum(x, axis),
        "deg2rad": lambda x: x * (math.pi / 180),
        "degrees": lambda x: x * (180 / math.pi),
        "diff": _diff,
        "divmod": lambda x, y: (x // y, x % y),
        "ediff1d": lambda ary: np.diff(np.ravel(ary)),
        "fix": _trunc,
        "fmax": _fmax,
        "fmin": _fmin,
        "fmod": _fmod,
        "gradient": _gradient,
        "heaviside": lambda x, y: np.where(x > 0, 1.0, np.where(x == 0, y, 0.0)),
        "imag": lambda val: np.zeros(np.shape(plain(val))),
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
        "matvec": lambda a, x: np.squeeze(a @ x[..., None], -1),
        "nan_to_num": _nan_to_num,
        "polyval": _polyval,
        "positive": lambda x: x.copy(),
        "rad2deg": lambda x: x * (180 / math.pi),
        "radians": lambda x: x * (math.pi / 180),
        "real": lambda val: val,
        "real_if_close": lambda a, *_: a,
        "select": _select,
        "trapezoid": _trapezoid,
        "trunc": _trunc,
        "unwrap": lambda p, **kw: p + (np.unwrap(plain(p), **kw) - plain(p)),
        "vander": _vander,
        "vecdot": lambda x, y, axis=-1: np.sum(x * y, axis),
        "vecmat": lambda x, a: np.squeeze(x[..., None, :] @ a, -2),
        "xlogy": lambda x, y: np.where(x == 0, 0.0, x * np.log(np.where(x == 0, 1.0, y))),
        "linalg.cross": lambda x1, x2, axis=-1: _cross(x1, x2, axis=axis),
        "linalg.diagonal": lambda x, offset=0: np.diagonal(x, offset, -2, -1),
        "linalg.matrix_norm": _matrix_norm,
        "linalg.matrix_power": _matrix_power,
        "linalg.matrix_transpose": lambda x: np.swapaxes(x, -1, -2),
        "linalg.multi_dot": _multi_dot,
        "linalg.pinv": _pinv,
        "linalg.trace": lambda x, offset=0: np.trace(x, offset, -2, -1),
        "linalg.vecdot": lambda x1, x2, axis=-1: np.sum(x1 * x2, axis),
        "linalg.vector_norm": _vector_norm,
    }
)
"""By the name of NumPy's function; what stands here gives way to an op of that name."""
