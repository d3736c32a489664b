"""The witness of central differences: it sees what single partials do not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.support import evaluate, with_part, with_partial
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.verify.difference_witness import differences
from tui_backprop.verify.report import Verdict
from tui_backprop.verify.sympy_witness import algebra

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

smooth = st.sampled_from(
    ["sin(X)", "tanh(X)", "X * X", "exp(X) / 3", "sigmoid(2 * X)", "X @ X * X"]
)
numbers = st.lists(st.floats(-3, 3), min_size=3, max_size=3)


@given(st.lists(smooth, min_size=1, max_size=3), numbers, numbers)
def test_smooth_programs_agree(terms: list[str], x: list[float], v: list[float]) -> None:
    """Whatever is composed, whatever the seed."""
    trace = evaluate(f"Y = {' + '.join(terms)}", ("Y", v), X=x)
    found = differences(trace)
    assert found.disagreements == ()
    assert found.compared == found.total == 3


def test_an_entry_that_is_zero_is_not_rough_beside_a_large_one() -> None:
    """Each entry of a sum rounds as its own summands do."""
    found = differences(evaluate("Y = X * X + X * X", ("Y", [0.0, 1.0, 0.0]), X=[0.0, 0.0, 1.0]))
    assert (found.disagreements, found.compared) == ((), 3)


@pytest.mark.parametrize("x", [[0.2, -2.0, -0.64, -1.28], [1.0, 2.0, 3.0]])
def test_rounding_of_a_sum_that_cancels_is_no_slope(x: list[float]) -> None:
    """Normalized entries add up to 0 but for the last digits of each."""
    assert differences(evaluate("Y = sum(batch_norm(X))", "Y", X=x)).disagreements == ()


def test_a_wrong_vjp_is_named() -> None:
    """Every partial of the row is right, only its VJP forgets a factor: algebra is blind to it."""
    rules = with_part("sum", 0, vjp=lambda v, _y, x, **_params: np.broadcast_to(v / 2, x.shape))
    trace = evaluate("Y = sum(X)", "Y", rules=rules, X=[1.0, 2.0])
    found = differences(trace)
    assert algebra(trace).verdict is Verdict.AGREE
    assert found.verdict is Verdict.DISAGREE
    assert [f.entry for f in found.disagreements] == ["X.grad[0]", "X.grad[1]"]
    assert found.disagreements[0].engine == 0.5
    assert found.disagreements[0].witness == pytest.approx(1)


def test_a_slightly_wrong_partial_is_seen() -> None:
    """One part in a hundred thousand."""
    rules = with_partial("sin", 0, lambda m, _y, x: m.cos(x) * 1.00001)
    found = differences(evaluate("Y = sin(X)", "Y", rules=rules, X=0.7))
    assert [f.entry for f in found.disagreements] == ["X.grad"]


def test_passes_add_up_until_zero_grad() -> None:
    """Only those after the last one count."""
    program = "Y = X * X\nZ = 3 * X"
    for passes in (("Y", "Z"), ("Y", None, "Z"), ("Z", None, "Y", "Y")):
        found = differences(evaluate(program, *passes, X=[1.0, -2.0]))
        assert (found.verdict, found.compared) == (Verdict.AGREE, 2)


def test_nothing_is_compared_after_a_last_zero_grad() -> None:
    """Zeros that were set are no derivatives."""
    found = differences(evaluate("Y = X * X", "Y", None, X=1.0))
    assert (found.verdict, found.remark) == (Verdict.SILENT, "no backward pass counts")


def test_a_kink_is_called_so() -> None:
    """The slope of relu at 0 is 0 by convention and 1/2 by differences."""
    found = differences(evaluate("Y = relu(X)", "Y", X=[0.0, 1.0]))
    assert (found.verdict, found.kinks, found.compared) == (Verdict.KINK, 1, 2)
    assert found.kink is not None
    assert (found.kink.entry, found.kink.remark) == ("X.grad[0]", "a kink within the step")


def test_a_kink_where_the_convention_is_the_mean_agrees() -> None:
    """abs'(0) = 0 lies halfway between −1 and 1, as the difference does."""
    assert differences(evaluate("Y = abs(X)", "Y", X=0.0)).verdict is Verdict.AGREE


@pytest.mark.parametrize("tied", [-1.0, 0.0, 1.0, 2.0])
def test_a_tie_is_a_kink_whatever_the_value(tied: float) -> None:
    """Three ways, so that the convention is not the mean of both sides."""
    found = differences(evaluate("Y = max(X)", "Y", X=[tied] * 3))
    assert found.verdict is Verdict.KINK


@pytest.mark.parametrize("x", [1e-4, -1e-6, 3e-8])
def test_shorter_steps_keep_clear_of_a_near_kink(x: float) -> None:
    """The first step would cross it."""
    assert differences(evaluate("Y = relu(X) + X * X", "Y", X=x)).verdict is Verdict.AGREE


def test_a_comparison_that_flips_is_a_kink() -> None:
    """It has no quantity that is zero there, but its value changes."""
    found = differences(evaluate("Y = where(X > 0, 5 * X, X)", "Y", X=[0.0, 1.0]))
    assert (found.verdict, found.kinks) == (Verdict.KINK, 1)


def test_a_condition_that_becomes_zero_is_a_kink() -> None:
    """Also where no comparison made it."""
    found = differences(evaluate("Y = where(X, 5 * X, X)", "Y", X=[0.0, 1.0]))
    assert (found.verdict, found.kinks) == (Verdict.KINK, 1)


def test_a_kink_elsewhere_excuses_nothing() -> None:
    """Entry 1 is wrong, entry 0 stands at a kink."""
    rules = with_partial("sin", 0, lambda m, _y, x: 2 * m.cos(x))
    trace = evaluate("Y = relu(X[0]) + sin(X[1])", "Y", rules=rules, X=[0.0, 1.0])
    found = differences(trace)
    assert [f.entry for f in found.disagreements] == ["X.grad[1]"]
    assert found.kinks == 1


def test_nan_of_one_entry_does_not_hide_the_others() -> None:
    """log(−1) is NaN on both sides of every step."""
    found = differences(evaluate("Y = log(X) * X", "Y", X=[1.0, -1.0, 2.0]))
    assert (found.compared, found.disagreed) == (3, 0)
    assert found.verdict is Verdict.AGREE


def test_an_infinite_gradient_is_not_comparable_and_said_to_be() -> None:
    """A root has no slope at 0."""
    found = differences(evaluate("Y = sqrt(X)", "Y", X=[0.0, 4.0]))
    assert (found.compared, found.incomparable) == (1, 1)
    assert found.silence is not None
    assert (found.silence.entry, found.silence.remark) == ("X.grad[0]", "not finite")


def test_what_is_too_rough_is_not_comparable() -> None:
    """No step is short enough for a wave of 10⁻¹¹."""
    found = differences(evaluate("Y = sin(1e12 * X)", "Y", X=0.3))
    assert (found.compared, found.incomparable) == (0, 1)
    assert found.silence is not None
    assert found.silence.remark == "too steep or too rough for differences"


@pytest.mark.parametrize("slope", [1.0, 3.0])
def test_a_slope_that_drowns_beside_a_large_number_is_not_comparable(slope: float) -> None:
    """Right or wrong: in the rounding of 10³⁸ any number would agree."""
    rules = with_partial("sin", 0, lambda m, _y, x: slope * m.cos(x))
    found = differences(evaluate("Y = sin(X) + 1e38", "Y", rules=rules, X=0.3))
    assert (found.compared, found.incomparable) == (0, 1)


def test_a_gradient_of_zero_beside_nothing_finite_is_not_comparable() -> None:
    """A difference of infinities is left out; that leaves 0, which is not a slope."""
    found = differences(evaluate("Y = where(X > 0, X, -inf)", "Y", X=-1.0))
    assert (found.compared, found.incomparable) == (0, 1)
    assert found.silence is not None
    assert found.silence.remark == "not finite"


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_steps_fit_the_scale_of_the_entry(scale: float) -> None:
    """Small weights and large ones."""
    program = f"Y = sum(sin(X / {scale}) * X)"
    found = differences(evaluate(program, "Y", X=np.array([0.3, -2.0]) * scale))
    assert (found.verdict, found.compared) == (Verdict.AGREE, 2)


def test_float32_is_compared_with_differences_in_float64() -> None:
    """The rounding of a float32 forward is no disagreement, a wrong partial is."""
    program = "h = X\nfor t in range(20):\n    h = tanh(W @ h)\nY = sum(h * h)"
    w = np.random.default_rng(3).normal(size=(4, 4))
    x = [0.1, 0.2, 0.3, 0.4]
    right = differences(evaluate(program, "Y", dtype="float32", X=x, W=w))
    assert (right.verdict, right.compared) == (Verdict.AGREE, 20)
    rules = with_partial("tanh", 0, lambda _m, y, _x: 1 - y)
    wrong = differences(evaluate(program, "Y", rules=rules, dtype="float32", X=x, W=w))
    assert wrong.verdict is Verdict.DISAGREE


def test_many_entries_are_sampled_alike_every_time() -> None:
    """The report says how many of how many."""
    trace = evaluate("Y = sum(X * X)", "Y", X=np.linspace(-1, 1, 5000))
    found = differences(trace)
    assert 0 < found.compared < found.total == 5000
    assert found == differences(trace)


def test_every_input_is_looked_at() -> None:
    """A large input leaves something for the small ones."""
    rules = with_partial("exp", 0, lambda _m, y, _x: 2 * y)
    trace = evaluate("Y = sum(X) + exp(b)", "Y", rules=rules, X=np.ones(3000), b=0.5)
    assert [f.entry for f in differences(trace).disagreements] == ["b.grad"]


def test_an_input_that_nothing_reads_has_gradient_zero() -> None:
    """And differences say so too."""
    found = differences(evaluate("Y = 2 * X", "Y", X=1.0, Z=[1.0, 2.0]))
    assert (found.verdict, found.compared) == (Verdict.AGREE, 3)


def test_the_engine_is_not_asked_for_derivatives(monkeypatch: pytest.MonkeyPatch) -> None:
    """The witness runs forwards only."""
    trace = evaluate("Y = X * X", "Y", X=2.0)

    def refuse(*_: object) -> Array:
        raise AssertionError("a backward pass was run")

    monkeypatch.setattr(Evaluation, "_one_pass", refuse)
    assert differences(trace).verdict is Verdict.AGREE
