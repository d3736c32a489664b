"""Forward mode in a scenario that trains: the iteration at hand, there and back."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tui_backprop.errors import ScenarioError
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.frame import Phase


def session_in(iteration: int) -> tb.Session:
    """At the first partial of an iteration, from 0."""
    one = tb.Session(tb.load("adam-valley").trace())
    one.execute(f"goto iteration {iteration + 1}")
    found = one.timeline
    one.goto(next(s.start for s in found.sections if s.phase is Phase.PARTIAL))
    return one


def test_forward_walks_the_iteration_at_hand_and_backward_comes_back_to_it() -> None:
    """Its tangents are of its own weights, and no other iteration's."""
    one = session_in(3)
    length, trace = one.timeline.length, one.trace
    one.execute("forward w 1,0")
    assert one.timeline.is_forward
    assert one.timeline.iterations is None
    assert one.timeline.trace is trace
    one.end()
    loss = trace.graph.names["L"]
    tangent = one.timeline.walk(0).run.cotangents[loss]
    last = one.frame.partial
    assert last is not None
    assert last.after == tangent
    # The gradient of this iteration alone: its walk begins with a zero_grad.
    np.testing.assert_allclose(tangent, trace.grad["w"][0], rtol=1e-12)
    assert one.execute("backward")
    assert one.timeline.length == length
    assert one.timeline.trace is trace
    assert one.timeline.updates.number == 3
    assert one.frame.phase is Phase.SEED
    assert one.cursor in one.timeline.steps


@pytest.mark.parametrize("phase", [Phase.ZERO_GRAD, Phase.SEED, Phase.PARTIAL, Phase.UPDATE])
def test_where_the_other_mode_has_no_such_event_it_comes_to_the_seed(phase: Phase) -> None:
    """From an update too, and past a zero_grad."""
    one = session_in(1)
    one.goto(next(s.stop - 1 for s in one.timeline.sections if s.phase is phase))
    one.execute("forward w")
    assert one.frame.phase is Phase.SEED
    one.end()
    one.execute("backward")
    assert one.frame.phase is Phase.SEED
    assert one.timeline.updates.number == 1


def test_what_is_set_in_a_forward_walk_is_set_in_that_iteration() -> None:
    """The walk stays forward, and the training follows."""
    one = session_in(2)
    one.execute("forward w")
    one.execute("set w = [1, 2]")
    assert one.timeline.is_forward
    one.execute("backward")
    assert one.trace.number == 2
    assert one.trace.leaves["w"].tolist() == [1, 2]
    assert one.trace.training is not None
    assert one.trace.training.trace(1).leaves["w"].tolist() != [1, 2]


def test_a_scenario_of_forward_mode_trains_nothing() -> None:
    """It is told where the update stands."""
    text = (
        "format: 1\ninputs: {w: [1, 2]}\nprogram: |\n  y = sum(w * w)\n"
        "mode: forward\nupdate: {rule: sgd}\n"
    )
    with pytest.raises(ScenarioError) as caught:
        loads(text, "y.yaml")
    (problem,) = caught.value.problems
    assert "forward mode trains nothing" in str(problem.message)
    assert problem.line == 6
