"""ParsedLine lines, kept across sessions."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tui_backprop.tui.asking.console import History

if TYPE_CHECKING:
    from pathlib import Path


def test_lines_come_back_in_another_session(tmp_path: Path) -> None:
    """In a folder that was not there."""
    path = tmp_path / "state" / "history"
    one = History(path)
    for line in ("break Y", "continue", "continue", "  ", "goto 3"):
        one.add(line)
    assert one.lines == History(path).lines == ["break Y", "continue", "goto 3"]


def test_two_sessions_share_a_file(tmp_path: Path) -> None:
    """Each adds to it at once, so none writes over the other."""
    path = tmp_path / "history"
    one, other = History(path), History(path)
    assert other.lines == []
    one.add("step")
    other.add("next")
    assert History(path).lines == ["step", "next"]


def test_without_a_file_a_session_still_remembers() -> None:
    """And nothing else does."""
    history = History()
    history.add("step")
    assert history.lines == ["step"]
    assert History().lines == []


@pytest.mark.parametrize("line", ["\x1b[2J", "a\tb", "\ud800", "\u202eabc", "x" * 5000])
def test_only_what_can_be_shown_is_kept(tmp_path: Path, line: str) -> None:
    """Neither written nor read."""
    path = tmp_path / "history"
    History(path).add(line)
    assert not path.exists()
    path.write_bytes(f"step\n{line}\nnext\n".encode("utf-8", "surrogatepass"))
    assert set(History(path).lines) <= {"step", "next", "\ufffd\ufffd\ufffd"}


def test_it_does_not_grow_for_ever(tmp_path: Path) -> None:
    """Neither in memory nor on the disk."""
    path = tmp_path / "history"
    path.write_text("".join(f"goto {k}\n" for k in range(99)), encoding="utf-8")
    history = History(path, most=10)
    assert history.lines == [f"goto {k}" for k in range(89, 99)]
    history.add("end")
    assert (len(history.lines), history.lines[-1]) == (10, "end")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 11


def test_a_huge_file_is_read_from_its_end(tmp_path: Path) -> None:
    """Not all of it."""
    path = tmp_path / "history"
    path.write_bytes(b"step\n" * 10**6 + b"last\n")
    assert History(path).lines[-1] == "last"


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    """A folder in its place, a file in place of its folder, bytes of any kind."""
    History(tmp_path).add("step")
    file = tmp_path / "file"
    file.write_bytes(b"\xff\xfe\x00")
    History(file / "history").add("step")
    assert History(file / "history").lines == []
    assert isinstance(History(file).lines, list)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are POSIX")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody writes to it, nobody reads it."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    history = History(path)
    history.add("step")
    assert history.lines == ["step"]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices are POSIX")
@pytest.mark.parametrize("name", ["fsync", "write", "replace", "open"])
def test_a_full_disk_loses_no_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that has grown long is written anew beside; until that is done it stays."""
    path = tmp_path / "history"
    path.write_text("".join(f"goto {k}\n" for k in range(99)), encoding="utf-8")
    before = path.read_bytes()

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, name, full)
        history = History(path, most=10)
        history.add("end")
    assert history.lines[-1] == "end"
    assert path.read_bytes().startswith(before)
    assert list(tmp_path.iterdir()) == [path]
