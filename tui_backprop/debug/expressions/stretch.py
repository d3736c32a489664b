"""A stretch of the walk, and what an expression may be anywhere on it.

It stands apart from the search because it is where the timeline's order is known: what changes
within a node, within an edge, and from step to step.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.expressions.extent import Extent, anything, constant, hull_of, union
from tui_backprop.debug.expressions.references import (
    Cotangent,
    GradOf,
    JacobianOf,
    Known,
    StepNumber,
    ValueOf,
    WordIs,
)
from tui_backprop.debug.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.debug.expressions.references import AnyReference
    from tui_backprop.debug.route import Route
    from tui_backprop.debug.timeline import PassWalk, Section, Timeline
    from tui_backprop.rules.types import Array, Shape

_MOST_TOGETHER: Final = 1 << 21
"""Entries of sums or products that are held side by side at once."""


class Stretch:
    """Some steps of one section, at least one.

    Attributes:
        timeline: the walk.
        section: where they lie.
        steps: which they are.
    """

    def __init__(self, timeline: Timeline, section: Section, steps: range) -> None:
        self.timeline = timeline
        self.section = section
        self.steps = steps

    @cached_property
    def _walk(self) -> PassWalk:
        return self.timeline.walk(self.section.pass_number)

    @property
    def _route(self) -> Route:
        return self._walk.route

    @cached_property
    def edges(self) -> range:
        """The edges of the route that these steps pull back through; none outside of a pass."""
        if self.section.phase is not Phase.PARTIAL:
            return range(0)
        first, last = (k - self._walk.start for k in (self.steps[0], self.steps[-1]))
        return range(self._route.edge_at(first), self._route.edge_at(last) + 1)

    @cached_property
    def _nodes(self) -> Sequence[int]:
        """The nodes that these steps stand at, in order."""
        if self.section.phase is Phase.BUILD:
            return self.steps
        if self.section.phase is Phase.PARTIAL:
            return self._route.nodes_between(self.edges[0], self.edges[-1])
        return ()

    def halves(self) -> tuple[Stretch, Stretch]:
        """The same in two parts, between edges where there are several."""
        start, stop = self.steps.start, self.steps.stop
        middle = (start + stop) // 2
        if len(self.edges) > 1:
            edge = (self.edges.start + self.edges.stop) // 2
            at = self._walk.start + self._route.start(edge)
            middle = at if start < at < stop else middle
        cut = (range(start, middle), range(middle, stop))
        return (
            Stretch(self.timeline, self.section, cut[0]),
            Stretch(self.timeline, self.section, cut[1]),
        )

    def is_changing(self, reference: AnyReference) -> bool:
        """Whether what a reference reads may differ from step to step here."""
        if len(self.steps) == 1:
            return False
        if isinstance(reference, StepNumber):
            return True
        if isinstance(reference, ValueOf):
            return self.section.phase is Phase.BUILD and reference.node in self.steps[1:]
        if isinstance(reference, GradOf):
            return bool(self._writing(reference.node))
        if isinstance(reference, JacobianOf):
            return len(self.edges) > 1
        if isinstance(reference, Cotangent):
            return self.section.phase is Phase.PARTIAL and len(self._nodes) > 1
        return reference.word != "phase" and len(self._nodes) > 1

    def extents(self, references: Sequence[AnyReference]) -> Iterator[list[Extent]]:
        """What the references may be: once for each combination of shapes that occurs.

        Nothing where v or J, which one of them reads, is not there in this section.
        """
        for nodes, shape in self._groups(references):
            found = [self._extent(reference, nodes, shape) for reference in references]
            if all(extent is not None for extent in found):
                yield [extent for extent in found if extent is not None]

    def _groups(self, references: Sequence[AnyReference]) -> list[tuple[list[int], Shape]]:
        """The nodes by the shape of v, and the shape of J where that is read."""
        if any(isinstance(reference, JacobianOf) for reference in references):
            if len(self.edges) != 1:
                return self._by_edge()
            edge = self._route.edge(self.edges[0])
            nodes = self.timeline.nodes
            return [([edge.node], (nodes[edge.node].size, nodes[edge.parent].size))]
        if not any(isinstance(reference, Cotangent) for reference in references):
            return [([], ())]
        found: dict[Shape, list[int]] = {}
        for node in self._nodes if self.section.phase is Phase.PARTIAL else ():
            found.setdefault(self.timeline.shape(node), []).append(node)
        return [(nodes, ()) for nodes in found.values()]

    def _by_edge(self) -> list[tuple[list[int], Shape]]:
        nodes = self.timeline.nodes
        found: dict[tuple[Shape, Shape], list[int]] = {}
        for number in self.edges:
            edge = self._route.edge(number)
            node = nodes[edge.node]
            found.setdefault((node.shape, (node.size, nodes[edge.parent].size)), []).append(node.id)
        return [(list(dict.fromkeys(group)), shape) for (_, shape), group in found.items()]

    def _extent(self, reference: AnyReference, nodes: list[int], shape: Shape) -> Extent | None:
        if isinstance(reference, StepNumber):
            return hull_of(np.asarray([self.steps[0], self.steps[-1]], dtype=np.float64))
        if not self.is_changing(reference):
            known = reference.read(self.timeline[self.steps[0]])
            return None if known is None else constant(known)
        if isinstance(reference, Cotangent):
            return _hull([self._walk.run.cotangents[node] for node in nodes])
        if isinstance(reference, JacobianOf):
            return anything(shape)
        if isinstance(reference, GradOf):
            return self._gradient(reference)
        if isinstance(reference, ValueOf):
            before = constant(Known.nothing(self.timeline.shape(reference.node)))
            return union(before, constant(Known(self.timeline.trace.value(reference.node))))
        return self._word(reference) if isinstance(reference, WordIs) else None

    def _word(self, reference: WordIs) -> Extent:
        nodes = self.timeline.nodes
        told = {nodes[n].op if reference.word == "op" else nodes[n].label for n in self._nodes}
        return hull_of(np.asarray([float(reference.holds(word)) for word in told]))

    def _writing(self, node: int) -> list[int]:
        """The edges into a node that these steps may add something of."""
        if self.section.phase is not Phase.PARTIAL:
            return []
        into = self._route.edges_into(node)
        # An edge without one partial is passed by with the step before it.
        after = self._route.edge_at(self.steps.stop - self._walk.start)
        last = max(after - 1, self.edges[-1])
        first, stop = into.searchsorted(self.edges[0]), into.searchsorted(last, side="right")
        found: list[int] = into[first:stop].tolist()
        return found

    def _gradient(self, reference: GradOf) -> Extent:
        """A sum in progress: where it is at first and at last, and in between."""
        ends = [reference.read(self.timeline[k]) for k in (self.steps[0], self.steps[-1])]
        found = union(*(constant(end) for end in ends if end is not None))
        if self.timeline.zeros:
            # Zeros that are visited first make an entry 0 before anything is added.
            found = union(found, constant(Known(np.zeros(found.shape, found.low.dtype))))
        writing = self._writing(reference.node)
        size = found.low.size
        if len(writing) > 1:
            if size * len(writing) > _MOST_TOGETHER or not all(map(self._is_single, writing)):
                return anything(found.shape)
            return union(found, self._sums(reference.node, writing))
        if self._is_single(writing[0]) or not self._route.steps(writing[0]):
            return found
        inner = self._running(writing[0])
        return union(found, inner) if inner is not None else anything(found.shape)

    def _is_single(self, number: int) -> bool:
        """Whether an edge adds to each entry once at most, so that nothing is between its ends."""
        edge = self._route.edge(number)
        node, parent = self.timeline.nodes[edge.node], self.timeline.nodes[edge.parent]
        if node.size == 1:
            return True
        is_plain = node.rule is not None and node.rule.elementwise
        return is_plain and node.shape == parent.shape

    def _sums(self, node: int, writing: list[int]) -> Extent:
        """The sums after each of some edges."""
        done = int(self._route.edges_into(node).searchsorted(writing[0]))
        sums = [self._walk.sums.after(node, done + k) for k in range(len(writing) + 1)]
        return _hull([total for total in sums if total is not None])

    def _running(self, number: int) -> Extent | None:
        """The sums in the middle of the columns that these steps visit; None if they are many."""
        timeline, walk = self.timeline, self._walk
        edge = self._route.edge(number)
        m, n = timeline.nodes[edge.node].size, timeline.nodes[edge.parent].size
        visited = self._route.steps(number)
        first = max(visited.start, self.steps.start - walk.start)
        last = min(visited.stop, self.steps.stop - walk.start) - 1
        first, last = (self._route.locate(k).i for k in (first, last))
        columns = np.arange(first, last + 1)
        if m * len(columns) > _MOST_TOGETHER:
            return None
        partials = timeline.jacobian(edge).block(np.arange(m), columns)
        v = np.asarray(walk.run.cotangents[edge.node]).reshape(-1, 1)
        inside = timeline.jacobian(edge).sparsity.contains(np.arange(m)[:, None], columns[None, :])
        products = timeline.jacobian(edge).contribution(v, partials)
        products = np.where(inside, products, 0)
        done = int(self._route.edges_into(edge.parent).searchsorted(number))
        before = walk.sums.after(edge.parent, done)
        after = walk.sums.after(edge.parent, done + 1)
        ends = [np.zeros(n, v.dtype) if x is None else x.reshape(-1) for x in (before, after)]
        with np.errstate(all="ignore"):
            sums = np.cumsum(np.vstack([ends[0][columns][None], products]), axis=0)
        # The last of a column is what the vectorised pass has, which may round otherwise.
        sums = np.vstack([sums, ends[1][columns][None]])
        return _at(columns, hull_of(sums), timeline.shape(edge.parent))


def _at(columns: Array, extent: Extent, shape: Shape) -> Extent:
    """Some entries of an array, and nothing of the others."""
    size = int(np.prod(shape, dtype=np.int64))
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    low[columns], high[columns] = extent.low, extent.high
    flags = []
    for flag in (extent.nan, extent.number, extent.unknown, extent.known):
        whole = np.zeros(size, bool)
        whole[columns] = flag
        flags.append(whole.reshape(shape))
    return Extent(low.reshape(shape), high.reshape(shape), *flags)


def _hull(arrays: list[Array]) -> Extent:
    """The extent of arrays of one shape; large ones are not put side by side."""
    if sum(array.size for array in arrays) <= _MOST_TOGETHER:
        return hull_of(np.stack(arrays))
    found = hull_of(arrays[0][None])
    for array in arrays[1:]:
        found = union(found, hull_of(array[None]))
    return found
