"""A scenario before all its witnesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from tests.scenario.support import FORWARD
from tests.strategies import traces
from tests.verify.support import evaluate, with_partial
from tui_backprop.api import load
from tui_backprop.scenario.files import folder, shipped
from tui_backprop.scenario.model import Expect
from tui_backprop.verify.check import check, examine
from tui_backprop.verify.report import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.timeline.trace import Trace


@pytest.mark.few(6)
@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_every_shipped_scenario_is_sound(path: Path) -> None:
    """The algebra has something to say of each, and no witness disagrees.

    The first nine leave no witness silent; an infinity has no differences.
    """
    report = check(load(path))
    assert report.is_sound
    assert not any(t.disagreements for t in report.testimonies)
    assert report.testimonies[0].compared
    always = report.testimonies[:3]  # PyTorch need not be installed
    assert path.parent != folder() or all(t.compared for t in always)


@given(traces())
def test_random_graphs_over_the_whole_table_are_sound(trace: Trace) -> None:
    """Kinks, ties, NaN and infinities occur; no witness disagrees with the engine."""
    report = examine(trace, Expect())
    assert [t.disagreements for t in report.testimonies] == [()] * 4


def test_every_witness_speaks_in_one_order() -> None:
    """The table of a hundred scenarios reads alike."""
    report = examine(evaluate("Y = 2 * X", "Y", X=1.0), Expect())
    assert [t.witness for t in report.testimonies] == ["SymPy", "differences", "expect", "PyTorch"]


def test_the_gravest_verdict_is_the_scenarios() -> None:
    """Agreement, then kinks, then disagreement."""
    smooth = examine(evaluate("Y = 2 * X", "Y", X=1.0), Expect())
    kinked = examine(evaluate("Y = relu(X)", "Y", X=0.0), Expect())
    wrong = examine(evaluate("Y = relu(X)", "Y", X=0.0), Expect(grad={"X": np.array(1.0)}))
    verdicts = [r.verdict for r in (smooth, kinked, wrong)]
    assert verdicts == [Verdict.AGREE, Verdict.KINK, Verdict.DISAGREE]
    assert [r.is_sound for r in (smooth, kinked, wrong)] == [True, True, False]


def test_a_wrong_rule_is_seen_by_two_witnesses() -> None:
    """The algebra names the partial, the differences the gradient."""
    rules = with_partial("exp", 0, lambda _m, y, x: y + x)
    report = examine(evaluate("Y = exp(X)", "Y", rules=rules, X=[1.0]), Expect())
    named = [f.entry for t in report.testimonies[:2] for f in t.disagreements]
    assert named == ["dY[0]/dX[0]", "X.grad[0]"]


def test_a_row_of_padding_is_a_choice_and_no_disagreement() -> None:
    """It is read like any other and receives nothing; the rows beside it are compared."""
    program = "Y = embedding([1, 2, 1, 0], W, padding_idx=1)\nZ = sum(Y * Y)"
    report = examine(evaluate(program, "Z", W=[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), Expect())
    assert report.verdict is Verdict.KINK
    assert [t.disagreements for t in report.testimonies] == [()] * 4
    assert [t.kinks for t in report.testimonies[:2]] == [4, 2]


RIGHT = float(1 - np.tanh(-1.25) ** 2)


@pytest.mark.parametrize(("y", "named"), [(RIGHT, []), (0.5, [("y.tangent", 0.5)])])
def test_a_stated_tangent_is_the_authors_word_and_not_forward_modes(
    y: float, named: list[tuple[str, float]], tmp_path: Path
) -> None:
    """Forward mode answers for v · (J·t) alone; whoever states a tangent is told what it is."""
    file = tmp_path / "stated.yaml"
    file.write_text(f"{FORWARD}expect: {{tangent: {{y: {y!r}}}}}\n", encoding="utf-8")
    by_name = {t.witness: t for t in check(load(file)).testimonies}
    stated, forward = by_name["expect"], by_name["forward"]
    assert (stated.total, stated.compared, stated.remark) == (1, 1, "")
    assert (forward.total, forward.verdict) == (1, Verdict.AGREE)
    assert [(f.entry, f.witness) for f in stated.disagreements] == named


def test_a_tangent_that_does_not_arrive_is_compared_as_nought(tmp_path: Path) -> None:
    """Of what does not depend on the input that moves."""
    program = FORWARD.replace("w @ x + b)\n", "w @ x + b)\n  q = 3 * b\n")
    file = tmp_path / "held.yaml"
    file.write_text(program + "expect: {tangent: {q: 1}}\n", encoding="utf-8")
    (found,) = check(load(file)).testimonies[2].disagreements
    assert (found.engine, found.witness) == (0, 1)
