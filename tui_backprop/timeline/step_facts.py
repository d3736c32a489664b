"""What there is to tell of one step: by a pane, a transcript, speech or a document."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite, isnan
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.errors import UnknownError
from tui_backprop.graph.jacobian import picked, whole_by
from tui_backprop.graph.plan import walk_from
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.timeline.landmarks import run_of_node

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.frame import Partial
    from tui_backprop.timeline.timeline import Frame


def edge_of(frame: Frame) -> Edge:
    """The edge that is pulled back through in a step of the partial phase."""
    if frame.edge is None:
        raise AssertionError("a step of the partial phase has an edge")
    return frame.edge


def why_unknown(frame: Frame) -> str:
    """Why the partial of a step cannot be told, in a sentence; empty where it can be."""
    try:
        _ = frame.partial
    except UnknownError as error:
        return str(error)
    return ""


def why_whole_unknown(frame: Frame) -> str:
    """Likewise of what the whole edge adds, and of what it is added to."""
    try:
        edge_total(frame)
        frame.adjoint(frame.target)
    except UnknownError as error:
        return str(error)
    return ""


def pulled(frame: Frame) -> tuple[Edge, Partial]:
    """The edge that is pulled back through in a step of the partial phase, and its partial."""
    if frame.partial is None:
        raise AssertionError("a step of the partial phase has a partial")
    return edge_of(frame), frame.partial


def is_complete_here(frame: Frame) -> bool:
    """Whether the walk comes to a node whose sum is complete: the first partial of its edges.

    The output has no sum: its adjoint is the seed.
    """
    node = frame.node.id
    if frame.edge is None or frame.is_forward or node == frame.walk.run.of:
        return False
    run = run_of_node(frame.timeline, frame.pass_number, node)
    return run is not None and frame.k == run.start


def whole_input(frame: Frame, edge: Edge) -> int:
    """The input by which J of the whole graph is asked for at an edge.

    In a forward walk it moves: the first that the edge's tangent comes from.
    """
    trace = frame.timeline.trace
    if not frame.is_forward:
        return whole_by(trace, edge)
    return _moving(trace, frame.walk.run.seeded, edge.parent)


@lru_cache(maxsize=8)  # the panes of one screen ask for the same; each holds its evaluation
def _moving(trace: Evaluation, seeded: tuple[int, ...], node: int) -> int:
    """The first of some inputs that a node depends on, through edges that are differentiated."""
    if len(seeded) == 1:
        return seeded[0]
    reached = {node, *walk_from(trace.graph, node, trace.plan.arguments).parents}
    return next((n for n in seeded if n in reached), seeded[0])


def is_picked(frame: Frame) -> bool:
    """Whether it is the data, not the op, that decides which entries y_j reads."""
    return frame.timeline.trace.patterns.is_picked(edge_of(frame))


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


class Updated(NamedTuple):
    """One entry of a trained input, and what an update makes of it."""

    before: float
    gradient: float
    subtracted: float
    after: float


def updated(frame: Frame) -> Updated:
    """The entry that is updated in a step of the update phase."""
    last = frame.timeline.updates.of(frame.node.id)[-1]
    found = (last.read["w"], last.read["grad"], last.read["Δ"], last.value)
    return Updated(*(float(picked(x, frame.column)) for x in found))


def edge_total(frame: Frame) -> Array:
    """What the whole edge adds to its parent's adjoint, vᵀJ."""
    walk = frame.timeline.walk(frame.pass_number)
    return walk.sums.contribution(frame.timeline.place(frame).edge)
