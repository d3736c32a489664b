"""What there is to tell of one partial: by a pane, a transcript, speech or a document."""

from __future__ import annotations

from math import isfinite, isnan
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.frame import Partial
    from tui_backprop.timeline.timeline import Frame


def pulled(frame: Frame) -> tuple[Edge, Partial]:
    """The edge that is pulled back through in a step of the partial phase, and its partial."""
    if frame.edge is None or frame.partial is None:
        raise AssertionError("a step of the partial phase has an edge")
    return frame.edge, frame.partial


def is_picked(frame: Frame) -> bool:
    """Whether it is the data, not the op, that decides which entries y_j reads."""
    return frame.timeline.trace.patterns.is_picked(pulled(frame)[0])


def sum_by_adding(frame: Frame) -> float | None:
    """What adding the product would give, where the entry is not finite in another way.

    There the edge is pulled back by a formula for all of it, which meets an infinite v otherwise.
    None where the entry is the sum.
    """
    _, p = pulled(frame)
    number = frame.timeline.trace.graph.dtype.type
    with np.errstate(all="ignore"):
        added = float(number(p.before or 0.0) + number(p.contribution))
    is_sum = (isfinite(added) and isfinite(p.after)) or added == p.after
    return None if is_sum or (isnan(added) and isnan(p.after)) else added


def edge_total(frame: Frame) -> Array:
    """What the whole edge adds to its parent's adjoint, vᵀJ."""
    walk = frame.timeline.walk(frame.pass_number)
    return walk.sums.contribution(frame.timeline.place(frame).edge)
