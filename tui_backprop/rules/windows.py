"""Windows that slide along an axis, for convolutions and pools: which entry lies in which window.

Nothing here is as long as all windows together: padding is never made, and entries of windows that
lie in it are left out.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.axiswise import Meeting, Steps
from tui_backprop.rules.shapes import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.rules.types import Array, IntArray


_MOST: Final = 2**31 - 1
"""Of any size here, so that places are machine integers."""


def sizes(value: Any, axes: int, what: str, least: int) -> tuple[int, ...]:
    """A number for each sliding axis; one number serves all, alone or in a tuple.

    Too many or too few are refused, and any that is too small or too large.
    """
    given = tuple(value) if isinstance(value, tuple | list) else (value,)
    given = given * axes if len(given) == 1 else given
    found = tuple(whole_number(n, what) for n in given)
    if len(found) != axes or any(not least <= n <= _MOST for n in found):
        several = "" if axes == 1 else said(", or {count} of them", count=axes)
        raise ArgumentError(
            said(
                "{what}={value}: expected a whole number from {least} to {most}{several}",
                what=what,
                value=value,
                least=least,
                most=_MOST,
                several=several,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Slide:
    """Windows along one axis: entry k of window a lies at a·stride − padding + k·dilation.

    Attributes:
        length: of the axis.
        kernel: of a window.
        stride: steps between windows.
        padding: entries added in front, and behind too unless that is said.
        dilation: steps between the entries of a window.
        behind: entries added behind.
    """

    length: int
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    behind: int | None = None

    @property
    def reach(self) -> int:
        """The length of a window, gaps included."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def windows(self) -> int:
        """How many there are; less than 1 where a window is longer than the padded axis."""
        behind = self.padding if self.behind is None else self.behind
        return (self.length + self.padding + behind - self.reach) // self.stride + 1

    def rounded_up(self) -> Slide:
        """With one more window where some entries would be left over, as ``ceil_mode`` has it.

        It is there only if it starts on the axis, or in the padding in front.
        """
        padded = self.length + 2 * self.padding
        count = -((self.reach - padded) // self.stride) + 1
        if (count - 1) * self.stride >= self.length + self.padding:
            count -= 1
        last = (count - 1) * self.stride + self.reach
        return replace(self, behind=last - self.length - self.padding)

    def counted(self, includes_padding: bool) -> IntArray:
        """The divisor of each window's mean, as PyTorch counts it.

        Padding counts if it is said to; what a window reaches beyond it never does.
        """
        if not includes_padding:
            return self.places().count
        start = np.arange(self.windows, dtype=np.int64) * self.stride
        stop = np.minimum(start + self.kernel, self.length + 2 * self.padding)
        return np.asarray(stop - start)

    def terms(self) -> Iterator[tuple[int, slice, slice]]:
        """For each k the windows whose entry k is no padding, and the places of that entry."""
        last = (self.windows - 1) * self.stride
        lowest = max(0, _up(self.padding - last, self.dilation))
        highest = min(self.kernel - 1, (self.length - 1 + self.padding) // self.dilation)
        for k in range(lowest, highest + 1):
            shift = k * self.dilation - self.padding
            a = max(0, _up(-shift, self.stride))
            b = min(self.windows, (self.length - 1 - shift) // self.stride + 1)
            if a < b:
                place = a * self.stride + shift
                stop = place + (b - a - 1) * self.stride + 1
                yield k, slice(a, b), slice(place, stop, self.stride)

    def collect(self, x: Array) -> Array:
        """The sum of each window along the last axis."""
        if self._is_even:
            total = x[..., :: self.stride].copy()
            for k in range(1, self.kernel):
                total += x[..., k :: self.stride]
            return total
        total = np.zeros((*x.shape[:-1], self.windows), dtype=x.dtype)
        for _, windows, places in self.terms():
            total[..., windows] += x[..., places]
        return total

    @property
    def _is_even(self) -> bool:
        """Whether windows stand side by side and fill the axis."""
        return (
            self.kernel == self.stride
            and self.length == self.windows * self.stride
            and (self.dilation == 1 and not self.padding)
        )

    def spread(self, v: Array) -> Array:
        """The transpose: each place receives from the windows that it lies in."""
        if self._is_even:
            total = np.empty((*v.shape[:-1], self.length), dtype=v.dtype)
            for k in range(self.kernel):
                total[..., k :: self.stride] = v
            return total
        total = np.zeros((*v.shape[:-1], self.length), dtype=v.dtype)
        for _, windows, places in self.terms():
            total[..., places] += v[..., windows]
        return total

    def entry(self, window: Any, place: Any) -> Any:
        """Which entry of a window lies at a place."""
        return (place + self.padding - window * self.stride) // self.dilation

    def place(self, window: Any, entry: Any) -> Any:
        """The place of an entry of a window."""
        return window * self.stride - self.padding + entry * self.dilation

    def over_places(self, out_axis: int, in_axis: int) -> Meeting:
        """Which windows meet which places."""
        return Meeting(out_axis, in_axis, self._windows_at(), self.places())

    def over_kernel(self, out_axis: int, in_axis: int) -> Meeting:
        """Which windows have which of their entries on the axis."""
        k = np.arange(self.kernel, dtype=np.int64)
        shift = k * self.dilation - self.padding
        first = np.maximum(0, _up(-shift, self.stride))
        last = np.minimum(self.windows - 1, (self.length - 1 - shift) // self.stride)
        low, high = self._entries()
        return Meeting(out_axis, in_axis, _run(first, last), _run(low, high))

    def places(self) -> Steps:
        """For each window the places of its entries."""
        low, high = self._entries()
        windows = np.arange(self.windows, dtype=np.int64)
        return Steps(self.place(windows, low), np.maximum(0, high - low + 1), self.dilation)

    def _entries(self) -> tuple[IntArray, IntArray]:
        """The first and last entry of each window that is no padding."""
        start = np.arange(self.windows, dtype=np.int64) * self.stride - self.padding
        low = np.maximum(0, _up(-start, self.dilation))
        return low, np.minimum(self.kernel - 1, (self.length - 1 - start) // self.dilation)

    def _windows_at(self) -> Steps:
        """For each place its windows: a·stride + k·dilation = place + padding has every a-th."""
        common = gcd(self.stride, self.dilation)
        step = self.dilation // common
        at = np.arange(self.length, dtype=np.int64) + self.padding
        rest = at // common % step * pow(self.stride // common, -1, step) % step
        low = np.maximum(0, _up(at - (self.kernel - 1) * self.dilation, self.stride))
        high = np.minimum(self.windows - 1, at // self.stride)
        first = low + (rest - low) % step
        count = np.where(at % common == 0, np.maximum(0, (high - first) // step + 1), 0)
        return Steps(first, count, step)


def refuse_misfits(what: str, slides: tuple[Slide, ...]) -> None:
    """Refuse a window that is longer than its axis with the padding, or has no entry."""
    for s in slides:
        if s.kernel < 1 or s.windows < 1:
            raise ShapeError(
                said(
                    "{what}: a window of length {kernel} (dilation {dilation}) does not fit an "
                    "axis of length {length} with padding {padding}",
                    what=what,
                    kernel=s.kernel,
                    dilation=s.dilation,
                    length=s.length,
                    padding=s.padding,
                )
            )


@lru_cache(maxsize=256)
def refuse_empty_windows(name: str, slides: tuple[Slide, ...]) -> None:
    """Refuse windows that lie wholly in the padding, which dilation can bring about.

    What was found in order is not looked through again: every evaluation asks.
    """
    for s in slides:
        if not np.all(s.places().count):
            raise ShapeError(
                said(
                    "{name}: a window of length {kernel} (dilation {dilation}) on an axis of "
                    "length {length} with padding {padding} has no entry that is no padding",
                    name=name,
                    kernel=s.kernel,
                    dilation=s.dilation,
                    length=s.length,
                    padding=s.padding,
                )
            )


def _run(first: IntArray, last: IntArray) -> Steps:
    return Steps(first, np.maximum(0, last - first + 1))


def _up(x: Any, divisor: int) -> Any:
    """The quotient rounded up."""
    return -(-x // divisor)
