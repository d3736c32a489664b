"""Images made larger or smaller without computing anything: entries are repeated, or left out.

``x`` is (N, C, …) as in PyTorch: all axes behind the channels are resized.
"""

from __future__ import annotations

from math import floor, isfinite, prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.gathering import gathered
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.windows import sizes

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, IntArray, Shape

_MOST: Final = 2**31 - 1
_LEAD: Final = 2
"""Samples and channels."""


def _factors(factor: Any, axes: int) -> tuple[float, ...]:
    given = tuple(factor) if isinstance(factor, tuple | list) else (factor,)
    given = given * axes if len(given) == 1 else given
    if len(given) != axes or any(not (isfinite(f) and f > 0) for f in given):
        raise ArgumentError(
            said(
                "scale_factor={factor}: expected a positive number, or {count} of them",
                factor=factor,
                count=axes,
            )
        )
    return tuple(float(f) for f in given)


def _lengths(x: Shape, size: Any, scale_factor: Any) -> tuple[int, ...]:
    """How long each of the last axes becomes."""
    inner = x[_LEAD:]
    if not inner or not all(inner):
        raise ShapeError(
            said("interpolate needs x of (N, C, …) with entries behind the channels, found {x}",
                 x=x)
        )  # fmt: skip
    if (size is None) == (scale_factor is None):
        raise ArgumentError(said("interpolate needs either size or scale_factor"))
    if size is not None:
        return sizes(size, len(inner), "size", 1)
    factors = _factors(scale_factor, len(inner))
    found = tuple(floor(n * f) for n, f in zip(inner, factors, strict=True))
    if not all(1 <= n <= _MOST for n in found):
        raise ArgumentError(
            said("scale_factor={factor} of {x} leaves no entries, or far too many",
                 factor=scale_factor, x=x)
        )  # fmt: skip
    return found


def _shape(
    x: Shape,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    recompute_scale_factor: bool = False,
) -> Shape:
    del mode, recompute_scale_factor  # the shape is the same either way
    return (*x[:_LEAD], *_lengths(x, size, scale_factor))


def _sources(length: int, made: int, factor: float | None, mode: str) -> IntArray:
    """Which entry of an axis each entry of the new one is.

    In float32, as PyTorch counts: elsewhere a product would fall on the other side of a whole
    number. Twice as long, or as long, it does not count at all.
    """
    place = np.arange(made)
    if mode == "nearest" and made in {length, 2 * length}:
        return place // (made // length)
    scale = np.float32(length / made if factor is None else 1 / factor)
    at = np.floor((place + (0.5 if mode == "nearest-exact" else 0)).astype(np.float32) * scale)
    return np.asarray(np.minimum(at.astype(np.intp), length - 1))


def _resized(
    x: Array,
    fill: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    recompute_scale_factor: bool = False,
) -> Array:
    del fill  # every entry is one of x
    made = _lengths(x.shape, size, scale_factor)
    count, by_size = len(made), scale_factor is None or recompute_scale_factor
    factors = (None,) * count if by_size else _factors(scale_factor, count)
    for axis, (length, factor) in enumerate(zip(made, factors, strict=True), start=_LEAD):
        x = np.take(x, _sources(x.shape[axis], length, factor, mode), axis=axis)
    return x


def _shuffled_shape(x: Shape, upscale_factor: int) -> Shape:
    (r,) = sizes(upscale_factor, 1, "upscale_factor", 1)
    if len(x) < 3 or x[-3] % (r * r):
        raise ShapeError(
            said(
                "pixel_shuffle with upscale_factor={r} needs x of (…, C · {square}, H, W), "
                "found {x}",
                r=r,
                square=r * r,
                x=x,
            )
        )
    *lead, channels, rows, columns = x
    return (*lead, channels // (r * r), rows * r, columns * r)


def _shuffled(x: Array, fill: Any, upscale_factor: int) -> Array:
    """The channels of one become the r × r entries in place of each."""
    del fill  # every entry is one of x
    r, (*lead, _, rows, columns) = upscale_factor, x.shape
    shape = _shuffled_shape(x.shape, r)
    apart = x.reshape(prod(lead), shape[-3], r, r, rows, columns)
    return apart.transpose(0, 1, 4, 2, 5, 3).reshape(shape)


def _put_together(v: Array, x: Shape, upscale_factor: int) -> Array:
    """What `_shuffled` took apart."""
    r, (*lead, _, rows, columns) = upscale_factor, x
    apart = v.reshape(prod(lead), v.shape[-3], rows, r, columns, r)
    return apart.transpose(0, 1, 3, 5, 2, 4).reshape(x)


RULES: Final[tuple[Rule, ...]] = (
    gathered(
        "interpolate",
        _shape,
        _resized,
        "x made longer or shorter along every axis behind the channels: each entry the nearest one",
        (
            Example(((1, 1, 3),), {"size": 5}),
            Example(((1, 2, 4),), {"scale_factor": 0.6}),
            Example(((1, 1, 4),), {"scale_factor": 0.6, "recompute_scale_factor": True}),
            Example(((1, 1, 2, 3),), {"scale_factor": (2.0, 1.5)}),
            Example(((1, 1, 3, 2),), {"size": (2, 4), "mode": "nearest-exact"}),
        ),
        (
            Parameter("size", "sizes", None),
            Parameter("scale_factor", "factors", None),
            Parameter("mode", "resize_mode", "nearest"),
            Parameter("recompute_scale_factor", "bool", default=False, is_named=True),
        ),
    ),
    gathered(
        "pixel_shuffle",
        _shuffled_shape,
        _shuffled,
        "r² channels put in place of each entry of one, as r rows and r columns",
        (
            Example(((4, 2, 1),), {"upscale_factor": 2}),
            Example(((1, 8, 1, 2),), {"upscale_factor": 2}),
        ),
        (Parameter("upscale_factor", "int"),),
        back=_put_together,
    ),
)
