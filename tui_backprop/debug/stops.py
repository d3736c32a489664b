"""Places where ``continue`` stops: nodes, ops, phases, writes, steps, and their combination.

A place is arithmetic over the timeline: the next one is found, not walked to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.landmarks import common, moved, run_of_node, updating, writes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_backprop.timeline.frame import Section
    from tui_backprop.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Write:
    """A node's adjoint, or one entry of it.

    Attributes:
        node: whose adjoint.
        flat: which entry; None for any.
    """

    node: int
    flat: int | None


@dataclass(frozen=True, slots=True)
class Stop:
    """Some steps of a walk; what is None leaves all of them.

    Attributes:
        nodes: at these nodes. Alone, or with phases, only where the walk arrives at one: built,
            seeded, about to be pulled through.
        phases: in these phases.
        write: that write an adjoint.
        step: this one alone.
    """

    nodes: frozenset[int] | None = None
    phases: frozenset[Phase] | None = None
    write: Write | None = None
    step: int | None = None

    def steps(
        self, timeline: Timeline, within: range | None = None, *, reverse: bool = False
    ) -> Iterator[range]:
        """The steps inside ``within``, as ranges in order; reversed, last first.

        Of a training, those of the iteration that the timeline is of.
        """
        bounds = timeline.steps if within is None else within
        sections = [s for s in timeline.sections if self.phases is None or s.phase in self.phases]
        for section in reversed(sections) if reverse else sections:
            part = common(section.steps, bounds)
            if part:
                yield from self._in_section(timeline, section, part, reverse=reverse)

    def marks(self, node: int) -> bool:
        """Whether a node's row shows that ``continue`` stops because of it."""
        if self.write is not None:
            return self.write.node == node
        return self.nodes is not None and node in self.nodes

    def _in_section(
        self, timeline: Timeline, section: Section, part: range, *, reverse: bool
    ) -> Iterator[range]:
        if self.step is not None:
            part = common(range(self.step, self.step + 1), part)
        if not part:
            return
        found: Iterable[range] = (part,)
        if self.write is not None:
            found = writes(timeline, self.write.node, self.write.flat, part, reverse=reverse)
        elif self.nodes is not None:
            found = _arrivals(timeline, section, self.nodes, part, reverse=reverse)
        for steps in found:
            both = common(steps, part)
            if both and (self.write is None or self._is_at_node(timeline, both)):
                yield both

    def _is_at_node(self, timeline: Timeline, steps: range) -> bool:
        """Whether the node at which a write happens is one of the nodes."""
        return self.nodes is None or timeline[steps.start].node.id in self.nodes


def _arrivals(
    timeline: Timeline, section: Section, nodes: frozenset[int], part: range, *, reverse: bool
) -> Iterator[range]:
    """One step for each arrival of the walk at a node in a section."""
    if section.phase is Phase.BUILD:
        built = moved(part, -section.start)
        few = [n for n in built if n in nodes] if len(built) < len(nodes) else sorted(nodes)
        for node in reversed(few) if reverse else few:
            yield range(section.start + node, section.start + node + 1)
    elif section.phase is Phase.UPDATE:
        updated = [n for n in timeline.updates.leaves if n in nodes]
        for node in reversed(updated) if reverse else updated:
            yield updating(timeline, node)[:1]
    elif section.phase is Phase.SEED:
        for node, k in timeline.walk(section.pass_number).seeds:
            if node in nodes and k in part:
                yield range(k, k + 1)
    elif section.phase is Phase.PARTIAL:
        yield from _pulled_through(timeline, section.pass_number, nodes, part, reverse=reverse)


def _pulled_through(
    timeline: Timeline, pass_number: int, nodes: frozenset[int], part: range, *, reverse: bool
) -> Iterator[range]:
    """The first partial of each node that a pass comes to."""
    walk = timeline.walk(pass_number)
    first, last = (walk.route.edge_at(k - walk.start) for k in (part[0], part[-1]))
    passed = walk.route.nodes_between(first, last)
    for node in reversed(passed) if reverse else passed:
        run = run_of_node(timeline, pass_number, node) if node in nodes else None
        if run:
            yield range(run.start, run.start + 1)


def node_stop(*nodes: int) -> Stop:
    """Where the walk arrives at some nodes."""
    return Stop(nodes=frozenset(nodes))


def write_stop(node: int, flat: int | None = None) -> Stop:
    """Where an adjoint, or one entry of it, is written."""
    return Stop(write=Write(node, flat))


def first_step(
    stop: Stop, timeline: Timeline, within: range, *, reverse: bool = False
) -> int | None:
    """The first step of a place; reversed, the last.

    Of a training it is looked for in the iteration that the timeline is of; a step by its number
    in all of them.
    """
    if stop.step is not None and 0 <= stop.step < timeline.length:
        timeline = timeline.at(stop.step)
    for steps in stop.steps(timeline, within, reverse=reverse):
        return steps[-1] if reverse else steps[0]
    return None


def nearest_write(timeline: Timeline, node: int, flat: int, k: int) -> int | None:
    """The last step up to ``k`` that writes an adjoint entry, else the first that will."""
    stop = write_stop(node, flat)
    begin, end = timeline.steps.start, timeline.steps.stop
    found = first_step(stop, timeline, range(begin, k + 1), reverse=True)
    return found if found is not None else first_step(stop, timeline, range(k, end))
