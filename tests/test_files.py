"""Reading with a bound, and writing whole or not at all, whatever the disk does."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tui_backprop.files import (
    FileError,
    TooLargeError,
    append_line,
    open_empty,
    read_regular,
    write_whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

posix = pytest.mark.skipif(os.name != "posix", reason="pipes, devices and links are Unix's")


def kinds(folder: Path) -> dict[str, Path]:
    """One of each kind of thing that is no regular file."""
    os.mkfifo(folder / "pipe")
    (folder / "linked pipe").symlink_to("pipe")
    (folder / "loop").symlink_to("loop")
    (folder / "folder").mkdir()
    (folder / "file").write_text("")
    return {
        **{name: folder / name for name in ("pipe", "linked pipe", "loop", "folder")},
        "below a file": folder / "file" / "x",
        "a device without an end": folder.joinpath("/dev/zero"),
        "a full device": folder.joinpath("/dev/full"),
        "no name": folder / "a\0b",
        "a long name": folder / ("x" * 300),
    }


KINDS = ("pipe", "linked pipe", "loop", "folder", "below a file", "a device without an end",
         "a full device", "no name", "a long name")  # fmt: skip

TOUCHING: dict[str, Callable[[Path], Any]] = {
    "read": lambda path: read_regular(path, 100),
    "write": lambda path: write_whole(path, b"x"),
    "append": lambda path: append_line(path, b"x"),
    "record": open_empty,
}


@posix
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("touched", TOUCHING)
def test_only_regular_files(touched: str, kind: str, tmp_path: Path) -> None:
    """Nothing waits, nothing is read without an end, and the reason is said."""
    found = kinds(tmp_path)
    there = sorted(tmp_path.iterdir())
    with pytest.raises(FileError) as caught:
        TOUCHING[touched](found[kind])
    assert caught.value.reason
    assert sorted(tmp_path.iterdir()) == there


@posix
def test_a_pipe_that_takes_the_place_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at again when it is open; opening it did not wait."""
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    opened = os.open
    monkeypatch.setattr(os, "open", lambda _path, *rest: opened(tmp_path / "pipe", *rest))
    with pytest.raises(FileError, match="not a regular file"):
        read_regular(tmp_path / "file", 100)


def test_at_most_so_much_is_read(tmp_path: Path) -> None:
    """One byte more is too much, also when the file grows while it is read."""
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_regular(path, 5) == b"12345"
    with pytest.raises(TooLargeError) as caught:
        read_regular(path, 4)
    assert caught.value.size == 5


@posix
def test_what_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it said of its size is not believed."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 50)
    told = os.fstat

    def small(descriptor: int) -> os.stat_result:
        status = list(told(descriptor))
        status[stat.ST_SIZE] = 1
        return os.stat_result(status)

    monkeypatch.setattr("tui_backprop.files.os.fstat", small)
    with pytest.raises(TooLargeError):
        read_regular(path, 10)


@posix
def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    """The link stays one; what it leads to is what is written."""
    (tmp_path / "far").mkdir()
    target = tmp_path / "far" / "target"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to("far/target")
    write_whole(link, b"new")
    assert link.is_symlink()
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (b"new", 0o640)
    dangling = tmp_path / "dangling"
    dangling.symlink_to("far/none")
    write_whole(dangling, b"x")
    assert (tmp_path / "far" / "none").read_bytes() == b"x"
    assert sorted(p.name for p in (tmp_path / "far").iterdir()) == ["none", "target"]


@posix
def test_a_new_file_has_the_permissions_that_the_person_gives_new_files(tmp_path: Path) -> None:
    """The mask decides, not how it was written."""
    old = os.umask(0o027)
    try:
        write_whole(tmp_path / "file", b"x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_what_may_not_be_written_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the folder would allow it."""
    (tmp_path / "file").write_bytes(b"old")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(FileError, match="may not be written"):
        write_whole(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"


CALLS = ("open", "chmod", "write", "fsync", "close", "replace")


class Failing:
    """Lets one call of the system fail, counted from 0, or write only a part.

    Attributes:
        count: how often the call was made.
    """

    def __init__(self, name: str, at: int, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._at = at
        self._code = code
        self._real = getattr(os, name)
        self._closes = name == "close"
        monkeypatch.setattr(os, name, self)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The call, or its failure."""
        self.count += 1
        if self.count - 1 != self._at:
            return self._real(*args, **named)
        if self._closes:
            self._real(*args)  # a close that fails has closed
        raise OSError(self._code, os.strerror(self._code))


@posix
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("name", CALLS)
def test_whichever_call_fails(
    name: str, at: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file whole and an error, or the new one whole; nothing else lies there."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with monkeypatch.context() as patch:
        failing = Failing(name, at, code, patch)
        try:
            write_whole(path, b"new")
            is_said = False
        except FileError as error:
            is_said = str(path) in str(error)
    assert path.read_bytes() == (b"old" if is_said else b"new")
    assert failing.count > at or not is_said
    assert list(tmp_path.iterdir()) == [path]


@posix
@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_a_write_that_takes_less_than_it_was_given(
    pieces: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is written after it."""
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data)[:pieces]))
    write_whole(tmp_path / "file", b"0123456789")
    monkeypatch.undo()
    assert (tmp_path / "file").read_bytes() == b"0123456789"


@posix
def test_interrupted_while_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C leaves the old file and nothing beside it."""

    def interrupted(_descriptor: int) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_system_that_cannot_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is no reason not to write."""

    def unable(_descriptor: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", unable)
    write_whole(tmp_path / "file", b"x")
    assert (tmp_path / "file").read_bytes() == b"x"


def test_a_line_after_one_that_was_cut_short(tmp_path: Path) -> None:
    """Stands by itself."""
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntw")
    append_line(path, b"three")
    append_line(path, b"four")
    assert path.read_bytes() == b"one\ntw\nthree\nfour\n"


def test_a_recording_is_one_persons(tmp_path: Path) -> None:
    """While it is written, and when there is something in it."""
    path = tmp_path / "walk"
    path.write_bytes(b"")
    with open_empty(path) as first:
        with pytest.raises(FileError, match="another recording"):
            open_empty(path)
        first.write(b"x")
        first.flush()
        assert path.read_bytes() == b"x"
    with pytest.raises(FileError, match="holds something"):
        open_empty(path)
    assert path.read_bytes() == b"x"


@pytest.fixture(autouse=True)
def no_descriptors_are_left() -> Iterator[None]:
    """Whatever fails, what was opened is closed."""
    folder = "/proc/self/fd"
    before = len(os.listdir(folder)) if os.path.isdir(folder) else 0  # noqa: PTH112, PTH208 - any kind
    yield
    after = len(os.listdir(folder)) if os.path.isdir(folder) else 0  # noqa: PTH112, PTH208 - any kind
    assert after <= before
