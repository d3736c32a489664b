"""Two arrays for one thing, of which some entries are set aside before the rest is compared.

It stands apart because it counts and names, and does not know why an entry cannot be judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.verify.report import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.tolerance import Tolerance
    from tui_backprop.rules.types import Array
    from tui_backprop.verify.tally import Tally


class Pair:
    """Our numbers and PyTorch's.

    Attributes:
        engine: ours, flat, float64.
        witness: PyTorch's.
    """

    def __init__(
        self,
        tally: Tally,
        entry: Callable[[int], str],
        arrays: tuple[Array, Array],
        tolerance: Tolerance,
    ) -> None:
        self._tally = tally
        self._entry = entry
        self._tolerance = tolerance
        self.engine, self.witness = (np.asarray(x, dtype=np.float64).ravel() for x in arrays)
        self._left = np.ones(self.engine.shape, dtype=bool)
        self._differing = (
            ~self._left
            if np.array_equal(self.engine, self.witness)
            else tolerance.excesses(self.engine, self.witness) > 1
        )

    @property
    def differs(self) -> bool:
        """Whether some entry differs that was not set aside."""
        return bool(self._differing.any())

    def skip(self, where: Array, why: str) -> None:
        """Nothing can be said of these, as far as they differ."""
        self._set_aside(where, why, self._tally.skip)

    def excuse(self, where: Array, why: str) -> None:
        """These differ by a choice, as far as they differ."""
        self._set_aside(where, why, self._tally.excuse)

    def settle(self) -> None:
        """Compare what is left."""
        left = np.flatnonzero(self._left)
        if left.size == self.engine.size > 0:
            self._tally.compare_all(self._entry, self.engine, self.witness, self._tolerance)
        elif left.size:
            numbers = self.engine[left], self.witness[left]
            self._tally.compare_all(lambda k: self._entry(int(left[k])), *numbers, self._tolerance)

    def _set_aside(self, where: Array, why: str, say: Callable[[Finding, str, int], None]) -> None:
        places = np.flatnonzero(self._differing & where)
        if places.size:
            k = int(places[0])
            numbers = float(self.engine[k]), float(self.witness[k])
            say(Finding(self._entry(k), *numbers, self._tolerance), why, int(places.size))
            self._left[places] = self._differing[places] = False
