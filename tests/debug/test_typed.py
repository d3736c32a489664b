"""What is typed nearly right: numbers for v, assignments without set, and answers to long words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import seed_example
from tui_backprop import Session
from tui_backprop.debug.commands import COMMANDS
from tui_backprop.errors import CommandError

MOST = 700
"""Characters of the longest complaint."""


def test_one_entry_of_the_seed_is_set_anywhere() -> None:
    """Before the seed is placed, too, as all of v can be."""
    session = Session(seed_example())
    session.execute("set v[1] = 0")
    run = session.trace.runs[0]
    assert run is not None
    np.testing.assert_array_equal(run.seed, [1, 0, 3])
    session.execute("set v[-1] = 2 * X[0]")
    assert session.trace.grad["X"].tolist() == [2, 0, 4]
    with pytest.raises(CommandError, match=r"it has no entry \[7\]"):
        session.execute("set v[7] = 1")
    with pytest.raises(CommandError, match="is one number; found 2"):
        session.execute("set v[0] = [1, 2]")


@pytest.mark.parametrize("line", ["v = [1, 0, 0]", "X = 2 * X", "X[0] = 5", "X=[1,2,3]"])
def test_an_assignment_without_set(line: str) -> None:
    """It is told whole what to type."""
    session = Session(seed_example())
    with pytest.raises(CommandError, match="numbers are set by: set ") as caught:
        session.execute(line)
    assert str(caught.value).endswith(line)
    session.execute(str(caught.value).partition("by: ")[2])


@given(
    command=st.sampled_from(["", *(c.name for c in COMMANDS if not c.files)]),
    unit=st.sampled_from(["9", "x", "X", "[", "X ", "1 ", "x = ", "if ", "'", "é", "X.grad", "#1"]),
)
def test_a_complaint_is_short_however_much_was_typed(command: str, unit: str) -> None:
    """It repeats the beginning of what it cannot carry out."""
    complaint = ""
    try:
        Session(seed_example()).execute(f"{command} {unit * 5000}")
    except CommandError as error:
        complaint = str(error)
    assert len(complaint) <= MOST


def test_a_step_of_5000_digits() -> None:
    """The range of steps is told, and not the number."""
    with pytest.raises(CommandError) as caught:
        Session(seed_example()).execute("goto " + "9" * 5000)
    assert str(caught.value) == f"there is no step {'9' * 40}…: they count from 0 to 12"
