"""``next`` where modules are folded: over all that a module does, without going in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.graph.modules import common_module, is_within
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.landmarks import event_node, moved, next_boundary, previous_boundary

if TYPE_CHECKING:
    from tui_backprop.graph.modules import Folding, Modules
    from tui_backprop.timeline.timeline import Timeline

_NONE: Final = range(0)


class Hop(NamedTuple):
    """Where one ``next`` leads.

    Attributes:
        k: the step.
        inside: the module that one is in from then on.
        over: the nodes that were gone over as one; empty where it was an edge or a node.
        module: that they lie in.
    """

    k: int
    inside: str
    over: range = _NONE
    module: str = ""


def over(timeline: Timeline, modules: Modules, k: int, inside: str, *, reverse: bool) -> Hop:
    """One ``next``, or one ``reverse-next``, of somebody who is inside of a module.

    Over the row of the tape that the next step is about, if modules are folded into it; else as
    `next_boundary` has it. Where the next step leaves the module, one is outside of it first, as
    ``next`` at the end of a function returns to its caller.
    """
    if k <= 0 if reverse else k >= timeline.length - 1:
        return Hop(k, inside)
    event = k if reverse else k + 1
    timeline = timeline.at(event)
    node = event_node(timeline, event)
    inside = _inside_at(modules.of(node) if node >= 0 else "", inside)
    phase = timeline.section_at(event).phase
    if phase is Phase.BUILD or phase is Phase.PARTIAL:
        folding = modules.seen_from(inside)
        row = folding.row_of(node)
        if folding.is_group(row):
            steps = steps_of_row(timeline, folding, row, event)
            end = max(steps.start - 1, 0) if reverse else steps.stop - 1
            return Hop(end, inside, folding.row(row), folding.module(row))
    boundary = previous_boundary if reverse else next_boundary
    return Hop(boundary(timeline, k), inside)


def _inside_at(module: str, inside: str) -> str:
    """The module that one is in when a step of another module comes."""
    return inside if is_within(module, inside) else common_module((module, inside))


def steps_of_row(timeline: Timeline, folding: Folding, row: int, k: int) -> range:
    """The steps about the nodes of a row, in the section that step ``k`` belongs to."""
    section, nodes = timeline.section_at(k), folding.row(row)
    if section.phase is Phase.BUILD:
        return moved(nodes, section.start)
    return moved(timeline.walk(section.pass_number).route.run_of_nodes(nodes), section.start)
