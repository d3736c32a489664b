"""Axes put together and taken apart as PyTorch does: `flatten` and `unfold`."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said
from tui_backprop.rules.gathering import gathered, same_order
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.shapes import names_axis_of_number, normal_axis

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Shape


def _flattened(x: Shape, start_dim: Any = 0, end_dim: Any = -1) -> Shape:
    if names_axis_of_number(start_dim, x) and names_axis_of_number(end_dim, x):
        return (1,)
    first, last = normal_axis(start_dim, x), normal_axis(end_dim, x)
    if first > last:
        raise ArgumentError(
            said(
                "flatten of shape {x} from axis {first} to axis {last}: the first stands behind "
                "the last",
                x=x,
                first=start_dim,
                last=end_dim,
            )
        )
    return (*x[:first], prod(x[first : last + 1]), *x[last + 1 :])


def _flat(x: Array, start_dim: int = 0, end_dim: int = -1) -> Array:
    if start_dim == 0 and end_dim == -1:
        return x.reshape(-1)
    return x.reshape(_flattened(x.shape, start_dim, end_dim))


def _windows(x: Shape, axis: Any, size: int, step: int) -> Shape:
    length = 1 if names_axis_of_number(axis, x) else x[normal_axis(axis, x)]
    if not 0 <= size <= length or step < 1:
        raise ArgumentError(
            said(
                "unfold of shape {x}: windows of {size} in steps of {step} along axis {axis}, "
                "which has {length}: expected a size up to that and a step of 1 or more",
                x=x,
                size=size,
                step=step,
                axis=axis,
                length=length,
            )
        )
    if not x:
        return (size,)
    along = normal_axis(axis, x)
    return (*x[:along], (length - size) // step + 1, *x[along + 1 :], size)


def _unfolded(x: Array, axis: int, size: int, step: int, fill: Any = None) -> Array:
    """Each window along a new last axis."""
    del fill
    if not x.ndim:
        return x.reshape(1)[:size]
    along = normal_axis(axis, x.shape)
    count = (x.shape[along] - size) // step + 1
    step = min(step, max(x.shape[along], 1))  # a longer one leaves one window, wherever it led to
    places = np.arange(count)[:, None] * step + np.arange(size)
    return np.moveaxis(np.take(x, places, axis=along), along + 1, -1)


def _folded(v: Array, x: Shape, axis: int, size: int, step: int) -> Array | None:
    """What each place receives from the windows that it lies in, one of their entries at a time.

    Where windows are longer than they are many, it is quicker place by place.
    """
    if not x or size > v.shape[normal_axis(axis, x)]:
        return None
    along = normal_axis(axis, x)
    total = np.zeros(x, dtype=v.dtype)
    lines = np.moveaxis(total, along, -1)
    windows = np.moveaxis(v, along, -2)
    reach = (windows.shape[-2] - 1) * step + 1
    for k in range(size):
        lines[..., k : k + reach : step] += windows[..., k]
    return total


RULES: Final[tuple[Rule, ...]] = (
    same_order(
        "flatten",
        _flattened,
        "axes put together to one, all of them unless said",
        (Example(((2, 3),)), Example(((),)), Example(((2, 3, 2),), {"start_dim": 1}),
         Example(((2, 1, 3, 2),), {"start_dim": 1, "end_dim": -2}), Example(((3,),)),
         Example(((0, 2),))),
        (Parameter("start_dim", "int", 0), Parameter("end_dim", "int", -1)),
        directly=_flat,
    ),
    gathered(
        "unfold",
        _windows,
        _unfolded,
        "windows that slide along an axis, each along a new last axis; where they overlap "
        "contributions add up",
        (Example(((5,),), {"axis": 0, "size": 3, "step": 1}),
         Example(((2, 4),), {"axis": 1, "size": 2, "step": 2}),
         Example(((4, 2),), {"axis": 0, "size": 3, "step": 1}),
         Example(((3,),), {"axis": -1, "size": 2, "step": 3})),
        (Parameter("axis", "int"), Parameter("size", "int"), Parameter("step", "int")),
        back=_folded,
    ),
)  # fmt: skip
