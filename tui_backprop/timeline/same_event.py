"""The same event in another walk: of a program that was changed, found by names.

What has a name is told by that; what has none by how it is written, and by how many such came
before it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.landmarks import first_seed, updating
from tui_backprop.timeline.order import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.model import Edge, Graph, Node
    from tui_backprop.rules.types import Shape
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Frame, Timeline


class Found(NamedTuple):
    """A step.

    Attributes:
        k: its address.
        is_same: whether it is the event itself, and not the nearest that there is.
    """

    k: int
    is_same: bool


class SameNodes:
    """Which node of another graph each node of one is."""

    def __init__(self, one: Graph, other: Graph) -> None:
        there = dict(_keyed(other))
        self._found = {id_: there[key] for key, id_ in _keyed(one) if key in there}

    def of(self, node: int) -> int | None:
        """The node of the other graph; None where it has none."""
        return self._found.get(node)

    def event(self, frame: Frame, timeline: Timeline) -> Found:
        """The event of a frame in a walk of the other graph, or the nearest before it.

        Of a training it is looked for in the same iteration, or in the last.
        """
        if timeline.iterations is not None:
            last = timeline.iterations.count - 1
            wanted = frame.timeline.updates.number
            found = self._event(frame, timeline.iterations.timeline(min(wanted, last)))
            return found if wanted <= last else found._replace(is_same=False)
        return self._event(frame, timeline)

    def _event(self, frame: Frame, timeline: Timeline) -> Found:
        if frame.phase is Phase.BUILD:
            return self._built(frame, timeline)
        if frame.is_forward is not timeline.is_forward:
            return Found(first_seed(timeline), is_same=False)
        if frame.phase is Phase.UPDATE:
            return self._updated(frame, timeline)
        number = frame.pass_number
        if number >= len(timeline.walks):
            return Found(timeline.steps.stop - 1, is_same=False)
        walk = timeline.walks[number]
        if walk is None:
            step = next(s.start for s in timeline.sections if s.pass_number == number)
            return Found(step, frame.phase is Phase.ZERO_GRAD)
        seed = walk.start - 1
        if frame.phase is not Phase.PARTIAL:
            seeds = dict(walk.seeds) if frame.phase is Phase.SEED else {}
            node = self.of(frame.node.id)
            is_same = node is not None and node in seeds
            return Found(seeds[node] if node is not None and is_same else seed, is_same)
        return self._partial(frame, timeline, walk) or Found(seed, is_same=False)

    def _built(self, frame: Frame, timeline: Timeline) -> Found:
        for node in range(frame.node.id, -1, -1):
            found = self.of(node)
            if found is not None:
                return Found(timeline.built(found), node == frame.node.id)
        return Found(timeline.steps.start, is_same=False)

    def _updated(self, frame: Frame, timeline: Timeline) -> Found:
        """The update of the same entry; where there is none the last step before updates."""
        node = self.of(frame.node.id)
        steps = range(0) if node is None else updating(timeline, node)
        if node is None or not steps:
            return Found(timeline.steps.stop - timeline.updates.size - 1, is_same=False)
        entry, is_same = _moved(frame.column, frame.node.shape, timeline.shape(node))
        return Found(steps[entry], is_same)

    def _partial(self, frame: Frame, timeline: Timeline, walk: PassWalk) -> Found | None:
        """The partial, or the end of the last edge before it that the other walk has too."""
        place = frame.timeline.place(frame)
        route = frame.walk.route
        for number in range(place.edge, -1, -1):
            edge = self._edge(route.edge(number), walk)
            if edge is None:
                continue
            steps = walk.route.steps(edge)
            if number != place.edge:
                if steps:
                    return Found(walk.start + steps.stop - 1, is_same=False)
                continue
            found = _entry(frame, timeline, walk, edge)
            if found is not None:
                return found
        return None

    def _edge(self, edge: Edge, walk: PassWalk) -> int | None:
        """The number of the same edge: of the same node into the same parent."""
        node, parent = self.of(edge.node), self.of(edge.parent)
        run = None if node is None else walk.route.run_of_node(node)
        if not run:
            return None
        last = walk.route.edge_at(run.stop - 1)
        edges = {k: walk.route.edge(k) for k in range(walk.route.edge_at(run.start), last + 1)}
        same = [k for k, e in edges.items() if e.parent == parent]
        return min(same, key=lambda k: edges[k].argument != edge.argument, default=None)


def _entry(frame: Frame, timeline: Timeline, walk: PassWalk, number: int) -> Found | None:
    """The entry of an edge's J that a frame stands on; None where no partial of it is visited."""
    steps, edge = walk.route.steps(number), walk.route.edge(number)
    if not steps or frame.edge is None:
        return None
    old, new = frame.timeline.shape, timeline.shape
    j, has_row = _moved(frame.row, old(frame.edge.node), new(edge.node))
    i, has_column = _moved(frame.column, old(frame.edge.parent), new(edge.parent))
    place = Place(number, i, j) if frame.is_forward else Place(number, j, i)
    position = min(walk.route.position(place), steps.stop - 1)
    is_same = has_row and has_column and walk.route.locate(position) == place
    return Found(walk.start + position, is_same)


def _moved(flat: int, old: Shape, new: Shape) -> tuple[int, bool]:
    """An entry of one array in another, and whether it is there; else the nearest."""
    if old == new:
        return flat, True
    if len(old) != len(new) or 0 in new:
        return 0, False
    at = [int(k) for k in np.unravel_index(flat, old)] if old else []
    nearest = [min(k, n - 1) for k, n in zip(at, new, strict=True)]
    return int(np.ravel_multi_index(nearest, new)) if new else 0, nearest == at


def _keyed(graph: Graph) -> Iterator[tuple[tuple[str, ...], int]]:
    """Each node with what tells it from the others."""
    seen: Counter[tuple[str, ...]] = Counter()
    for node in graph.nodes:
        key = _key(node)
        seen[key] += 1
        yield (*key, str(seen[key])), node.id


def _key(node: Node) -> tuple[str, ...]:
    return ("name", node.name) if node.name else (node.op, node.text)
