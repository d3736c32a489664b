"""The objective of differences, on several numbers at once and on one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.verify.support import evaluate
from tui_backprop.api import load
from tui_backprop.scenario.files import shipped
from tui_backprop.verify import objective
from tui_backprop.verify.difference_witness import differences

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.graph.evaluation import Evaluation


def _hold(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = repr(differences(evaluation))
    monkeypatch.setattr(objective, "_LONG", 0)
    monkeypatch.setattr(objective, "_FEW_EACH", 10**9)
    assert objective.Objective(evaluation)._is_long
    assert repr(differences(evaluation)) == plain


@pytest.mark.few(6)
@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_runs_at_once_are_those_one_by_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found of a long program is what would be found of it otherwise."""
    _hold(load(path).trace(), monkeypatch)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_runs_at_once_of_a_recurrence(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In float64 whatever the scenario computes in; kinks, NaN and infinities are met."""
    program = (
        "for t in range(20):\n    x = relu(x * w - 0.1) + log(abs(b))\ny = exp(exp(x + w * 3))"
    )
    leaves: dict[str, Any] = {"x": [0.5, -0.25], "w": 0.9, "b": [0.0, 2.0]}
    _hold(evaluate(program, "y", "x", dtype=dtype, **leaves), monkeypatch)
