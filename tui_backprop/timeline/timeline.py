"""All steps of an evaluation in order, none of them stored.

The length is arithmetic and a frame is computed from its index, so memory grows with the graph and
never with the number of steps.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import UnknownError
from tui_backprop.graph.arrays import frozen
from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.kinks import convention_at, special_points_at
from tui_backprop.lazy import cached_property
from tui_backprop.timeline.asked import Asked
from tui_backprop.timeline.frame import Adjoint, Change, Partial, Phase, Section, Term
from tui_backprop.timeline.order import Place
from tui_backprop.timeline.sums import earlier_terms
from tui_backprop.timeline.updates import NO_UPDATES
from tui_backprop.timeline.walks import backward_walks, forward_walk

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.rules.conventions.ways import SpecialPoint
    from tui_backprop.rules.types import Array, IntArray, Shape
    from tui_backprop.timeline.frame import Tangents
    from tui_backprop.timeline.iterations import Iterations
    from tui_backprop.timeline.order import Route
    from tui_backprop.timeline.sums import Column, PassWalk
    from tui_backprop.timeline.updates import Updates


@dataclass(frozen=True, eq=False)
class Frame:
    """The state after step ``k``.

    Attributes:
        timeline: where it belongs.
        k: its address, from 0.
        phase: what kind of step led here.
        pass_number: index into the scenario's passes; −1 while building.
        node: built, seeded, pulled back through or updated; for ``zero_grad`` the last node.
        edge: being pulled back; None in other phases.
        row: j of the partial, −1 in other phases.
        column: i of the partial, or the entry that is updated; −1 in other phases.
    """

    timeline: Timeline
    k: int
    phase: Phase
    pass_number: int
    node: Node
    edge: Edge | None = None
    row: int = -1
    column: int = -1

    @property
    def length(self) -> int:
        """Number of steps of the whole walk."""
        return self.timeline.length

    @property
    def is_forward(self) -> bool:
        """Whether tangents are pushed forward in its walk."""
        return self.timeline.tangents is not None

    @property
    def source(self) -> int:
        """The node whose vector the partial multiplies; −1 where there is no edge."""
        return -1 if self.edge is None else self.walk.route.source(self.edge)

    @property
    def target(self) -> int:
        """The node whose adjoint, or tangent, the step adds to; −1 where there is no edge."""
        return -1 if self.edge is None else self.walk.route.target(self.edge)

    @property
    def taken(self) -> int:
        """The entry of the vector that the partial multiplies."""
        return self.column if self.is_forward else self.row

    @property
    def entry(self) -> int:
        """The entry of the target that the step adds to."""
        return self.row if self.is_forward else self.column

    @property
    def built(self) -> int:
        """Nodes 0 … built − 1 are on the tape."""
        return self.node.id + 1 if self.phase is Phase.BUILD else len(self.timeline.nodes)

    def value(self, node: int) -> Array | None:
        """The value of a node, updated as far as that is; None where it is not built yet."""
        if self.phase is Phase.UPDATE:
            return self.timeline.updates.value(node, self.node.id, self.column)
        return self.timeline.trace.value(node) if node < self.built else None

    @cached_property
    def J(self) -> LocalJacobian | None:
        """The local Jacobian of the edge."""
        return None if self.edge is None else self.timeline.jacobian(self.edge)

    @property
    def walk(self) -> PassWalk:
        """The backward pass that it belongs to; there is none while building."""
        return self.timeline.walk(self.pass_number)

    @cached_property
    def v(self) -> Array | None:
        """The cotangent of ``node``: the seed at the output, v further back.

        In a forward walk the tangent of the edge's parent.
        """
        if self.phase is Phase.SEED:
            return self.walk.run.seeds[self.node.id]
        return self.walk.run.cotangents.get(self.source) if self.edge is not None else None

    @cached_property
    def partial(self) -> Partial | None:
        """The partial of this step, with its sum."""
        if self.edge is None:
            return None
        column, k = self._column_sums, self.taken
        value, v, contribution, is_structural = column.entry(k)
        before, after = column.sum_before(k), column.sum_after(k)
        return Partial(self.row, self.column, value, v, contribution, before, after, is_structural)

    @property
    def _column_sums(self) -> Column:
        """Everything that column ``i`` of its edge adds, with running sums; forward a row."""
        place = self.timeline.place(self)
        return self.timeline.column_of((self.pass_number, place.edge, self.entry))

    def adjoint(self, node: int) -> Adjoint:
        """The adjoint of any node as far as it is summed."""
        shape = self.timeline.nodes[node].shape
        if self.pass_number < 0 or self.timeline.walks[self.pass_number] is None:
            return Adjoint(shape, self.timeline.trace.gradients_after(self.pass_number).get(node))
        walk = self.walk
        if self.k < walk.start and any(self.k < k for n, k in walk.seeds if n == node):
            return Adjoint(shape, None)
        visited = max(self.k - walk.start + 1, 0)
        current = walk.route.edge_at(visited)
        done = walk.route.count_before(node, current)
        before = walk.sums.after(node, done)
        is_between = visited == walk.route.start(current)
        if is_between or self.edge is None or self.target != node:
            return Adjoint(shape, before)
        after = walk.sums.after(node, done + 1)
        try:
            entry: float | None = self._column_sums.sum_after(self.taken)
        except UnknownError:  # what the column adds in the end was recorded, and not its summands
            is_last = self.taken == int(walk.route.sparsity(self.edge).rows(self.entry)[-1])
            entry = float(picked(after, self.entry)) if is_last and after is not None else None
        return Adjoint(shape, before, after, self.entry, entry)

    @property
    def adjoint_before_edge(self) -> Array | None:
        """What the target had received before the edge at hand; None where nothing had arrived."""
        if self.edge is None:
            return None
        done = self.walk.route.count_before(self.target, self.timeline.place(self).edge)
        return self.walk.sums.after(self.target, done)

    def terms(self, node: int, flat: int, most: int = 8) -> tuple[Term, ...]:
        """The summands of one adjoint entry so far, in the order they were added.

        Edges before the last ``most`` are taken together as one term.
        """
        timeline = self.timeline
        if self.phase is Phase.BUILD:
            left = timeline.trace.initial.get(node)
            return () if left is None else (Term(float(picked(left, flat))),)
        if timeline.walks[self.pass_number] is None:
            left = timeline.trace.gradients_after(self.pass_number).get(node)
            return () if left is None else (Term(float(picked(left, flat))),)
        edge, current = self.edge, 0 if self.edge is None else timeline.place(self).edge
        if self.phase is Phase.UPDATE:
            current = self.walk.route.edges
        found = earlier_terms(self.walk, current, node, flat, most, timeline.jacobian)
        if edge is None or self.target != node or flat > self.entry:
            return tuple(found)
        if node in self.walk.run.walk.overwritten:
            found = []
        key = self.pass_number, current, flat
        if flat == self.entry:
            return (*found, *timeline.column_of(key).terms(self.taken, most))
        return (*found, *timeline.finished_terms(key, most))

    def is_visited(self, j: IntArray, i: IntArray) -> IntArray:
        """Which entries of J the walk has reached; booleans, broadcast over ``j`` and ``i``."""
        if self.is_forward:
            return np.asarray((j < self.row) | ((j == self.row) & (i <= self.column)))
        return np.asarray((i < self.column) | ((i == self.column) & (j <= self.row)))

    @cached_property
    def changed(self) -> Change:
        """What this step changed, whichever way one came."""
        if self.phase is Phase.PARTIAL and self.edge is not None:
            return Change(self.target, frozen(np.array([self.entry])))
        if self.phase is Phase.UPDATE:
            return Change(self.node.id, frozen(np.array([self.column])))
        return Change(-1 if self.phase is Phase.ZERO_GRAD else self.node.id)

    @property
    def is_whole_only(self) -> bool:
        """Whether a pass has no partial, and what it leaves is not finite all the same."""
        if self.phase is not Phase.SEED:
            return False
        if self.walk.route.length or self.is_forward:
            return False
        found = self.walk.run.cotangents.some(self.timeline.trace.graph.inputs.values())
        return any(not np.isfinite(x).all() for x in found.values())

    @property
    def convention(self) -> str:
        """The convention used, where the partial is taken at a kink; else empty."""
        if self.edge is None:
            return ""
        return convention_at(self.timeline.trace, self.edge, self.row, self.column)

    @property
    def special_points(self) -> tuple[SpecialPoint, ...]:
        """The points at which frameworks may differ that the partial is taken at."""
        if self.edge is None or self.partial is None:
            return ()
        return special_points_at(
            self.timeline.trace, self.edge, self.row, self.partial.v, self.column
        )


class Timeline(Sequence[Frame]):
    """The steps of a trace: build, then for each pass its seed and its partials, or a zero_grad.

    Where a scenario trains, each iteration is a trace with a timeline of its own, which ends with
    the update of each entry. Steps are numbered through all of them: any of these timelines gives
    any frame of the whole walk, and the frame belongs to that of its iteration.

    Attributes:
        trace: the evaluation it walks over.
        zeros: whether structurally zero partials are visited.
        tangents: what is pushed forward; None where the passes of the trace are walked.
        length: number of steps of the whole walk, as ``len`` gives it while it fits an index.
        steps: its own among them; all of them where nothing is trained.
        sections: its stretches in order; empty ones are left out.
        updates: what comes after the passes; nothing where nothing is trained.
        iterations: the timelines of all iterations; None where nothing is trained.
        jacobian, column_of, finished_terms: what frames ask for when they are looked at, see
            `Asked`.
    """

    def __init__(
        self,
        trace: Evaluation,
        *,
        zeros: bool = False,
        tangents: Tangents | None = None,
        start: int = 0,
        updates: Updates = NO_UPDATES,
        routes: dict[int, Route] | None = None,
    ) -> None:
        self.trace = trace
        self.zeros = zeros
        self.tangents = tangents
        self.nodes = trace.graph.nodes
        self.updates = updates
        self.iterations: Iterations[Timeline] | None = None
        built = Section(Phase.BUILD, -1, start, start + len(self.nodes))
        if tangents is None:
            routes = {} if routes is None else routes
            laid_out = backward_walks(trace, built.stop, routes, zeros=zeros)
        else:
            laid_out = forward_walk(trace, built.stop, tangents, zeros=zeros)
        self.walks, passes = laid_out
        sections = [built, *passes]
        if updates.size:
            at = sections[-1].stop
            sections.append(Section(Phase.UPDATE, len(self.walks) - 1, at, at + updates.size))
        self.sections = tuple(s for s in sections if s.stop > s.start)
        self._starts = [s.start for s in self.sections]
        self.steps = range(start, self.sections[-1].stop if self.sections else start)
        self.length = self.steps.stop
        asked = Asked(trace, self.walks, zeros=zeros)
        self.jacobian, self.column_of = asked.jacobian, asked.column
        self.finished_terms = asked.finished_terms

    @property
    def is_forward(self) -> bool:
        """Whether tangents are pushed forward, and nothing is pulled back."""
        return self.tangents is not None

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, k: int) -> Frame: ...
    @overload
    def __getitem__(self, k: slice) -> Sequence[Frame]: ...
    def __getitem__(self, k: int | slice) -> Frame | Sequence[Frame]:
        if isinstance(k, slice):
            return _Slice(self, range(self.length)[k])
        at = k + self.length if k < 0 else k
        if not 0 <= at < self.length:
            raise IndexError(f"step {k} is outside 0 … {self.length - 1}")
        return self.at(at).own(at)

    def __iter__(self) -> Iterator[Frame]:
        return (one.own(k) for one, steps in self.parts(range(self.length)) for k in steps)

    def at(self, k: int) -> Timeline:
        """The timeline of the iteration that a step of the whole walk belongs to."""
        if self.iterations is None or k in self.steps:
            return self
        return self.iterations.at(k)

    def parts(self, within: range, *, reverse: bool = False) -> Iterator[tuple[Timeline, range]]:
        """The timelines of the iterations that some steps belong to, each with those steps."""
        if self.iterations is None:
            yield self, within
        else:
            yield from self.iterations.parts(within, reverse=reverse)

    def section_at(self, k: int) -> Section:
        """The stretch that a step belongs to."""
        return self.sections[bisect_right(self._starts, k) - 1]

    def walk(self, pass_number: int) -> PassWalk:
        """A backward pass by its number."""
        found = self.walks[pass_number]
        if found is None:
            raise AssertionError(f"pass {pass_number} is a zero_grad")
        return found

    def backward_count(self, upto: int | None = None) -> int:
        """How many backward passes there are, or up to and with a pass: no zero_grad is one."""
        stop = None if upto is None else upto + 1
        return sum(walk is not None for walk in self.walks[:stop])

    def built(self, node: int) -> int:
        """The step at which a node is built, in this iteration."""
        return self.steps.start + node

    def shape(self, node: int) -> Shape:
        """The shape of a node's value."""
        return self.nodes[node].shape

    def place(self, frame: Frame) -> Place:
        """Where a partial stands in the route of its pass."""
        walk = frame.walk
        return Place(walk.route.edge_at(frame.k - walk.start), frame.taken, frame.entry)

    def own(self, k: int) -> Frame:
        """The frame of a step of this iteration."""
        section = self.section_at(k)
        number = section.pass_number
        if section.phase is Phase.BUILD:
            return Frame(self, k, section.phase, number, self.nodes[k - self.steps.start])
        if section.phase is Phase.ZERO_GRAD:
            return Frame(self, k, section.phase, number, self.nodes[-1])
        if section.phase is Phase.UPDATE:
            leaf, entry = self.updates.locate(k - section.start)
            return Frame(self, k, section.phase, number, self.nodes[leaf], column=entry)
        walk = self.walk(number)
        if section.phase is Phase.SEED:
            seeded = walk.run.seeded[k - section.start]
            return Frame(self, k, section.phase, number, self.nodes[seeded])
        place = walk.route.locate(k - walk.start)
        edge = walk.route.edge(place.edge)
        node = self.nodes[edge.node]
        j, i = (place.i, place.j) if self.is_forward else (place.j, place.i)
        return Frame(self, k, section.phase, number, node, edge, j, i)


class _Slice(Sequence[Frame]):
    """Part of a timeline, as virtual as the whole timeline."""

    def __init__(self, timeline: Timeline, steps: range) -> None:
        self._timeline = timeline
        self._steps = steps

    def __len__(self) -> int:
        return len(self._steps)

    @overload
    def __getitem__(self, k: int) -> Frame: ...
    @overload
    def __getitem__(self, k: slice) -> Sequence[Frame]: ...
    def __getitem__(self, k: int | slice) -> Frame | Sequence[Frame]:
        if isinstance(k, slice):
            return _Slice(self._timeline, self._steps[k])
        return self._timeline[self._steps[k]]
