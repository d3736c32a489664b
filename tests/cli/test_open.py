"""Opening: what reaches the screen, and what happens where there is none."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.support import DOUBLE, run, write
from tui_backprop.cli import open as open_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.api import Scenario
    from tui_backprop.tui.options import Options


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Scenario | None, Options]]:
    """What the screen was given, in a terminal that is none."""
    calls: list[tuple[Scenario | None, Options]] = []

    def take(scenario: Scenario | None, options: Options, _importing: object) -> int:
        calls.append((scenario, options))
        return 0

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("tui_backprop.tui.run.run", take)
    monkeypatch.setattr("tui_backprop.cli.open.has_terminal", lambda: True)
    return calls


@pytest.mark.parametrize("words", [[], ["vector-double"], ["open", "vector-double"]])
def test_without_a_terminal_it_says_what_to_do_instead(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2, one line."""
    said = run(capsys, *words)
    assert (said.status, said.out) == (2, "")
    assert "tui-backprop trace" in said.err
    assert "tui-backprop list" in said.err


def test_bad_input_is_reported_without_a_screen(
    tmp_path: Path, opened: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """The terminal stays as it was."""
    said = run(capsys, write(tmp_path, DOUBLE.replace("2 * X", "tahn(X)")))
    assert said.status == 2
    assert "tahn" in said.err
    assert opened == []


def test_a_scenario_is_opened(
    tmp_path: Path,
    opened: list[tuple[Scenario | None, Options]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Read already, with the options of the command line."""
    config = tmp_path / "keys.toml"
    config.touch()
    words = ["--lang", "zh", "--ascii", "--no-color", "--limit", "nodes=50"]
    assert run(capsys, write(tmp_path, DOUBLE), *words, "--config", config).status == 0
    ((scenario, options),) = opened
    assert scenario is not None
    assert scenario.title == "twice"
    assert (options.language, options.ascii, options.color) == ("zh", True, False)
    assert (options.limits.nodes, options.config) == (50, config)
    assert gc.isenabled()


@pytest.mark.parametrize("more", [("--batch", "-e", "step"), ()], ids=["batch", "screen"])
def test_a_configuration_that_is_named_must_be_there(
    tmp_path: Path,
    opened: list[tuple[Scenario | None, Options]],
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
) -> None:
    """Bad usage: nothing is done with the defaults in its place."""
    missing = tmp_path / "nope.toml"
    found = run(capsys, write(tmp_path, DOUBLE), "--config", missing, *more)
    assert (found.status, found.out, opened) == (2, "", [])
    assert "--config" in found.err
    assert f"there is no file '{missing}'" in found.err


def test_commands_and_history_reach_the_screen(
    opened: list[tuple[Scenario | None, Options]], capsys: pytest.CaptureFixture[str]
) -> None:
    """In the order they were given; the history is a file of the user's, unless it is refused."""
    run(capsys, "vector-double", "-e", "break Y", "-x", "a file", "-e", "continue")
    run(capsys, "vector-double", "--no-history")
    (_, first), (_, second) = opened
    assert first.commands == ("break Y", "source a file", "continue")
    assert first.history is not None
    assert (first.history.name, first.history.parent.name) == ("history", "tui-backprop")
    assert (second.commands, second.history) == ((), None)


def test_without_a_scenario_the_picker_is_opened(
    opened: list[tuple[Scenario | None, Options]], capsys: pytest.CaptureFixture[str]
) -> None:
    """With the defaults."""
    assert run(capsys).status == 0
    ((scenario, options),) = opened
    assert scenario is None
    assert (options.language, options.ascii, options.color) == ("en", False, True)


def test_colours_and_stillness_reach_the_screen(
    opened: list[tuple[Scenario | None, Options]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A theme that there is; the environment may ask for stillness, too."""
    monkeypatch.delenv("TEXTUAL_ANIMATIONS", raising=False)
    run(capsys, "--theme", "projector", "vector-double", "--still")
    run(capsys, "vector-double")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    run(capsys, "vector-double")
    found = [(options.theme, options.is_still) for _, options in opened]
    assert found == [("projector", True), ("", False), ("", True)]
    said = run(capsys, "vector-double", "--theme", "projektor")
    assert said.status == 2
    assert "there is no theme 'projektor'; did you mean 'projector'?" in said.err
    assert len(opened) == 3


def test_no_color_in_the_environment_counts(
    opened: list[tuple[Scenario | None, Options]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As the convention has it: set and not empty."""
    monkeypatch.setenv("NO_COLOR", "1")
    run(capsys, "vector-double")
    assert not opened[0][1].color


def test_a_scenario_that_is_called_like_a_command_is_a_path(
    tmp_path: Path,
    opened: list[tuple[Scenario | None, Options]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """./check is a file, check is a command."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, DOUBLE, "check")
    assert run(capsys, "./check").status == 0
    assert opened[0][0] is not None


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_every_stream_must_be_a_terminal(stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen reads one and draws on another; the third means that text is wanted."""

    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, Terminal())
    assert open_scenario.has_terminal()
    monkeypatch.setattr(sys, stream, None)
    assert not open_scenario.has_terminal()
