"""The whole state after one step.

It stands apart from the timeline because it is what everyone else sees: panes, printers and tests
read frames and nothing behind them. What is expensive is computed when it is looked at.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.arrays import frozen
from tui_backprop.graph.jacobian import picked
from tui_backprop.lazy import cached_property

if TYPE_CHECKING:
    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.types import Array, IntArray, Shape
    from tui_backprop.timeline.timeline import Timeline


class Phase(Enum):
    """The four kinds of step."""

    BUILD = "build"
    """A node appears on the tape."""
    SEED = "seed"
    """v is placed on the output of a pass."""
    PARTIAL = "partial"
    """One partial adds its contribution to one adjoint entry."""
    ZERO_GRAD = "zero_grad"
    """Every gradient is set to zero."""


@dataclass(frozen=True, slots=True)
class Partial:
    """One entry of a local Jacobian and what it adds.

    Attributes:
        j: row, a flat position in the node's value.
        i: column, a flat position in the parent's value.
        value: ∂y_j/∂x_i.
        v: the cotangent entry v_j.
        contribution: v_j · ∂y_j/∂x_i; exactly 0 where the entry is structurally zero.
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


@dataclass(frozen=True, eq=False)
class Frame:
    """The state after step ``k``.

    Attributes:
        timeline: where it belongs.
        k: its address, from 0.
        phase: what kind of step led here.
        pass_number: index into the scenario's passes; −1 while building.
        node: built, seeded or pulled back through; for ``zero_grad`` the last node.
        edge: being pulled back; None in other phases.
        row: j of the partial, −1 in other phases.
        column: i of the partial, −1 in other phases.
    """

    timeline: Timeline
    k: int
    phase: Phase
    pass_number: int
    node: Node
    edge: Edge | None = None
    row: int = -1
    column: int = -1

    @property
    def length(self) -> int:
        """Number of steps of the timeline."""
        return self.timeline.length

    @property
    def built(self) -> int:
        """Nodes 0 … built − 1 are on the tape."""
        return self.node.id + 1 if self.phase is Phase.BUILD else len(self.timeline.nodes)

    def value(self, node: int) -> Array | None:
        """The forward value of a node; None where it is not built yet."""
        return self.timeline.trace.value(node) if node < self.built else None

    @cached_property
    def J(self) -> LocalJacobian | None:
        """The local Jacobian of the edge."""
        return None if self.edge is None else self.timeline.jacobian(self.edge)

    @cached_property
    def v(self) -> Array | None:
        """The cotangent of ``node``: the seed at the output, v further back."""
        return self.timeline.cotangent(self)

    @cached_property
    def partial(self) -> Partial | None:
        """The partial of this step."""
        return None if self.edge is None else self.timeline.partial(self)

    def adjoint(self, node: int) -> Adjoint:
        """The adjoint of any node as far as it is summed."""
        return self.timeline.adjoint(self, node)

    def terms(self, node: int, flat: int, most: int = 8) -> tuple[Term, ...]:
        """The summands of one adjoint entry so far, in the order they were added.

        Args:
            node: whose adjoint.
            flat: which entry.
            most: earlier edges beyond this many are taken together as one term.
        """
        return self.timeline.terms(self, node, flat, most)

    def is_visited(self, j: IntArray, i: IntArray) -> IntArray:
        """Which entries of J the walk has reached; booleans, broadcast over ``j`` and ``i``."""
        return np.asarray((i < self.column) | ((i == self.column) & (j <= self.row)))

    @cached_property
    def changed(self) -> Change:
        """What this step changed, whichever way one came."""
        if self.phase is Phase.PARTIAL and self.edge is not None:
            return Change(self.edge.parent, frozen(np.array([self.column])))
        return Change(-1 if self.phase is Phase.ZERO_GRAD else self.node.id)

    @property
    def is_whole_only(self) -> bool:
        """Whether a pass has no partial, and what it leaves is not finite all the same."""
        if self.phase is not Phase.SEED:
            return False
        walk = self.timeline.walk(self.pass_number)
        if walk.route.length:
            return False
        found = walk.run.cotangents.some(self.timeline.trace.graph.inputs.values())
        return any(not np.isfinite(x).all() for x in found.values())

    @property
    def convention(self) -> str:
        """The convention used, where the partial is taken at a kink; else empty."""
        return "" if self.edge is None else self.timeline.convention(self.edge, self.row)


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
