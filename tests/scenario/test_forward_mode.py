"""``mode: forward`` in a scenario: the tangent, and every way in which it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_backprop import Session
from tui_backprop.api import Scenario
from tui_backprop.debug.quiz.quiz import questions
from tui_backprop.errors import ScenarioError
from tui_backprop.render.panes.note import first_step_at, notes_at
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from tui_backprop.scenario.model import Note

START = "format: 1\nprogram: |\n  y = x * w\n"
ONE = "inputs: {x: [1, 2]}\nconstants: {w: 3}\n"
TWO = "inputs: {x: [1, 2], w: 3}\n"


def test_the_tangent_of_each_input_that_moves() -> None:
    """In the order of the inputs, whatever that of the file is."""
    model = loads(START + TWO + "mode: forward\ntangent: {w: 1, x: [0, 1]}\n")
    assert model.tangents is not None
    assert {n: t.tolist() for n, t in model.tangents.by_input.items()} == {0: [0, 1], 1: 1}
    assert [*model.tangents.by_input] == [0, 1]
    assert not model.tangents.is_assumed


def test_ones_are_assumed_for_the_only_input() -> None:
    """As v is; and it is remembered that nobody gave them."""
    model = loads(START + ONE + "mode: forward\n")
    assert model.tangents is not None
    assert model.tangents.is_assumed
    assert [t.tolist() for t in model.tangents.by_input.values()] == [[1, 1]]


def test_without_a_mode_nothing_is_pushed() -> None:
    """And ``reverse`` is what is meant without a word."""
    assert loads(START + ONE).tangents is None
    assert loads(START + ONE + "mode: reverse\n").tangents is None


@pytest.mark.parametrize(
    ("rest", "message"),
    [(TWO + "mode: forward\n", "several inputs to begin at: x, w"),
     (ONE + "tangent: {x: [1, 1]}\n", "'tangent' belongs to forward mode"),
     (ONE + "mode: forward\ntangent: {w: 1}\n", "unknown input 'w'"),
     (ONE + "mode: forward\ntangent: {x: [1, 2, 3]}\n", "shape"),
     (ONE + "mode: sideways\n", "sideways"),
     (ONE + "mode: forward\ntangent: {}\n", "at least one entry")],
)  # fmt: skip
def test_what_is_no_tangent(rest: str, message: str) -> None:
    """Each with its place in the file."""
    with pytest.raises(ScenarioError, match=message):
        loads(START + rest)


def test_notes_hang_on_tangents() -> None:
    """``y.tangent[1]`` in a forward walk is where that entry is written."""
    note = 'notes: [{at: "y.tangent[1]", text: here}]\n'
    model = loads(START + ONE + "mode: forward\n" + note)
    assert (model.notes[0].place.name, model.notes[0].place.index) == ("y", (1,))
    with pytest.raises(ScenarioError, match="tangent"):
        loads(START + ONE + note)


@pytest.mark.parametrize("mode", ["mode: forward\n", ""])
def test_no_question_asks_for_a_tangent(mode: str) -> None:
    """It is said where it stands, and what can be asked instead."""
    with pytest.raises(ScenarioError, match="values and reverse mode") as failure:
        loads(START + ONE + mode + "questions:\n  - {at: y.tangent, ask: sum}\n")
    assert "ask at a value, or at X.grad" in str(failure.value)
    assert "at: y.tangent" in str(failure.value)


NOTES = """notes:
  - {at: build, text: built}
  - {at: y, text: node}
  - {at: seed, text: seed}
  - {at: end, text: end}
  - {at: x.grad, text: gradient}
"""


@pytest.mark.parametrize("is_forward", [True, False])
def test_notes_are_of_the_mode_that_they_were_written_for(*, is_forward: bool) -> None:
    """What hangs on a gradient is told in reverse walks, the rest in the scenario's own mode.

    Notes at nodes and at the build are told in either.
    """
    own = "mode: forward\n" + NOTES + "  - {at: y.tangent, text: tangent}\n"
    model = loads(START + ONE + (own if is_forward else NOTES))
    session = Session(Scenario(model).trace())
    assert session.timeline.is_forward is is_forward
    told = {True: told_in(session, model.notes)}
    session.execute("backward" if is_forward else "forward x")
    told[False] = told_in(session, model.notes)
    both, ends = {"built", "node"}, {"seed", "end"}
    if is_forward:
        assert told == {True: both | ends | {"tangent"}, False: both | {"gradient"}}
    else:
        assert told == {True: both | ends | {"gradient"}, False: both}


def told_in(session: Session, notes: tuple[Note, ...]) -> set[str]:
    """The texts of the notes that some step of a walk has, which are those with a first step."""
    timeline = session.timeline
    found = {note.text.get("en") for frame in timeline for note in notes_at(frame, notes)}
    firsts = {n.text.get("en") for n in notes if first_step_at(timeline, n.place) is not None}
    assert found == firsts
    return found


def test_a_forward_scenario_may_ask_about_the_reverse_walk() -> None:
    """As its quiz does; the walk that is opened stays the forward one."""
    question = "questions:\n  - {at: x.grad, ask: sum}\n"
    session = Scenario(loads(START + ONE + "mode: forward\n" + question)).session()
    assert session.timeline.is_forward
    session.execute("backward")
    assert len(questions(session)) == 1
