"""What a frame shows of a step: its phase, its partial and summand, and every adjoint so far."""

from __future__ import annotations

from enum import Enum
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.arrays import frozen
from tui_backprop.graph.jacobian import picked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array, IntArray, Shape


class Phase(Enum):
    """The kinds of step."""

    BUILD = "build"
    """A node appears on the tape."""
    SEED = "seed"
    """v is placed on the output of a pass."""
    PARTIAL = "partial"
    """One partial adds its contribution to one adjoint entry."""
    ZERO_GRAD = "zero_grad"
    """Every gradient is set to zero."""
    UPDATE = "update"
    """One entry of a trained input gets its new number."""


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the timeline of one phase: steps ``start`` to ``stop − 1``."""

    phase: Phase
    pass_number: int
    start: int
    stop: int

    @property
    def steps(self) -> range:
        """Its steps."""
        return range(self.start, self.stop)


@dataclass(frozen=True, slots=True, eq=False)
class Tangents:
    """What a forward walk pushes through the graph.

    Attributes:
        by_input: the tangent of each input that moves, by its node, read-only; at least one.
        is_assumed: whether nobody gave them, so that they are ones.
    """

    by_input: Mapping[int, Array]
    is_assumed: bool = False


@dataclass(frozen=True, slots=True)
class Partial:
    """One entry of a local Jacobian and what it adds.

    Attributes:
        j: row, a flat position in the node's value.
        i: column, a flat position in the parent's value.
        value: ∂y_j/∂x_i.
        v: the cotangent entry v_j; forward the tangent entry t_i.
        contribution: v_j · ∂y_j/∂x_i, or ∂y_j/∂x_i · t_i; exactly 0 where the entry is
            structurally zero.
        before: the adjoint entry before this step; None where nothing had arrived.
        after: the adjoint entry after it.
        is_structural: whether y_j reads x_i at all; False for a structural zero.
    """

    j: int
    i: int
    value: float
    v: float
    contribution: float
    before: float | None
    after: float
    is_structural: bool


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What a step changed.

    Attributes:
        node: the node whose value (build) or adjoint changed; −1 for all gradients.
        entries: flat positions; None for all of them.
    """

    node: int
    entries: IntArray | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of an adjoint entry.

    Attributes:
        value: what it added.
        edge: the edge it came through; None for a seed, or for several edges taken together.
        j: the row of its partial; None for a whole edge.
        count: how many contributions it stands for.
    """

    value: float
    edge: Edge | None = None
    j: int | None = None
    count: int = 1


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
        return prod(self.shape)

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
