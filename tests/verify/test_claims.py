"""The witness claims: hand-derived numbers, and wrong ones on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_backprop.api import Scenario
from tui_backprop.scenario.load import loads
from tui_backprop.verify.check import check
from tui_backprop.verify.report import Verdict

if TYPE_CHECKING:
    from tui_backprop.verify.report import Report, Testimony

DOUBLE = "format: 1\ninputs: {X: [1, 2, 3]}\nprogram: Y = 2 * X\n"


def report(claims: str) -> Report:
    """What all witnesses say of a scenario with these claims."""
    return check(Scenario(loads(f"{DOUBLE}claims: [{claims}]\n")))


def stated(claims: str) -> Testimony:
    """What this one says."""
    found = report(claims).testimonies[-1]
    assert found.witness == "claims"
    return found


def test_without_claims_it_is_not_asked() -> None:
    """A scenario that claims nothing has the same witnesses as one without the key."""
    asked = [t.witness for t in report("").testimonies]
    assert asked == ["SymPy", "differences", "expect", "PyTorch"]


def test_a_right_claim_agrees() -> None:
    """Every number is counted."""
    found = stated("{of: X.grad, value: [2, 2, 2]}, {of: 'X.grad[1]', value: 2}")
    assert (found.verdict, found.compared, found.total) == (Verdict.AGREE, 4, 4)
    assert found.reports == ()


def test_a_wrong_claim_disagrees_and_says_where_it_departs() -> None:
    """The first wrong entry with both numbers, the others counted."""
    found = stated("{of: X.grad, value: [2, 6, 6]}")
    assert (found.verdict, found.disagreed, found.compared) == (Verdict.DISAGREE, 2, 3)
    (wrong,) = found.disagreements
    assert (wrong.entry, wrong.engine, wrong.witness) == ("X.grad[1]", 2.0, 6.0)
    assert wrong.remark.startswith("from step ")
    assert not report("{of: X.grad, value: [2, 6, 6]}").is_sound


def test_a_slip_on_purpose_agrees_and_is_reported() -> None:
    """With the slip's name."""
    found = stated("{of: X.grad, value: [6, 6, 6], holds: false}")
    assert (found.verdict, found.compared) == (Verdict.AGREE, 3)
    (said,) = found.reports
    assert "X.grad[0] is claimed to be 6.0 and is 2.0, a slip on purpose" in said
    assert "wrong index" in said


def test_a_slip_on_purpose_that_is_right_disagrees() -> None:
    """It would teach that a right number is wrong."""
    found = stated("{of: X.grad, value: [2, 2, 2], holds: false}")
    assert (found.verdict, found.disagreed, found.compared) == (Verdict.DISAGREE, 1, 3)
    assert found.disagreements[0].remark == "it is said to be wrong, and is right"


@pytest.mark.parametrize(("rtol", "verdict"), [(0.1, Verdict.AGREE), (0.01, Verdict.DISAGREE)])
def test_a_claim_has_a_tolerance_of_its_own(rtol: float, verdict: Verdict) -> None:
    """Hand calculations have few digits."""
    assert stated(f"{{of: X.grad, value: [2, 2, 2.1], rtol: {rtol}}}").verdict is verdict
