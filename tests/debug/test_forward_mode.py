"""The commands of forward mode: what they push, cost and refuse, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.api import Scenario
from tui_backprop.errors import CommandError
from tui_backprop.graph.forward_mode import run_tangents
from tui_backprop.graph.model import Backward
from tui_backprop.scenario.files import shipped
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.frame import Phase

NAMES = tuple(path.stem for path in shipped())


def session(name: str) -> tb.Session:
    """A walk over a shipped scenario, at its first step."""
    return tb.Session(tb.load(name).trace())


@pytest.mark.parametrize("name", NAMES)
def test_both_modes_give_one_number(name: str) -> None:
    """In every shipped scenario: v · (J·t) = (vᵀJ) · t where all is finite."""
    trace = tb.load(name).trace()
    rng = np.random.default_rng(3)
    seeds = {
        n: rng.standard_normal(trace.graph.nodes[n].shape).astype(trace.graph.dtype)
        for n in trace.graph.inputs.values()
    }
    found = run_tangents(trace, seeds)
    for run in trace.runs:
        pushed = None if run is None else found.cotangents.get(run.of)
        if run is None or pushed is None:
            continue
        alone = type(trace)(trace.graph, trace.leaves, [Backward(run.of, run.seed)])
        parts = [
            float(np.vdot(alone.grad[name], seeds[n])) for name, n in trace.graph.inputs.items()
        ]
        left = float(np.vdot(run.seed, pushed))
        if np.isfinite([left, *parts]).all():
            assert left == pytest.approx(
                sum(parts), rel=1e-6, abs=1e-6 * (1 + max(map(abs, parts)))
            )


def test_a_tangent_is_walked_and_told() -> None:
    """Tangents by name, the number of both modes, the costs; the cursor stays while building."""
    one = session("mlp-2-3-1")
    said = one.execute("forward b1 1,0,0")
    assert "b1.tangent = [1, 0, 0]" in said
    assert "held fixed: W1, W2, b2" in said
    assert "loss.tangent = -2.58687447" in said
    assert "v · (J·t) = -2.58687, and (vᵀJ) · t = -2.58687" in said
    assert "reverse mode is cheaper here" in said
    assert one.cursor == 0
    assert one.timeline.is_forward
    one.execute("end")
    assert one.execute("print loss.tangent") == "loss.tangent = -2.58687447"
    assert one.execute("print loss.grad") == "loss.grad = ·"
    assert one.frame.phase is Phase.PARTIAL


def test_backward_goes_back() -> None:
    """To the seed, which both modes have; the walk is the one that there was."""
    one = session("mlp-2-3-1")
    length = one.last
    one.execute("end")
    one.execute("forward b1")
    assert one.frame.phase is Phase.SEED
    assert one.execute("backward") == "reverse mode"
    assert one.last == length
    assert one.frame.phase is Phase.SEED
    assert "already" in one.execute("backward")


def test_a_column_of_j_by_a_one_hot_tangent() -> None:
    """Of Y = 2X the second column is (0, 2, 0)."""
    assert "Y.tangent = [0, 2, 0]" in session("vector-double").execute("forward X onehot 1")


def test_forward_mode_is_cheaper_with_one_input() -> None:
    """Three outputs of one number: three backward passes, or one forward."""
    said = session("forward-mode").execute("cost")
    assert "reverse mode a pass for each of its rows, 42 multiplications" in said
    assert "for each of its columns, 14" in said
    assert said.endswith("forward mode is cheaper here: few inputs, many outputs")


@pytest.mark.parametrize(
    ("program", "inputs", "line", "end"),
    [("y = sum(w * exp(b))", "{w: [1, 2, 3], b: 0.5}", "forward b",
      "both modes cost the same here"),
     ("y = sum(w * exp(b))", "{w: [1, 2, 3], b: 0.5}", "forward w",
      "reverse mode is cheaper here: few outputs, many inputs, as with a loss"),
     ("y = w * exp(b)", "{w: [1, 2, 3], b: 0.5}", "cost",
      "forward mode is cheaper here: a pass goes only through what depends on its own input"),
     ("y = w[:2] + b", "{w: [1, 2, 3], b: 0.5}", "forward w",
      "reverse mode is cheaper here: J has fewer rows than columns"),
     ("y = w * exp(b)", "{w: [1, 2, 3], b: 0.5}", "forward b",
      "forward mode is cheaper here: few inputs, many outputs")],
)  # fmt: skip
def test_the_verdict_is_what_the_counts_say(program: str, inputs: str, line: str, end: str) -> None:
    """The shape of J is given as the reason only where it is the reason."""
    text = f"format: 1\ninputs: {inputs}\nprogram: |\n  {program}\n"
    one = tb.Session(Scenario(loads(text)).trace())
    assert one.execute(line).endswith(end)


@pytest.mark.parametrize(
    ("line", "message"),
    [("forward h", "a tangent is placed on an input; there are: W1, b1"),
     ("forward b1 1,2", "the tangent must have the shape of 'b1', \\(3,\\); found \\(2,\\)"),
     ("forward b1 onehot 3", "onehot K with K from 0 to 2"),
     ("forward nothing", "there is no 'nothing'")],
)  # fmt: skip
def test_what_is_no_tangent_is_refused(line: str, message: str) -> None:
    """The walk stays as it was."""
    one = session("mlp-2-3-1")
    with pytest.raises(CommandError, match=message):
        one.execute(line)
    assert not one.timeline.is_forward


@pytest.mark.parametrize("line", ["why loss", "where", "health", "origin loss"])
def test_what_is_about_adjoints_is_refused(line: str) -> None:
    """A forward walk has none, and the message says how to go back."""
    one = session("mlp-2-3-1")
    one.execute("forward b1")
    with pytest.raises(CommandError, match="'backward' goes back"):
        one.execute(line)


def test_the_walk_is_moved_through_as_any_other() -> None:
    """Step and reverse-step, next, breakpoints, conditions, other numbers, zeros."""
    one = session("mlp-2-3-1")
    one.execute("forward b1 1,0,0")
    one.execute("break if loss.tangent < 0")
    one.execute("continue")
    assert one.frame.target == one.trace.graph.names["loss"]
    k = one.cursor
    one.execute("reverse-step")
    one.execute("step")
    assert one.cursor == k
    one.execute("zeros show")
    assert one.timeline.is_forward
    one.execute("set b1 = [1, 1, 1]")
    assert one.timeline.is_forward
    one.execute("undo")
    one.execute("zeros skip")
    assert one.cursor == k
    assert "tangent" in one.execute("info h")


def test_words_have_no_numbers_of_the_other_mode() -> None:
    """Who asks for v in a forward walk is not told a seed that it has not."""
    one = session("vector-double")
    one.execute("forward")
    assert "in reverse mode it is told here" in one.execute("help word v")


def test_the_product_is_asked_for_by_a_command() -> None:
    """The matrices, what they give, and both orders counted."""
    one = session("jacobian-product")
    one.execute("end")
    said = one.execute("J product")
    assert said.startswith("∂loss/∂x = ∂loss/∂u · ∂u/∂z · ∂z/∂h · ∂h/∂x + …")
    assert "all paths added: 1 × 3\n[40, -6, 86]" in said
    assert "3 + 6 + 4 + 6 = 19 multiplications" in said
    assert "12 + 18 + 9 + 3 = 42 multiplications" in said
    assert "∂h/∂x: 2 × 3" in one.execute("J product h x")
    assert one.execute("J local").startswith("∂h/∂x")
