"""Steps where something happens: ends of edges and nodes, arrivals, writes, a step's counterpart.

Movement commands and breakpoints ask for them; all of it is arithmetic on step numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.timeline.frame import Section
    from tui_backprop.timeline.timeline import Frame, Timeline


Unit: TypeAlias = Literal["step", "edge", "node"]
"""How far a movement goes: a step, an edge's whole VJP, all edges of a node."""

_LONG: Final = frozenset({Phase.PARTIAL, Phase.UPDATE})
"""Phases in which several steps are about one thing."""


def destination(timeline: Timeline, k: int, unit: Unit, count: int) -> int:
    """The step that a count of units leads to, backward for a negative count.

    Past the end of the walk each unit counts as one step, so the answer may lie outside it.
    """
    if unit == "step":
        return k + count
    boundary, sign = (next_boundary, 1) if count > 0 else (previous_boundary, -1)
    for left in range(abs(count), 0, -1):
        found = boundary(timeline, k, whole_node=unit == "node")
        if found == k:
            return k + sign * left
        k = found
    return k


def next_boundary(timeline: Timeline, k: int, *, whole_node: bool = False) -> int:
    """The first step after ``k`` that ends an edge's VJP, or a whole node; at most the end.

    The update of an input ends as one, too.
    """
    if k >= timeline.length - 1:
        return timeline.length - 1
    timeline = timeline.at(k + 1)
    section = timeline.section_at(k + 1)
    if section.phase not in _LONG:
        return k + 1
    return _unit(timeline, section, k + 1, whole_node=whole_node).stop - 1


def previous_boundary(timeline: Timeline, k: int, *, whole_node: bool = False) -> int:
    """The last step before ``k`` that ends an edge's VJP, or a whole node; at least 0."""
    timeline = timeline.at(k)
    section = timeline.section_at(k)
    if section.phase not in _LONG:
        return max(0, k - 1)
    return _unit(timeline, section, k, whole_node=whole_node).start - 1


def _unit(timeline: Timeline, section: Section, k: int, *, whole_node: bool) -> range:
    if section.phase is Phase.UPDATE:
        leaf, _ = timeline.updates.locate(k - section.start)
        return moved(timeline.updates.steps(leaf), section.start)
    route = timeline.walk(section.pass_number).route
    number = route.edge_at(k - section.start)
    if whole_node:
        found = route.bounds_of_node(number)
    else:
        found = range(route.start(number), route.start(number + 1))
    return moved(found, section.start)


def arrivals(timeline: Timeline, node: int) -> list[int]:
    """The steps at which the walk arrives at a node: built, seeded, first pulled through, updated.

    Of the iteration that the timeline is of.
    """
    found = [timeline.built(node)]
    for number, walk in enumerate(timeline.walks):
        if walk is None:
            continue
        found += [k for seeded, k in walk.seeds if seeded == node]
        run = run_of_node(timeline, number, node)
        if run:
            found.append(run.start)
    return [*found, *updating(timeline, node)[:1]]


def updating(timeline: Timeline, node: int) -> range:
    """The steps that update a trained input; none of any other node."""
    own = timeline.updates
    return moved(own.steps(node), timeline.steps.stop - own.size)


def writes(
    timeline: Timeline, node: int, flat: int | None, within: range, *, reverse: bool = False
) -> Iterator[range]:
    """The steps that write a node's adjoint, or one entry of it.

    Nothing is computed for edges that lie outside of ``within``.

    Yields:
        Ranges of steps that meet ``within``; none is empty. With ``reverse`` the last ones first.
    """
    numbers = range(len(timeline.walks))
    for number in reversed(numbers) if reverse else numbers:
        yield from _writes_of_pass(timeline, number, node, flat, within, reverse=reverse)


def _writes_of_pass(
    timeline: Timeline, number: int, node: int, flat: int | None, within: range, *, reverse: bool
) -> Iterator[range]:
    walk = timeline.walks[number]
    if walk is None:
        yield from _zeroed(timeline, node, number)
        return
    seeds = [range(k, k + 1) for seeded, k in walk.seeds if seeded == node]
    if not reverse:
        yield from seeds
    route = walk.route
    edges = route.edges_into(node)
    first = edges.searchsorted(route.edge_at(within.start - walk.start))
    last = edges.searchsorted(route.edge_at(within.stop - walk.start), side="right")
    chosen = edges[first:last].tolist()
    for edge in reversed(chosen) if reverse else chosen:
        steps = route.steps(edge, flat)
        if steps:
            yield moved(steps, walk.start)
    if reverse:
        yield from seeds


def _zeroed(timeline: Timeline, node: int, number: int) -> list[range]:
    if not timeline.trace.is_input(node):
        return []
    step = next(s.start for s in timeline.sections if s.pass_number == number)
    return [range(step, step + 1)]


def run_of_node(timeline: Timeline, pass_number: int, node: int) -> range | None:
    """The steps that pull back through a node in a pass; None where it does not."""
    walk = timeline.walks[pass_number]
    found = None if walk is None else walk.route.run_of_node(node)
    if walk is None or found is None:
        return None
    return moved(found, walk.start)


def step_of_partial(frame: Frame, j: int, i: int) -> int | None:
    """The step that visits an entry of the frame's J; None where the walk skips it."""
    walk = frame.walk
    j, i = (i, j) if frame.is_forward else (j, i)
    place = frame.timeline.place(frame)._replace(j=j, i=i)
    position = walk.route.position(place)
    is_visited = position < walk.route.length and walk.route.locate(position) == place
    return walk.start + position if is_visited else None


def counterpart(timeline: Timeline, frame: Frame) -> int:
    """The step of this timeline that is the same event as a frame of another one.

    The other may visit other partials, or belong to a trace with other numbers on the same
    graph. Where the event is not visited here, the next one that is. Of a training it is the event
    in the same iteration.
    """
    if timeline.iterations is not None:
        timeline = timeline.iterations.timeline(frame.timeline.updates.number)
    section = next(
        (s for s in timeline.sections
         if s.phase is frame.phase and s.pass_number == frame.pass_number),
        timeline.sections[-1],
    )  # fmt: skip
    if timeline.is_forward is not frame.is_forward and frame.phase is not Phase.BUILD:
        return first_seed(timeline)  # the other mode has no such event
    if frame.phase is not Phase.PARTIAL:
        own = frame.timeline.section_at(frame.k)
        offset = 0 if frame.phase is Phase.ZERO_GRAD else frame.k - own.start
        return min(section.start + offset, section.stop - 1)
    walk = timeline.walk(frame.pass_number)
    k = walk.start + walk.route.position(frame.timeline.place(frame))
    return min(k, timeline.steps.stop - 1)


def first_seed(timeline: Timeline) -> int:
    """The step that places the first seed of this iteration; its last step where none does."""
    seeds = (s.start for s in timeline.sections if s.phase is Phase.SEED)
    return next(seeds, timeline.steps.stop - 1)


def common(one: range, other: range) -> range:
    """The steps that both ranges contain; empty where there are none."""
    return range(max(one.start, other.start), min(one.stop, other.stop))


def event_node(timeline: Timeline, k: int) -> int:
    """The node that a step is about, without looking at its partial; −1 for a ``zero_grad``."""
    timeline = timeline.at(k)
    section = timeline.section_at(k)
    if section.phase is Phase.BUILD:
        return k - section.start
    if section.phase is Phase.ZERO_GRAD:
        return -1
    if section.phase is Phase.UPDATE:
        return timeline.updates.locate(k - section.start)[0]
    walk = timeline.walk(section.pass_number)
    if section.phase is Phase.SEED:
        return walk.run.seeded[k - section.start]
    return walk.route.edge(walk.route.edge_at(k - walk.start)).node


def moved(steps: range, by: int) -> range:
    """The range shifted by so many steps."""
    return range(steps.start + by, steps.stop + by)
