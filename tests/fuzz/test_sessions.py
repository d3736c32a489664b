"""Whole sessions: whatever is asked in whatever order, the session stays one that makes sense."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.debug.test_saved import numbers, state
from tests.fuzz.effort import effort
from tests.fuzz.lines import lines
from tests.fuzz.scenarios import opened, valid_documents
from tui_backprop.debug.commands.completing import complete
from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from tui_backprop import Session
    from tui_backprop.timeline.timeline import Frame

LONGEST: Final = 700
"""Characters of a complaint."""
MOST: Final = 60_000
"""Characters of an answer."""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a line writes, it writes it there."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    Path("bad").write_bytes(b"step\n\xff\x00 nonsense\n")


def begun(text: str) -> Session:
    """At the first step, with searches that end."""
    session = opened(text).session()
    session.most_searched = 2000
    return session


def told(session: Session, line: str) -> str:
    """What is answered, or refused, to a line; a refusal changes nothing."""
    before, refused = state(session), None
    try:
        answer = session.execute(line)
    except CommandError as error:
        refused, answer = error, str(error)
    if refused is not None:
        assert 0 < len(answer) <= LONGEST, line
        assert refused.column is None or 0 <= refused.column <= len(line), line
        assert state(session) == before, line
    assert len(answer) <= MOST, line
    assert_sound(session)
    return answer


def assert_sound(session: Session) -> None:
    """Cursor, frame and timeline agree."""
    frame = session.frame
    assert 0 <= session.cursor <= session.last
    assert frame.k == session.cursor
    assert frame.timeline is session.timeline
    assert session.timeline.trace is session.trace
    assert len({b.number for b in session.breakpoints}) == len(session.breakpoints)
    assert all(b.number <= session.numbers for b in session.breakpoints)


def looks(frame: Frame) -> Any:
    """What is seen of a frame."""
    seen = [frame.adjoint(node.id).toarray() for node in frame.timeline.nodes]
    return (
        frame.k, frame.phase, frame.node.id, frame.row, frame.column, repr(frame.partial),
        [(values.tobytes(), known.tobytes()) for values, known in seen],
    )  # fmt: skip


def draw_walk(data: st.DataObject, most: int = 12) -> Session:
    """A session after some lines, each answered or refused."""
    session = begun(data.draw(valid_documents(most=4)))
    for _ in range(data.draw(st.integers(0, most))):
        told(session, data.draw(lines(session.trace)))
    return session


@effort(0.25)
@given(st.data())
def test_every_line_is_answered_or_refused(data: st.DataObject) -> None:
    """Whatever the command, whatever the argument, at any step, after any other lines."""
    draw_walk(data, 20)


@effort(0.15)
@given(st.data())
def test_every_beginning_of_a_line_can_be_completed(data: st.DataObject) -> None:
    """By words that begin at a place of the line, and nothing is done by asking."""
    session = draw_walk(data, 4)
    before = state(session)
    for _ in range(4):
        line = data.draw(lines(session.trace))
        line = line[: data.draw(st.integers(0, len(line)))]
        found = complete(session, line)
        assert 0 <= found.start <= len(line)
        assert all(word.startswith(line[found.start :]) for word in found.words)
        assert len(found.words) < 2000
    assert state(session) == before


@effort(0.15)
@given(st.data())
def test_what_is_saved_comes_back(data: st.DataObject) -> None:
    """In a fresh session of the same scenario; and saved again it is the same file."""
    text = data.draw(valid_documents(most=4))
    session, fresh = begun(text), begun(text)
    for _ in range(data.draw(st.integers(0, 14))):
        told(session, data.draw(lines(session.trace)))
    file = Path("kept")
    file.unlink(missing_ok=True)
    session.execute(f"save {file}")
    kept = file.read_text(encoding="utf-8")
    fresh.execute(f"source {file}")
    assert state(fresh) == state(session), kept
    fresh.execute(f"save {file}")
    assert file.read_text(encoding="utf-8") == kept


@effort(0.15)
@given(st.data())
def test_undo_and_redo_lead_there_and_back(data: st.DataObject) -> None:
    """As often as something was set, to the last bit."""
    session = draw_walk(data)
    before, done = numbers(session), len(session.history.done)
    for line in ("undo", "redo"):
        for _ in range(done):
            session.execute(line)
            assert_sound(session)
    assert numbers(session) == before


@effort(0.15)
@given(st.data(), st.sampled_from(["step", "next", "finish"]))
def test_back_after_forward_is_where_one_was(data: st.DataObject, unit: str) -> None:
    """Frame by frame, whatever was set and asked before, without breakpoints."""
    session = draw_walk(data, 6)
    session.execute("delete")
    session.execute("restart")
    seen = [looks(session.frame)]
    for _ in range(data.draw(st.integers(1, 30))):
        if session.cursor == session.last:
            break
        session.execute(unit)
        assert looks(session.timeline[session.cursor]) == looks(session.frame)
        seen.append(looks(session.frame))
    while len(seen) > 1:
        seen.pop()
        session.execute(f"reverse-{unit}")
        assert looks(session.frame) == seen[-1]
    assert session.cursor == 0
