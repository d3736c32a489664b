"""Windows that slide over the last axes of an array: where each entry of each window lies.

It stands apart from the ops because convolutions and pools slide alike. Everything here has two
sliding axes; what has one is given a first axis of length 1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.rules.axes import whole_number

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array, IntArray

Pair = tuple[int, int]


def pair(value: Any, axes: int, what: str, least: int) -> Pair:
    """A number for each sliding axis; one axis is the second of two.

    Raises:
        ArgumentError: there are too many or too few, or one is too small.
    """
    given = tuple(value) if isinstance(value, tuple | list) else (value,) * axes
    found = [whole_number(n, what) for n in given]
    if len(found) != axes or any(n < least for n in found):
        raise ArgumentError(f"{what}={value}: expected {axes} whole number(s) from {least}")
    if axes == 2:
        return found[0], found[1]
    return (0 if what == "padding" else 1), found[0]


@dataclass(frozen=True, slots=True)
class Windows:
    """How windows slide.

    Attributes:
        lengths: of the two axes.
        kernel: lengths of a window.
        stride: steps between windows.
        padding: entries added at both ends.
        dilation: steps between the entries of a window.
    """

    lengths: Pair
    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair

    @property
    def out(self) -> Pair:
        """How many windows there are along each axis.

        Raises:
            ShapeError: a window is longer than its axis with the padding.
        """
        found = [
            (n + 2 * p - d * (k - 1) - 1) // s + 1
            for n, k, s, p, d in zip(
                self.lengths, self.kernel, self.stride, self.padding, self.dilation, strict=True
            )
        ]
        if any(n < 1 for n in found):
            raise ShapeError(
                f"a window of {self.kernel} (dilation {self.dilation}) does not fit into axes of "
                f"{self.lengths} with padding {self.padding}"
            )
        return found[0], found[1]

    def places(self, axis: int) -> IntArray:
        """For each window and each of its entries the place on the axis; outside, padding."""
        windows = np.arange(self.out[axis], dtype=np.intp)[:, None] * self.stride[axis]
        entries = np.arange(self.kernel[axis], dtype=np.intp) * self.dilation[axis]
        return windows + entries - self.padding[axis]

    def cut(self, x: Array, fill: Any) -> Array:
        """Every window of ``x``, whose last axes slide: (…, oh, ow, kh, kw)."""
        (top, left), (rows, columns) = self.padding, (self.places(0), self.places(1))
        border = [(0, 0)] * (x.ndim - 2) + [(top, top), (left, left)]
        padded = np.pad(x, border, constant_values=fill)
        found = padded[..., (rows + top)[:, None, :, None], (columns + left)[None, :, None, :]]
        return np.asarray(found)

    def paste(self, windows: Array) -> Array:
        """The sum of all windows, each where it was cut: (…, h, w)."""
        (top, left), (rows, columns) = self.padding, (self.places(0), self.places(1))
        h, w = self.lengths
        padded = np.zeros((*windows.shape[:-4], h + 2 * top, w + 2 * left), dtype=windows.dtype)
        at: Any = (..., (rows + top)[:, None, :, None], (columns + left)[None, :, None, :])
        np.add.at(padded, at, windows)
        return padded[..., top : top + h, left : left + w]

    def terms(self) -> tuple[IntArray, IntArray, IntArray]:
        """What meets: flat places of windows (oh·ow), of entries (h·w), of the kernel (kh·kw)."""
        return _terms(self)

    def entry_of(self, window: Any, place: Any, axis: int) -> Any:
        """Which entry of a window lies at a place of the axis."""
        return (place + self.padding[axis] - window * self.stride[axis]) // self.dilation[axis]


@lru_cache(maxsize=64)
def _terms(w: Windows) -> tuple[IntArray, IntArray, IntArray]:
    rows, columns = w.places(0), w.places(1)
    h, width = w.lengths
    inside_rows, inside_columns = (rows >= 0) & (rows < h), (columns >= 0) & (columns < width)
    oh, kh = np.nonzero(inside_rows)
    ow, kw = np.nonzero(inside_columns)
    window = (oh[:, None] * w.out[1] + ow).ravel()
    place = (rows[oh, kh][:, None] * width + columns[ow, kw]).ravel()
    kernel = (kh[:, None] * w.kernel[1] + kw).ravel()
    return window, place, kernel
