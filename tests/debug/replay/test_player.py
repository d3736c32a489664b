"""To and fro: what is recorded is what is replayed, and back is the way there."""

from __future__ import annotations

import ast
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.strategies import traces
from tui_backprop.debug.commands import execute
from tui_backprop.debug.debugger import Debugger
from tui_backprop.debug.replay.player import Player, checked
from tui_backprop.debug.replay.reader import read
from tui_backprop.debug.replay.recorder import Recorder
from tui_backprop.debug.replay.script import Do, Line, Script
from tui_backprop.errors import CommandError
from tui_backprop.program.text.nesting import DEEPEST
from tui_backprop.progress import run_to_end

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.debug.session import Session
    from tui_backprop.timeline.trace import Trace

LINES = st.sampled_from(
    ["step", "step 3", "reverse-step", "next", "reverse-next", "finish", "continue",
     "reverse-continue", "goto 0", "goto 2", "goto 7", "end", "restart", "zeros", "undo", "redo",
     "set v = 2", "break step 3", "tbreak phase seed", "break if step == 4", "delete", "disable 1",
     "display step", "undisplay", "print step", "nonsense", "goto 99999", "# a comment", "",
     "info breakpoints", "where"]
)  # fmt: skip


def state(session: Session) -> tuple[Any, ...]:
    """Everything that commands can change, as far as it can be compared."""
    return (
        session.cursor,
        session.direction,
        session.reason,
        session.timeline.zeros,
        [(b.number, b.text, b.is_enabled, b.ignore, b.hits) for b in session.breakpoints],
        [asked.text for asked in session.displays],
        session.history.in_force,
        [x.tobytes() for x in session.trace.grad.values()],
    )


def recorded(trace: Trace, lines: list[str]) -> tuple[Debugger, str, list[tuple[Any, ...]]]:
    """A session in which these were tried, what was written, and the state after each that was."""
    session, stream = Debugger(trace), StringIO()
    Recorder(stream, lambda: 0.0, "seed", "").listen(session)
    states = []
    for line in lines:
        written = stream.getvalue()
        try:
            session.execute(line)
        except CommandError:
            assert stream.getvalue() == written
        if stream.getvalue() != written:
            states.append(state(session))
    return session, stream.getvalue(), states


@given(traces(), st.lists(LINES, max_size=12))
def test_what_was_recorded_is_what_is_replayed(trace: Trace, lines: list[str]) -> None:
    """After each command the same state, and the same frame to the last bit."""
    session, text, states = recorded(trace, lines)
    player = Player(Debugger(trace), read(text))
    found = []
    while player.next_line is not None:
        run_to_end(player.forward())
        found.append(state(player.session))
    assert found == states
    one, other = session.frame, player.session.frame
    assert (one.k, one.phase, one.node.id) == (other.k, other.phase, other.node.id)
    for node in range(len(trace.graph.nodes)):
        at = np.arange(one.adjoint(node).size)
        np.testing.assert_array_equal(one.adjoint(node).at(at), other.adjoint(node).at(at))


@given(traces(), st.lists(LINES, max_size=12), st.lists(st.integers(0, 12), max_size=6))
def test_back_is_the_way_there_and_a_jump_is_so_many_lines(
    trace: Trace, lines: list[str], jumps: list[int]
) -> None:
    """Whatever was done in between by hand is gone when the replay goes on."""
    _, text, _ = recorded(trace, lines)
    player = Player(Debugger(trace), read(text))
    states = [state(player.session)]
    while player.next_line is not None:
        run_to_end(player.forward())
        states.append(state(player.session))
    for jump in jumps:
        run_to_end(player.seek(jump))
        assert player.position == min(jump, player.length)
        assert state(player.session) == states[player.position]
        execute(player.session, "end")
        execute(player.session, "display phase")
    player.resume()
    while player.position:
        assert player.back()
        assert state(player.session) == states[player.position]
    assert not player.back()


def test_a_line_that_cannot_be_carried_out_changes_nothing() -> None:
    """The player stands before it, also after a jump over it."""
    session = tb.load("vector-double").session()
    script = Script("x", "", (Line(1, Do("step 2")), Line(2, Do("goto 999")), Line(3, Do("step"))))
    player = Player(session, script)
    with pytest.raises(CommandError):
        run_to_end(player.seek(3))
    assert (player.position, session.cursor) == (1, 2)


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("X.grad[0] == 2", ""),
        ("X.grad[0] == 5", "X.grad[0] = 2"),
        ("X.grad[0] > X.grad[1]", "X.grad[0] = 2, X.grad[1] = 4"),
        ("isnan(X.grad[0])", "isnan(X.grad[0]) = 0"),
    ],
)
def test_a_claim_says_what_was_found(claim: str, found: str) -> None:
    """Both sides of a comparison, as far as they are no plain numbers."""
    session = tb.load("vector-double").session()
    session.end()
    assert checked(session, claim) == found


def test_a_file_of_commands_is_recorded_as_its_lines(tmp_path: Path) -> None:
    """All of them or none, and the one that failed not at all."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("step 2\nbreak step 5\n")
    bad.write_text("step\nnonsense\n")
    session, stream = tb.load("vector-double").session(), StringIO()
    Recorder(stream, lambda: 0.0, "vector-double", "").listen(session)
    session.execute(f"source {good}")
    with pytest.raises(CommandError):
        session.execute(f"source {bad}")
    acts = [line.act for line in read(stream.getvalue()).lines]
    assert acts == [Do("step 2"), Do("break step 5")]


def test_who_compares_with_a_file_is_recorded_as_going_there(tmp_path: Path) -> None:
    """A replay reads no other scenario; it stands where the walk stood."""
    session, stream = tb.load("vector-double").session(), StringIO()
    Recorder(stream, lambda: 0.0, "vector-double", "").listen(session)
    session.execute("compare vector-double-ones")
    assert session.cursor
    assert [line.act for line in read(stream.getvalue()).lines] == [Do(f"goto {session.cursor}")]


def test_a_stream_that_breaks_ends_the_recording_and_not_the_walk(tmp_path: Path) -> None:
    """The person is told once."""
    path = tmp_path / "walk"
    stream = path.open("w")
    session = tb.load("vector-double").session()
    recorder = Recorder(stream, lambda: 0.0, "vector-double", "")
    told: list[str] = []
    recorder.when_lost = told.append
    recorder.listen(session)
    stream.close()
    session.execute("step")
    session.execute("step")
    assert session.cursor == 2
    assert len(told) == 1


def test_a_claim_of_a_long_sum_is_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the reader that flattens sums sees it; its text is said with what it came to."""
    session = tb.load("vector-double").session()
    session.end()
    claim = "X.grad[0]" + " + 1" * (DEEPEST + 1) + " == 5"
    parse = ast.parse

    def flat(text: str, mode: str = "exec") -> ast.AST:
        assert text.count("+") <= DEEPEST
        return parse(text, mode=mode)

    monkeypatch.setattr(ast, "parse", flat)
    assert checked(session, claim) == f"{claim} = 0"


def test_a_claim_of_several_parts_says_what_each_part_is() -> None:
    """Inside of and, or and not."""
    session = tb.load("vector-double").session()
    session.end()
    assert checked(session, "X.grad[0] == 2 and not X.grad[1] == 4") == (
        "X.grad[0] = 2, X.grad[1] = 4"
    )


def test_a_line_under_way_when_the_replay_is_moved_counts_for_nothing(tmp_path: Path) -> None:
    """The player stays where it was put, and the walk with it."""
    path = tmp_path / "long.yaml"
    path.write_text(
        "format: 1\ntitle: long\ninputs:\n  A: {shape: [8, 8], random: normal, seed: 1}\n"
        "program: Y = A @ A\nbackward: {of: Y}\n"
    )
    session = tb.load(path).session()
    never = Do("until step * 0 + sin(step) > 2")
    player = Player(session, Script("x", "", (Line(1, Do("step 2")), Line(2, never))))
    run_to_end(player.forward())
    work = player.forward()
    next(work)
    player.back()
    with pytest.raises(CommandError, match="moved"):
        run_to_end(work)
    assert (player.position, session.cursor) == (0, 0)
    run_to_end(player.forward())
    assert (player.position, session.cursor) == (1, 2)
