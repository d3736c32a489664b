"""What was set and can be undone: as many numbers as one likes, in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.api import Scenario
from tui_backprop.debug import history as trials
from tui_backprop.debug.commands.saved import commands_in_force
from tui_backprop.errors import CommandError
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop import Session

TEXT = """\
format: 1
inputs: {X: [1, 2, 3]}
constants: {w: [3, 1, 2]}
program: Y = w * sin(X)
"""


def session() -> Session:
    """A walk."""
    return Scenario(loads(TEXT)).session()


MOVES = st.lists(
    st.sampled_from(["set X[0] = 5", "set X = 2 * X", "set v = [1, 0, 2]", "undo", "redo"]),
    max_size=12,
)


def done(moves: Sequence[str]) -> list[object]:
    """All that can be seen after each move, and what would be saved at the end."""
    walk, seen = session(), list[object]()
    for move in moves:
        try:
            said = walk.execute(move)
        except CommandError as error:
            said = str(error)
        grad, values = walk.trace.grad["X"].tolist(), walk.trace.values["Y"].tolist()
        seen.append((said, walk.cursor, walk.history.in_force, grad, values))
    return [*seen, *commands_in_force(walk)]


@given(MOVES, st.integers(0, 30))
def test_undoing_is_the_same_however_little_is_kept(moves: list[str], room: int) -> None:
    """What there is no room for is evaluated again, to the last bit."""
    expected = done(moves)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(trials, "_ROOM", room)
        assert done(moves) == expected


@given(st.integers(0, 100), st.integers(1, 12))
def test_evaluations_are_kept_as_far_as_there_is_room(room: int, sets: int) -> None:
    """The first, whose numbers are shown beside the present ones, and the last before all."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(trials, "_ROOM", room)
        walk = session()
        for k in range(sets):
            walk.execute(f"set X[0] = {k}")
    kept = [numbers.trace for _, numbers in walk.history.done if numbers.trace is not None]
    assert sum(t.graph.elements for t in kept) <= room
    assert len(kept) == min(sets, room // walk.trace.graph.elements)
    assert (walk.history.baseline is not None) is (room >= walk.trace.graph.elements)


def test_leaves_that_are_held_for_undo_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What others share is counted once; undoing makes room again."""
    monkeypatch.setattr(trials, "_MOST_BYTES", 3 * 24)
    walk = session()
    walk.execute("set X[0] = 5")
    walk.execute("set X[0] = 6")
    walk.execute("set X[0] = 7")
    with pytest.raises(CommandError, match="undo some of it first"):
        walk.execute("set X[0] = 8")
    assert walk.trace.values["X"][0] == 7
    walk.execute("undo")
    walk.execute("set X[0] = 8")
    assert walk.trace.values["X"][0] == 8
