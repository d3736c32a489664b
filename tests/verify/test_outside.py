"""Where an op has no value though its operands are finite, no witness contradicts the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.rules.cases import ROWS, Case
from tests.verify.support import applied, evaluate
from tui_backprop.verify.difference_witness import differences
from tui_backprop.verify.report import Verdict
from tui_backprop.verify.sympy_witness import algebra

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

_NUMBERS = (-3.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
"""Of these most domains leave some out: of logarithms and roots, arcsin, atanh, probabilities."""

_DRAWS = 6
_MOST_ENTRIES = 12


@dataclass(frozen=True, slots=True)
class Outside:
    """A case at finite operands of which some entries of its value are NaN."""

    case: Case
    operands: tuple[Array, ...]

    def __str__(self) -> str:
        return str(self.case)


def _drawn(case: Case, draw: int) -> tuple[Array, ...]:
    """What has a derivative is drawn from everywhere, a condition or an index from its domain."""
    random = np.random.default_rng(draw)
    found = zip(case.operands(draw), case.rule.derivatives, strict=True)
    return tuple(
        x if derivative is None else random.choice(_NUMBERS, size=x.shape)
        for x, derivative in found
    )


def _outside() -> list[Outside]:
    """Every row with each small example."""
    found = []
    for case in (Case(rule, example) for rule in ROWS for example in rule.examples):
        if sum(int(np.prod(shape)) for shape in case.example.shapes) > _MOST_ENTRIES:
            continue
        for draw in range(_DRAWS):
            operands = _drawn(case, draw)
            if np.isnan(case.forward(operands)).any():
                found.append(Outside(case, operands))
    return found


@pytest.mark.parametrize("outside", _outside(), ids=str)
def test_no_witness_contradicts_the_engine_outside_a_domain(outside: Outside) -> None:
    """What the row says of its slopes there, and what a formula says, is beside the point."""
    evaluation = applied(outside.case, outside.operands)
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
