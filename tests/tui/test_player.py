"""Playing: one step at every tick, until there is a reason to stop."""

from __future__ import annotations

import tui_backprop as tb
from tui_backprop.tui.player import play_step


def test_plays_to_the_end() -> None:
    """The last step says that there is none to come."""
    session = tb.Session(tb.load("vector-double").trace())
    steps = 1
    while play_step(session):
        steps += 1
    assert session.cursor == session.last == steps


def test_stops_where_continue_would() -> None:
    """At each breakpoint and watch, with its name as the reason."""
    played, walked = (tb.Session(tb.load("mlp-2-3-1").trace()) for _ in range(2))
    for session in (played, walked):
        session.execute("watch W1.grad")
        session.execute("break h")
    stops: list[tuple[int, str]] = []
    while played.cursor < played.last:
        if not play_step(played):
            stops.append((played.cursor, played.reason))
    expected: list[tuple[int, str]] = []
    while walked.cursor < walked.last:
        walked.continue_()
        expected.append((walked.cursor, walked.reason))
    assert stops == expected
