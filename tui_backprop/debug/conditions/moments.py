"""The moments of a segment of the walk, and what an expression reads at each of them.

A moment is a step at which something that the expression reads may be another than before; until
the next one it stays. Values are those of the frames, bit for bit, and no frame is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.conditions.references import (
    Cotangent,
    GradOf,
    JacobianOf,
    Known,
    StepNumber,
    WordIs,
)
from tui_backprop.debug.conditions.running_sums import sums_at
from tui_backprop.debug.conditions.together import Readings
from tui_backprop.timeline.edge_groups import groups_of
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.debug.conditions.references import AnyReference
    from tui_backprop.debug.conditions.segment import Segment
    from tui_backprop.rules.types import IntArray
    from tui_backprop.timeline.edge_groups import EdgeGroup

MOST: Final = 1 << 13
"""Moments that are looked at before somebody hears of it: some may be asked one by one."""
_MOST_ENTRIES: Final = 1 << 19
"""Numbers that are held of all of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """Moments at which everything that is read has the same shapes.

    Attributes:
        chosen: which they are of all moments.
        leaves: what is read.
        is_told: at which of them that is sure; at the others a frame has to be asked.
    """

    chosen: IntArray
    leaves: list[Readings]
    is_told: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Some steps of a segment of a pass, ascending, the first of the segment among them.

    Attributes:
        segment: where.
        steps: which.
        edges: the edge of the route that each belongs to.
        places: the place of that edge's node among those of the segment.
    """

    segment: Segment
    steps: IntArray
    edges: IntArray
    places: IntArray

    def last(self, k: int) -> int:
        """The last step at which everything is as at the kth moment."""
        is_last = k + 1 == len(self.steps)
        return self.segment.steps[-1] if is_last else int(self.steps[k + 1]) - 1

    def alike(self, references: Sequence[AnyReference]) -> Iterator[Alike]:
        """What references are at the moments, once for each combination of shapes."""
        told = np.ones(len(self.steps), dtype=bool)
        everywhere = {r: self._everywhere(r, told) for r in references
                      if not isinstance(r, Cotangent | JacobianOf)}  # fmt: skip
        for chosen, group in self._groups(references):
            sure = told[chosen]
            leaves = []
            for reference in references:
                if isinstance(reference, Cotangent):
                    leaves.append(self._cotangents(chosen, sure))
                elif isinstance(reference, JacobianOf):
                    leaves.append(self._jacobians(reference, chosen, group))
                else:
                    leaves.append(everywhere[reference].some(chosen))
            for leaf in leaves:
                if not leaf.varies and not leaf.known.values.flags.c_contiguous:
                    sure[:] = False
            yield Alike(chosen, leaves, sure)

    def _groups(
        self, references: Sequence[AnyReference]
    ) -> list[tuple[IntArray, EdgeGroup | None]]:
        every = np.arange(len(self.steps))
        segment = self.segment
        if any(isinstance(r, JacobianOf) for r in references):
            numbers, at = np.unique(self.edges, return_inverse=True)
            groups = groups_of(segment.timeline, segment.route, numbers)
            of = np.empty(len(numbers), dtype=np.intp)
            for which, group in enumerate(groups):
                of[numbers.searchsorted(group.numbers)] = which
            return [(every[of[at] == which], group) for which, group in enumerate(groups)]
        if not any(isinstance(r, Cotangent) for r in references):
            return [(every, None)]
        shapes: dict[tuple[int, ...], int] = {}
        nodes = segment.timeline.nodes
        kinds = [shapes.setdefault(nodes[n].shape, len(shapes)) for n in segment.nodes]
        of = np.array(kinds, dtype=np.intp)[self.places]
        # A node without entries has a shape, and not one step.
        return [(every[of == which], None) for which in np.unique(of).tolist()]

    def _everywhere(self, reference: AnyReference, told: IntArray) -> Readings:
        """A reference that has one shape."""
        segment = self.segment
        if isinstance(reference, StepNumber):
            return Readings(Known(self.steps.astype(np.float64)), varies=True)
        if not segment.is_changing(reference):
            known = reference.read(segment.timeline[segment.steps[0]])
            if known is None:
                raise AssertionError("only v and J are not there at some steps")
            return Readings(known, varies=False)
        if isinstance(reference, WordIs):
            nodes = segment.timeline.nodes
            is_op = reference.word == "op"
            words = [nodes[n].op if is_op else nodes[n].label for n in segment.nodes]
            holds = np.array([float(reference.holds(word)) for word in words])
            return Readings(Known(holds[self.places]), varies=True)
        if isinstance(reference, GradOf):
            known, sure = sums_at(segment, reference.node, self.steps)
            told &= sure
            return Readings(known, varies=True)
        raise AssertionError("values do not change in a pass")

    def _cotangents(self, chosen: IntArray, sure: IntArray) -> Readings:
        places, at = np.unique(self.places[chosen], return_inverse=True)
        nodes = [self.segment.nodes[place] for place in places.tolist()]
        values, in_rows = self.segment.walk.run.cotangents.stacked(nodes)
        sure &= in_rows[at]
        return Readings(Known(values[at]), varies=True)

    def _jacobians(
        self, reference: JacobianOf, chosen: IntArray, group: EdgeGroup | None
    ) -> Readings:
        if group is None:
            raise AssertionError("J is read edge by edge")
        reference.check(*group.pattern.shape)
        values = group.matrices(self.segment.timeline)
        return Readings(Known(values[group.numbers.searchsorted(self.edges[chosen])]), varies=True)


def is_told(segment: Segment, references: Sequence[AnyReference]) -> bool:
    """Whether the moments of a segment are told without its frames."""
    if segment.section.phase is not Phase.PARTIAL or segment.timeline.trace.is_recorded:
        return False
    route = segment.route
    for reference in references:
        if isinstance(reference, GradOf):
            writing = segment.writing(reference.node)
            if (route.starts(writing + 1) == route.starts(writing)).any():
                return False  # passed by with the step before, whose edge may be any
    return True


def moments_of(segment: Segment, references: Sequence[AnyReference], most: int) -> Moments | None:
    """The moments of a segment, where they are told; None where they are too many.

    What changes within a pass changes with the edge, but for the step's number and an adjoint that
    the edge adds to.
    """
    route, begin = segment.route, segment.walk.start
    numbers = np.arange(segment.edges.start, segment.edges.stop + 1)
    bounds = route.starts(numbers) + begin
    bounds = np.clip(bounds, segment.steps.start, segment.steps.stop)
    counts = np.diff(bounds)
    is_fine = np.zeros(len(counts), dtype=bool)
    for reference in references:
        if isinstance(reference, StepNumber):
            is_fine[:] = True
        if isinstance(reference, GradOf):
            is_fine[segment.writing(reference.node) - segment.edges.start] = True
    moments = np.where(is_fine, counts, np.minimum(counts, 1))
    total = int(moments.sum())
    if total > most or total * sum(_size(segment, r) for r in references) > _MOST_ENTRIES:
        return None
    at = np.repeat(np.arange(len(counts)), moments)
    within = np.arange(total) - np.repeat(np.cumsum(moments) - moments, moments)
    nodes, _ = route.children(numbers[:-1])
    places = np.concatenate([[0], np.cumsum(nodes[1:] != nodes[:-1])])
    return Moments(segment, bounds[:-1][at] + within, numbers[at], places[at])


def _size(segment: Segment, reference: AnyReference) -> int:
    """Entries of one reading, at most."""
    nodes = segment.timeline.nodes
    if isinstance(reference, GradOf):
        return nodes[reference.node].size
    if isinstance(reference, Cotangent):
        return max(nodes[n].size for n in segment.nodes)
    if isinstance(reference, JacobianOf):
        numbers = np.arange(segment.edges.start, segment.edges.stop)
        children, _ = segment.route.children(numbers)
        pairs = {*zip(children.tolist(), segment.route.parents(numbers).tolist(), strict=True)}
        return max((nodes[n].size * nodes[p].size for n, p in pairs), default=1)
    return 1
