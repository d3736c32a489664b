"""A recording on a stream that cannot be written: it is closed, and nothing complains later."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.strategies import seed_example
from tui_backprop import Session
from tui_backprop.debug.replay.recorder import Recorder


class Disk(io.RawIOBase):
    """A disk with room for so many bytes."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def writable(self) -> bool:
        """As a file is."""
        return True

    def write(self, data: Any) -> int:
        """All of it or nothing."""
        self.room -= len(data)
        if self.room < 0:
            raise OSError(28, "No space left on device")
        return len(data)


def stream(room: int) -> io.TextIOWrapper:
    """A text on such a disk."""
    return io.TextIOWrapper(io.BufferedWriter(Disk(room)), encoding="utf-8")


def test_a_header_that_does_not_fit_closes_the_stream() -> None:
    """Otherwise it would be tried again, and complained about, when the stream is collected."""
    file = stream(0)
    with pytest.raises(OSError, match="No space left"):
        Recorder(file, float, "a", "0" * 64)
    assert file.closed


def test_a_line_that_does_not_fit_closes_the_stream() -> None:
    """The walk goes on, and is told once."""
    file, said = stream(120), list[str]()
    recorder = Recorder(file, float, "a", "0" * 64)
    recorder.when_lost = said.append
    session = Session(seed_example())
    recorder.listen(session)
    for _ in range(9):
        session.execute("step")
    assert said == ["the recording ends here: No space left on device"]
    assert file.closed
    recorder.close()
