"""Commands without a screen, and before one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.support import DOUBLE, run, start, write
from tests.marks import few_of

if TYPE_CHECKING:
    from pathlib import Path


def test_answers_are_printed_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lines and files as they were given."""
    file = write(tmp_path, "# a comment\ncontinue\nprint X.grad\n", "commands")
    said = run(capsys, write(tmp_path, DOUBLE), "--batch", "-e", "break write X.grad[1]", "-x",
               file, "-e", "p step")  # fmt: skip
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "breakpoint 1: write X.grad[1]: set; first at step 5, line 1: Y = 2 * X",
        "breakpoint 1: write X.grad[1]",
        "X.grad = [2, 4, ·]",
        "step = 5",
    ]


def test_answers_are_in_the_language_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """As on the screen; the names and formulas of the program stay."""
    said = run(capsys, "where-sqrt", "--batch", "--lang", "zh", "-e", "end", "-e", "origin nan")
    assert (said.status, said.err) == (0, "")
    assert "where" in said.out
    assert "sqrt(where(x > 0, x, 1))" in said.out
    assert "the cure is" not in said.out
    assert "办法是" in said.out


def test_nothing_to_do_is_nothing_said(capsys: pytest.CaptureFixture[str]) -> None:
    """And all is well."""
    said = run(capsys, "vector-double", "--batch")
    assert (said.status, said.out, said.err) == (0, "", "")


def test_a_command_that_fails_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    """What was said before is said; the caret stands under the column; nothing comes after."""
    said = run(capsys, "vector-double", "--batch", "-e", "p step", "-e", "print norm(Q)", "-e",
               "p step")  # fmt: skip
    assert (said.status, said.out) == (2, "step = 0\n")
    message, line, caret = said.err.splitlines()
    assert message.startswith("tui-backprop: there is no 'Q'")
    assert caret.index("^") == line.index("Q")


@pytest.mark.parametrize("line", ["undo", "goto 99", "nonsense", "save", "source /no/such/file"])
def test_whatever_fails_is_said(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2, no traceback, nothing on stdout."""
    said = run(capsys, "vector-double", "--batch", "-e", line)
    assert (said.status, said.out) == (2, "")
    assert line in said.err
    assert "Traceback" not in said.err


def test_what_is_set_is_kept_beside_the_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And read from there again."""
    path = write(tmp_path, DOUBLE)
    run(capsys, path, "--batch", "-e", "break Y if X[0] > 0", "-e", "set X[0] = 5", "-e", "save")
    assert (tmp_path / "scenario.commands").exists()
    said = run(capsys, path, "--batch", "-e", "source", "-e", "info breakpoints", "-e", "p X")
    assert "Y if X[0] > 0" in said.out
    assert "X = [5, 2, 3]" in said.out


@pytest.mark.parametrize("words", [["--batch"], ["-e", "step"]])
def test_commands_need_a_scenario(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to carry them out in."""
    said = run(capsys, *words)
    assert said.status == 2
    assert "name a scenario" in said.err


def test_it_works_without_a_terminal_and_loads_none() -> None:
    """In a process of its own, in a plain locale."""
    said = start("vector-double", "--batch", "-e", "end", "-e", "print X.grad", LC_ALL="C",
                 PYTHONUTF8="0", PYTHONIOENCODING="ascii")  # fmt: skip
    assert (said.returncode, said.stderr) == (0, b"")
    assert said.stdout.splitlines() == [b"X.grad = [2, 4, 6]"]


@pytest.mark.few(2)
@pytest.mark.skipif(os.name != "posix", reason="pipes and devices are Unix's")
@pytest.mark.parametrize(
    ("words", "kind"),
    few_of(
        [
            (("-x", "{}"), "/dev/zero"),
            (("-x", "{}"), "pipe"),
            (("-e", "save {}"), "pipe"),
            (("-e", "save {}"), "loop"),
            (("-e", "source {}"), "."),
        ],
        [("-x", "{}"), ("-e", "save {}"), ("-e", "source {}")],
        ["pipe", "/dev/zero", "loop", "."],
    ),
)
def test_nobody_waits_for_what_is_no_file(
    words: tuple[str, str], kind: str, tmp_path: Path
) -> None:
    """Nor reads what has no end; in a process of its own, which could be killed."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    said = start("vector-double", "--batch", words[0], words[1].format(tmp_path / kind))
    assert (said.returncode, said.stdout) == (2, b"")
    assert said.stderr.count(b"\n") < 5


def test_a_file_of_commands_in_a_folder_that_may_only_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read; only save is refused, and says why."""
    path = write(tmp_path, DOUBLE)
    write(tmp_path, "step 3\n", "scenario.commands")
    opened = os.open

    def read_only(name: str, flags: int, mode: int = 0o777, **named: int) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(13, "Permission denied")
        return opened(name, flags, mode, **named)

    monkeypatch.setattr(os, "open", read_only)
    said = run(capsys, path, "--batch", "-e", "source", "-e", "p step")
    assert (said.status, said.out) == (0, "step = 3\n")
    (tmp_path / "scenario.commands").unlink()
    said = run(capsys, path, "--batch", "-e", "save")
    assert said.status == 2
    assert "scenario.commands: Permission denied" in said.err


def test_a_search_without_an_end_is_given_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody watches: after so many steps it says where it is, and how to look further."""
    scenario = tmp_path / "long.yaml"
    scenario.write_text("format: 1\ninputs: {x: {shape: [500], fill: 1}}\nprogram: y = 2 * x\n"
                        "backward: {of: y}\nbreakpoints: [break if sin(step) > 2]\n")  # fmt: skip
    replay = tmp_path / "long.replay"
    replay.write_text("# tui-backprop replay\nreplay: 1\nscenario: long.yaml\n\nstep 3\ncontinue\n")
    few = ("--limit", "searched=3")
    for words in (
        (str(scenario), "--batch", "-e", "continue"),
        ("replay", str(replay), "--headless", "--fast"),
    ):
        assert run(capsys, *words).status == 0
        refused = run(capsys, *words, *few)
        assert refused.status == 2
        assert "looked at 3 steps one by one" in refused.err
        assert "--limit searched=30" in refused.err


@pytest.mark.parametrize("line", ["goto {}", "print x[{}]", "break {}", "step {}", "goto no{}"])
def test_a_long_line_is_refused_in_a_short_block(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of what was typed there is a piece, with the caret under the place that is meant."""
    said = run(capsys, "vector-double", "--batch", "-e", line.format("9" * 5000))
    assert (said.status, said.out) == (2, "")
    assert len(said.err) < 1000


def test_a_long_word_of_a_shell_is_refused_in_a_short_block(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An option's value is repeated no further than it can be read."""
    said = run(capsys, "vector-double", "--limit", "x" * 5000)
    assert (said.status, said.out) == (2, "")
    assert len(said.err) < 1500
