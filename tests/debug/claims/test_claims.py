"""Where a hand-derived number departs from the truth."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.debug.claimed import WAXV, adjoint_claim, claimed
from tests.strategies import traces
from tui_backprop.api import Scenario, load
from tui_backprop.debug.claims.claims import departure, first_departure
from tui_backprop.graph.model import Backward
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.progress import run_to_end
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.trace import Claim

if TYPE_CHECKING:
    from tui_backprop.timeline.timeline import Timeline
    from tui_backprop.timeline.trace import Trace


def gather(timeline: Timeline, node: int, flat: int) -> list[int]:
    """The steps that write an entry, by looking at every frame."""
    found = []
    for frame in timeline:
        change = frame.changed
        is_write = frame.phase.value in {"seed", "partial"} and change.node == node
        if is_write and (change.entries is None or flat in change.entries):
            found.append(frame.k)
    return found


@given(traces(), st.data())
def test_the_truth_never_departs(trace: Trace, data: st.DataObject) -> None:
    """Of no input, NaN and infinities included."""
    name = data.draw(st.sampled_from(sorted(trace.graph.inputs)))
    claim = adjoint_claim(trace, trace.graph.inputs[name], trace.grad[name])
    assert departure(trace.timeline, claim) is None


@given(traces(most_passes=2), st.data())
def test_a_number_out_of_nowhere_has_a_step_and_no_slip(trace: Trace, data: st.DataObject) -> None:
    """It is named by its first wrong entry; no slip is made up; a write of it is the step."""
    name = data.draw(st.sampled_from(sorted(trace.graph.inputs)))
    node = trace.graph.inputs[name]
    grad = np.array(trace.grad[name], dtype=np.float64)
    assume(grad.size)
    flat = data.draw(st.integers(0, grad.size - 1))
    grad.flat[flat] = 1234.5678901
    found = departure(trace.timeline, adjoint_claim(trace, node, grad))
    assert found is not None
    assert (found.wrong, found.slips) == (1, ())
    assert found.claimed == grad.flat[flat]
    assert 0 <= found.step < len(trace.timeline)
    index = np.unravel_index(flat, grad.shape)
    assert found.entry == f"{name}.grad" + (f"[{','.join(map(str, index))}]" if index else "")
    zeroed = [k for k, p in enumerate(trace.passes) if not isinstance(p, Backward)]
    after = max(zeroed, default=-1)
    written = [
        k for k in gather(trace.timeline, node, flat) if trace.timeline[k].pass_number > after
    ]
    if written:
        assert found.step in written


@pytest.mark.parametrize(
    ("wrong", "row", "said"),
    [
        (17 - 4, 1, "is left out"), (17 + 12, 2, "is added twice"),
        (17 - 2 * 4, 1, "is subtracted"), (17 - 12 + 3, 2, "is added without its v"),
    ],
)  # fmt: skip
def test_one_contribution_that_explains_the_difference(wrong: float, row: int, said: str) -> None:
    """1·1 + 2·2 + 4·3 is 17; what is done to one of the three gives the claim."""
    found = claimed(
        "y = W @ x", "W: [[1], [2], [3]], x: [1]", f"of: 'x.grad[0]', value: {wrong}",
        "{of: y, v: [1, 2, 4]}",
    )  # fmt: skip
    # W, x and y are built, v is placed; then nine partials of W, and three of x.
    assert found.step == 4 + 9 + row
    assert found.reason.endswith(said)


def test_a_sum_that_stops_too_early() -> None:
    """The first that is missing is where it departs."""
    found = claimed(
        "y = W @ x", "W: [[1], [2], [3], [5]], x: [1]", "of: 'x.grad[0]', value: 5",
        "{of: y, v: [1, 2, 3, 7]}",
    )  # fmt: skip
    assert found.step == 4 + 16 + 2
    assert found.reason.endswith("the sum stops too early")


def test_what_nothing_explains_departs_at_the_last_step_that_writes_it() -> None:
    """Until then some other sum was possible."""
    found = claimed("y = W @ x", WAXV, "of: x.grad, value: [4, 100]")
    assert (found.entry, found.wrong, found.slips) == ("x.grad[1]", 1, ())
    assert found.reason.startswith("with the contribution of step")
    found = claimed("a = sin(x)\ny = cos(z)", "x: 1, z: 2", "of: x.grad, value: 3", "{of: y}")
    assert found.reason == "nothing arrives at this entry"


def test_the_last_of_many_contributions() -> None:
    """Three thousand are not looked at one by one; the last step is found all the same."""
    found = claimed(
        "for t in range(3000):\n  h = x * 3\ny = h + x", "x: 1", "of: x.grad, value: 0.12345"
    )
    assert found.reason.startswith("with the contribution of step")
    wide = claimed(
        "y = W @ x", "W: {shape: [3000, 1], fill: 1}, x: [1]", "of: x.grad, value: [0.12345]"
    )
    assert wide.step == 4 + 3000 * 3000 + 3000 - 1


def test_an_intermediate_adjoint_and_an_earlier_pass() -> None:
    """Of the last of so many passes; what a later pass does is not looked at."""
    program, inputs = "h = x ** 2\ny = 3 * h\nz = 5 * h", "x: 2"
    found = claimed(program, inputs, "of: h.grad, value: 5, after: 1", "[{of: y}, {of: z}]")
    assert (found.entry, found.truth) == ("h.grad", 3.0)
    text = "of: x.grad, value: 31, after: 2"
    assert claimed(program, inputs, text, "[{of: y}, {of: z}]").truth == 32.0


@pytest.mark.parametrize("zeros", ["show", "skip"])
def test_a_wrong_partial_leads_to_where_it_is_visited(zeros: str) -> None:
    """A local one to itself, a total one to where the output is pulled back."""
    text = (
        "format: 1\ninputs: {x: [1, 2]}\nprogram: |\n  h = x ** 2\n  y = 3 * h\n"
        "claims: [{partial: {of: h, wrt: x}, value: [[2, 0], [0, 5]]},\n"
        f" {{partial: {{of: y, wrt: x}}, value: [[6, 1], [0, 12]]}}]\nview: {{zeros: {zeros}}}\n"
    )
    model = loads(text)
    timeline = Scenario(model).trace().timeline
    local, total = (departure(timeline, claim) for claim in model.claims)
    assert local is not None
    assert total is not None
    assert (local.entry, local.truth, local.claimed) == ("dh[1]/dx[1]", 4.0, 5.0)
    frame = timeline[local.step]
    assert (frame.node.name, frame.row, frame.column) == ("h", 1, 1)
    assert total.entry == "dy[0]/dx[1]"
    assert timeline[total.step].node.name == "y"
    assert timeline[total.step - 1].phase.value == "seed"


def test_a_wrong_partial_of_an_edge_without_steps_leads_to_the_end() -> None:
    """Of one row tril(x, -1) reads nothing, its zeros are skipped, and nothing comes after."""
    model = loads(
        "format: 1\ninputs: {x: [[2]]}\nprogram: y = tril(x, -1)\n"
        "claims: [{partial: {of: y, wrt: x}, value: [[[[1]]]]}]\n"
    )
    timeline = Scenario(model).trace().timeline
    found = departure(timeline, model.claims[0])
    assert found is not None
    assert (found.truth, found.step, len(timeline)) == (0.0, 2, 3)


def test_the_first_departure_of_several_claims() -> None:
    """The one whose step comes first; None where all are right."""
    scenario = load("vector-double-slip")
    timeline, claims = scenario.trace().timeline, scenario.model.claims
    found = run_to_end(first_departure(timeline, claims[::-1]))
    assert found is not None
    assert (found.step, found.claimed) == (5, 6.0)
    assert list(first_departure(timeline, claims[::-1])) == [16, 5]
    assert run_to_end(first_departure(timeline, claims[2:])) is None


@given(traces(most_passes=2), st.data())
def test_any_claim_is_told(trace: Trace, data: st.DataObject) -> None:
    """About every adjoint and every pair of nodes, whatever numbers are claimed."""
    strange = st.sampled_from([0.0, 1.0, -2.5, np.nan, np.inf, 1e300])
    for node, other in product(data.draw(st.sets(st.sampled_from(range(len(
        trace.graph.nodes))), max_size=2)), repeat=2):  # fmt: skip
        m, n = (trace.graph.nodes[k].size for k in (node, other))
        value = np.full((m, n), data.draw(strange))
        rows, columns, exact = np.arange(m), np.arange(n), Tolerance()
        partials = Claim("p", value, node, rows, other, columns, 1, True, exact, {})
        adjoint = adjoint_claim(trace, node, np.full(m, data.draw(strange)))
        for claim in (partials, adjoint):
            found = departure(trace.timeline, claim)
            if found is not None:
                assert f"{found.numbers} {found.text}".isprintable()
                assert 0 <= found.step < len(trace.timeline)
