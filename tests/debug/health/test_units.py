"""Units that are off are named; so are their axis and the samples."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.support import evaluate
from tui_backprop.cli.health import health_json
from tui_backprop.debug.health.measures import health
from tui_backprop.debug.health.report import unit_lines
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from tui_backprop.debug.health.record import Units
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.rules.types import Array

BATCH = np.array([[1.0, 2], [3, 1], [0.5, 4], [2, 2]])


def layer(program: str, name: str = "h", **leaves: Array) -> tuple[Evaluation, Units | None]:
    """A program with numbers, and the units of one of its nodes."""
    made = evaluate(program, "L", rules=RULES, dtype="float64", **leaves)
    return made, next(n.units for n in health(made).nodes if n.name == name)


@given(seed=st.integers(0, 10**6), is_turned=st.booleans())
def test_a_unit_is_off_where_its_bias_gets_no_gradient(seed: int, is_turned: bool) -> None:
    """Whichever way the layer lies; v is 1 everywhere, so that nothing cancels."""
    random = np.random.default_rng(seed)
    W, X = random.normal(size=(2, 5)), random.normal(size=(4, 2))
    b = random.normal(size=5) * 3
    if is_turned:
        made, units = layer("h = relu(W @ X + b)\nL = sum(h)", W=W.T, X=X.T, b=b[:, None])
    else:
        made, units = layer("h = relu(X @ W + b)\nL = sum(h)", X=X, W=W, b=b)
    assert units is not None
    assert (units.axis, units.count, units.samples) == (0 if is_turned else 1, 5, 4)
    assert list(units.off) == np.flatnonzero(made.grad["b"] == 0).tolist()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("h = relu(X @ W + b)", "1 of 4 units of h is off for all 4 samples: h[:,1]"),
        ("h = clip(X @ W + b, 0, 1)", "h[:,1]"),
        ("h = maximum(X @ W + b, 0)", "1 of 4 units of h is off"),
        ("h = tanh(X @ W + b)", ""), ("h = leaky_relu(X @ W + b)", ""), ("h = X @ W + b", ""),
        ("h = floor(X @ W + b)", ""), ("h = relu(X[:1] @ W + b)", ""),
        ("h = relu(b)", ""), ("h = relu(X @ W)", ""),
    ],
)  # fmt: skip
def test_what_is_said(program: str, said: str) -> None:
    """Of an op that chooses, on a batch; whatever the share of its layer is."""
    W = np.array([[1.0, 1, 2, 0.5], [1, 1, 1, 0.5]])
    made = evaluate(f"{program}\nL = sum(h)", "L", X=BATCH, W=W, b=[0.0, -10.0, 0.0, 0.0])
    lines = [line.text for line in unit_lines(health(made))]
    assert bool(lines) is bool(said)
    assert not lines or said in lines[0]


def test_weights_in_front() -> None:
    """Units are rows then, and a sample that is off is no unit."""
    W, X = np.array([[1.0, 1], [-1, -1], [1, 2]]), BATCH.T - [[9, 0, 0, 0]] * 2
    made = evaluate("h = relu(W @ X)\nL = sum(h)", "L", W=W, X=X)
    lines = [line.text for line in unit_lines(health(made))]
    assert lines == []
    made = evaluate("h = relu(W @ X)\nL = sum(h)", "L", W=W, X=BATCH.T)
    lines = [line.text for line in unit_lines(health(made))]
    assert lines == ["1 of 3 units of h is off for all 4 samples: h[1]"]


def test_channels_and_many_units() -> None:
    """A channel is off at every place; of many units some are named and the others counted."""
    X = np.ones((3, 1, 4, 4))
    K = np.stack([np.ones((1, 2, 2)), -np.ones((1, 2, 2))])
    made = evaluate("h = relu(conv2d(X, K))\nL = sum(h)", "L", X=X, K=K)
    (line,) = unit_lines(health(made))
    assert line.text == "1 of 2 units of h is off for all 3 samples: h[:,1]"
    made = evaluate("h = relu(X - 5)\nL = sum(h)", "L", X=np.ones((2, 30)))
    (line,) = unit_lines(health(made))
    assert line.text.startswith("30 of 30 units of h are off for all 2 samples: h[:,0], h[:,1]")
    assert line.text.endswith("h[:,7], … 22 more")


def test_the_report_of_a_program_has_them() -> None:
    """A field of the node, null where there are none; and a line that leads to the layer."""
    made = evaluate("h = relu(X - 5)\nL = sum(h)", "L", X=BATCH)
    nodes = {n["name"]: n for n in json.loads("\n".join(health_json(health(made))))["nodes"]}
    assert nodes["h"]["units"] == {"axis": 1, "count": 2, "samples": 4, "off": [0, 1]}
    assert nodes["L"]["units"] is None
    assert [line.step for line in unit_lines(health(made))] == [nodes["h"]["id"]]
