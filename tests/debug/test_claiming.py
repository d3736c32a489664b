"""``goto claim``: to where a hand-derived number departs, and what it says there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.debug.claimed import adjoint_claim
from tests.strategies import seed_example, traces
from tui_backprop import Session
from tui_backprop.api import Scenario, load
from tui_backprop.debug.claims.claims import departure
from tui_backprop.debug.commands import perform
from tui_backprop.errors import CommandError
from tui_backprop.progress import run_to_end
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.trace import Provenance, Trace

DOUBLE = "format: 1\ninputs: {X: [1, 2, 3]}\nprogram: Y = 2 * X\nbackward: {of: Y, v: [1, 2, 3]}\n"


def session(claims: str, text: str = DOUBLE) -> Session:
    """A session over a scenario that claims this."""
    return Session(Scenario(loads(f"{text}claims: [{claims}]\n")).trace())


@given(traces(), st.data())
def test_it_goes_to_where_the_first_claim_departs(trace: Trace, data: st.DataObject) -> None:
    """The smallest of the steps at which the wrong claims depart; where none does, it stays."""
    shifts = data.draw(st.lists(st.sampled_from([0.0, 0.0, 0.375]), min_size=1, max_size=3))
    names = [data.draw(st.sampled_from(sorted(trace.graph.inputs))) for _ in shifts]
    claims = tuple(
        adjoint_claim(trace, trace.graph.inputs[name], trace.grad[name] + shift)
        for name, shift in zip(names, shifts, strict=True)
    )
    provenance = Provenance(claims)
    walk = Session(Trace(trace.graph, trace.leaves, trace.passes, provenance=provenance))
    walk.goto(data.draw(st.integers(0, walk.last)))
    start = walk.cursor
    answer = run_to_end(perform(walk, "goto claim"))
    wrong = [d for claim in claims if (d := departure(walk.timeline, claim)) is not None]
    assert walk.cursor == min((d.step for d in wrong), default=start)
    assert bool(wrong) == ("is claimed to be" in answer.text)
    assert bool(wrong) == (answer.lines[0].step == walk.cursor and answer.lines[0].step is not None)


def test_the_printed_formula_is_found_and_its_slip_named() -> None:
    """Both of its numbers are wrong; the first one departs first."""
    walk = Session(load("vector-double-slip").trace())
    lines = walk.execute("goto claim").split("\n")
    assert walk.cursor == 5
    assert lines[0] == "X.grad[0] is claimed to be 6.0 and is 2.0"
    assert lines[1].startswith("from step 5 on: wrong index: each v_j multiplies the partial of")
    assert lines[2] == "claim 1, the printed formula, v = (1, 1, 1), wrong on purpose"
    assert lines[3] == "of 4 claims the first to depart; 'goto claim N' goes to one"
    lines = walk.execute("goto claim 2").split("\n")
    assert walk.cursor == 16
    assert "12.0" in lines[0]
    assert len(lines) == 3


def test_where_all_claims_hold_it_says_so_and_stays() -> None:
    """Of all, of the only one, of one among several."""
    right = "{of: X.grad, value: [2, 4, 6]}"
    walk = session(f"{right}, {{of: 'X.grad[1]', value: 4}}")
    walk.goto(6)
    assert walk.execute("goto claim") == "all 2 claims hold"
    assert walk.execute("goto claim 2") == "claim 2, X.grad[1], holds"
    assert session(right).execute("goto claim") == "claim 1, X.grad, holds"
    assert walk.cursor == 6


def test_a_right_claim_that_is_said_to_be_wrong_is_told() -> None:
    """It holds, whatever the scenario says."""
    odd = "{of: X.grad, value: [2, 4, 6], holds: false}"
    assert session(odd).execute("goto claim") == (
        "claim 1, X.grad, holds; the scenario says that claim 1 does not"
    )
    said = session(f"{odd}, {odd}").execute("goto claim")
    assert said == "all 2 claims hold; the scenario says that claims 1, 2 do not"


def test_how_many_numbers_of_a_claim_are_wrong() -> None:
    """And no slip where none is recognised."""
    lines = session("{of: X.grad, value: [2, 7.5, 9.25]}").execute("goto claim").split("\n")
    assert lines[0] == "X.grad[1] is claimed to be 7.5 and is 4.0"
    assert lines[1].startswith("from step 5 on: with the contribution of step 5")
    assert lines[2:] == ["claim 1", "2 of its 3 numbers are wrong"]


def test_after_a_set_the_claims_are_about_other_numbers() -> None:
    """Said beside what is found, until it is undone."""
    walk = session("{of: X.grad, value: [2, 4, 6]}")
    walk.execute("set v = [1, 1, 1]")
    lines = walk.execute("goto claim").split("\n")
    assert lines[0] == "X.grad[1] is claimed to be 4.0 and is 2.0"
    assert lines[-1] == "set now: v = [1, 1, 1]; the claims are about the scenario's own numbers"
    walk.execute("undo")
    assert walk.execute("goto claim") == "claim 1, X.grad, holds"


def test_a_node_called_claim_comes_before_the_word() -> None:
    """A number behind it means a claim all the same."""
    text = "format: 1\ninputs: {X: [1, 2]}\nprogram: claim = 2 * X\n"
    walk = session("{of: X.grad, value: [2, 5]}", text)
    assert walk.execute("goto claim") == "claim"
    assert walk.cursor == walk.trace.graph.names["claim"]
    assert "is claimed to be 5.0" in walk.execute("goto claim 1")


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("goto claim 3", 11, "there is no claim 3: they count from 1 to 2"),
        ("goto  claim  0", 13, "1 to 2"),
        ("goto claim x", 11, "no claim x"), ("goto claim 1 2", 11, "no claim 1 2"),
        ("goto claim " + "9" * 5000, 11, "1 to 2"), ("goto claim ²", 11, "no claim ²"),
    ],
)  # fmt: skip
def test_a_claim_that_is_not_there_is_refused(line: str, column: int, message: str) -> None:
    """With the column of its number, and the cursor stays."""
    walk = session("{of: X.grad, value: [2, 4, 6]}, {of: X.grad, value: [1, 2, 3]}")
    walk.goto(5)
    with pytest.raises(CommandError, match=message) as caught:
        walk.execute(line)
    assert (caught.value.column, walk.cursor) == (column, 5)


def test_without_claims_it_says_what_to_write() -> None:
    """With an input of the scenario."""
    for walk in (Session(load("vector-double").trace()), Session(seed_example())):
        with pytest.raises(CommandError, match=r"claims: \[\{of: X.grad, value: ") as caught:
            walk.execute("goto claim")
        assert (caught.value.column, walk.cursor) == (5, 0)
