"""A disk that fails while something is saved or recorded: nothing is lost, and it is said."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tests.test_files import CALLS, Failing
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.replays import Recording, load_replay

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name != "posix", reason="pipes and devices are Unix's")
CODES = (errno.ENOSPC, errno.EIO)


@posix
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("name", CALLS)
def test_saving(
    name: str, at: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever call fails: what was saved before is whole, or what is saved now; one can go on."""
    path = tmp_path / "kept"
    session = tb.load("vector-double").session()
    session.execute(f"save {path}")
    before = path.read_bytes()
    session.execute("set X[0] = 5")
    with monkeypatch.context() as patch:
        Failing(name, at, code, patch)
        try:
            told = session.execute(f"save {path}")
        except CommandError as error:
            told = str(error)
    assert str(path) in told
    is_old = path.read_bytes() == before
    assert is_old == (os.strerror(code) in told)
    assert list(tmp_path.iterdir()) == [path]
    fresh = tb.load("vector-double").session()
    fresh.execute(f"source {path}")
    assert fresh.trace.values["X"].tolist() == ([1, 2, 3] if is_old else [5, 2, 3])
    session.execute("step")
    session.execute(f"save {path}")
    assert session.cursor == 1
    assert path.read_bytes() != before


RECORDING_CALLS = ("open", "link", "unlink")


@posix
@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("name", RECORDING_CALLS)
@pytest.mark.parametrize("is_again", [False, True])
def test_recording(
    is_again: bool, name: str, at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An earlier recording is there as it was, under one name or the other; so is what was done."""
    path, scenario = tmp_path / "walk.replay", tb.load("vector-double")
    if is_again:
        first = Recording(path, scenario)
        session = scenario.session()
        first.listen(session)
        session.execute("end")
        first.close()
    before = path.read_bytes() if is_again else b""
    session = scenario.session()
    recording = None
    with monkeypatch.context() as patch:
        Failing(name, at, errno.EIO, patch)
        try:
            recording = Recording(path, scenario)
            told = str(path)
        except TuiBackpropError as error:
            told = str(error)
    assert str(path) in told
    if recording is not None:
        recording.listen(session)
        session.execute("step")
        recording.close()
        assert recording.lost == ""
        assert [line.number for line in load_replay(path).script.lines]
    there = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    if is_again:
        assert before in there.values()
    if recording is None:
        assert list(there.values()) == [before] * is_again


@pytest.mark.parametrize("after", range(0, 400, 9))
def test_a_disk_that_fills_while_a_walk_is_recorded(
    after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said once; what is there is a recording of what was done first, or nothing."""
    path, scenario = tmp_path / "walk.replay", tb.load("vector-double")
    session = scenario.session()
    told: list[str] = []
    monkeypatch.setattr("tui_backprop.replays.open_empty", lambda path: Filling(path, after))
    try:
        recording = Recording(path, scenario)
    except TuiBackpropError as error:
        told.append(str(error))
    if told:
        assert "No space left" in told[0]
        assert not path.exists()
        return
    recording.when_lost = told.append
    recording.listen(session)
    for _ in range(9):
        session.execute("step")
    recording.close()
    assert session.cursor == 9
    assert len(told) == bool(recording.lost)
    assert not told or "No space left" in told[0]
    lines = load_replay(path).script.lines
    assert len(lines) == 9 if not told else len(lines) < 9
    assert all(line.act == lines[0].act for line in lines)


@posix
@pytest.mark.parametrize("line", ["source {}", "save {}", "compare {}"])
@pytest.mark.parametrize("kind", ["pipe", "loop", "folder", "/dev/zero", "/dev/full"])
def test_what_is_no_file_is_refused_at_once(kind: str, line: str, tmp_path: Path) -> None:
    """Nobody waits for a pipe, and nothing is read that has no end."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    session = tb.load("vector-double").session()
    with pytest.raises(CommandError):
        session.execute(line.format(tmp_path / kind))
    session.execute("step")


def test_a_huge_file_of_commands_is_refused(tmp_path: Path) -> None:
    """By its size, by its number of lines."""
    session = tb.load("vector-double").session()
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", 1 << 40)
    (tmp_path / "long").write_text("\n" * 200_000)
    (tmp_path / "bytes").write_bytes(b"step\n\xff\n")
    for name, reason in (("large", "at most"), ("long", "200,001 lines"), ("bytes", "not UTF-8")):
        with pytest.raises(CommandError, match=reason):
            session.execute(f"source {tmp_path / name}")
    assert session.cursor == 0


@posix
def test_what_is_saved_keeps_its_permissions(tmp_path: Path) -> None:
    """As a person chose them."""
    path = tmp_path / "kept"
    session = tb.load("vector-double").session()
    session.execute(f"save {path}")
    path.chmod(0o600)
    session.execute(f"save {path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


class Filling:
    """A file on a disk that has room for so many bytes more."""

    def __init__(self, path: Path, room: int) -> None:
        self._file = path.open("wb", buffering=0)
        self._room = room
        self.closed = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        """As much as there is room for, and then no more."""
        fits = bytes(data)[: self._room]
        self._file.write(fits)
        self._room -= len(fits)
        if len(fits) < len(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        return len(fits)

    def close(self) -> None:
        """For good."""
        self.closed = True
        self._file.close()
