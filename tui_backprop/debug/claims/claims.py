"""Claims checked against the walk: the first step at which a claim is wrong, and a likely slip.

The step can always be found; a slip only where one is recognised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.claims.derivation import Derivation
from tui_backprop.debug.claims.first_wrong_step import departing_step
from tui_backprop.debug.claims.slips import slips
from tui_backprop.graph.naming import adjoint_entry, quotient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.debug.journey import Journey
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
    step, reason = departing_step(timeline, derivation, first, found[0] if found else None)
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


def first_departure(timeline: Timeline, claims: Iterable[Claim]) -> Journey[Departure | None]:
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
