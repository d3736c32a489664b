"""Claims checked against the walk: the first step at which a claim is wrong, and a likely slip.

The step can always be found; a slip only where one is recognised.
"""

from __future__ import annotations

from functools import reduce
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.claims.derivation import Derivation
from tui_backprop.debug.claims.slips import slips
from tui_backprop.debug.why.zero_causes import unread
from tui_backprop.graph.naming import adjoint_entry, quotient
from tui_backprop.language.message import about, joined, said
from tui_backprop.timeline.landmarks import common, run_of_node, writes
from tui_backprop.timeline.order import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_backprop.debug.claims.slips import Slip
    from tui_backprop.graph.model import Edge
    from tui_backprop.progress import Resumable
    from tui_backprop.timeline.timeline import Timeline
    from tui_backprop.timeline.trace import Claim


@dataclass(frozen=True, slots=True, eq=False)
class Departure:
    """A claim that differs from what the engine computed.

    Attributes:
        claim: what is claimed, all of it.
        entry: the first claimed entry that is wrong: ``X.grad[0]``, ``dY[1]/dX[0]``.
        truth: what the engine has there.
        claimed: what is claimed there.
        wrong: how many claimed entries are wrong.
        step: the first step at which the claim departs from the truth.
        slips: what was done wrong, in words, the most telling first; empty where not recognised.
        reason: what the step does that the claim does not account for.
    """

    claim: Claim
    entry: str
    truth: float
    claimed: float
    wrong: int
    step: int
    slips: tuple[str, ...]
    reason: str

    @property
    def numbers(self) -> str:
        """The claimed and the computed number."""
        return said("{entry} is claimed to be {claimed} and is {truth}", entry=self.entry,
                    claimed=repr(self.claimed), truth=repr(self.truth))  # fmt: skip

    @property
    def text(self) -> str:
        """The first wrong step with the likely slips, or else with the reason."""
        first, *others = self.slips[:3] or (self.reason,)
        what = reduce(lambda one, other: said("{one}; or {other}", one=one, other=other),
                      others, first)  # fmt: skip
        return said("from step {step} on: {what}", step=self.step, what=what)


def departure(timeline: Timeline, claim: Claim) -> Departure | None:
    """Where a claim first differs from the truth; None where it does not.

    Where the claimed numbers are those that a common slip gives, the step is the first one that
    the slip changes. Else it is the first contribution to the first wrong entry that explains its
    difference by itself (left out, added twice, with the wrong sign, without v); and where none
    does, the last step that writes that entry: until then some other sum was still possible.

    Args:
        timeline: the walk whose steps are meant.
        claim: about the timeline's graph.
    """
    derivation = Derivation(timeline.trace, claim)
    truth, claimed = derivation.truth.ravel(), claim.value.ravel()
    wrong = np.flatnonzero(claim.tolerance.apart(claimed, truth))
    if not len(wrong):
        return None
    first = int(wrong[0])
    found = slips(derivation)
    step, reason = first_wrong_step(timeline, derivation, first, found[0] if found else None)
    return Departure(
        claim=claim,
        entry=_entry(timeline, claim, first),
        truth=float(truth[first]),
        claimed=float(claimed[first]),
        wrong=len(wrong),
        step=step,
        slips=tuple(joined(": ", [slip.name, slip.text]) for slip in found),
        reason=reason,
    )


def first_departure(timeline: Timeline, claims: Iterable[Claim]) -> Resumable[Departure | None]:
    """Of all claims the one that differs first on the walk: where ``goto claim`` goes.

    Yields:
        The step at which each wrong one departs.
    """
    first: Departure | None = None
    for claim in claims:
        found = departure(timeline, claim)
        if found is not None:
            yield found.step
            first = found if first is None or found.step < first.step else first
    return first


def _entry(timeline: Timeline, claim: Claim, at: int) -> str:
    """One claimed entry by its position among the claimed numbers."""
    graph = timeline.trace.graph
    if claim.wrt is None or claim.columns is None:
        return adjoint_entry(graph, claim.node, int(claim.entries.ravel()[at]))
    j, i = divmod(at, claim.columns.size)
    row, column = int(claim.entries.ravel()[j]), int(claim.columns.ravel()[i])
    return quotient(graph, (claim.node, row), (claim.wrt, column))


_MOST_WRITES: Final = 2_000
"""Contributions to one entry that are looked at one by one: the first ones, in a second or two."""


class _Write(NamedTuple):
    """One contribution to an entry."""

    step: int
    contribution: float
    partial: float
    name: str

    @property
    def text(self) -> str:
        """The name and the number."""
        return said("{name} = {value}", name=self.name, value=repr(self.contribution))


_WHAT: Final = "{what}"
"""Stands for a contribution where it is not known yet which."""


def first_wrong_step(
    timeline: Timeline, derivation: Derivation, at: int, slip: Slip | None
) -> tuple[int, str]:
    """The step where a claim goes wrong, and the numbers there that contradict it.

    Args:
        timeline: the walk.
        derivation: of the claim.
        at: which of the claimed numbers is the first wrong one.
        slip: what was done, where that was recognised.
    """
    if derivation.claim.wrt is not None:
        return _of_partial(timeline, derivation, at), said("this partial is another number")
    entry = _WrongEntry(timeline, derivation, at)
    return entry.of_any() if slip is None else (entry.of_slip(slip), slip.text)


class _WrongEntry:
    """The first wrong entry of a claimed adjoint, in the passes that count."""

    def __init__(self, timeline: Timeline, derivation: Derivation, at: int) -> None:
        self._timeline = timeline
        self._derivation = derivation
        self._at = at
        self._node = derivation.target
        self._flat = int(derivation.claim.entries.ravel()[at])
        sections = [s for s in timeline.sections if s.pass_number in derivation.passes]
        self._within = range(sections[0].start, sections[-1].stop) if sections else range(0)

    def of_slip(self, slip: Slip) -> int:
        """The first step that a slip changes."""
        timeline, derivation = self._timeline, self._derivation
        steps = list(islice(self._steps(), 2))
        first = steps[0] if steps else self._nowhere
        if slip.is_of_seed:
            runs = zip(derivation.passes, derivation.runs, strict=True)
            number = next(k for k, run in runs if (run.seed != 1).any())
            return timeline.walk(number).start - 1
        if slip.is_of_pass and len(derivation.passes) > 1:
            return timeline.walk(derivation.passes[1]).start - 1
        is_here = slip.edge is not None and slip.edge.parent == self._node
        if slip.name == "wrong index" or (slip.name == "= for +=" and is_here):
            return steps[-1] if steps else first
        if slip.name == "convention" and is_here:
            return first
        if slip.edge is not None:
            return self._first_of_edge(slip.edge, first)
        if slip.node is not None:  # what = loses of a second contribution, += keeps
            second = next(islice(self._writes(slip.node, None), 1, 2), None)
            return first if second is None else second.start
        return first

    def of_any(self) -> tuple[int, str]:
        """The first contribution that explains the difference, else the last that is added."""
        found = [self._write(k) for k in islice(self._steps(), _MOST_WRITES)]
        if not found:
            return self._nowhere, self._unread()
        derivation = self._derivation
        truth = float(derivation.truth.ravel()[self._at])
        claimed = float(derivation.claim.value.ravel()[self._at])
        added = np.array([w.contribution for w in found])
        with np.errstate(all="ignore"):
            ways = (
                (said("{what} is left out", what=_WHAT), truth - added),
                (said("{what} is added twice", what=_WHAT), truth + added),
                (said("{what} is subtracted", what=_WHAT), truth - 2 * added),
                (said("{what} is added without its v", what=_WHAT),
                 truth - added + np.array([w.partial for w in found])),
                (said("{what} is the first that is missing: the sum stops too early", what=_WHAT),
                 np.cumsum(added) - added),
            )  # fmt: skip
        for way, values in ways:
            hits = np.flatnonzero(~derivation.near.apart(values, claimed) & (added != 0))
            if len(hits) and len(found) > 1:
                write = found[int(hits[0])]
                return write.step, about(way, what=write.text)
        last = found[-1]
        if len(found) == _MOST_WRITES:
            backwards = self._writes(self._node, self._flat, reverse=True)
            last = self._write(next(backwards).stop - 1)
        return last.step, said("with {what} the sum is {truth}", what=last.text, truth=repr(truth))

    def _writes(self, node: int, flat: int | None, *, reverse: bool = False) -> Iterator[range]:
        """Where the passes that count write an adjoint, or one entry of it."""
        found = writes(self._timeline, node, flat, self._within, reverse=reverse)
        return (part for steps in found if (part := common(steps, self._within)))

    def _steps(self) -> Iterator[int]:
        """Every step that writes the entry."""
        return chain.from_iterable(self._writes(self._node, self._flat))

    @property
    def _nowhere(self) -> int:
        """No step writes the entry: by the end of the passes it is clear that nothing arrives."""
        return self._within.stop - 1 if self._within else self._timeline.built(self._node)

    def _unread(self) -> str:
        """That no contribution comes, and why, where the ops that read the node can tell."""
        for number in self._derivation.passes:
            if found := unread(self._timeline, number, self._node, self._flat):
                return said("nothing arrives at this entry: {why}", why=found.text)
        return said("nothing arrives at this entry")

    def _first_of_edge(self, edge: Edge, default: int) -> int:
        for number in self._derivation.passes:
            walk = self._timeline.walk(number)
            for e in walk.route.edges_into(edge.parent).tolist():
                if walk.route.edge(e) == edge:
                    return min(walk.start + walk.route.start(e), self._timeline.steps.stop - 1)
        return default

    def _write(self, k: int) -> _Write:
        """The contribution, or the seed, that a step adds to the entry."""
        frame = self._timeline[k]
        if frame.partial is not None:
            name = said("the contribution of step {k}", k=k)
            return _Write(k, frame.partial.contribution, frame.partial.value, name)
        seed = float(self._timeline.walk(frame.pass_number).run.seed.flat[self._flat])
        return _Write(k, seed, 1.0, said("the seed"))


def _of_partial(timeline: Timeline, derivation: Derivation, at: int) -> int:
    """The step that visits a claimed partial, or that pulls back its output if it is not local."""
    claim = derivation.claim
    if claim.columns is None or claim.wrt is None:
        raise AssertionError("a claim about an adjoint has no columns")
    j, i = (int(k) for k in divmod(at, claim.columns.size))
    row, column = int(claim.entries.ravel()[j]), int(claim.columns.ravel()[i])
    for number, walk in enumerate(timeline.walks):
        if walk is None:
            continue
        for e in walk.route.edges_into(claim.wrt).tolist():
            if walk.route.edge(e).node == claim.node:
                step = walk.start + _visited(timeline, number, Place(e, row, column))
                return min(step, timeline.steps.stop - 1)  # an edge at the end may have no step
        run = run_of_node(timeline, number, claim.node)
        if run:
            return run.start
    return timeline.built(claim.node)


def _visited(timeline: Timeline, number: int, place: Place) -> int:
    """The position of a partial; where it is not visited, of the nearest one of its edge."""
    route = timeline.walk(number).route
    found = route.position(place)
    return max(route.start(place.edge), min(found, route.start(place.edge + 1) - 1))
