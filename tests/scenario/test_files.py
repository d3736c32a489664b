from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.errors import Problem, ScenarioError
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario.files import decode, read_bytes


def refusal(path: Path) -> Problem:
    """Why a path is not read."""
    with pytest.raises(ScenarioError) as caught:
        read_bytes(path, DEFAULT_LIMITS)
    (problem,) = caught.value.problems
    assert caught.value.source_name == str(path)
    return problem


def undecodable(raw: bytes) -> Problem:
    """Why bytes are no text."""
    with pytest.raises(ScenarioError) as caught:
        decode(raw, "t", DEFAULT_LIMITS)
    (problem,) = caught.value.problems
    return problem


def test_missing(tmp_path: Path) -> None:
    """A path that leads nowhere."""
    assert refusal(tmp_path / "none.yaml").message == "there is no such file"


def test_directory(tmp_path: Path) -> None:
    """A directory is named as one."""
    assert refusal(tmp_path).message == "this is a directory, not a file"


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Opening a pipe without a writer would hang."""
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").message == "this is not a regular file"


def test_device_is_not_read() -> None:
    """A device may be endless."""
    assert refusal(Path("/dev/zero")).message == "this is not a regular file"


def test_socket_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket is no file either."""
    monkeypatch.chdir(tmp_path)  # the path of a socket may have no more than 107 bytes
    with socket.socket(socket.AF_UNIX) as endpoint:
        endpoint.bind("s")
        assert refusal(Path("s")).message == "this is not a regular file"


@pytest.mark.parametrize("name", ["x" * 5000, "\0", "a/" * 3000])
def test_impossible_names(name: str) -> None:
    """A name that the system refuses is an error like any other."""
    assert "file" in refusal(Path(name)).message


def test_loop_of_links(tmp_path: Path) -> None:
    """A link that leads to itself is an error like any other."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "cannot be read" in refusal(tmp_path / "loop").message


def test_too_large(tmp_path: Path) -> None:
    """The size is refused before the file is read; the message says how to raise the limit."""
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert "--limit file_bytes=1099511627776" in refusal(path).message
    assert (
        "file bytes exceed the limit" in undecodable(b"#" * (DEFAULT_LIMITS.file_bytes + 1)).message
    )


def test_byte_order_mark() -> None:
    """A byte order mark is no part of the text."""
    assert decode("\ufeffformat: 1".encode(), "t", DEFAULT_LIMITS) == "format: 1"


@pytest.mark.parametrize(
    ("raw", "line", "column", "message"),
    [
        (b"a: 1\nb: \xff\n", 2, 4, "not UTF-8: byte 0xff"),
        (b"a: 1\n\xff\n", 2, 1, "not UTF-8: byte 0xff"),
        ("中: ".encode() + b"\xc3(", 1, 4, "not UTF-8: byte 0xc3"),
        (b"\x80", 1, 1, "not UTF-8: byte 0x80"),
        (b"a\x0cb\x1c\xff", 1, 5, "not UTF-8: byte 0xff"),
        (b"\xef\xbb\xbfa\r\nb\r\xff", 3, 1, "not UTF-8: byte 0xff"),
        (b"\x7fELF\0\0", 0, 0, "a binary file, not a text: it has a zero byte at position 4"),
        ("format: 1".encode("utf-16"), 0, 0, "the file is UTF-16, not UTF-8"),
    ],
)
def test_no_text(raw: bytes, line: int, column: int, message: str) -> None:
    """Bytes that are no UTF-8 are refused at the first that is not."""
    problem = undecodable(raw)
    assert (problem.line, problem.column, problem.message) == (line, column, message)


@given(raw=st.binary(max_size=60))
def test_any_bytes(raw: bytes) -> None:
    """Any bytes give a text or a ScenarioError."""
    with suppress(ScenarioError):
        assert decode(raw, "t", DEFAULT_LIMITS).encode() in (raw, raw[3:])
