"""The witness expect: what the scenario's author wrote down."""

from __future__ import annotations

import numpy as np
import pytest

from tests.verify.support import evaluate
from tui_backprop.scenario.model import Expect
from tui_backprop.verify.check import expectation
from tui_backprop.verify.report import Verdict


def test_right_numbers_agree() -> None:
    """Values and gradients, all of them counted."""
    trace = evaluate("Y = 2 * X", "Y", X=[1.0, 2.0])
    expect = Expect({"Y": np.array([2.0, 4.0])}, {"X": np.array([2.0, 2.0])})
    found = expectation(trace, expect)
    assert (found.verdict, found.compared, found.total) == (Verdict.AGREE, 4, 4)


def test_a_wrong_value_and_a_wrong_gradient_are_named() -> None:
    """With both numbers."""
    trace = evaluate("Y = 2 * X", "Y", X=[[1.0, 2.0]])
    expect = Expect({"Y": np.array([[2.0, 5.0]])}, {"X": np.array([[0.0, 2.0]])})
    found = expectation(trace, expect)
    said = [(f.entry, f.engine, f.witness) for f in found.disagreements]
    assert said == [("Y[0,1]", 4.0, 5.0), ("X.grad[0,0]", 2.0, 0.0)]
    assert (found.verdict, found.disagreed, found.compared) == (Verdict.DISAGREE, 2, 4)


@pytest.mark.parametrize(("rtol", "verdict"), [(1e-3, Verdict.AGREE), (1e-4, Verdict.DISAGREE)])
def test_the_scenario_says_how_exactly(rtol: float, verdict: Verdict) -> None:
    """Published numbers have few digits."""
    trace = evaluate("Y = X / 3", X=1.0)
    expect = Expect({"Y": np.array(0.3332)}, {}, rtol=rtol, atol=0.0)
    assert expectation(trace, expect).verdict is verdict


def test_nan_and_infinities_are_compared() -> None:
    """NaN with NaN, an infinity with its own sign, neither with a number."""
    trace = evaluate("Y = log(X)", X=[-1.0, 0.0, 0.0, 1.0])
    stated = np.array([np.nan, -np.inf, np.inf, np.nan])
    found = expectation(trace, Expect({"Y": stated}, {}))
    assert [f.entry for f in found.disagreements] == ["Y[2]", "Y[3]"]


def test_many_wrong_numbers_are_counted_and_some_shown() -> None:
    """The largest error is the worst."""
    trace = evaluate("Y = 1 * X", X=np.zeros(100))
    found = expectation(trace, Expect({"Y": np.arange(100.0)}, {}))
    assert (found.disagreed, found.compared) == (99, 100)
    assert len(found.disagreements) == 5
    assert found.worst is not None
    assert found.worst.entry == "Y[99]"


def test_nothing_stated_is_said() -> None:
    """A scenario without expect promises nothing."""
    found = expectation(evaluate("Y = 2 * X", X=1.0), Expect())
    assert (found.verdict, found.remark) == (Verdict.SILENT, "the scenario states nothing")
