"""The state of one adjoint in the middle of a walk, entry by entry.

It stands apart because it is what makes the timeline virtual: an adjoint in progress is the sum
before the edge, the sum after it, and how far the walk has come. Nothing is copied per step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.arrays import frozen
from tui_backprop.graph.jacobian import picked

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array, IntArray, Shape


@dataclass(frozen=True, slots=True, eq=False)
class Adjoint:
    """A cotangent being summed.

    Attributes:
        shape: the node's shape.
        before: the sum before the current edge; None where nothing has arrived yet.
        after: the sum after it; None where no edge is in progress.
        columns: how many leading entries already hold what ``after`` says.
        current: the entry at ``columns`` in the middle of its sum; None where not begun.
    """

    shape: Shape
    before: Array | None
    after: Array | None = None
    columns: int = 0
    current: float | None = None

    @property
    def size(self) -> int:
        """Number of entries."""
        size = 1
        for n in self.shape:
            size *= n
        return size

    @property
    def is_known(self) -> bool:
        """Whether every entry has been computed, though more may be added."""
        return self.before is not None or self.known_count == self.size

    @property
    def is_unknown(self) -> bool:
        """Whether no entry has been computed."""
        return self.before is None and self.known_count == 0

    @property
    def known_count(self) -> int:
        """How many entries have been computed."""
        if self.before is not None:
            return self.size
        if self.after is None:
            return 0
        return self.columns + (self.current is not None)

    def known(self, flat: IntArray) -> IntArray:
        """Whether each entry has been computed; booleans in the shape of ``flat``."""
        return np.asarray(flat) < self.known_count

    def at(self, flat: IntArray) -> Array:
        """The entries at flat positions; NaN where not computed, so ask `known` first."""
        flat = np.asarray(flat)
        found = np.full(flat.shape, np.nan) if self.before is None else picked(self.before, flat)
        if self.after is None:
            return found
        found = np.where(flat < self.columns, picked(self.after, flat), found)
        if self.current is not None:
            found = np.where(flat == self.columns, self.current, found)
        return found

    def entry(self, flat: int) -> float | None:
        """One entry; None where it is not computed yet."""
        at = np.asarray(flat)
        return float(self.at(at)) if bool(self.known(at)) else None

    def toarray(self) -> tuple[Array, IntArray]:
        """All entries and whether each is known, both in the node's shape and read-only."""
        flat = np.arange(self.size).reshape(self.shape)
        return frozen(self.at(flat)), frozen(self.known(flat))
