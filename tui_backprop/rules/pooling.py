"""Pools of deep learning: the largest entry of each window, or their mean.

They stand apart from the convolutions because channels do not meet.

In a row, ``x`` is (…, L) or (…, H, W), the last axes slide; ``y`` is the value, ``v`` its
cotangent.
As in PyTorch a stride left out is the window's length, padding counts as 0 in a mean and never wins
a maximum, and of entries that tie the first one of the window receives everything.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules.gathering import as_array
from tui_backprop.rules.listed import Listed
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.sliding import Windows, pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Shape


def _windows(name: str, x: Shape, axes: int, params: dict[str, Any]) -> Windows:
    if len(x) < axes:
        raise ShapeError(f"{name} needs at least {axes} axes, found shape {x}")
    size, stride, padding = params["kernel_size"], params["stride"], params["padding"]
    kernel = pair(size, axes, "kernel_size", 1)
    border = pair(padding, axes, "padding", 0)
    if any(2 * p > k for p, k in zip(border, kernel, strict=True)):
        raise ArgumentError(f"padding={padding} must be at most half of kernel_size={size}")
    steps = kernel if stride is None else pair(stride, axes, "stride", 1)
    lengths = (1, *x[-axes:])[-2:]
    return Windows((lengths[0], lengths[1]), kernel, steps, border, (1, 1))


def _split(x: Any, windows: Windows) -> Any:
    """(everything before, h, w)."""
    lead = x.size // max(1, prod(windows.lengths))
    return x.reshape(lead, *windows.lengths)


def _shape(x: Shape, axes: int, windows: Windows) -> Shape:
    return (*x[:-axes], *windows.out[-axes:])


def _listed(out: Shape, x: Shape, axes: int, windows: Windows) -> Listed:
    window, place, _ = windows.terms()
    lead = np.arange(prod(x[:-axes]), dtype=np.intp)[:, None]
    j, i = lead * prod(windows.out) + window, lead * prod(windows.lengths) + place
    return Listed(j.ravel(), i.ravel(), (prod(out), prod(x)))


def _winners(cut: Array) -> Array:
    """1 at the first largest entry of each window, 0 elsewhere; NaN counts as the largest."""
    flat = cut.reshape(*cut.shape[:-2], -1)
    first = np.argmax(flat, axis=-1)[..., None]
    won = np.zeros(flat.shape, dtype=bool)
    np.put_along_axis(won, first, True, axis=-1)
    return won.reshape(cut.shape)


def _gap(cut: Array) -> Array:
    """The largest entry of each window minus the runner-up."""
    flat = cut.reshape(*cut.shape[:-2], -1)
    if flat.shape[-1] == 1:
        return np.ones(flat.shape[:-1])
    two = np.sort(flat, axis=-1)[..., -2:]
    return np.asarray(np.where(two[..., 1] == two[..., 0], 0, two[..., 1] - two[..., 0]))


def _max_part(windows: Callable[[Any, dict[str, Any]], Windows], axes: int) -> Part:
    def pull(v: Array, _y: Array, x: Array, **params: Any) -> Array:
        w = windows(x.shape, params)
        won = _winners(w.cut(_split(x, w), -np.inf))
        spread = np.where(won, v.reshape(-1, *w.out)[..., None, None], 0)
        return w.paste(spread).reshape(x.shape)

    def push(t: Array, y: Array, x: Array, **params: Any) -> Array:
        w = windows(x.shape, params)
        won = _winners(w.cut(_split(x, w), -np.inf))
        found = np.where(won, w.cut(_split(t, w), 0), 0).sum(axis=(-2, -1))
        return np.asarray(found).reshape(y.shape)

    def entry(m: Any, j: Index, i: Index, y: Any, x: Any, **params: Any) -> Any:
        w = windows(x.shape, params)
        if m is not np:
            return m.where(m.equal(y[j], x[i]), 1, 0)
        won = _winners(w.cut(_split(x, w), -np.inf)).reshape(*y.shape, *w.kernel)
        (oh, ow), (h, width) = ((0, *j)[-2:], (0, *i)[-2:]) if axes == 1 else (j[-2:], i[-2:])
        return won[(*j, w.entry_of(oh, h, 0), w.entry_of(ow, width, 1))]

    return Part(
        vjp=pull,
        jvp=push,
        sparsity=lambda out, x, **params: _listed(out, x, axes, windows(x, params)),
        entry=entry,
    )


def _mean_part(windows: Callable[[Any, dict[str, Any]], Windows], axes: int) -> Part:
    def pull(v: Array, _y: Array, x: Array, **params: Any) -> Array:
        w = windows(x.shape, params)
        share = (v / prod(w.kernel)).reshape(-1, *w.out)[..., None, None]
        spread = np.broadcast_to(share, (*share.shape[:-2], *w.kernel))
        return w.paste(spread).reshape(x.shape)

    return Part(
        linear=True,
        vjp=pull,
        sparsity=lambda out, x, **params: _listed(out, x, axes, windows(x, params)),
        entry=lambda m, j, i, y, x, **params: m.divide(1, prod(windows(x.shape, params).kernel)),
    )


def _pool(name: str, axes: int, *, is_max: bool, examples: tuple[Example, ...]) -> Rule:
    def windows(x: Any, params: dict[str, Any]) -> Windows:
        return _windows(name, tuple(x), axes, params)

    def forward(m: Any, x: Any, **params: Any) -> Any:
        w = windows(x.shape, params)
        cut = w.cut(_split(as_array(m, x), w), -np.inf if is_max else 0)
        if is_max and m is np:
            found = cut.max(axis=(-2, -1))
        elif is_max:
            found = m.max(cut, axis=(-2, -1))
        else:
            found = m.sum(cut, axis=(-2, -1)) / prod(w.kernel)
        return found.reshape(_shape(x.shape, axes, w))

    def gap(m: Any, x: Any, **params: Any) -> Any:
        del m
        w = windows(x.shape, params)
        return _gap(w.cut(_split(x, w), -np.inf)).reshape(_shape(x.shape, axes, w))

    part = _max_part(windows, axes) if is_max else _mean_part(windows, axes)
    return structural(
        name,
        "x",
        text=f"{name}({{x}}, {{kernel_size}}, stride={{stride}}, padding={{padding}})",
        parameters=_PARAMETERS,
        forward=forward,
        shape=lambda x, **params: _shape(x, axes, windows(x, params)),
        parts=(part,),
        kink=gap if is_max else None,
        convention="of entries that tie the first in the window receives all" if is_max else "",
        summary=f"the {'largest entry' if is_max else 'mean'} of each window that slides over "
        f"the last {'axis' if axes == 1 else 'two axes'}",
        examples=examples,
    )


_PARAMETERS: Final = (
    Parameter("kernel_size", "shape"),
    Parameter("stride", "sizes", None),
    Parameter("padding", "shape", 0),
)
_LINE: Final = (
    Example(((1, 4),), {"kernel_size": 2}),
    Example(((2, 5),), {"kernel_size": 3, "stride": 2, "padding": 1}),
)
_PLANE: Final = (
    Example(((1, 2, 4),), {"kernel_size": 2}),
    Example(((3, 4),), {"kernel_size": (2, 3), "stride": 1, "padding": (1, 0)}),
)

RULES: Final[tuple[Rule, ...]] = (
    _pool("max_pool1d", 1, is_max=True, examples=_LINE),
    _pool("max_pool2d", 2, is_max=True, examples=_PLANE),
    _pool("avg_pool1d", 1, is_max=False, examples=_LINE),
    _pool("avg_pool2d", 2, is_max=False, examples=_PLANE),
)
