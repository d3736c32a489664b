"""What a person has while a command takes long: an interrupt that is heard, and progress."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from random import Random

import pexpect
import pytest

from tests.marks import few
from tui_backprop.cli.shared.waiting import InterruptNotice, progress_line
from tui_backprop.progress import GivenUpError, Progress, listening, reported

_WIDE = """\
format: 1
title: wide
inputs: {W: {shape: [1000, 1000], random: normal, seed: 1}}
program: |
  Y = sin(W)
  for t in range(18):
      Y = Y * 1.01
backward: {of: Y}
"""
_DEEP = """\
format: 1
title: deep
inputs: {x: 1.5}
program: |
  for t in range(300000):
      x = x * 1.0000001
backward: {of: x}
"""
_DENSE = """\
format: 1
title: dense
inputs: {A: {shape: [1300, 1300], random: normal, seed: 1}}
program: |
  B = einsum('ij,jk->ki', inv(A), inv(A @ A))
  Y = einsum('ij,kj->', B, A)
backward: {of: Y}
"""
_LONG = {
    "a search": (_WIDE, ("F", "--batch", "--limit", "searched=1000000000", "-e",
                         "break if sin(step) > 2", "-e", "continue")),
    "a deep graph": (_DEEP, ("health", "F", "--json")),
    "a walk": (_WIDE, ("trace", "F", "--format", "json")),
    "a check": (_DEEP, ("check", "F")),
    "dense products": (_DENSE, ("F", "--batch", "--limit", "multiplications=1000000000000",
                                "-e", "end", "-e", "health")),
    "a comparison": (_DEEP, ("compare", "F", "F")),
    "a recording": (_WIDE, ("F", "--batch", "--record", "R", "-e", "step 3", "--limit",
                            "searched=1000000000", "-e", "until sin(step) > 2")),
}  # fmt: skip


@pytest.mark.few(0)
@pytest.mark.parametrize("name", few(_LONG, 2))
def test_an_interrupt_ends_every_command(name: str, tmp_path: Path) -> None:
    """Whenever it comes: status 130, one line, nothing else, no file that is half written."""
    text, words = _LONG[name]
    scenario, recording = tmp_path / "long.yaml", tmp_path / "walk.replay"
    scenario.write_text(text)
    named = {"F": str(scenario), "R": str(recording)}
    command = [sys.executable, "-m", "tui_backprop", *(named.get(word, word) for word in words)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        # Not before the program hears: until Python has imported it, the shell's word is Python's.
        wait_for_work(process, Random(name).uniform(0.8, 1.6))  # noqa: S311 - no secret
        if process.poll() is not None:
            assert process.returncode == 0, process.stderr.read()
            pytest.skip("this machine is too quick for it")
        process.send_signal(signal.SIGINT)
        error = process.stderr.read()
        status = process.wait(timeout=20)
    assert (status, error) == (130, "tui-backprop: interrupted\n")
    assert {p.name for p in tmp_path.iterdir()} <= {"long.yaml", "walk.replay"}
    if recording.exists():
        assert recording.read_text().endswith("\n")


class Slowly(io.StringIO):
    """A stderr that takes its time."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def write(self, text: str) -> int:
        """Letter by letter."""
        for piece in text:
            time.sleep(self._seconds / len(text))
            super().write(piece)
        return len(text)


def test_who_says_it_second_waits_for_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process may end after either, and the line is whole by then."""
    stderr = Slowly(0.2)
    monkeypatch.setattr(sys, "stderr", stderr)
    notice = InterruptNotice()
    first = threading.Thread(target=notice.say)
    first.start()
    notice.say()
    assert stderr.getvalue() == "tui-backprop: interrupted\n"
    first.join()
    notice.say()
    assert stderr.getvalue() == "tui-backprop: interrupted\n"


def test_a_stderr_that_nobody_reads_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes second goes on after a while."""
    monkeypatch.setattr("tui_backprop.cli.shared.waiting._UNREAD", 0.05)
    monkeypatch.setattr(sys, "stderr", Slowly(1.0))
    notice = InterruptNotice()
    first = threading.Thread(target=notice.say)
    first.start()
    notice.say()
    assert first.is_alive()
    first.join()


def wait_for_work(process: subprocess.Popen[str], seconds: float) -> None:
    """Until it has worked so long, however busy the machine is; or until it ends."""
    file = Path(f"/proc/{process.pid}/stat")
    if not file.exists():
        time.sleep(seconds + 1)
    while file.exists() and process.poll() is None:
        times = file.read_text("ascii").rpartition(")")[2].split()[11:13]
        if sum(map(int, times)) / os.sysconf("SC_CLK_TCK") >= seconds:
            break
        time.sleep(0.02)


@pytest.mark.exhaustive
def test_progress_is_shown_on_a_terminal_and_taken_away(tmp_path: Path) -> None:
    """After a second, what is being done and how to leave; the answer stands where it stood."""
    scenario = tmp_path / "deep.yaml"
    scenario.write_text(_DEEP.replace("300000", "200000"))
    child = pexpect.spawn(
        sys.executable,
        ["-m", "tui_backprop", str(scenario), "--batch", "-e", "health x"],
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        encoding="utf-8",
        timeout=60,
    )
    child.expect(r"\r[a-z ]+: [0-9,]+( of [0-9,]+)?; Ctrl-C stops")
    child.expect(r"\r\x1b\[K")
    child.expect("vanishing:")
    child.close(force=True)


def test_what_is_told() -> None:
    """Of how many, where that is known."""
    progress = Progress()
    progress.report("evaluating", 1200, 5000)
    assert progress_line(progress) == "evaluating: 1,200 of 5,000; Ctrl-C stops"
    progress.report("building", 1200)
    assert progress_line(progress) == "building the graph: 1,200; Ctrl-C stops"


def test_work_is_reported_and_can_be_given_up() -> None:
    """All items pass; nobody pays who is not heard; what is given up ends at the next report."""
    items = range(5)
    assert reported("counting", items, 5) is items
    ends: list[str] = []
    progress = Progress(lambda: ends.append("end"))
    with listening(progress):
        assert list(reported("counting", items, 5)) == [0, 1, 2, 3, 4]
        assert (progress.done, ends) == (4, ["end"])
        found = iter(reported("counting", items, 5))
        assert next(found) == 0
        progress.give_up()
        with pytest.raises(GivenUpError):
            next(found)
