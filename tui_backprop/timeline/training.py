"""Training: a scenario's walk again and again, each time with the numbers that the last one left.

An iteration is an evaluation of its own: forward, the backward passes of the scenario, and the
update of every trained input. What the next one starts from is a `Start`: leaves, the gradients
that were left, and what the optimizer keeps. Starts are kept, evaluations are not: a small net of
ten thousand iterations needs a few megabytes, and any of them is evaluated again when it is looked
at. Where starts are large, some are kept, and the others are computed from the nearest.

Every iteration has a timeline whose steps go on where those of the one before end, so that a step
has one number in the whole walk. Whoever has a frame has the timeline of its iteration, and asks it
for everything about that iteration: its values, its passes, its landmarks. Whoever has a step asks
any of them, and gets the right frame. What goes through several iterations (movement, searches)
goes from one timeline to the next, by `Timeline.at` and `Timeline.parts`.

Gradients are left as they are after an update. Where the scenario zeroes them, the passes of every
iteration but the first begin with a zero_grad, after the forward pass, as in PyTorch's own
examples: one sees the old gradients go. The first iteration is the walk that there is without
training.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.cache import SizedLRU
from tui_backprop.graph.model import ZeroGrad
from tui_backprop.lazy import cached_property
from tui_backprop.progress import reported
from tui_backprop.timeline.landmarks import common
from tui_backprop.timeline.timeline import Timeline
from tui_backprop.timeline.updates import Updates

Evaluated = TypeVar("Evaluated", bound="Evaluation")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Pass
    from tui_backprop.graph.update_rules import Update
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.order import Route

    Kept = Mapping[str, Mapping[str, Array]]
    """By input name, then by symbol."""
    Make = Callable[["Training[Evaluated]", int, "Start"], Evaluated]


_ROOM: Final = 32 << 20
_OBJECT: Final = 200
"""Bytes that an array without entries takes."""
_MOST: Final = 32
"""Iterations that stay evaluated: more than one person goes to and fro between."""


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """What an iteration starts from.

    Attributes:
        leaves: by name.
        passes: as the scenario has them.
        gradients: by input id, what the iteration before left.
        kept: what the optimizer keeps of each input.
    """

    leaves: Mapping[str, Array]
    passes: tuple[Pass, ...]
    gradients: Mapping[int, Array]
    kept: Kept


class Training(Generic[Evaluated]):
    """The iterations of a scenario that trains.

    Attributes:
        make: makes the evaluation of an iteration from what it starts from, its passes with those
            that training adds, and has the training `adopt` it.
        update: the rule, its settings, and what it is applied to.
        first: the evaluation that the first iteration is, or was before anything was set.
        changes: by iteration, leaves and passes that somebody set there.
    """

    def __init__(
        self,
        first: Evaluated,
        update: Update,
        make: Make[Evaluated],
        changes: Mapping[int, tuple[Mapping[str, Array], tuple[Pass, ...]]] = MappingProxyType({}),
    ) -> None:
        self.first = first
        self.update = update
        self.make = make
        self.changes = changes
        graph = first.graph
        trained = sum(graph.nodes[graph.inputs[name]].size for name in update.of)
        entries = (1 + len(update.keeps)) * trained
        entries += sum(graph.nodes[n].size for n in graph.inputs.values())
        arrays = (1 + len(update.keeps)) * len(update.of) + len(graph.inputs)
        each = entries * graph.dtype.itemsize + arrays * _OBJECT
        self._stride = each * update.steps // _ROOM + 1
        self._starts: dict[int, Start] = {}
        self._recent: SizedLRU[int, Start] = SizedLRU(_ROOM // each)
        self._traces: SizedLRU[int, Evaluated] = SizedLRU(_ROOM, most=_MOST)
        self._losses: dict[int, float] = {}
        self._walks: dict[bool, JoinedIterations] = {}
        if not changes:
            self.adopt(first, 0)

    @property
    def count(self) -> int:
        """How many iterations there are."""
        return self.update.steps

    def walk(self, *, zeros: bool) -> JoinedIterations:
        """All steps, with structurally zero partials or without."""
        found = self._walks.get(zeros)
        if found is None:
            found = self._walks[zeros] = JoinedIterations(self, zeros=zeros)
        return found

    def trace(self, number: int) -> Evaluated:
        """The evaluation of an iteration, from 0."""
        found = self._traces.get(number)
        return self._evaluated(number, self.start(number)) if found is None else found

    def start(self, number: int) -> Start:
        """What an iteration starts from; what lies between it and the nearest kept one is run."""
        found = self._known(number)
        if found is not None:
            return found
        nearest = self.nearest(number)
        start = self._known(nearest) or self._changed(0, self._first_start())
        self._keep(nearest, start)
        for n in reported("training", range(nearest, number), number - nearest):
            start = self._changed(n + 1, self._after(n, start))
            self._keep(n + 1, start)
        return start

    def nearest(self, number: int) -> int:
        """The nearest iteration up to one whose start is kept; 0 where none is."""
        return next(n for n in range(number, -1, -1) if n == 0 or self._known(n) is not None)

    def loss(self, number: int) -> float:
        """What an iteration descends: v·y of its last backward pass, y itself where v is 1."""
        if number not in self._losses:
            self.trace(number)
        return self._losses.get(number, float("nan"))

    def updates(self, number: int) -> Updates:
        """The updates at the end of an iteration."""
        return self._updates(number, self.trace(number), self.start(number))

    def replaced(
        self, number: int, leaves: Mapping[str, Array], passes: tuple[Pass, ...]
    ) -> Training[Evaluated]:
        """Another training, in which an iteration starts from other leaves or has other seeds.

        Those before stay; the later ones follow from it. Changes at later ones are dropped.
        """
        changes = {n: change for n, change in self.changes.items() if n < number}
        changes[number] = leaves, self._without_zero(number, passes)
        made = Training(self.first, self.update, self.make, MappingProxyType(changes))
        made._starts |= {n: start for n, start in self._starts.items() if n < number}
        made._losses |= {n: loss for n, loss in self._losses.items() if n < number}
        return made

    def unchanged_from(self, number: int) -> Training[Evaluated]:
        """The training without what was set in an iteration and those after it."""
        changes = {n: change for n, change in self.changes.items() if n < number}
        return Training(self.first, self.update, self.make, MappingProxyType(changes))

    def lightened(self) -> Training[Evaluated]:
        """The same numbers, and nothing that can be computed again."""
        return Training(self.first, self.update, self.make, self.changes)

    def passes_of(self, number: int, passes: tuple[Pass, ...]) -> tuple[Pass, ...]:
        """The passes that an iteration has: before those of the scenario comes a zero_grad."""
        is_zeroed = bool(passes) and isinstance(passes[0], ZeroGrad)
        if number == 0 or not self.update.zero_grad or is_zeroed:
            return passes
        return (ZeroGrad(), *passes)

    def _without_zero(self, number: int, passes: tuple[Pass, ...]) -> tuple[Pass, ...]:
        own = self.first.passes
        return passes[len(self.passes_of(number, own)) - len(own) :]

    def adopt(self, trace: Evaluated, number: int) -> None:
        """Take an evaluation that was made of an iteration's numbers, so that it is made once."""
        self._traces.put(number, trace, self._size(trace))
        if number not in self._losses:
            self._losses[number] = _loss(trace)

    def _first_start(self) -> Start:
        return Start(self.first.leaves, self.first.passes, {}, {})

    def _known(self, number: int) -> Start | None:
        found = self._starts.get(number)
        return self._recent.get(number) if found is None else found

    def _keep(self, number: int, start: Start) -> None:
        if number % self._stride == 0 or number in self.changes:
            self._starts[number] = start
        else:
            self._recent.put(number, start, 1)

    def _changed(self, number: int, start: Start) -> Start:
        if number not in self.changes:
            return start
        leaves, passes = self.changes[number]
        return Start(leaves, passes, start.gradients, start.kept)

    def _evaluated(self, number: int, start: Start) -> Evaluated:
        passes = self.passes_of(number, start.passes)
        return self.make(self, number, Start(start.leaves, passes, start.gradients, start.kept))

    @staticmethod
    def _size(trace: Evaluation) -> int:
        graph = trace.graph
        return 2 * graph.elements * graph.dtype.itemsize + _OBJECT * len(graph.nodes)

    def _after(self, number: int, start: Start) -> Start:
        """What an iteration leaves to the next."""
        trace = self._traces.get(number) or self._evaluated(number, start)
        leaves, kept, grad = dict(start.leaves), {}, trace.grad
        with np.errstate(all="ignore"):
            for name in self.update.of:
                before = start.kept.get(name, {})
                leaves[name], kept[name] = self.update.applied(
                    leaves[name], grad[name], before, number + 1
                )
        gradients = trace.gradients_after(len(trace.runs) - 1)
        return Start(leaves, start.passes, gradients, kept)

    def _updates(self, number: int, trace: Evaluation, start: Start) -> Updates:
        update, inputs = self.update, trace.graph.inputs
        leaves, grad, kept = trace.leaves, trace.grad, start.kept
        lines = [
            update.computed(leaves[name], grad[name], kept.get(name, {}), number + 1)
            for name in update.of
        ]
        return Updates(update, number, trace, [inputs[name] for name in update.of], lines)


def _loss(trace: Evaluation) -> float:
    """v·y of the last backward pass."""
    run = next((run for run in reversed(trace.runs) if run is not None), None)
    if run is None:
        return float("nan")
    value = trace.value(run.of)
    if run.assumed_ones and not value.shape:
        return float(value)
    with np.errstate(all="ignore"):
        return float(np.sum(run.seed * value))


class JoinedIterations:
    """The timelines of all iterations, joined.

    Attributes:
        training: whose.
        zeros: whether structurally zero partials are visited.
    """

    def __init__(self, training: Training[Any], *, zeros: bool) -> None:
        self.training = training
        self.zeros = zeros
        self._timelines: SizedLRU[int, Timeline] = SizedLRU(_ROOM, most=_MOST)
        self._routes: dict[int, Route] = {}
        """By the node of a pass; the same in all iterations, where no number decides them."""

    @property
    def length(self) -> int:
        """Number of steps of the whole walk."""
        return self.start(self.training.count)

    @property
    def count(self) -> int:
        """How many iterations there are."""
        return self.training.count

    def loss(self, number: int) -> float:
        """See `Training.loss`."""
        return self.training.loss(number)

    def timeline(self, number: int) -> Timeline:
        """That of an iteration, from 0."""
        found = self._timelines.get(number)
        if found is not None:
            return found
        made = self._made(number, self.start(number))
        made.iterations, made.length = self, self.length
        trace = made.trace
        return self._timelines.put(number, made, 64 * len(trace.graph.nodes) + trace.graph.elements)

    def start(self, number: int) -> int:
        """The first step of an iteration; of the one after the last the length."""
        if self._is_uniform:
            first, other = self._lengths
            return 0 if number == 0 else first + (number - 1) * other
        return self._all_starts[number]

    def number_at(self, k: int) -> int:
        """The iteration that a step belongs to; the nearest where it lies outside."""
        last = self.training.count - 1
        if self._is_uniform:
            first, other = self._lengths
            return min(max(0, 1 + (k - first) // other), last)
        return min(max(0, int(np.searchsorted(self._all_starts, k, side="right")) - 1), last)

    def at(self, k: int) -> Timeline:
        """The timeline of the iteration that a step belongs to."""
        return self.timeline(self.number_at(k))

    def reaching(self, k: int) -> Iterator[int]:
        """See `Iterations.reaching`."""
        number = self.number_at(k)
        for n in range(self.training.nearest(number) + 1, number + 1):
            self.training.start(n)
            yield self.start(n)

    def parts(self, within: range, *, reverse: bool = False) -> Iterator[tuple[Timeline, range]]:
        """See `Timeline.parts`."""
        if not within:
            return
        numbers = range(self.number_at(within[0]), self.number_at(within[-1]) + 1)
        for number in reversed(numbers) if reverse else numbers:
            timeline = self.timeline(number)
            if found := common(timeline.steps, within):
                yield timeline, found

    def _made(self, number: int, start: int) -> Timeline:
        training = self.training
        routes = self._routes if self._is_uniform else None
        return Timeline(
            training.trace(number), zeros=self.zeros, start=start,
            updates=training.updates(number), routes=routes,
        )  # fmt: skip

    @cached_property
    def _is_uniform(self) -> bool:
        """Whether shapes alone decide how many partials a pass has: then it is so in all."""
        trace = self.training.trace(0)
        edges = (e for run in trace.runs if run is not None
                 for e in run.walk.edges(trace.graph.nodes))  # fmt: skip
        return self.zeros or not any(map(trace.patterns.is_picked, edges))

    @cached_property
    def _lengths(self) -> tuple[int, int]:
        """Of the first iteration, and of each other one."""
        passes = self.training.trace(0).passes
        first = len(self._made(0, 0).steps)
        return first, first + len(self.training.passes_of(1, passes)) - len(passes)

    @cached_property
    def _all_starts(self) -> list[int]:
        starts = [0]
        for number in reported("training", range(self.training.count), self.training.count):
            starts.append(starts[-1] + len(self._made(number, 0).steps))
        return starts
