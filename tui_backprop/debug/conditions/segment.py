"""A segment of the walk, and the bounds of everything an expression may read within it.

Only here does the search know the timeline's order: what changes within a node, within an edge, and
from step to step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.conditions.extents import Extent, constant, hull_of, union
from tui_backprop.debug.conditions.references import (
    Cotangent,
    GradOf,
    JacobianOf,
    Known,
    StepNumber,
    ValueOf,
    WordIs,
)
from tui_backprop.lazy import cached_property
from tui_backprop.rules.shapes import unbroadcast
from tui_backprop.rules.sparsity import Tied
from tui_backprop.timeline.edge_groups import groups_of, stacked
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.landmarks import common, moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tui_backprop.debug.conditions.references import AnyReference
    from tui_backprop.rules.types import Array, IntArray, Shape
    from tui_backprop.timeline.edge_groups import EdgeGroup
    from tui_backprop.timeline.frame import Section
    from tui_backprop.timeline.order import Route
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Timeline


class Segment:
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
    def walk(self) -> PassWalk:
        """The pass, where it is one."""
        return self.timeline.walk(self.section.pass_number)

    @property
    def route(self) -> Route:
        """The order of that."""
        return self.walk.route

    @cached_property
    def edges(self) -> range:
        """The edges of the route that these steps pull back through; none outside of a pass."""
        if self.section.phase is not Phase.PARTIAL:
            return range(0)
        first, last = (k - self.walk.start for k in (self.steps[0], self.steps[-1]))
        return range(self.route.edge_at(first), self.route.edge_at(last) + 1)

    @cached_property
    def nodes(self) -> Sequence[int]:
        """The nodes that these steps build, pull back through or update, in order."""
        if self.section.phase is Phase.BUILD:
            return moved(self.steps, -self.section.start)
        if self.section.phase is Phase.UPDATE:
            updates = self.timeline.updates
            first, last = (updates.locate(k - self.section.start)[0]
                           for k in (self.steps[0], self.steps[-1]))  # fmt: skip
            leaves = updates.leaves
            return leaves[leaves.index(first) : leaves.index(last) + 1]
        if self.section.phase is Phase.PARTIAL:
            return self.route.nodes_between(self.edges[0], self.edges[-1])
        return ()

    def halves(self) -> tuple[Segment, Segment]:
        """Its two halves, cut between edges where there are several."""
        start, stop = self.steps.start, self.steps.stop
        middle = (start + stop) // 2
        if len(self.edges) > 1:
            edge = (self.edges.start + self.edges.stop) // 2
            at = self.walk.start + self.route.start(edge)
            middle = at if start < at < stop else middle
        return self._cut(range(start, middle)), self._cut(range(middle, stop))

    def is_changing(self, reference: AnyReference) -> bool:
        """Whether what a reference reads may differ from step to step here."""
        if len(self.steps) == 1:
            return False
        if isinstance(reference, StepNumber):
            return True
        if isinstance(reference, ValueOf):
            if self.section.phase is Phase.UPDATE:
                return reference.node in self.nodes
            return self.section.phase is Phase.BUILD and reference.node in self.nodes[1:]
        if isinstance(reference, GradOf):
            return len(self.writing(reference.node)) > 0
        if isinstance(reference, JacobianOf):
            return len(self.edges) > 1
        if isinstance(reference, Cotangent):
            return self.section.phase is Phase.PARTIAL and len(self.nodes) > 1
        return reference.word != "phase" and len(self.nodes) > 1

    def parts(self, *, reverse: bool = False) -> Iterator[Segment]:
        """Its parts: edge by edge, or step by step where it holds one edge or none."""
        if len(self.edges) <= 1:
            steps = reversed(self.steps) if reverse else self.steps
            cuts: Iterable[range] = (range(k, k + 1) for k in steps)
        else:
            edges = reversed(self.edges) if reverse else self.edges
            cuts = (self._steps_of(edge) for edge in edges)
        return (self._cut(cut) for cut in cuts if cut)

    def _cut(self, steps: range) -> Segment:
        return Segment(self.timeline, self.section, steps)

    def _steps_of(self, edge: int) -> range:
        return common(moved(self.route.steps(edge), self.walk.start), self.steps)

    def extents(self, references: Sequence[AnyReference]) -> Iterator[list[Extent] | None]:
        """What the references may be: once for each combination of shapes that occurs.

        Nothing where v or J, which one of them reads, is not there in this section; None where
        one cannot be bounded.
        """
        for nodes, alike in self._groups(references):
            found: list[Extent] = []
            for reference in references:
                extent = self._extent(reference, nodes, alike)
                if extent is None:
                    yield None
                    return
                found.append(extent)
            yield found

    def _groups(
        self, references: Sequence[AnyReference]
    ) -> list[tuple[Sequence[int], EdgeGroup | None]]:
        """Nodes, and their edges where J is read, together where v and J have the same shapes."""
        if any(isinstance(reference, JacobianOf) for reference in references):
            numbers = np.arange(self.edges.start, self.edges.stop)
            alike = groups_of(self.timeline, self.route, numbers) if self.edges else []
            return [(group.nodes, group) for group in alike]
        if not any(isinstance(reference, Cotangent) for reference in references):
            return [((), None)]
        found: dict[Shape, list[int]] = {}
        for node in self.nodes if self.edges else ():
            found.setdefault(self.timeline.nodes[node].shape, []).append(node)
        return [(nodes, None) for nodes in found.values()]

    def _extent(
        self, reference: AnyReference, nodes: Sequence[int], alike: EdgeGroup | None
    ) -> Extent | None:
        if isinstance(reference, StepNumber):
            return hull_of(np.asarray([self.steps[0], self.steps[-1]], dtype=np.float64))
        if not self.is_changing(reference):
            known = reference.read(self.timeline[self.steps[0]])
            return None if known is None else constant(known)
        if isinstance(reference, Cotangent):
            return side_by_side([self.walk.run.cotangents[node] for node in nodes])
        if isinstance(reference, JacobianOf):
            return None if alike is None else jacobian_of_each(self.timeline, alike)
        if isinstance(reference, GradOf):
            return self._gradient(reference)
        if isinstance(reference, ValueOf) and self.section.phase is Phase.UPDATE:
            ends = (self.timeline.trace.value(reference.node),
                    self.timeline.updates.of(reference.node)[-1].value)  # fmt: skip
            return union(*(constant(Known(end)) for end in ends))
        if isinstance(reference, ValueOf):
            before = constant(Known.nothing(self.timeline.shape(reference.node)))
            return union(before, constant(Known(self.timeline.trace.value(reference.node))))
        return self._word(reference) if isinstance(reference, WordIs) else None

    def _word(self, reference: WordIs) -> Extent:
        nodes = self.timeline.nodes
        words = {nodes[n].op if reference.word == "op" else nodes[n].label for n in self.nodes}
        return hull_of(np.asarray([float(reference.holds(word)) for word in words]))

    def writing(self, node: int) -> IntArray:
        """The edges into a node that these steps may add something of."""
        if self.section.phase is not Phase.PARTIAL:
            return np.zeros(0, dtype=np.intp)
        into = self.route.edges_into(node)
        # An edge without one partial is passed by with the step before it.
        after = self.route.edge_at(self.steps.stop - self.walk.start)
        last = max(after - 1, self.edges[-1])
        first, stop = into.searchsorted(self.edges[0]), into.searchsorted(last, side="right")
        return into[first:stop]

    def _gradient(self, reference: GradOf) -> Extent | None:
        """A sum in progress: where it is at first and at last, and in between."""
        ends = [reference.read(self.timeline[k]) for k in (self.steps[0], self.steps[-1])]
        found = union(*(constant(end) for end in ends if end is not None))
        if self.timeline.zeros:
            # Zeros that are visited first make an entry 0 before anything is added.
            found = union(found, constant(Known(np.zeros(found.shape, found.low.dtype))))
        writing = self.writing(reference.node)
        number = self.section.pass_number
        if len(writing) > 1:
            inner = sums_after_each(self.timeline, number, reference.node, writing)
            return None if inner is None else union(found, inner)
        edge = int(writing[0])
        if not self.route.steps(edge):
            return found
        within = moved(self.steps, -self.walk.start)
        inner = sums_within(self.timeline, number, edge, within)
        return None if inner is None else union(found, inner)


_MOST_TOGETHER: Final = 1 << 21
"""Entries that are held side by side at once."""
_ULPS: Final = 64
"""How far bounds of sums are moved apart that were added up in another order."""


def side_by_side(arrays: list[Array]) -> Extent:
    """The extent of arrays of one shape; large ones are looked at one by one."""
    if sum(array.size for array in arrays) <= _MOST_TOGETHER:
        return hull_of(np.stack(arrays))
    found = hull_of(arrays[0][None])
    for array in arrays[1:]:
        found = union(found, hull_of(array[None]))
    return found


def jacobian_of_each(timeline: Timeline, alike: EdgeGroup) -> Extent | None:
    """The extent of the Js of some edges; None unless each row has one partial."""
    (m, n), count = alike.pattern.shape, len(alike.nodes)
    if not alike.rule.elementwise or m * (count + n) > _MOST_TOGETHER:
        return None
    rows, columns = np.nonzero(alike.pattern.contains(np.arange(m)[:, None], np.arange(n)[None, :]))
    with np.errstate(all="ignore"):
        partials = alike.partials(timeline.trace, rows, 0)
    whole = hull_of(np.zeros((1, m, n), timeline.trace.graph.dtype))
    return _put(whole, (rows, columns), hull_of(partials))


def sums_after_each(
    timeline: Timeline, pass_number: int, node: int, edges: IntArray
) -> Extent | None:
    """The extent of a node's adjoint from before the first of some edges until after the last.

    None where an edge adds to one entry more than once, and not entry by entry.
    """
    walk = timeline.walk(pass_number)
    shape = timeline.shape(node)
    if int(np.prod(shape, dtype=np.int64)) * len(edges) > _MOST_TOGETHER:
        return None
    if node in walk.run.walk.overwritten:  # these are no running sums
        return None
    parts = np.empty((3, len(edges), *shape), timeline.trace.graph.dtype)
    with np.errstate(all="ignore"):
        for alike in groups_of(timeline, walk.route, edges):
            added = _added_by(timeline, walk, alike)
            if added is None:
                return None
            places = edges.searchsorted(alike.numbers)
            for part, chosen in enumerate((added, np.minimum(added, 0), np.maximum(added, 0))):
                parts[part, places] = _unbroadcast_each(chosen, shape)
        return _added_up(walk, node, int(edges[0]), parts)


def _added_by(timeline: Timeline, walk: PassWalk, alike: EdgeGroup) -> Array | None:
    """What each of some edges adds, before entries that were repeated are added up.

    None where an edge that is not elementwise adds to one entry more than once.
    """
    out, size = alike.first.shape, alike.first.size
    if alike.rule.elementwise:
        rows = np.arange(size)
        v = stacked([walk.run.cotangents[n] for n in alike.nodes], rows)
        added = alike.derivative.contribution(v, alike.partials(timeline.trace, rows, 0))
        return np.asarray(added, dtype=v.dtype).reshape(len(alike.nodes), *out)
    pattern = alike.pattern
    is_single = isinstance(pattern, Tied) and pattern.nonzeros == pattern.shape[1]
    if size > 1 and not is_single:
        return None
    return np.stack([walk.sums.contribution(number) for number in alike.numbers.tolist()])


def _unbroadcast_each(arrays: Array, shape: Shape) -> Array:
    """`unbroadcast` of each array along a first axis."""
    extra = arrays.ndim - 1 - len(shape)
    return unbroadcast(arrays, (len(arrays), *(1,) * extra, *shape)).reshape(len(arrays), *shape)


def _added_up(walk: PassWalk, node: int, first: int, parts: Array) -> Extent:
    """The lowest and the highest value of running sums."""
    totals, falls, rises = parts
    done = int(walk.route.edges_into(node).searchsorted(first))
    before = walk.sums.after(node, done)
    start = np.zeros(totals.shape[1:], totals.dtype) if before is None else before
    sums = np.cumsum(np.concatenate([start[None], totals]), axis=0)
    lows, highs = sums[:-1] + falls, sums[:-1] + rises
    slack = np.finfo(sums.dtype).eps * (_ULPS + len(totals))
    reach = slack * (np.abs(sums).max(axis=0) + np.abs(totals).sum(axis=0)
                     + (rises - falls).sum(axis=0))  # fmt: skip
    found = hull_of(np.concatenate([sums, lows, highs]))
    wide = np.where(np.isnan(reach), np.inf, reach)
    # inf − inf on the way would lose a bound: then there is none.
    lost = found.nan
    return Extent(
        np.where(lost, -np.inf, found.low - wide),
        np.where(lost, np.inf, found.high + wide),
        found.nan, found.number, found.unknown, found.known,
    )  # fmt: skip


def sums_within(
    timeline: Timeline, pass_number: int, number: int, positions: range
) -> Extent | None:
    """The extent of the entries that an edge adds to at some positions of the route.

    Entries that these do not come to are left out; None where there are too many partials.
    """
    walk = timeline.walk(pass_number)
    edge = walk.route.edge(number)
    parent = timeline.nodes[edge.parent]
    columns = _columns(walk, number, positions)
    m = timeline.nodes[edge.node].size
    if m * len(columns) > _MOST_TOGETHER:
        return None
    jacobian = timeline.jacobian(edge)
    rows = np.arange(m)
    v = np.asarray(walk.run.cotangents[edge.node]).reshape(-1, 1)
    inside = jacobian.sparsity.contains(rows[:, None], columns[None, :])
    products = np.where(inside, jacobian.contribution(v, jacobian.block(rows, columns)), 0)
    done = int(walk.route.edges_into(edge.parent).searchsorted(number))
    before = walk.sums.added_to(edge.parent, done)
    after = walk.sums.after(edge.parent, done + 1)
    ends = [np.zeros(parent.size, v.dtype) if x is None else x.reshape(-1) for x in (before, after)]
    with np.errstate(all="ignore"):
        sums = np.cumsum(np.vstack([ends[0][columns][None], products]), axis=0)
    # The last of a column is what the vectorised pass has, which may round otherwise.
    sums = np.vstack([sums, ends[1][columns][None]])
    nothing = hull_of(np.zeros((0, parent.size), v.dtype))
    added = _put(nothing, (columns,), hull_of(sums))
    return added.each(lambda part: part.reshape(parent.shape))


def _columns(walk: PassWalk, number: int, positions: range) -> IntArray:
    visited = common(walk.route.steps(number), positions)
    first, last = (walk.route.locate(visited[end]).i for end in (0, -1))
    return np.arange(first, last + 1)


def _put(whole: Extent, places: tuple[IntArray, ...], part: Extent) -> Extent:
    """The extent with other entries at some places."""
    made = whole.each(np.array)
    for name in ("low", "high", "nan", "number", "unknown", "known"):
        getattr(made, name)[places] = getattr(part, name)
    return made
