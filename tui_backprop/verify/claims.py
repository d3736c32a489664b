"""The witness ``claims``: numbers derived by hand, each with the step where it departs.

It stands apart from ``expect``, which only compares: a claim may be wrong on purpose, to teach a
slip, and then the witness agrees exactly where the claim is indeed wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.debug.claims.claims import departure
from tui_backprop.verify.report import Finding
from tui_backprop.verify.tally import Tally

if TYPE_CHECKING:
    from tui_backprop.debug.claims.claims import Departure
    from tui_backprop.graph.claim import Claim
    from tui_backprop.timeline.timeline import Timeline
    from tui_backprop.verify.report import Testimony


def claims(timeline: Timeline, stated: tuple[Claim, ...]) -> Testimony:
    """Compare every claimed number.

    Args:
        timeline: the walk whose steps are reported.
        stated: what the scenario claims.
    """
    tally = Tally("claims")
    taught: list[str] = []
    for claim in stated:
        found = departure(timeline, claim)
        if claim.holds:
            _compare(tally, claim, found)
        elif found is None:
            said = "it is said to be wrong, and is right"
            right = float(claim.value.flat[0]) if claim.value.size else 0.0
            tally.disagree(Finding(claim.text, right, right, claim.tolerance, said))
            tally.agree(max(0, claim.value.size - 1))
        else:
            tally.agree(claim.value.size)
            taught.append(f"{found.numbers}, a slip on purpose; {found.text}")
    return tally.testimony(sum(claim.value.size for claim in stated), reports=tuple(taught))


def _compare(tally: Tally, claim: Claim, found: Departure | None) -> None:
    if found is None:
        tally.agree(claim.value.size)
        return
    numbers = (found.truth, found.claimed)
    tally.disagree(Finding(found.entry, *numbers, claim.tolerance, found.text), found.wrong)
    tally.agree(claim.value.size - found.wrong)
