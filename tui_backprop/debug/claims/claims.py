"""Claims checked against the walk: the first step at which a claim is wrong, and a likely slip.

The step can always be found; a slip only where one is recognised.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.claims.derivation import Derivation
from tui_backprop.debug.claims.slips import slips
from tui_backprop.debug.why.zero_causes import unread
from tui_backprop.graph.naming import adjoint_entry, quotient
from tui_backprop.timeline.landmarks import common, run_of_node, writes
from tui_backprop.timeline.order import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_backprop.debug.claims.slips import Slip
    from tui_backprop.graph.claim import Claim
    from tui_backprop.graph.model import Edge
    from tui_backprop.progress import Resumable
    from tui_backprop.timeline.timeline import Timeline


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
        return f"{self.entry} is claimed to be {self.claimed!r} and is {self.truth!r}"

    @property
    def text(self) -> str:
        """The first wrong step with the likely slips, or else with the reason."""
        said = "; or ".join(self.slips[:3]) or self.reason
        return f"from step {self.step} on: {said}"


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
        slips=tuple(f"{slip.name}: {slip.text}" for slip in found),
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
        return _of_partial(timeline, derivation, at), "this partial is another number"
    within = _within(timeline, derivation)
    if slip is not None:
        return _of_slip(timeline, derivation, at, slip, within), slip.text
    return _of_entry(timeline, derivation, at, within)


def _within(timeline: Timeline, derivation: Derivation) -> range:
    """The steps of the passes that count."""
    sections = [s for s in timeline.sections if s.pass_number in derivation.passes]
    if not sections:
        return range(0)
    return range(sections[0].start, sections[-1].stop)


def _of_slip(timeline: Timeline, derivation: Derivation, at: int, slip: Slip, within: range) -> int:
    """The first step that the slip changes."""
    first = _first_write(timeline, derivation, at, within)
    if slip.is_of_seed:
        runs = zip(derivation.passes, derivation.runs, strict=True)
        number = next(k for k, run in runs if (run.seed != 1).any())
        return timeline.walk(number).start - 1
    if slip.is_of_pass and len(derivation.passes) > 1:
        return timeline.walk(derivation.passes[1]).start - 1
    if slip.name == "= for +=" and slip.edge is not None:
        return _second_write(timeline, derivation, at, within, slip.edge)
    if slip.name == "convention" and slip.edge and slip.edge.parent == derivation.target:
        return first
    if slip.edge is not None:
        return _first_of_edge(timeline, derivation, slip.edge, first)
    if slip.node is not None:
        return _second_arrival(timeline, slip.node, within, first)
    if slip.name == "wrong index":
        flat = int(derivation.claim.entries.ravel()[at])
        ranges = _cut(writes(timeline, derivation.target, flat, within), within)
        steps = list(islice((k for r in ranges for k in r), 2))
        return steps[-1] if steps else first
    return first


def _first_write(timeline: Timeline, derivation: Derivation, at: int, within: range) -> int:
    """The first step that writes an entry; where none does, the last one of the passes."""
    flat = int(derivation.claim.entries.ravel()[at])
    found = next(_cut(writes(timeline, derivation.target, flat, within), within), None)
    return found.start if found is not None else _nowhere(derivation, within)


def _second_write(
    timeline: Timeline, derivation: Derivation, at: int, within: range, edge: Edge
) -> int:
    """The step of the second contribution to an entry of which the claim has only one."""
    first = _first_write(timeline, derivation, at, within)
    if edge.parent != derivation.target:
        return _first_of_edge(timeline, derivation, edge, first)
    flat = int(derivation.claim.entries.ravel()[at])
    ranges = _cut(writes(timeline, derivation.target, flat, within), within)
    return next(islice((k for r in ranges for k in r), 1, 2), first)


def _nowhere(derivation: Derivation, within: range) -> int:
    """No step writes the entry: by the end of the passes it is clear that nothing arrives."""
    return within.stop - 1 if within else derivation.target


def _first_of_edge(timeline: Timeline, derivation: Derivation, edge: Edge, default: int) -> int:
    for number in derivation.passes:
        found = _edge_number(timeline, number, edge)
        if found is not None:
            walk = timeline.walk(number)
            return min(walk.start + walk.route.start(found), timeline.length - 1)
    return default


def _edge_number(timeline: Timeline, number: int, edge: Edge) -> int | None:
    route = timeline.walk(number).route
    numbers = route.edges_into(edge.parent).tolist()
    return next((e for e in numbers if route.edge(e) == edge), None)


def _second_arrival(timeline: Timeline, node: int, within: range, default: int) -> int:
    """The first step of the second contribution to a node: what ``=`` loses, ``+=`` keeps."""
    arrivals = _cut(writes(timeline, node, None, within), within)
    second = next(islice(arrivals, 1, 2), None)
    return default if second is None else second.start


def _of_entry(
    timeline: Timeline, derivation: Derivation, at: int, within: range
) -> tuple[int, str]:
    """The first contribution that explains the difference, else the last that is added."""
    found = list(islice(_writes(timeline, derivation, at, within), _MOST_WRITES))
    if not found:
        return _nowhere(derivation, within), _unread(timeline, derivation, at)
    truth = float(derivation.truth.ravel()[at])
    claimed = float(derivation.claim.value.ravel()[at])
    added = np.array([w.contribution for w in found])
    with np.errstate(all="ignore"):
        ways = {
            "is left out": truth - added,
            "is added twice": truth + added,
            "is subtracted": truth - 2 * added,
            "is added without its v": truth - added + np.array([w.partial for w in found]),
            "is the first that is missing: the sum stops too early": np.cumsum(added) - added,
        }
    for said, values in ways.items():
        hits = np.flatnonzero(~derivation.near.apart(values, claimed) & (added != 0))
        if len(hits) and len(found) > 1:
            write = found[int(hits[0])]
            return write.step, f"{write.name} = {write.contribution!r} {said}"
    last = found[-1] if len(found) < _MOST_WRITES else _last(timeline, derivation, at, within)
    return last.step, f"with {last.name} = {last.contribution!r} the sum is {truth!r}"


def _unread(timeline: Timeline, derivation: Derivation, at: int) -> str:
    """That no contribution comes, and why, where the ops that read the node can tell."""
    flat = int(derivation.claim.entries.ravel()[at])
    for number in derivation.passes:
        if found := unread(timeline, number, derivation.target, flat):
            return f"nothing arrives at this entry: {found.text}"
    return "nothing arrives at this entry"


def _writes(timeline: Timeline, derivation: Derivation, at: int, within: range) -> Iterator[_Write]:
    """Every contribution to one of the claimed entries, in order."""
    flat = int(derivation.claim.entries.ravel()[at])
    for steps in _cut(writes(timeline, derivation.target, flat, within), within):
        yield from (_write(timeline, k, flat) for k in steps)


def _last(timeline: Timeline, derivation: Derivation, at: int, within: range) -> _Write:
    """The last contribution; there is one."""
    flat = int(derivation.claim.entries.ravel()[at])
    backwards = writes(timeline, derivation.target, flat, within, reverse=True)
    return _write(timeline, next(_cut(backwards, within)).stop - 1, flat)


def _write(timeline: Timeline, k: int, flat: int) -> _Write:
    """The contribution, or the seed, that a step adds to an entry."""
    frame = timeline[k]
    if frame.partial is not None:
        name = f"the contribution of step {k}"
        return _Write(k, frame.partial.contribution, frame.partial.value, name)
    seed = float(timeline.walk(frame.pass_number).run.seed.flat[flat])
    return _Write(k, seed, 1.0, "the seed")


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
                return min(step, timeline.length - 1)  # an edge at the end may have no step
        run = run_of_node(timeline, number, claim.node)
        if run:
            return run.start
    return claim.node


def _visited(timeline: Timeline, number: int, place: Place) -> int:
    """The position of a partial; where it is not visited, of the nearest one of its edge."""
    route = timeline.walk(number).route
    found = route.position(place)
    return max(route.start(place.edge), min(found, route.start(place.edge + 1) - 1))


def _cut(ranges: Iterator[range], within: range) -> Iterator[range]:
    """The parts of some ranges that lie inside another range."""
    return (part for r in ranges if (part := common(r, within)))
