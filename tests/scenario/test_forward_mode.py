"""``mode: forward`` in a scenario: the tangent, and every way in which it cannot be."""

from __future__ import annotations

import pytest

from tui_backprop.errors import ScenarioError
from tui_backprop.scenario.load import loads

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
