"""The classics of NaN and infinity, each explained from its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.debug.why.advised import traced
from tests.debug.why.test_nonfinite import WHATS, spoiled_traces
from tests.strategies import GraphMaker
from tui_backprop.debug.why.nonfinite import origin
from tui_backprop.debug.why.nonfinite_text import origin_answer

if TYPE_CHECKING:
    from tui_backprop.debug.why.nonfinite import What
    from tui_backprop.language.message import Answer
    from tui_backprop.timeline.trace import Trace


def asked(trace: Trace, what: What, *ignored: int) -> Answer:
    """`origin` and its answer."""
    timeline, passed = trace.timeline, frozenset(ignored)
    return origin_answer(timeline, what, origin(timeline, what, passed), passed)


WHERE_V_IS_0 = "NaN, as in PyTorch and JAX; TensorFlow: 0 where v is 0"

EXPLAINED: dict[tuple[str, What], list[str]] = {
    ("log-zero", "nan"): [
        "-| no NaN appears in this walk",
    ],
    ("log-zero", "inf"): [
        "1| step 1: #1[1] = -inf out of x[1] = 0, by #1 = log(x)",
        "1|     in log-zero.yaml:8: y = sum(log(x))",
        "1|     log(0) is -inf",
        "1|     the cure is a small number, which moves results by up to 1e-12: log(x + 1e-12)",
    ],
    ("zero-by-zero", "nan"): [
        "2| step 2: q[1] = nan out of a[1] = 0, b[1] = 0, by q = a / b",
        "2|     in zero-by-zero.yaml:9: q = a / b",
        "2|     0/0 is NaN",
        "2|     the cure, where 0/0 is to count as 0: a / where(b == 0, 1, b)",
    ],
    ("zero-by-zero", "inf"): [
        "8| step 8: ∂q[1]/∂a[1] = inf at a[1] = 0, b[1] = 0, q[1] = nan",
        "8|     in zero-by-zero.yaml:9: q = a / b",
        "2|     the slope of divide, 1/y with y = 0, is not finite; here a[1] = 0, b[1] = 0",
        "2|     the cure, where 0/0 is to count as 0: a / where(b == 0, 1, b)",
    ],
    ("sqrt-zero", "nan"): [
        "-| no NaN appears in this walk",
    ],
    ("sqrt-zero", "inf"): [
        "7| step 7: ∂r[1]/∂x[1] = inf at x[1] = 0, r[1] = 0",
        "7|     in sqrt-zero.yaml:8: r = sqrt(x)",
        "1|     the slope of sqrt, 1/(2·sqrt(x)), is infinite at 0; here x[1] = 0",
        "1|     the cure is a small number, which moves results by up to 5e-07: sqrt(x + 1e-12)",
    ],
    ("exp-overflow", "nan"): [
        "-| no NaN appears in this walk",
    ],
    ("exp-overflow", "inf"): [
        "1| step 1: h[1] = inf out of x[1] = 89, by h = exp(x)",
        "1|     in exp-overflow.yaml:9: h = exp(x)",
        "1|     exp overflows: its result is larger than the largest float32, 3.40282e+38",
    ],
    ("where-sqrt", "nan"): [
        "1| step 1: r[2] = nan out of x[2] = -1, by r = sqrt(x)",
        "1|     in where-sqrt.yaml:8: r = sqrt(x)",
        "1|     sqrt is NaN below 0",
        "-| s holds no NaN, but the backward pass makes one of its own:",
        "15| step 15: r.grad[1] · ∂r[1]/∂x[1] = 0 · inf = nan: 0 · inf is NaN",
        "15|     in where-sqrt.yaml:8: r = sqrt(x)",
        "1|     the slope of sqrt, 1/(2·sqrt(x)), is infinite at 0; here x[1] = 0",
        f"15|     frameworks differ there: {WHERE_V_IS_0}",
        "12|     r.grad[1] = 0: where takes the other branch, 0: x > 0 does not hold there",
        "-|     where passes 0 to the branch not taken, and 0 times infinity is NaN",
        "1|     the cure is to choose twice, before sqrt as well: sqrt(where(x > 0, x, 1))",
    ],
    ("where-sqrt", "inf"): [
        "15| step 15: ∂r[1]/∂x[1] = inf at x[1] = 0, r[1] = 0",
        "15|     in where-sqrt.yaml:8: r = sqrt(x)",
        "1|     the slope of sqrt, 1/(2·sqrt(x)), is infinite at 0; here x[1] = 0",
        f"15|     frameworks differ there: {WHERE_V_IS_0}",
        "12|     r.grad[1] = 0: where takes the other branch, 0: x > 0 does not hold there",
        "-|     where passes 0 to the branch not taken, and 0 times infinity is NaN",
        "1|     the cure is to choose twice, before sqrt as well: sqrt(where(x > 0, x, 1))",
    ],
    ("naive-softmax", "nan"): [
        "3| step 3: p[0] = nan out of h[0] = inf, #2 = inf, by p = h / #2",
        "3|     in naive-softmax.yaml:9: p = h / sum(h)",
        "3|     inf/inf is NaN",
        "1| the infinity came first; step 1: h[0] = inf out of x[0] = 1000, by h = exp(x)",
        "1|     in naive-softmax.yaml:8: h = exp(x)",
        "1|     exp overflows: its result is larger than the largest float64, 1.79769e+308",
        "3|     the cure is a function that means the same: softmax(x)",
    ],
    ("naive-softmax", "inf"): [
        "1| step 1: h[0] = inf out of x[0] = 1000, by h = exp(x)",
        "1|     in naive-softmax.yaml:8: h = exp(x)",
        "1|     exp overflows: its result is larger than the largest float64, 1.79769e+308",
        "3|     the cure is a function that means the same: softmax(x)",
    ],
}


@pytest.mark.parametrize(("scenario", "what"), EXPLAINED)
def test_the_classics_are_explained(scenario: str, what: What) -> None:
    """Every line of the answer, with the step that it leads to in front."""
    answer = asked(tb.load(scenario).trace(), what)
    shown = [f"{'-' if a.step is None else a.step}| {a.text}" for a in answer.lines]
    assert shown == EXPLAINED[scenario, what]


def where_sqrt(x: list[float]) -> Trace:
    """``where(x > 0, sqrt(x), 0)``, summed: node 0 is x, node 1 the root."""
    maker = GraphMaker()
    given_x = maker.input(x, "x")
    root = maker.op("sqrt", given_x, name="r")
    chosen = maker.op("where", maker.op("greater", given_x, maker.number(0)), root, maker.number(0))
    maker.op("sum", chosen, name="s")
    return maker.trace()


def test_a_masked_root_spoils_the_gradient_only() -> None:
    """All values are finite; v is 0 where the slope is infinite, and choosing twice is the cure."""
    answer = asked(where_sqrt([4.0, 0.0]), "nan")
    assert "r.grad[1] · ∂r[1]/∂x[1] = 0 · inf = nan: 0 · inf is NaN" in answer.lines[0].text
    assert "where takes the other branch, 0: x > 0 does not hold there" in answer.text
    assert answer.text.endswith("sqrt(where(x > 0, x, 1))")


def test_a_nan_that_is_left_out_does_not_hide_the_one_that_is_not() -> None:
    """The first of all is chosen away on purpose; the output has its own from the root."""
    program = "y = where(x > 0, log(x), -1)\nz = sqrt(x)\ns = sum(y + z)"
    text = asked(traced(program, {"x": [-1.0, 4.0]}), "nan").text
    assert "#3[0] = nan out of x[0] = -1, by #3 = log(x)" in text
    other = "it is not this NaN that an output holds, but another; step 6: z[0] = nan out of x[0]"
    assert other in text


@pytest.mark.parametrize("last", ["s = sum(y + z)", "s = sum(z + y)", "s = sum(y)", "s = y[0]"])
def test_a_nan_that_an_output_holds_is_not_told_to_be_left_out(last: str) -> None:
    """Whatever else is NaN beside it."""
    trace = traced(f"y = log(x)\nz = sqrt(x)\n{last}", {"x": [-1.0, 4.0]})
    assert "an output holds" not in asked(trace, "nan").text


def test_a_slope_that_is_nan_says_what_the_row_knows() -> None:
    """The value is fine, since the sample is ignored; its gradient is not."""
    trace = traced(
        "loss = cross_entropy(z, t)", {"z": [[0.5, 1.0], [-np.inf, -np.inf]]}, {"t": [1, -100]}
    )
    text = asked(trace, "nan").text
    assert "the scores of a sample are −inf throughout and have no softmax: 0/0" in text


def test_a_mean_of_nothing_is_made_of_nothing() -> None:
    """No list of operands that is empty."""
    assert asked(traced("m = mean(x)", {"x": []}), "nan").lines[0].text == (
        "step 1: m = nan out of nothing, by m = mean(x)"
    )


def test_the_cure_works() -> None:
    """What the answer advises leaves nothing to find."""
    maker = GraphMaker()
    x, zero, one = maker.input([4.0, 0.0, -1.0], "x"), maker.number(0), maker.number(1)
    holds = maker.op("greater", x, zero)
    root = maker.op("sqrt", maker.op("where", holds, x, one))
    maker.op("sum", maker.op("where", holds, root, zero))
    trace = maker.trace()
    assert all(origin(trace.timeline, what) is None for what in WHATS)
    assert trace.grad["x"].tolist() == [0.25, 0.0, 0.0]


def test_ignored_nodes_are_passed_by() -> None:
    """An intended infinity hides nothing that comes after it, and does not count itself."""
    maker = GraphMaker()
    low = maker.number(float("-inf"))
    x = maker.input([1.0, 0.0], "x")
    scores = maker.op("where", maker.op("greater", x, maker.number(0)), x, low, name="scores")
    maker.op("sum", maker.op("log", maker.op("softmax", scores, name="p"), name="l"), name="y")
    trace = maker.trace()
    assert "the program writes -inf" in asked(trace, "inf").text
    answer = asked(trace, "inf", low)
    assert "l[1] = -inf out of p[1] = 0, by l = log(p)" in answer.text


@given(spoiled_traces(), st.sampled_from(WHATS))
def test_every_origin_has_an_explanation(trace: Trace, what: What) -> None:
    """Plain text, and steps that exist, whatever the graph."""
    answer = asked(trace, what)
    assert answer.lines
    assert set(answer.text) - {"∂", "·", "Σ"} <= {chr(c) for c in range(32, 127)} | {"\n"}
    steps = [line.step for line in answer.lines if line.step is not None]
    assert all(0 <= k < trace.timeline.length for k in steps)
