"""How every command ends."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from typing import NoReturn

import pytest
import yaml

import tui_backprop
from tests.cli.support import run, start
from tui_backprop.cli.commands import NAMES, find


def _fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_given: object) -> NoReturn:
        raise error

    monkeypatch.setattr("tui_backprop.cli.pages.about._line", fail)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """With its summary, and the exit statuses."""
    said = run(capsys, "--help")
    assert said.status == 0
    for command in map(find, NAMES):
        assert command.name in said.out
        assert command.summary in said.out, f"'{command.summary}' must fit into one line"
    assert "Exit status" in said.out


@pytest.mark.parametrize("command", tuple(map(find, NAMES)), ids=lambda command: command.name)
def test_every_command_has_its_help(
    command: tui_backprop.cli.commands.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each begins with how it is called."""
    said = run(capsys, command.name, "--help")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith(f"usage: tui-backprop {command.name}")


def test_version(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's own, and those that a report of a fault needs."""
    monkeypatch.setenv("TERM_PROGRAM", "")
    monkeypatch.setenv("TERM", "xterm-\x1b[31m256color")
    said = run(capsys, "--version")
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == f"tui-backprop {tui_backprop.__version__}"
    for name, package in {"NumPy": "numpy", "SymPy": "sympy", "Textual": "textual"}.items():
        assert f"{name} {metadata.version(package)}" in lines
    scanner = "with" if yaml.__with_libyaml__ else "without"
    assert f"PyYAML {yaml.__version__} {scanner} libyaml" in lines
    assert lines[-1] == "terminal xterm-[31m256color"


@pytest.mark.parametrize(
    "words",
    [["trace"], ["trace", "a", "b"], ["check"], ["ops", "x", "y"],
     ["trace", "--format", "pdf", "x"],
     ["--limit", "nodes=many", "x"], ["--limit", "shoes=1", "x"], ["--limit", "nodes=-1", "x"],
     ["completion", "tcsh"], ["--nonsense"]],
)  # fmt: skip
def test_wrong_usage_is_status_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The message says what was expected, and nothing is printed to stdout."""
    said = run(capsys, *words)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("usage: tui-backprop")
    assert "error: " in said.err


def test_what_was_typed_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Also in the message about it."""
    said = run(capsys, "trace", "\x1b[31mx.yaml")
    assert "\x1b" not in said.err
    assert "\x1b" not in run(capsys, "list", "\x1b[31m").err


@pytest.mark.parametrize("words", [["vectr-double"], ["trace", "vectr-double"]])
def test_an_unknown_name_gets_the_nearest(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of shipped scenarios."""
    said = run(capsys, *words)
    assert said.status == 2
    assert said.err.count("\n") == 1
    assert "did you mean 'vector-double'?" in said.err


def test_a_mistyped_command_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """It was taken for a scenario."""
    assert "did you mean 'check'?" in run(capsys, "chekc").err


def test_an_error_of_the_program_itself_is_not_bad_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 70 and what to do about it, no traceback."""
    _fail_with(monkeypatch, RuntimeError("a surprise\nin two lines"))
    said = run(capsys, "ops")
    assert said.status == 70
    assert "RuntimeError: a surprise" in said.err
    assert "--traceback" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("by_environment", [False, True])
def test_a_traceback_is_shown_when_asked_for(
    by_environment: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the option or by the environment."""
    _fail_with(monkeypatch, RuntimeError("a surprise"))
    if by_environment:
        monkeypatch.setenv("TUI_BACKPROP_TRACEBACK", "1")
    said = run(capsys, "ops", *([] if by_environment else ["--traceback"]))
    assert said.status == 70
    assert "Traceback" in said.err


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "tui-backprop: interrupted\n"),
        (MemoryError(), 2, "tui-backprop: there is not enough memory for this scenario\n"),
        (OSError(28, "No space left on device"), 2, "tui-backprop: No space left on device\n"),
    ],
)
def test_other_ends(
    error: BaseException,
    status: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """None of them is a bug."""
    _fail_with(monkeypatch, error)
    said = run(capsys, "ops")
    assert (said.status, said.err) == (status, message)


def test_a_reader_that_leaves_is_no_error() -> None:
    """``tui-backprop trace … | head -1`` says nothing on stderr."""
    command = [sys.executable, "-m", "tui_backprop", "trace", "--no-formulas"]
    with subprocess.Popen(
        [*command, "vector-double-slip"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_python_m_is_the_same_program() -> None:
    """Its own name included."""
    found = start("--version")
    assert (found.returncode, found.stderr) == (0, b"")
    assert found.stdout.decode().startswith(f"tui-backprop {tui_backprop.__version__}\n")


def test_a_stream_that_knows_only_ascii_gets_ascii() -> None:
    """Glyphs have stand-ins; what is left is escaped, never an error."""
    found = start("trace", "vector-double", PYTHONIOENCODING="ascii")
    assert (found.returncode, found.stderr) == (0, b"")
    assert found.stdout.isascii()
    assert b"dy(1)/dx(1) = 2" in found.stdout
