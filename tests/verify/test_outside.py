"""Where an op has no value though its operands are finite, no witness contradicts the engine."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.rules.cases import CASES, first_case_if
from tests.verify.support import applied, evaluate
from tui_backprop.verify.difference_witness import differences
from tui_backprop.verify.report import Verdict
from tui_backprop.verify.sympy_witness import algebra

if TYPE_CHECKING:
    from tests.rules.cases import Case
    from tui_backprop.rules.types import Array

_NUMBERS = (-3.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
"""Of these most domains leave some out: of logarithms and roots, arcsin, atanh, probabilities."""

_DRAWS = 6
_MOST_ENTRIES = 12


def _drawn(case: Case, draw: int) -> tuple[Array, ...]:
    """What has a derivative is drawn from everywhere, a condition or an index from its domain."""
    random = np.random.default_rng(draw)
    found = zip(case.operands(draw), case.rule.derivatives, strict=True)
    return tuple(
        x if derivative is None else random.choice(_NUMBERS, size=x.shape)
        for x, derivative in found
    )


def _outside(case: Case) -> list[tuple[Array, ...]]:
    """Finite operands of a small example for which some entries of its value are NaN."""
    if sum(prod(shape) for shape in case.example.shapes) > _MOST_ENTRIES:
        return []
    drawn = (_drawn(case, draw) for draw in range(_DRAWS))
    return [operands for operands in drawn if np.isnan(case.forward(operands)).any()]


HAVE_AN_OUTSIDE = {
    "arccos", "arccosh", "arcsin", "arctanh", "average", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "cross_entropy", "divide", "float_power", "floor_divide",
    "hinge", "huber", "inv", "kl_div", "log", "log10", "log1p", "log2", "mae", "mse", "nll",
    "power", "remainder", "solve", "sqrt", "xlogy", "cholesky", "logit", "rsqrt", "fmod", "erfinv",
    "digamma",
}  # fmt: skip
"""Rows that have no value for some finite numbers."""


@pytest.mark.exhaustive
def test_no_other_row_has_an_outside() -> None:
    """A new one finds its place above."""
    assert {case.rule.name for case in CASES if _outside(case)} == HAVE_AN_OUTSIDE


@pytest.mark.few(1)
@first_case_if(lambda case: case.rule.name in HAVE_AN_OUTSIDE and bool(_outside(case)))
def test_no_witness_contradicts_the_engine_outside_a_domain(case: Case) -> None:
    """What the row says of its slopes there, and what a formula says, is beside the point."""
    for operands in _outside(case):
        evaluation = applied(case, operands)
        for found in (algebra(evaluation), differences(evaluation)):
            assert found.disagreements == ()
            assert found.verdict in {Verdict.AGREE, Verdict.KINK, Verdict.SILENT}


@pytest.mark.parametrize(
    ("program", "x", "t"),
    [
        ("Y = log(X)", -1.0, 0.0),
        ("Y = binary_cross_entropy(X, T)", -0.95, 0.0),
        ("Y = binary_cross_entropy(X, T, reduction='none')", 1.95, 1.0),
        ("Y = kl_div(X, T)", -1.0, -0.5),
    ],
)
def test_saying_nothing_is_said(program: str, x: float, t: float) -> None:
    """The slope of the row is a number, for a formula goes on where a function has no value.

    In binary cross entropy PyTorch's lower bound keeps it finite, and SymPy takes 0 · log(−1)
    for 0 where NumPy has NaN: each has a slope, and neither is the slope of anything.
    """
    trace = evaluate(program, "Y", X=x, T=t)
    assert np.isnan(trace.values["Y"])
    for found in (algebra(trace), differences(trace)):
        assert (found.disagreed, found.incomparable > 0) == (0, True)
        assert found.silence is not None
        assert found.silence.remark in {"the value itself is NaN there", "not finite"}
