"""A program in a pseudo-terminal, and when its screen changed.

Every read is stamped, and the bytes are replayed on an emulated screen afterwards, so that looking
costs the program nothing.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple, Self

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

COLUMNS, ROWS = 120, 40
"""Of a terminal whose size nobody chose."""

_ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronized output: supported, as most terminals say
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",  # resize reports in band: not known, as many say
}


class Chunk(NamedTuple):
    """What one read gave, and when."""

    at: float
    data: bytes


class Seen(NamedTuple):
    """What became of the screen.

    Attributes:
        changed: when it last changed; None where it did not.
        text: what it shows now.
    """

    changed: float | None
    text: str


class Program:
    """A program in a pseudo-terminal of its own, looked at through an emulated screen.

    Attributes:
        started: when it was told to start.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        size: tuple[int, int] = (COLUMNS, ROWS),
    ) -> None:
        columns, rows = size
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._terminal, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.started = perf_counter()
        self._process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs,
            env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    def press(self, keys: bytes) -> float:
        """Type something; returns when."""
        at = perf_counter()
        os.write(self._terminal, keys)
        return at

    def read_on(self, seconds: float) -> None:
        """Let the program draw for some time, and ask nothing."""
        end = perf_counter() + seconds
        while (left := end - perf_counter()) > 0:
            for chunk in self._read(left, end):
                self._stream.feed(chunk.data)

    def press_steadily(self, keys: Sequence[bytes], seconds: float) -> list[float | None]:
        """Type keys one after the other, whatever becomes of them.

        Args:
            keys: what to type.
            seconds: from one key to the next.

        Returns:
            For each key, the seconds until the last change of the screen before the next key; None
            where nothing changed.
        """
        self.read_on(0)
        found: list[tuple[float, list[Chunk]]] = []
        begun = perf_counter()
        for k, key in enumerate(keys):
            due = begun + (k + 1) * seconds
            pressed, chunks = self.press(key), list[Chunk]()
            while (left := due - perf_counter()) > 0:
                chunks += self._read(left, due)
            found.append((pressed, chunks))
        changes = [(pressed, self._replay(chunks)) for pressed, chunks in found]
        return [None if changed is None else changed - pressed for pressed, changed in changes]

    def watch(self, until: Callable[[str], bool], *, quiet: float, timeout: float) -> Seen:
        """Read until the screen is as wanted and nothing more comes.

        Args:
            until: given the text on the screen, whether it is complete.
            quiet: seconds without a byte after which it counts as drawn.
            timeout: seconds after which to give up.

        Raises:
            TimeoutError: the screen never became as wanted; the message shows it.
        """
        end = perf_counter() + timeout
        changed: float | None = None
        while True:
            changed = self._replay(self._read(quiet, end)) or changed
            text = "\n".join(self._screen.display)
            if until(text):
                return Seen(changed, text)
            if perf_counter() > end or self._process.poll() is not None:
                raise TimeoutError(f"the screen was not drawn in {timeout:g} s:\n{text.rstrip()}")

    def _read(self, quiet: float, end: float) -> list[Chunk]:
        chunks: list[Chunk] = []
        while perf_counter() < end and select.select([self._terminal], [], [], quiet)[0]:
            try:
                data = os.read(self._terminal, 1 << 16)
            except OSError:  # how Linux says that the program has gone
                break
            chunks.append(Chunk(perf_counter(), data))
            for question, answer in _ANSWERS.items():
                if question in data:
                    os.write(self._terminal, answer)
        return chunks

    def _replay(self, chunks: list[Chunk]) -> float | None:
        """Put the bytes on the screen; when it last changed."""
        changed: float | None = None
        before = self._cells()
        for chunk in chunks:
            self._stream.feed(chunk.data)
            after = self._cells()
            if after != before:
                changed, before = chunk.at, after
        return changed

    def _cells(self) -> list[list[object]]:
        """Every character with its colours: a mark that only moves is a change too."""
        buffer = self._screen.buffer
        columns, rows = self._screen.columns, self._screen.lines
        return [[buffer[y][x] for x in range(columns)] for y in range(rows)]


def clean_environment(home: str) -> dict[str, str]:
    """An environment that holds nothing of the person's own settings.

    Args:
        home: an empty folder, for whatever a program keeps of its last run.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "TEXTUAL", "XDG_"))}
    return {**kept, "HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor",
            "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}  # fmt: skip
