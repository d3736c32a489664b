"""One run as a person has it: our own process, in a real pseudo-terminal."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pexpect
import pyte
import pytest

from tests.readme import README
from tui_backprop.debug.replay.script import Do
from tui_backprop.replays import load_replay

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS, LINES = 100, 30
PATIENCE = float(os.environ.get("PTY_PATIENCE", "60"))


class Terminal:
    """A child process and the screen that it paints.

    Attributes:
        seen: everything that it wrote.
    """

    def __init__(
        self,
        *words: str,
        code: str = "",
        columns: int = COLUMNS,
        lines: int = LINES,
        folder: Path | None = None,
    ) -> None:
        """Start our program with these words, or a program of Python in its place.

        In a folder of its own it keeps what it remembers there, too.
        """
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        if folder is not None:
            environment |= {"XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        # Workers that run tests beside each other are given a size that is not this terminal's.
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            environment.pop(name, None)
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            sys.executable,
            ["-c", code] if code else ["-m", "tui_backprop", *words],
            dimensions=(lines, columns),
            env=environment,
            cwd=folder or README.parent,
            timeout=PATIENCE,
        )
        self.child.delaybeforesend = None
        self.seen = b""
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def pid(self) -> int:
        """Of the child."""
        assert self.child.pid is not None
        return self.child.pid

    def text(self) -> str:
        """The screen as it stands."""
        return "\n".join(self._screen.display)

    def wait_for(self, wanted: str, *, gone: bool = False) -> None:
        """Read until a text is on the screen, or until it is there no more."""
        deadline = time.monotonic() + PATIENCE
        while (wanted in self.text()) is gone:
            assert time.monotonic() < deadline, f"waiting for {wanted!r} on\n{self.text()}"
            self._read()

    def _read(self) -> bool:
        """Draw what there is to read; whether there may be more to come."""
        try:
            data = self.child.read_nonblocking(65536, timeout=0.1)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.seen += data
        self._stream.feed(data)
        return True

    def rest(self, least: float = 0.0) -> None:
        """Look until nothing has changed for a moment, as a person does between two keys."""
        until = time.monotonic() + least
        for _ in range(50):
            before = self.text()
            if not self._read() or (self.text() == before and time.monotonic() >= until):
                return

    def wait_for_end(self) -> None:
        """Read until the child is gone; then its ``exitstatus`` or ``signalstatus`` is known."""
        deadline = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < deadline, f"it does not end:\n{self.text()}"
        self.child.wait()

    def press(self, keys: str, wanted: str) -> None:
        """Send keys and wait for what they bring."""
        self.child.send(keys)
        self.wait_for(wanted)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_a_walk_forward_and_back_and_out() -> None:
    """The seed: three nodes, v, nine partials; all the way back; nonsense; a clean end."""
    terminal = Terminal("vector-double")
    terminal.wait_for("step 0/12")
    terminal.press("s", "step 1/12")
    terminal.press("s", "step 2/12")
    terminal.press("s", "SEED")
    terminal.press("sssss", "step 8/12")
    terminal.wait_for("↓ 1·0 + 2·2 + …")
    terminal.press("ssss", "[   2    4    6 ]")
    terminal.press("S", "step 11/12")
    terminal.wait_for("back in time")
    terminal.press("\x1b[H", "step 0/12")
    terminal.press(":", "enter runs it")
    terminal.press("tahn $(reboot)\r", "unknown command 'tahn'")
    terminal.child.send("\x1b")
    terminal.wait_for("enter runs it", gone=True)
    terminal.press("n", "step 1/12")
    terminal.child.send("q")
    terminal.child.expect(pexpect.EOF)
    terminal.child.close()
    assert terminal.child.exitstatus == 0


@pytest.mark.exhaustive
@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_a_walk_is_recorded_however_it_ends_and_played_again(tmp_path: Path) -> None:
    """Killed in the middle: every command that was carried out is there, and a replay of it."""
    path = tmp_path / "walk.replay"
    terminal = Terminal("fan-out", "--record", str(path))
    terminal.wait_for("step 0/13")
    for k in range(1, 4):
        terminal.press("s", f"step {k}/13")
    terminal.press("S", "step 2/13")
    terminal.press("\x1b[F", "step 13/13")
    terminal.child.kill(signal.SIGKILL)
    terminal.child.wait()
    replay = load_replay(path)
    done = [line.act for line in replay.script.lines]
    assert done == [Do("step"), Do("step"), Do("step"), Do("reverse-step"), Do("end")]
    assert not replay.is_changed
    with path.open("a") as file:
        file.write("@9.9 goto 1")  # what would have come next, cut short
    terminal = Terminal("replay", str(path))
    terminal.wait_for("paused  0/5")
    terminal.press(">>>", "3/5")
    terminal.wait_for("step 3/13")
    terminal.press("<", "step 2/13")
    terminal.press("]", "last chapter")
    terminal.child.send("q")
    terminal.child.wait()
    assert terminal.child.exitstatus == 0
