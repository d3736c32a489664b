"""The slips of a derivation by hand, each recognised by the numbers it gives."""

from __future__ import annotations

from math import cos, exp, sin

import pytest

from tests.debug.claimed import WAXV, claimed, names
from tui_backprop.api import load
from tui_backprop.debug.claims.claims import departure


@pytest.mark.parametrize(
    ("program", "inputs", "claim", "backward", "name"),
    [
        # Wᵀv = (1 + 6, 2 + 10), Wv = (5, 13)
        ("y = W @ x", WAXV, "of: x.grad, value: [5, 13]", "{of: y, v: [1, 2]}",
         "missing transpose"),
        # x̄ = v xᵀ of a square W, its transpose claimed
        ("y = W @ x", "W: [[1, 2], [3, 5]], x: [3, 4]", "of: W.grad, value: [[3, 6], [4, 8]]",
         "{of: y, v: [1, 2]}", "missing transpose"),
        ("y = x * x", "x: 3", "of: x.grad, value: 3", "", "= for +="),
        ("a = x ** 2\nb = x ** 3\ny = a + b", "x: 2", "of: x.grad, value: 12", "", "= for +="),
        # One of two passes alone.
        ("y = x ** 2\nz = sin(x)", "x: 3", "of: x.grad, value: 6",
         "[{of: z}, {of: y}]", "= for +="),
        ("Y = X + b", "X: [[1, 2], [3, 4]], b: [0, 0]", "of: b.grad, value: [10, 20]",
         "{of: Y, v: [[10, 20], [30, 50]]}", "forgotten sum"),
        ("Y = X * b", "X: [[1, 2], [3, 7]], b: 1", "of: b.grad, value: 7", "", "forgotten sum"),
        ("y = sin(x)", "x: 2", f"of: x.grad, value: {cos(sin(2))!r}", "",
         "derivative at the output"),
        ("u = exp(x)\ny = u ** 2", "x: 1.5", f"of: u.grad, value: {2 * exp(3)!r}", "",
         "derivative at the output"),
        ("Y = 2 * X", "X: [1, 2, 3]", "of: X.grad, value: [6, 6, 6]", "", "wrong index"),
        ("Y = 2 * X", "X: [1, 2, 3]", "of: X.grad, value: [12, 0, 0]", "{of: Y, v: [1, 2, 3]}",
         "wrong index"),
        ("E = X[0:0]\nY = 2 * X", "X: [1, 2, 3]", "of: X.grad, value: [12, 0, 0]",
         "[{of: E}, {of: Y, v: [1, 2, 3]}]", "wrong index"),
        ("Y = 2 * X", "X: [1, 2, 3]", "of: 'X.grad[0]', value: 12", "{of: Y, v: [1, 2, 3]}",
         "wrong index"),
        ("Y = 2 * X", "X: [1, 2, 3]", "of: X.grad, value: [2, 2, 2]", "{of: Y, v: [1, 2, 3]}",
         "forgotten v"),
        ("y = cos(x)", "x: 2", f"of: x.grad, value: {sin(2)!r}", "", "sign"),
        ("y = x + cos(x)", "x: 2", f"of: x.grad, value: {1 + sin(2)!r}", "",
         "sign of a factor"),
        ("y = exp(sin(x))", "x: 2", f"of: x.grad, value: {exp(sin(2))!r}", "",
         "forgotten factor"),
        ("y = mean(x * x)", "x: [1, 2, 3]", "of: x.grad, value: [2, 4, 6]", "",
         "forgotten 1/n"),
        ("y = sum(x * x)", "x: [1, 2, 3]", "of: x.grad, value: [0.4, 0.8, 1.2]", "", "factor"),
        ("y = log(x)", "x: 4", "of: x.grad, value: 0.5", "", "factor"),
        ("Y = A * B", "A: [[1, 2], [3, 4]], B: [[5, 6], [7, 8]]",
         "of: A.grad, value: [[5, 7], [6, 8]]", "", "transpose"),
        ("y = W @ x", WAXV, "partial: {of: y, wrt: x}, value: [[1, 3], [2, 5]]", "",
         "missing transpose"),
        ("y = sin(x)", "x: [1, 2]",
         f"partial: {{of: 'y[1]', wrt: 'x[1]'}}, value: {cos(sin(2))!r}", "",
         "derivative at the output"),
        ("y = x ** 2", "x: [1, 2]", "partial: {of: y, wrt: x}, value: [[-2, 0], [0, -4]]", "",
         "sign"),
    ],
)  # fmt: skip
def test_common_slips(program: str, inputs: str, claim: str, backward: str, name: str) -> None:
    """Each with numbers worked out by hand; it is the first slip that is named."""
    assert names(claimed(program, inputs, claim, backward))[0] == name


def test_the_seed_of_this_project() -> None:
    """6 and 12 where 2 is right; the step is the second term, where the index of y must move."""
    scenario = load("vector-double-slip")
    timeline = scenario.trace().timeline
    first, second, right, partials = scenario.model.claims
    assert departure(timeline, right) is None
    assert departure(timeline, partials) is None
    for claim, number, step in ((first, 6.0, 5), (second, 12.0, 16)):
        found = departure(timeline, claim)
        assert found is not None
        assert (found.entry, found.truth, found.claimed) == ("X.grad[0]", 2.0, number)
        assert found.step == step
        assert names(found) == ["wrong index"]
        frame = timeline[step]
        assert (frame.row, frame.column) == (1, 0)
