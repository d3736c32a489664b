"""Where a NaN or an infinity first appeared, forward or backward, in the order of the walk.

Whole arrays are looked at, and single entries only in the op or edge that is to blame.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.why.nonfinite_backward import Event, Spoiled, edge_events, is_finite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.model import Edge
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Timeline

What: TypeAlias = Literal["nan", "inf"]


class Manner(Enum):
    """How a number that is not finite came into the walk."""

    LEAF = "leaf"
    """A leaf or a number of the program came so."""
    VALUE = "value"
    """An op gave it for operands without it."""
    SEED = "seed"
    """v came so, or became so when it was added to a gradient."""
    PARTIAL = "partial"
    """A partial is so, though what it is computed from is not."""
    PRODUCT = "product"
    """v_j · ∂y_j/∂x_i is so, though neither factor is."""
    SUM = "sum"
    """The sum became so by adding two numbers that are not."""
    WHOLE = "whole"
    """The edge is pulled back by a formula for all of it, which gave what its terms do not."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A step at which a number became NaN or infinite out of finite ones.

    Attributes:
        what: which of the two.
        manner: how.
        step: where on the timeline.
        node: built, seeded or pulled back through.
        j: the entry of it; −1 where a column without a partial became so.
        edge: being pulled back; None in other phases.
        i: the entry of the parent; −1 in other phases.
        pass_number: which pass; −1 while building.
    """

    what: What
    manner: Manner
    step: int
    node: int
    j: int
    edge: Edge | None = None
    i: int = -1
    pass_number: int = -1


def origin(timeline: Timeline, what: What, ignored: frozenset[int] = frozenset()) -> Origin | None:
    """The first step at which a NaN, or an infinity, appeared where nothing read was one.

    A NaN may come out of infinities: `origin` of "inf" says where those came from.

    Args:
        timeline: the walk.
        what: "nan", or "inf" for either sign.
        ignored: nodes at which it is intended: what appears when they are built, seeded or pulled
            back through is passed by.
    """
    return next(origins(timeline, what, ignored), None)


def origins(
    timeline: Timeline, what: What, ignored: frozenset[int] = frozenset()
) -> Iterator[Origin]:
    """All steps at which one appeared, in order."""
    spoiled = Spoiled(timeline.trace, np.isnan if what == "nan" else np.isinf)
    yield from _forward(timeline, what, ignored, spoiled)
    yield from _backward(timeline, what, ignored, spoiled)


def backward_origins(
    timeline: Timeline, what: What, ignored: frozenset[int] = frozenset()
) -> Iterator[Origin]:
    """The origins in the backward passes."""
    spoiled = Spoiled(timeline.trace, np.isnan if what == "nan" else np.isinf)
    yield from _backward(timeline, what, ignored, spoiled)


def _forward(
    timeline: Timeline, what: What, ignored: frozenset[int], spoiled: Spoiled
) -> Iterator[Origin]:
    for node in spoiled.nodes:
        if node in ignored:
            continue
        bad = np.flatnonzero(spoiled.mask(node))
        is_leaf = timeline.nodes[node].rule is None
        fresh = bad if is_leaf else bad[~spoiled.is_fed(node, bad)]
        if len(fresh):
            manner = Manner.LEAF if is_leaf else Manner.VALUE
            yield Origin(what, manner, node, node, int(fresh[0]))


def _backward(
    timeline: Timeline, what: What, ignored: frozenset[int], spoiled: Spoiled
) -> Iterator[Origin]:
    for number, walk in enumerate(timeline.walks):
        if walk is None:
            continue
        if walk.run.of not in ignored:
            yield from _seed(walk, number, what, spoiled)
        for edge_number in _suspects(walk):
            edge = walk.route.edge(edge_number)
            if edge.node in ignored:
                continue
            for event in edge_events(timeline, walk, edge_number, spoiled):
                yield _of_event(what, number, edge, event)


def _of_event(what: What, number: int, edge: Edge, event: Event) -> Origin:
    return Origin(what, Manner[event.step.name], event.k, edge.node, event.j, edge, event.i, number)


def _seed(walk: PassWalk, number: int, what: What, spoiled: Spoiled) -> Iterator[Origin]:
    """A seed that is bad, or makes an earlier gradient bad."""
    run = walk.run
    came = spoiled.test(run.seed)
    initial = run.initial.get(run.of)
    became = spoiled.test(run.cotangents[run.of])
    fresh = came | became if initial is None else came | (became & ~spoiled.test(initial))
    for j in np.flatnonzero(fresh)[:1].tolist():
        yield Origin(what, Manner.SEED, walk.start - 1, run.of, j, pass_number=number)


def _suspects(walk: PassWalk) -> Iterator[int]:
    """The edges into nodes whose adjoint did not stay finite, in walking order.

    Whatever is NaN or infinite on the way is so, or NaN, in the sum.
    """
    route = walk.route
    numbers = [
        route.edges_into(node)
        for node, cotangent in walk.run.cotangents.items()
        if not is_finite(cotangent)
    ]
    if numbers:
        yield from np.sort(np.concatenate(numbers)).tolist()
