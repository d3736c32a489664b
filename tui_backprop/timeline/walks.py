"""The passes of a timeline laid out: what each walks, and between which steps it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.timeline.frame import Phase, Section
from tui_backprop.timeline.order import Route
from tui_backprop.timeline.sums import PartialSums, PassWalk

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.timeline.frame import Tangents


def backward_walks(
    trace: Evaluation, at: int, routes: dict[int, Route], *, zeros: bool
) -> tuple[list[PassWalk | None], list[Section]]:
    """The passes of an evaluation, None for each zero_grad, and their sections.

    Args:
        trace: the evaluation.
        at: the step that the first section begins with.
        routes: by output, those that are known; what is made here is added.
        zeros: whether structurally zero partials are visited.
    """
    walks: list[PassWalk | None] = []
    sections: list[Section] = []
    for number, run in enumerate(trace.runs):
        at = sections[-1].stop if sections else at
        if run is None:
            walks.append(None)
            sections.append(Section(Phase.ZERO_GRAD, number, at, at + 1))
            continue
        if run.of not in routes:
            routes[run.of] = Route(trace.graph, run.walk, trace.patterns, zeros=zeros)
        route = routes[run.of]
        walks.append(PassWalk(run, route, PartialSums(trace, run, route), at + 1))
        sections.append(Section(Phase.SEED, number, at, at + 1))
        sections.append(Section(Phase.PARTIAL, number, at + 1, at + 1 + route.length))
    return walks, sections


def forward_walk(
    trace: Evaluation, at: int, tangents: Tangents, *, zeros: bool
) -> tuple[list[PassWalk | None], list[Section]]:
    """Likewise of a forward walk, which is one pass with a seed for each input that moves."""
    # Nobody who walks backward waits for this.
    from tui_backprop.timeline.forward import forward_pass

    walk = forward_pass(trace, tangents.by_input, at, assumed_ones=tangents.is_assumed, zeros=zeros)
    first = walk.start
    return [walk], [
        Section(Phase.SEED, 0, at, first),
        Section(Phase.PARTIAL, 0, first, first + walk.route.length),
    ]
