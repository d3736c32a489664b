"""However the screen ends, the terminal is what it was, and the exit status says how it was."""

from __future__ import annotations

import os
import signal
import sys
import termios
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.test_terminal import PATIENCE, Terminal

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")

LEFT = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?1006l",
        b"\x1b[?2004l", b"\x1b[?1004l", b"\x1b[<u")  # fmt: skip
"""The alternate screen, a hidden cursor, reports of mouse, paste, focus and keys: all given up."""


def attributes(terminal: Terminal) -> list[Any]:
    """How the terminal takes what is typed."""
    return termios.tcgetattr(terminal.child.fileno())


def opened(*words: str) -> tuple[Terminal, list[Any]]:
    """A screen that is up, and what its terminal was before."""
    terminal = Terminal(*(words or ("vector-double", "--no-history")))
    before = attributes(terminal)
    terminal.wait_for("step 0/12" if not words else "step 0/")
    assert attributes(terminal) != before
    return terminal, before


def is_left(terminal: Terminal, before: list[Any]) -> bool:
    """Whether the terminal is what it was."""
    last = {code: terminal.seen.rfind(code) for code in LEFT}
    on = {code: terminal.seen.rfind(code.replace(b"l", b"h")) for code in LEFT if code[-1:] == b"l"}
    return (
        attributes(terminal) == before
        and all(at >= 0 for at in last.values())
        and all(last[code] > at for code, at in on.items())
        and terminal.seen.rfind(b"\x1b[?25h") > terminal.seen.rfind(b"\x1b[?25l")
    )


@pytest.mark.few(1)
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"])
def test_a_signal_ends_the_screen_and_then_the_program(name: str) -> None:
    """Whoever started it sees which signal it was; nothing is said."""
    terminal, before = opened()
    number = getattr(signal, name)
    os.kill(terminal.pid, number)
    terminal.wait_for_end()
    assert (terminal.child.exitstatus, terminal.child.signalstatus) == (None, number)
    assert is_left(terminal, before)
    assert b"Traceback" not in terminal.seen


def test_two_signals_at_once() -> None:
    """The second finds the screen about to leave."""
    terminal, before = opened()
    for _ in range(2):
        os.kill(terminal.pid, signal.SIGINT)
        time.sleep(0.02)
    terminal.wait_for_end()
    assert terminal.child.signalstatus == signal.SIGINT
    assert is_left(terminal, before)


def test_a_signal_that_the_parent_ignores_is_ignored() -> None:
    """As ``nohup`` asks for."""
    code = (
        "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "from tui_backprop.cli import main; sys.exit(main(['vector-double', '--no-history']))"
    )
    terminal = Terminal(code=code)
    terminal.wait_for("step 0/12")
    os.kill(terminal.pid, signal.SIGHUP)
    terminal.press("s", "step 1/12")
    terminal.child.send("q")
    terminal.wait_for_end()
    assert terminal.child.exitstatus == 0


def test_a_signal_in_the_middle_of_something_long() -> None:
    """The screen cannot leave by itself: it is taken down."""
    code = (
        "import time; from tui_backprop.debug.session import Session\n"
        "def busy(self, count=1):\n"
        "    while True: time.sleep(0.01)\n"
        "Session.walk = busy\n"
        "import sys; from tui_backprop.cli import main; sys.exit(main(['vector-double']))"
    )
    terminal = Terminal(code=code)
    before = attributes(terminal)
    terminal.wait_for("step 0/12")
    terminal.child.send("s")
    time.sleep(0.3)
    os.kill(terminal.pid, signal.SIGTERM)
    terminal.wait_for_end()
    assert terminal.child.signalstatus == signal.SIGTERM
    assert is_left(terminal, before)


@pytest.mark.few(1)
@pytest.mark.parametrize("how", ["a signal", "the key", "the key in a line"])
def test_stopped_and_gone_on(how: str) -> None:
    """The shell has its terminal meanwhile; then the walk stands where it stood."""
    terminal, before = opened()
    terminal.press("s", "step 1/12")
    if how == "the key in a line":
        terminal.press(":", "enter runs it")
    if how == "a signal":
        os.kill(terminal.pid, signal.SIGTSTP)
    else:
        terminal.child.send("\x1a")
    until_stopped(terminal)
    assert attributes(terminal) == before
    os.kill(terminal.pid, signal.SIGCONT)
    deadline = time.monotonic() + PATIENCE
    while attributes(terminal) == before:
        assert time.monotonic() < deadline
        terminal._read()
    terminal.press("step\r" if how == "the key in a line" else "s", "step 2/12")
    terminal.child.send("q")
    terminal.wait_for_end()
    assert terminal.child.exitstatus == 0
    assert is_left(terminal, before)


@pytest.mark.exhaustive
def test_stopped_by_force_and_gone_on() -> None:
    """SIGSTOP asks nobody: there is nothing to leave before, and nothing may be entered twice."""
    terminal, before = opened()
    for k in (1, 2):
        os.kill(terminal.pid, signal.SIGSTOP)
        until_stopped(terminal)
        os.kill(terminal.pid, signal.SIGCONT)
        _press_once_it_listens(terminal, f"step {k}/12")
    os.kill(terminal.pid, signal.SIGCONT)
    _press_once_it_listens(terminal, "step 3/12")
    terminal.child.send("q")
    terminal.wait_for_end()
    assert terminal.child.exitstatus == 0
    assert is_left(terminal, before)


def _press_once_it_listens(terminal: Terminal, wanted: str) -> None:
    """Step when the program has its terminal again, which throws away what was typed before."""
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < _QUIET:
        terminal._read()
    terminal.press("s", wanted)


_QUIET = 1.0
"""Seconds in which a program that goes on has taken its terminal, on a busy machine too."""


def until_stopped(terminal: Terminal) -> None:
    """Read meanwhile: a program whose terminal nobody reads waits before it stops."""
    deadline = time.monotonic() + PATIENCE
    found = 0
    while not found:
        assert time.monotonic() < deadline, "it does not stop"
        terminal._read()
        found, status = os.waitpid(terminal.pid, os.WUNTRACED | os.WNOHANG)
    assert os.WIFSTOPPED(status)


JUNK = (
    b"\xff\xfe", b"\xe4\xb8", b"\xed\xa0\x80", bytes(range(128, 256)), b"\x00",
    b"\x1b[99999999999;1;1u", b"\x1b[M\xff\xff\xff", b"\x1b[?2048;9$y",
)  # fmt: skip


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(JUNK, id="one after the other"),
        *(pytest.param((one,), id=str(one), marks=pytest.mark.exhaustive) for one in JUNK),
    ],
)
def test_bytes_that_mean_nothing(pieces: tuple[bytes, ...]) -> None:
    """Whatever a terminal sends, what is typed after it is heard, and nothing is said of it."""
    terminal, before = opened()
    for step, junk in enumerate(pieces, 1):
        os.write(terminal.child.fileno(), junk)
        time.sleep(0.3)
        os.write(terminal.child.fileno(), b"\x1b")
        time.sleep(0.3)
        os.write(terminal.child.fileno(), b":\x15goto %d\r" % step)
        terminal.wait_for(f"step {step}/12")
    os.write(terminal.child.fileno(), b"q")
    terminal.wait_for_end()
    assert terminal.child.exitstatus == 0
    assert is_left(terminal, before)
    assert b"Traceback" not in terminal.seen


def test_a_paste_is_one_line_and_no_keys() -> None:
    """Of a paste in brackets the first line is taken into an open line, and none into the walk."""
    terminal, _ = opened()
    os.write(
        terminal.child.fileno(), b"\x1b[200~sssq\nsss\x1b[201~:\x1b[200~goto 7\ngoto 9\x1b[201~\r"
    )
    terminal.wait_for("step 7/12")
    terminal.child.send("q")
    terminal.wait_for_end()
    assert terminal.child.exitstatus == 0


def test_a_terminal_that_is_gone(tmp_path: Path) -> None:
    """The program goes too, soon, and leaves no thread that waits; what was done is recorded."""
    path = tmp_path / "walk.replay"
    terminal, _ = opened("fan-out", "--no-history", "--record", str(path))
    terminal.press("s", "step 1/")
    os.close(terminal.child.fileno())
    assert waited(terminal.pid) == signal.SIGHUP
    assert path.read_text(encoding="utf-8").splitlines()[-1].endswith("step")


def test_a_terminal_that_is_gone_without_a_signal() -> None:
    """Reading finds its end, or that there is none any more."""
    code = (
        "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "from tui_backprop.cli import main; sys.exit(main(['vector-double', '--no-history']))"
    )
    terminal = Terminal(code=code)
    terminal.wait_for("step 0/12")
    os.close(terminal.child.fileno())
    assert waited(terminal.pid) == signal.SIGHUP


def waited(pid: int) -> int:
    """The signal of which a child dies; 0 where it ends by itself."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError("it went on without a terminal")


def test_an_error_before_the_first_screen_is_told_as_one() -> None:
    """Status 70, one block, no traceback, and the terminal as it was."""
    code = (
        "import sys; from tui_backprop.tui.screen import DebugScreen\n"
        "def fail(self): raise RuntimeError('a surprise')\n"
        "DebugScreen.compose = fail\n"
        "from tui_backprop.cli import main; sys.exit(main(['vector-double', '--no-history']))"
    )
    terminal = Terminal(code=code)
    before = attributes(terminal)
    terminal.wait_for_end()
    assert terminal.child.exitstatus == 70
    assert b"RuntimeError: a surprise" in terminal.seen
    assert b"Traceback" not in terminal.seen
    assert is_left(terminal, before)


@pytest.mark.exhaustive
def test_a_list_in_a_terminal_of_any_size() -> None:
    """The first one there is; when there is room again, it is as before, and opens."""
    terminal = Terminal("--no-history")
    terminal.wait_for("vector-double-slip")
    before = attributes(terminal)
    for lines, columns in ((1, 1), (1, 100), (30, 1), (2, 2), (3, 9), (5, 20)):
        terminal.child.setwinsize(lines, columns)
        terminal.rest(0.3)
        for key in ("\x1b[B", "\x1b[6~", "\x1b[5~", "\x1b[A", "\x1b[F"):
            terminal.child.send(key)
            terminal.rest()
    terminal.child.setwinsize(30, 100)
    terminal.rest(0.5)
    terminal.press("fan-out", "x read five times")
    terminal.press("\r", "step 0/13")
    terminal.child.send("q")
    terminal.wait_for_end()
    assert terminal.child.exitstatus == 0
    assert b"an error of the program" not in terminal.seen
    assert attributes(terminal) != before
