"""Replays and files of commands: played twice they say the same, damaged they are refused."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import tui_backprop as tb
from tests.cli.support import run
from tests.debug.test_saved import state
from tests.fuzz.arguments import assert_leaves_well
from tests.fuzz.changed import damaged
from tests.fuzz.effort import LIMIT_WORDS, LIMITS, effort
from tests.fuzz.lines import lines
from tests.fuzz.replays import replays
from tests.fuzz.scenarios import opened, valid_documents
from tui_backprop.errors import CommandError
from tui_backprop.progress import run_to_end
from tui_backprop.replays import Recording, load_replay

if TYPE_CHECKING:
    from tui_backprop.api import Scenario


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a line writes, it writes it there."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


def filed(text: str) -> Scenario:
    """A scenario in the file that the replays name."""
    Path("drawn.yaml").write_text(text, encoding="utf-8")
    return tb.load("drawn.yaml", LIMITS)


@effort(0.2)
@given(
    data=st.data(),
    text=valid_documents(most=3),
    how=st.sampled_from([(), ("--plain",)]),
    language=st.sampled_from(["en", "zh"]),
)
def test_a_replay_plays_the_same_twice_or_is_refused(
    data: st.DataObject,
    text: str,
    how: tuple[str, ...],
    language: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With exit status 0, 1 or 2, and never a traceback."""
    scenario = filed(text)
    script = data.draw(replays(scenario.trace()))
    Path("a.replay").write_text(script, encoding="utf-8", errors="surrogatepass", newline="")
    words = ("replay", "a.replay", "--headless", "--fast", "--lang", language, *how, *LIMIT_WORDS)
    first = run(capsys, *words)
    assert_leaves_well(first)
    assert run(capsys, *words) == first


@effort(0.15)
@given(st.data(), valid_documents(most=3))
def test_what_was_recorded_is_played_to_the_same_state(data: st.DataObject, text: str) -> None:
    """Whatever was done: what was refused left no line."""
    scenario = filed(text)
    session = scenario.session()
    session.most_searched = LIMITS.searched
    Path("kept.replay").unlink(missing_ok=True)
    recording = Recording(Path("kept.replay"), scenario)
    recording.listen(session)
    try:
        for _ in range(data.draw(st.integers(0, 10))):
            line = data.draw(lines(session.trace))
            if not line.startswith(("save", "source", "compare")):
                with suppress(CommandError):
                    session.execute(line)
    finally:
        recording.close()
    player = load_replay("kept.replay", LIMITS).player(LIMITS.searched)
    while player.next_line is not None:
        run_to_end(player.forward())
    assert state(player.session) == state(session)


@effort(0.2)
@given(st.data(), valid_documents(most=3))
def test_a_file_of_commands_is_carried_out_wholly_or_not_at_all(
    data: st.DataObject, text: str
) -> None:
    """Saved and damaged, or put together: what is refused leaves the session as it was."""
    session = opened(text).session()
    session.most_searched = LIMITS.searched
    drawn = st.lists(lines(session.trace), max_size=8)
    for line in data.draw(drawn):
        with suppress(CommandError):
            session.execute(line)
    Path("kept").unlink(missing_ok=True)
    session.execute("save kept")
    raw = Path("kept").read_bytes()
    body = "\n".join(data.draw(drawn)).encode("utf-8", "surrogatepass")
    Path("kept").write_bytes(data.draw(damaged(data.draw(st.sampled_from([raw, body])))))
    before, complaint = state(session), ""
    try:
        session.execute("source kept")
    except CommandError as error:
        complaint = str(error) or "nothing was said"
    assert complaint != "nothing was said"
    assert len(complaint) < 2000
    if complaint:
        assert state(session) == before


@effort(0.5)
@given(st.binary(max_size=80))
def test_any_bytes_are_no_replay(raw: bytes) -> None:
    """They are refused by a sentence."""
    assume(b"replay: 1" not in raw)
    Path("a.replay").write_bytes(raw)
    with pytest.raises(tb.TuiBackpropError):
        load_replay("a.replay", LIMITS)
