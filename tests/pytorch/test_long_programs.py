"""What is done for long programs, held to the plain way: digit for digit the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.strategies import traces
from tests.verify.support import evaluate
from tui_backprop.api import load
from tui_backprop.scenario.files import shipped
from tui_backprop.verify.counter import Counter
from tui_backprop.verify.pytorch import running, telling, witness
from tui_backprop.verify.pytorch.running import NotRunError, run

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.verify.pytorch.running import Run
    from tui_backprop.verify.report import Testimony

pytest.importorskip("torch", reason="PyTorch is an optional witness: pip install '.[torch]'")

_RECURRENT = """
for t in range(9):
    x = tanh(W @ x * s + b[t])
    s = s * 0.5 + sum(x.T * b[0])
y = x.T @ W.T @ x
"""


def _in_pieces(
    evaluation: Evaluation, length: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[object, ...] | str:
    monkeypatch.setattr(running, "LENGTH", length)
    try:
        found = run(evaluation)
    except NotRunError as error:
        return str(error)
    values = [(v.dtype, v.shape, v.tobytes()) for v in found.values]
    return values, {name: (g.shape, g.tobytes()) for name, g in found.grad.items()}


def _hold_in_pieces(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _in_pieces(evaluation, len(evaluation.graph.nodes), monkeypatch)
    for length in (1, 3, 8):
        assert _in_pieces(evaluation, length, monkeypatch) == whole


@pytest.mark.few(6)
@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_shipped_scenarios_in_pieces(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values and gradients are those of one piece, however short the pieces are."""
    _hold_in_pieces(load(path).trace(), monkeypatch)


@given(traces())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_graphs_in_pieces(monkeypatch: pytest.MonkeyPatch, trace: Evaluation) -> None:
    """NaN, infinities and refusals are the same, too."""
    _hold_in_pieces(trace, monkeypatch)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_passes_over_a_recurrence_in_pieces(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums over many edges keep their order across pieces, and passes add up as they did."""
    random = np.random.default_rng(1)
    leaves: dict[str, Any] = {
        "x": random.normal(size=(4, 1)), "W": random.normal(size=(4, 4)), "s": 0.7,
        "b": random.normal(size=9),
    }  # fmt: skip
    passes = ("s", None, ("y", [[3.0]]), "x@5", "W")
    _hold_in_pieces(evaluate(_RECURRENT, *passes, dtype=dtype, **leaves), monkeypatch)


def _one_by_one(evaluation: Evaluation, found: Run) -> Testimony:
    asked = witness._Witness(evaluation, found, Counter("PyTorch"))
    for node in evaluation.graph.nodes:
        if node.rule is not None:
            asked.value(node)
    return asked._counter.testimony(0)


def _together(evaluation: Evaluation, found: Run) -> Testimony:
    asked = witness._Witness(evaluation, found, Counter("PyTorch"))
    asked.all_values()
    return asked._counter.testimony(0)


_MOVED = st.sampled_from([1.0, 1.0, 1.0, 1 + 1e-15, 1 - 1e-12, 1 + 1e-8, 0.0, np.nan, -np.inf])


@given(traces(), st.lists(_MOVED, max_size=12), st.sampled_from([2, 5, 8192]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_values_compared_together(
    monkeypatch: pytest.MonkeyPatch, trace: Evaluation, moved: list[float], together: int
) -> None:
    """They are found as those compared one by one: what differs, what is excused, the worst."""
    monkeypatch.setattr(telling, "_TOGETHER", together)
    try:
        found = run(trace)
    except NotRunError:
        assume(False)
    ops = [node for node in trace.graph.nodes if node.rule is not None]
    with np.errstate(all="ignore"):
        for node, factor in zip(reversed(ops), moved, strict=False):
            value = found.values[node.id]
            if value.flags.writeable:
                value *= factor
    assert repr(_together(trace, found)) == repr(_one_by_one(trace, found))


def test_values_of_one_number_compared_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a long chain whose errors grow, the first of the worst is named."""
    evaluation = evaluate("for t in range(40):\n    x = tanh(w * x + b)", "x", x=0.5, w=0.9, b=0.1)
    found = run(evaluation)
    for n in (7, 30, 31, 60, 80):
        found.values[n][...] *= 1 + n * 1e-12
    found.values[20][...] *= 1 + 1e-6
    plain = repr(_one_by_one(evaluation, found))
    assert "incomparable=1" in plain
    for together in (2, 16, 8192):
        monkeypatch.setattr(telling, "_TOGETHER", together)
        assert repr(_together(evaluation, found)) == plain
