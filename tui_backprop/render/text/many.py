"""Many numbers and places as text at once, for programs: with every bit, counted from 0."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.jacobian import coordinates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tui_backprop.rules.types import Array, IntArray, Shape

_FEW: Final = 64
"""So few numbers are written one by one."""


def often(array: Array, write: Callable[[float], str] = repr) -> Iterable[str]:
    """Numbers of which many may be alike, to the last bit: each is written once."""
    if array.size < _FEW:
        return map(write, array.tolist())
    bits, at = np.unique(array.view(f"i{array.itemsize}"), return_inverse=True)
    texts = [*map(write, bits.view(array.dtype).tolist())]
    return map(texts.__getitem__, at.tolist())


def places(flat: IntArray, shape: Shape, between: str = " ") -> Iterable[str]:
    """``1 0`` of row 1, column 0; nothing where there are no axes."""
    if not shape:
        return repeat("", flat.size)
    axes = [_along(axis) for axis in coordinates(flat, shape)]
    return axes[0] if len(axes) == 1 else map(between.join, zip(*axes, strict=True))


def _along(axis: IntArray) -> Iterable[str]:
    """Places along one axis; where they repeat, each is written once."""
    top = int(axis.max(initial=-1)) + 1
    if top > axis.size // 2:
        return map(str, axis.tolist())
    texts: Sequence[str] = [*map(str, range(top))]
    return map(texts.__getitem__, axis.tolist())
