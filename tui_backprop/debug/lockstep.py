"""Two timelines walked in lockstep without taking every step.

Whole nodes and whole edges are compared as arrays, and single entries only in the one that differs.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.edge_pair import EdgePair
from tui_backprop.debug.node_pairs import NodePairs, is_same_node
from tui_backprop.debug.sized_lockstep import Sizes
from tui_backprop.errors import UnknownError
from tui_backprop.graph.naming import adjoint_entry, entry, index_text, kind, label, partial
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.language.message import said
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph
    from tui_backprop.progress import Resumable
    from tui_backprop.timeline.frame import Section
    from tui_backprop.timeline.timeline import Timeline


Aspect: TypeAlias = Literal[
    "node", "value", "seed", "partial", "v", "contribution", "adjoint", "event",
    "norm of value", "norm of v", "norm of contribution",
]  # fmt: skip


Side: TypeAlias = float | str
"""A number, or what stands there in words."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first step in which two walks differ.

    Attributes:
        steps: its address in each of the two timelines; None where that one has ended.
        aspect: what differs: a ``node`` (op, parents, shape, name), its ``value``, a ``seed``
            entry, of a partial its ``partial``, ``v``, ``contribution`` or the ``adjoint`` entry
            after it; or the ``event`` itself. Of an array that one of the walks does not hold
            the ``norm of value``, ``norm of v`` or ``norm of contribution``.
        place: where, counted from 0: ``Y[1]``, ``dY[1]/dX[0]``, ``X.grad[1]``.
        sides: what it is in each.
    """

    steps: tuple[int | None, int | None]
    aspect: Aspect
    place: str
    sides: tuple[Side, Side]


class Lockstep:
    """A pair of timelines that visit the same structural zeros, or none."""

    def __init__(self, left: Timeline, right: Timeline, rtol: float) -> None:
        self._left = left
        self._right = right
        self._tolerance = Tolerance(rtol)
        self._sizes = Sizes(left, right, rtol)
        self._nodes = NodePairs(left.trace, right.trace, self._tolerance)

    def _at(self, k: int, aspect: Aspect, place: str, sides: tuple[Side, Side]) -> Difference:
        """A difference in a step of the first walk, and in the one beside it."""
        steps = (k if k < t.length else None for t in (self._left, self._right))
        left, right = steps
        return Difference((left, right), aspect, place, sides)

    def ended(self, k: int) -> Difference:
        """The step at which one of the two walks has ended."""
        return self._other_event(k)

    def first(self) -> Resumable[Difference | None]:
        """The first step that differs; None where the walks are equal.

        Yields:
            Steps up to which they are.
        """
        for ours, theirs in zip_longest(self._left.sections, self._right.sections):
            if ours is None or theirs is None or ours.phase is not theirs.phase:
                start = (ours or theirs).start
                return self._other_event(start)
            found = yield from self._in_section(ours, theirs)
            if found is not None:
                return found
            if ours.stop != theirs.stop:
                return self._other_event(min(ours.stop, theirs.stop))
        return None

    def first_other_node(self) -> Difference | None:
        """The first node that is another one in the second graph, whatever the numbers are."""
        pairs = enumerate(zip(self._left.nodes, self._right.nodes, strict=False))
        for k, (ours, theirs) in pairs:
            if not is_same_node(ours, theirs):
                return self._other_node(k)
        counts = len(self._left.nodes), len(self._right.nodes)
        return self._other_event(self._left.built(min(counts))) if counts[0] != counts[1] else None

    def _in_section(self, ours: Section, theirs: Section) -> Resumable[Difference | None]:
        if ours.phase is Phase.BUILD:
            return (yield from self._build(min(len(ours.steps), len(theirs.steps))))
        if ours.phase is Phase.UPDATE:
            return self._update(ours)
        if ours.phase is Phase.PARTIAL:
            return (yield from self._partials(ours))
        return self._seed(ours) if ours.phase is Phase.SEED else None

    def _build(self, count: int) -> Resumable[Difference | None]:
        for block in self._nodes.blocks():
            yield self._left.built(block.nodes.start)
            for k in block.suspects:
                found = self._of_node(k) if k < count else None
                if found is not None:
                    return found
        return None

    def _of_node(self, k: int) -> Difference | None:
        """What differs where a node is built."""
        left, right = self._left.trace, self._right.trace
        step = self._left.built(k)
        if not is_same_node(left.graph.nodes[k], right.graph.nodes[k]):
            return self._other_node(k)
        if not (left.is_known(k) and right.is_known(k)):
            norms = self._sizes.of_value(k)
            return norms and self._at(step, "norm of value", label(left.graph, k), norms)
        ours, theirs = left.value(k), right.value(k)
        wrong = np.flatnonzero(self._tolerance.apart(ours, theirs))
        if not len(wrong):
            return None
        flat = int(wrong[0])
        sides = float(ours.flat[flat]), float(theirs.flat[flat])
        return self._at(step, "value", entry(left.graph, k, flat), sides)

    def _update(self, section: Section) -> Difference | None:
        """The first entry that becomes another number."""
        left, right = self._left.updates, self._right.updates
        if left.leaves != right.leaves:
            return self._other_event(section.start)
        for leaf in left.leaves:
            ours, theirs = (each.of(leaf)[-1].value for each in (left, right))
            wrong = np.flatnonzero(self._tolerance.apart(ours, theirs))
            if len(wrong):
                flat = int(wrong[0])
                step = section.start + left.steps(leaf)[flat]
                sides = float(ours.flat[flat]), float(theirs.flat[flat])
                return self._at(step, "value", entry(self._left.trace.graph, leaf, flat), sides)
        return None

    def _other_node(self, k: int) -> Difference:
        sides = tuple(_node_text(t.trace.graph, k) for t in (self._left, self._right))
        step = self._left.built(k)
        return self._at(step, "node", label(self._left.trace.graph, k), (sides[0], sides[1]))

    def _seed(self, section: Section) -> Difference | None:
        number = section.pass_number
        left, right = self._left.walk(number).run, self._right.walk(number).run
        if left.of != right.of:
            return self._other_event(section.start)
        wrong = np.flatnonzero(self._tolerance.apart(left.seed, right.seed))
        if not len(wrong):
            return None
        flat = int(wrong[0])
        sides = float(left.seed.flat[flat]), float(right.seed.flat[flat])
        return self._at(section.start, "seed", f"v{index_text(left.seed.shape, flat)}", sides)

    def _partials(self, section: Section) -> Resumable[Difference | None]:
        number = section.pass_number
        walk = self._left.walk(number)
        pair = EdgePair(self._left, self._right, number, self._tolerance, self._nodes)
        if pair.is_same_pass:
            return None
        for e in range(walk.route.edges):
            yield walk.start + walk.route.start(e)
            try:
                found = pair.first(e)
            except UnknownError:
                sized = self._sizes.of_edge(number, e)
                if sized is None:
                    continue
                return self._at(walk.start + walk.route.start(e), *sized)
            if found is None:
                continue
            place, aspect, sides = found
            edge, graph = walk.route.edge(e), self._left.trace.graph
            name = {
                "v": adjoint_entry(graph, edge.node, place.j),
                "adjoint": adjoint_entry(graph, edge.parent, place.i),
            }.get(aspect) or partial(graph, edge, place.j, place.i)
            return self._at(walk.start + walk.route.position(place), aspect, name, sides)
        return None

    def _other_event(self, k: int) -> Difference:
        return self._at(k, "event", "", (_event_text(self._left, k), _event_text(self._right, k)))


def _node_text(graph: Graph, k: int) -> str:
    """A node as a comparison tells it: name, op, parents, arguments, shape."""
    node = graph.nodes[k]
    parents = ", ".join(label(graph, p) for p in node.parents)
    params = "".join(f", {name}={value!r}" for name, value in node.params.items())
    applied = f"{node.op}({parents}{params})" if node.parents else kind(node.op)
    return said("{name} = {made} of shape {shape}", name=label(graph, k), made=applied,
                shape=node.shape)  # fmt: skip


def _event_text(timeline: Timeline, k: int) -> str:
    """What happens in a step, in a few words."""
    if k >= timeline.length:
        return said("the walk has ended")
    frame = timeline[k]
    name = label(timeline.trace.graph, frame.node.id)
    return {
        Phase.BUILD: said("{name} is built", name=name),
        Phase.SEED: said("{name} is seeded", name=name),
        Phase.PARTIAL: said("{name} is pulled back", name=name),
        Phase.ZERO_GRAD: "zero_grad",
        Phase.UPDATE: said("{name} is updated", name=name),
    }[frame.phase]
