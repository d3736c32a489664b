"""The walk as one JSON object."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given

from tests.render.views import NAMES, view_at
from tests.strategies import GraphMaker, seed_example, traces
from tui_backprop.render.export.json import trace_json
from tui_backprop.render.text.names import Namer
from tui_backprop.render.view import View

if TYPE_CHECKING:
    from tui_backprop.render.export.text import Level
    from tui_backprop.timeline.trace import Trace


def _object(trace: Trace, level: Level = "partial", *, symbolic: bool = False) -> dict[str, Any]:
    view = View(trace.timeline[0], Namer(trace.graph), title="t", symbolic=symbolic)
    found: dict[str, Any] = json.loads("".join(trace_json(view, level=level)))
    return found


def _numbers(value: Any) -> Any:
    return np.array(value, dtype=np.float64) if value != [] else np.zeros(0)


def test_the_seed_example_has_the_promised_shape() -> None:
    """Key by key, as the format says."""
    found = _object(seed_example(zeros=False), symbolic=True)
    assert list(found) == ["format", "title", "values", "grad", "nodes", "steps"]
    assert found["format"] == 1
    assert found["grad"] == {"X": [2.0, 4.0, 6.0]}
    assert found["nodes"][0] == {"id": 0, "name": "X", "op": "input", "parents": [], "shape": [3]}
    assert [step["phase"] for step in found["steps"]] == [*["build"] * 3, "seed", *["partial"] * 3]
    assert found["steps"][3] == {
        "k": 3, "phase": "seed", "pass": 0, "node": 2, "v": [1.0, 2.0, 3.0], "assumed_ones": False,
    }  # fmt: skip
    assert found["steps"][5] == {
        "k": 5, "phase": "partial", "node": 2, "argument": 1, "parent": 0, "j": [1], "i": [1],
        "partial": 2.0, "symbolic": "2", "v": 2.0, "contribution": 4.0, "adjoint": 4.0,
    }  # fmt: skip


@given(traces())
def test_every_step_is_there_in_order(trace: Trace) -> None:
    """Also those of a long walk: k counts them."""
    assert [step["k"] for step in _object(trace)["steps"]] == list(range(len(trace.timeline)))


@given(traces())
def test_values_and_gradients_are_those_of_the_trace(trace: Trace) -> None:
    """Bit by bit, words where JSON has no number."""
    found = _object(trace)
    for name, value in trace.values.items():
        np.testing.assert_array_equal(_numbers(found["values"][name]).reshape(value.shape), value)
    for name, value in trace.grad.items():
        np.testing.assert_array_equal(_numbers(found["grad"][name]).reshape(value.shape), value)


@given(traces(most_passes=1))
def test_contributions_add_up_to_the_gradient(trace: Trace) -> None:
    """The steps alone are enough to compute it."""
    found = _object(trace)
    seeded = next(step["node"] for step in found["steps"] if step["phase"] == "seed")
    sums: dict[tuple[Any, ...], float] = defaultdict(float)
    for step in found["steps"]:
        if step["phase"] == "partial":
            sums[(step["parent"], *step["i"])] += float(step["contribution"])
    for name, gradient in trace.grad.items():
        node = trace.graph.inputs[name]
        if node == seeded or not np.isfinite(gradient).all():
            continue
        for at in np.ndindex(gradient.shape):
            assert sums[(node, *at)] == pytest.approx(gradient[at], rel=1e-9, abs=1e-9)


@given(traces())
def test_edges_together_add_up_to_the_adjoint(trace: Trace) -> None:
    """At the level of nodes the last step into an input says its gradient."""
    found = _object(trace, "node")
    assert found["level"] == "node"
    last = {step["parent"]: step["adjoint"] for step in found["steps"] if step["phase"] == "edge"}
    has_zero = any(step["phase"] == "zero_grad" for step in found["steps"])
    for name, node in trace.graph.inputs.items():
        seeded = any(s["phase"] == "seed" and s["node"] == node for s in found["steps"])
        if node in last and not has_zero and not seeded:
            assert last[node] == found["grad"][name]


def test_nan_and_infinities_are_words() -> None:
    """In arrays and in steps."""
    maker = GraphMaker()
    maker.op("log", maker.input([0.0, -1.0], "X"))
    found = _object(maker.trace())
    assert found["values"]["n1"] == ["-inf", "nan"]
    assert found["steps"][3]["partial"] == "inf"


@pytest.mark.exhaustive
def test_large_arrays_are_written_in_pieces() -> None:
    """No piece is as large as the array, all together are the array."""
    maker = GraphMaker()
    values = np.arange(10_000.0)
    maker.op("sum", maker.op("reshape", maker.input(values, "X"), shape=(2, 5000)))
    trace = maker.trace()
    view = View(trace.timeline[0], Namer(trace.graph), symbolic=False)
    pieces = list(islice(trace_json(view), 40))
    # Of steps a piece has many.
    assert max(len(piece) for piece in pieces if '"phase"' not in piece) < 60_000
    assert _object(trace)["values"]["X"] == values.tolist()


def test_the_first_pieces_of_an_endless_walk_come_at_once() -> None:
    """Nothing is collected: a walk of 10⁹ steps begins like any other."""
    maker = GraphMaker()
    matrix = np.ones((1000, 1000))
    maker.op("matmul", maker.input(matrix, "A"), maker.input(matrix, "B"))
    trace = maker.trace(zeros=True)
    view = View(trace.timeline[0], Namer(trace.graph), symbolic=False)
    piece = next(p for p in trace_json(view) if '"phase": "partial"' in p)
    steps = json.loads(f"[{piece[1:]}]")
    assert [step["j"] for step in steps[:2]] == [[0, 0], [0, 1]]
    assert len(piece) < 2_000_000


@pytest.mark.few(6)
@pytest.mark.parametrize("name", NAMES)
def test_shipped_scenarios_have_a_formula_for_every_partial(name: str) -> None:
    """From the row itself."""
    found = json.loads("".join(trace_json(view_at(name, 0))))
    assert all(step["symbolic"] for step in found["steps"] if step["phase"] == "partial")
