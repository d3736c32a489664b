"""Two timelines taken step by step at once, without taking every step.

It stands apart from what is told of the result: whole nodes and whole edges are compared as arrays,
and single entries only in the one that differs.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.lockstep_edge import EdgePair
from tui_backprop.graph.naming import adjoint_entry, entry, index_text, label, partial
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.debug.journey import Journey
    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.timeline.timeline import Section, Timeline

Aspect: TypeAlias = Literal[
    "node", "value", "seed", "partial", "v", "contribution", "adjoint", "event"
]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A step in which two timelines differ.

    Attributes:
        k: its address in both; beyond the end of one that has ended.
        aspect: what differs: a ``node`` (op, parents, shape, name), its ``value``, a ``seed``
            entry, of a partial its ``partial``, ``v``, ``contribution`` or the ``adjoint`` entry
            after it; or the ``event`` itself.
        place: which entry.
        sides: what it is in each.
    """

    k: int
    aspect: Aspect
    place: str
    sides: tuple[float | str, float | str]


class Lockstep:
    """A pair of timelines that visit the same structural zeros, or none."""

    def __init__(self, left: Timeline, right: Timeline, rtol: float) -> None:
        self._left = left
        self._right = right
        self._tolerance = Tolerance(rtol)

    def first(self) -> Journey[Mismatch | None]:
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

    def first_other_node(self) -> Mismatch | None:
        """The first node that is another one in the second graph, whatever the numbers are."""
        pairs = enumerate(zip(self._left.nodes, self._right.nodes, strict=False))
        for k, (ours, theirs) in pairs:
            if not _is_same_node(ours, theirs):
                return self._other_node(k)
        counts = len(self._left.nodes), len(self._right.nodes)
        return self._other_event(min(counts)) if counts[0] != counts[1] else None

    def _in_section(self, ours: Section, theirs: Section) -> Journey[Mismatch | None]:
        if ours.phase is Phase.BUILD:
            return (yield from self._build(min(ours.stop, theirs.stop)))
        if ours.phase is Phase.PARTIAL:
            return (yield from self._partials(ours))
        return self._seed(ours) if ours.phase is Phase.SEED else None

    def _build(self, count: int) -> Journey[Mismatch | None]:
        left, right = self._left.trace, self._right.trace
        for k in range(count):
            yield k
            if not _is_same_node(left.graph.nodes[k], right.graph.nodes[k]):
                return self._other_node(k)
            ours, theirs = left.value(k), right.value(k)
            wrong = np.flatnonzero(self._tolerance.apart(ours, theirs))
            if len(wrong):
                flat = int(wrong[0])
                sides = float(ours.flat[flat]), float(theirs.flat[flat])
                return Mismatch(k, "value", entry(left.graph, k, flat), sides)
        return None

    def _other_node(self, k: int) -> Mismatch:
        sides = tuple(_node_text(t.trace.graph, k) for t in (self._left, self._right))
        return Mismatch(k, "node", label(self._left.trace.graph, k), (sides[0], sides[1]))

    def _seed(self, section: Section) -> Mismatch | None:
        number = section.pass_number
        left, right = self._left.walk(number).run, self._right.walk(number).run
        if left.of != right.of:
            return self._other_event(section.start)
        wrong = np.flatnonzero(self._tolerance.apart(left.seed, right.seed))
        if not len(wrong):
            return None
        flat = int(wrong[0])
        sides = float(left.seed.flat[flat]), float(right.seed.flat[flat])
        return Mismatch(section.start, "seed", f"v{index_text(left.seed.shape, flat)}", sides)

    def _partials(self, section: Section) -> Journey[Mismatch | None]:
        number = section.pass_number
        walk = self._left.walk(number)
        pair = EdgePair(self._left, self._right, number, self._tolerance)
        if pair.is_same_pass:
            return None
        for e in range(walk.route.edges):
            yield walk.start + walk.route.start(e)
            found = pair.first(e)
            if found is None:
                continue
            place, aspect, sides = found
            edge, graph = walk.route.edge(e), self._left.trace.graph
            name = {
                "v": adjoint_entry(graph, edge.node, place.j),
                "adjoint": adjoint_entry(graph, edge.parent, place.i),
            }.get(aspect) or partial(graph, edge, place.j, place.i)
            return Mismatch(walk.start + walk.route.position(place), aspect, name, sides)
        return None

    def _other_event(self, k: int) -> Mismatch:
        return Mismatch(k, "event", "", (_event_text(self._left, k), _event_text(self._right, k)))


def _is_same_node(left: Node, right: Node) -> bool:
    """Whether op, static arguments, parents, shape and name are the same."""
    return (
        (left.op, left.parents, left.shape, left.name)
        == (right.op, right.parents, right.shape, right.name)
        # A NaN among the arguments equals nothing, but is written as any other.
        and (left.params == right.params or repr(left.params) == repr(right.params))
    )


def _node_text(graph: Graph, k: int) -> str:
    """A node as a comparison tells it: name, op, parents, arguments, shape."""
    node = graph.nodes[k]
    parents = ", ".join(label(graph, p) for p in node.parents)
    params = "".join(f", {name}={value!r}" for name, value in node.params.items())
    applied = f"{node.op}({parents}{params})" if node.parents else node.op
    return f"{label(graph, k)} = {applied} of shape {node.shape}"


def _event_text(timeline: Timeline, k: int) -> str:
    """What happens in a step, in a few words."""
    if k >= timeline.length:
        return "the walk has ended"
    frame = timeline[k]
    name = label(timeline.trace.graph, frame.node.id)
    return {
        Phase.BUILD: f"{name} is built",
        Phase.SEED: f"{name} is seeded",
        Phase.PARTIAL: f"{name} is pulled back",
        Phase.ZERO_GRAD: "zero_grad",
    }[frame.phase]
