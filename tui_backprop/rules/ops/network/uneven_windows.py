"""Windows that share an axis out as evenly as they can, for adaptive pools.

Of n entries in k windows, window a goes from ⌊a·n/k⌋ to ⌈(a + 1)·n/k⌉: they may overlap by one
entry, and their lengths differ by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.rules.axiswise import Meeting, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.rules.types import Array, IntArray


@dataclass(frozen=True, slots=True)
class Shared:
    """An axis that is shared out; what `windows.Slide` tells of windows, of these.

    Attributes:
        length: of the axis.
        windows: how many there are.
    """

    length: int
    windows: int

    @property
    def kernel(self) -> int:
        """Of the longest window."""
        return int(self._count().max(initial=0))

    def _first(self) -> IntArray:
        return np.arange(self.windows, dtype=np.int64) * self.length // self.windows

    def _count(self) -> IntArray:
        stop = -(-np.arange(1, self.windows + 1, dtype=np.int64) * self.length // self.windows)
        return np.asarray(stop - self._first())

    def places(self) -> Steps:
        """For each window the places of its entries."""
        return Steps(self._first(), self._count())

    def counted(self, _includes_padding: bool = True) -> IntArray:
        """The length of each window; there is no padding."""
        return self._count()

    def terms(self) -> Iterator[tuple[int, IntArray, IntArray]]:
        """For each k the windows that have an entry k, and the places of that entry."""
        first, count = self._first(), self._count()
        for k in range(self.kernel):
            windows = np.flatnonzero(count > k)
            yield k, windows, first[windows] + k

    def collect(self, x: Array) -> Array:
        """The sum of each window along the last axis."""
        total = np.zeros((*x.shape[:-1], self.windows), dtype=x.dtype)
        for _, windows, places in self.terms():
            total[..., windows] += x[..., places]
        return total

    def spread(self, v: Array) -> Array:
        """The transpose: each place receives from the windows that it lies in."""
        total = np.zeros((*v.shape[:-1], self.length), dtype=v.dtype)
        for _, windows, places in self.terms():
            # Several windows may begin at one place where they are more than the entries.
            np.add.at(total.swapaxes(0, -1), places, v[..., windows].swapaxes(0, -1))
        return total

    def over_places(self, out_axis: int, in_axis: int) -> Meeting:
        """Which windows meet which places."""
        first, place = self._first(), np.arange(self.length, dtype=np.int64)
        earliest = np.searchsorted(first + self._count(), place, side="right")
        latest = np.searchsorted(first, place, side="right")
        return Meeting(out_axis, in_axis, Steps(earliest, latest - earliest), self.places())
