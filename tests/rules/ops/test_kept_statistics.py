"""Batch normalization by what was kept from training."""

from __future__ import annotations

import numpy as np

from tests.program.support import FLOAT64, error_of
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.program import build
from tui_backprop.rules import find

X = np.array([[1.0, 2.0], [3.0, -4.0]])
LEAVES = {"X": X, "m": np.array([1.0, 0.5]), "s": np.array([4.0, 0.25]), "w": np.array([2.0, 3.0])}


def _value(text: str) -> np.ndarray:
    graph = build(f"z = {text}", LEAVES, {}, FLOAT64)
    return Evaluation(graph, LEAVES, []).values["z"]


def test_each_entry_is_on_its_own() -> None:
    """The mean and the variance that are given, and not those of the batch."""
    found = _value("batch_norm(X, running_mean=m, running_var=s, weight=w, eps=0)")
    np.testing.assert_allclose(found, (X - LEAVES["m"]) / np.sqrt(LEAVES["s"]) * LEAVES["w"])
    alone = _value("batch_norm(X[:1], running_mean=m, running_var=s, weight=w, eps=0)")
    np.testing.assert_array_equal(alone[0], found[0])


def test_what_was_kept_receives_no_gradient() -> None:
    """As in PyTorch, where it is no parameter."""
    extras = find("batch_norm").extras
    assert extras is not None
    row = extras.of(("running_mean", "running_var", "weight"))
    assert [d is None for d in row.derivatives] == [False, True, True, False]


def test_a_mean_without_a_variance_is_refused() -> None:
    """With what is lacking."""
    found = error_of("z = batch_norm(x, running_mean=x)").problems[0]
    assert found.message == (
        "'batch_norm' is missing 'running_var': running_mean and running_var are given together"
    )
    assert "running_var" in found.hint
