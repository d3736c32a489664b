"""What there is to tell of one partial: by a pane, a transcript, speech or a document."""

from __future__ import annotations

from math import isfinite, isnan
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.lazy import cached_property

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.frame import Adjoint
    from tui_backprop.timeline.timeline import Frame


@dataclass(frozen=True, eq=False)
class StepFacts:
    """One step of the partial phase; what is dear is worked out when it is asked for.

    Attributes:
        frame: the state after it.
        edge: the edge that is pulled back through.
        j: row of the partial, a flat position in the node's value.
        i: column of the partial, a flat position in the parent's value.
        slope: ∂y_j/∂x_i.
        v: the cotangent entry v_j.
        product: v_j · ∂y_j/∂x_i, which is added.
        before: the adjoint entry before it; None where nothing had arrived.
        after: the adjoint entry after it.
        is_structural: whether y_j reads x_i at all; False for a structural zero.
    """

    frame: Frame
    edge: Edge
    j: int
    i: int
    slope: float
    v: float
    product: float
    before: float | None
    after: float
    is_structural: bool

    @property
    def is_first(self) -> bool:
        """Whether nothing had arrived at the entry before."""
        return self.before is None

    @property
    def is_picked(self) -> bool:
        """Whether it is the data, not the op, that decides which entries y_j reads."""
        return self.frame.timeline.trace.patterns.is_picked(self.edge)

    @property
    def convention(self) -> str:
        """The convention used, where the slope is taken at a kink; else empty."""
        return self.frame.convention

    @cached_property
    def sum_by_adding(self) -> float | None:
        """What adding the product would give, where the entry is not finite in another way.

        There the edge is pulled back by a formula for all of it, which meets an infinite v
        otherwise. None where the entry is the sum.
        """
        number = self.frame.timeline.trace.graph.dtype.type
        with np.errstate(all="ignore"):
            added = float(number(self.before or 0.0) + number(self.product))
        after = self.after
        is_sum = (isfinite(added) and isfinite(after)) or added == after
        return None if is_sum or (isnan(added) and isnan(after)) else added

    @property
    def edge_total(self) -> Array:
        """What the whole edge adds to its parent's adjoint, vᵀJ."""
        walk = self.frame.timeline.walk(self.frame.pass_number)
        return walk.sums.contribution(self.frame.timeline.place(self.frame).edge)

    @property
    def adjoint(self) -> Adjoint:
        """The parent's adjoint as far as it is summed."""
        return self.frame.adjoint(self.edge.parent)


def facts_of(frame: Frame) -> StepFacts:
    """The facts of a frame in the partial phase."""
    edge, p = frame.edge, frame.partial
    if edge is None or p is None:
        raise AssertionError("a step of the partial phase has an edge")
    return StepFacts(
        frame, edge, p.j, p.i, p.value, p.v, p.contribution, p.before, p.after, p.is_structural
    )
