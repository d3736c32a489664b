"""Presenting, and the notes beside it: what reaches the screen, and what is refused before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.support import run
from tui_backprop.tui.notes import channel, follower

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.tui.options import Options


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Options]]:
    """What the screen was given, in a terminal that is none."""
    calls: list[tuple[Any, Options]] = []

    def take(scenario: Any, options: Options, _importing: object) -> int:
        calls.append((scenario, options))
        return 0

    monkeypatch.setattr("tui_backprop.tui.run.run", take)
    monkeypatch.setattr("tui_backprop.cli.open.has_terminal", lambda: True)
    return calls


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[Options, str]]:
    """What a terminal of notes was opened with."""
    calls: list[tuple[Options, str]] = []

    class Noted:
        """An app that is over at once."""

        return_code = 0

        def __init__(self, options: Options, wanted: str) -> None:
            calls.append((options, wanted))

        def run(self) -> None:
            """Show nothing."""

    tmp_path.chmod(0o700)
    monkeypatch.setattr(follower, "NotesApp", Noted)
    monkeypatch.setattr(channel, "runtime_folder", lambda: tmp_path / "tb")
    monkeypatch.setattr("tui_backprop.cli.open.has_terminal", lambda: True)
    return calls


def test_a_scenario_is_presented(
    opened: list[tuple[Any, Options]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it is opened, with the same options; recorded where that is asked."""
    path = tmp_path / "walk.replay"
    said = run(capsys, "present", "fan-out", "--theme", "projector", "--record", path)
    assert said.status == 0
    ((scenario, options),) = opened
    assert scenario.model.name == "fan-out"
    assert (options.commands, options.theme) == (("present on",), "projector")
    assert options.recording is not None
    assert path.exists()


def test_a_replay_is_presented(
    opened: list[tuple[Any, Options]], capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not recorded once more."""
    assert run(capsys, "present", "seed").status == 0
    ((scenario, options),) = opened
    assert scenario.model.name == "vector-double"
    assert options.replay is not None
    assert options.commands == ("present on",)
    said = run(capsys, "present", "seed", "--record", "x.replay")
    assert (said.status, len(opened)) == (2, 1)
    assert "recorded already" in said.err


def test_what_is_no_scenario_is_not_presented(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence."""
    said = run(capsys, "present", "fan-outt")
    assert said.status == 2
    assert "fan-out" in said.err


@pytest.mark.parametrize(
    ("words", "wanted"), [((), ""), (("fan-out",), "fan-out"), (("seed",), "vector-double")]
)
def test_notes_follow_any_or_one(
    followed: list[tuple[Options, str]],
    words: tuple[str, ...],
    wanted: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By the scenario's name, also of a replay."""
    assert run(capsys, "notes", *words, "--ascii", "--still").status == 0
    ((options, name),) = followed
    assert (name, options.ascii, options.is_still) == (wanted, True, True)


def test_notes_without_unix_sockets(
    followed: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sentence, and no screen."""
    monkeypatch.setattr(channel, "is_possible", lambda: False)
    said = run(capsys, "notes")
    assert (said.status, followed) == (2, [])
    assert "Unix sockets" in said.err


def test_notes_refuse_what_is_not_the_users(
    followed: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is left as it is."""
    (tmp_path / "tb").mkdir(0o700)
    (tmp_path / "tb" / "notes.socket").write_text("mine")
    said = run(capsys, "notes")
    assert (said.status, followed) == (2, [])
    assert "no socket of yours" in said.err


def test_notes_need_a_terminal(
    followed: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are shown on a screen."""
    monkeypatch.setattr("tui_backprop.cli.open.has_terminal", lambda: False)
    said = run(capsys, "notes")
    assert (said.status, followed) == (2, [])
    assert "screen of their own" in said.err
