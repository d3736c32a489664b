"""From a path to text: what is refused before anyone looks for YAML.

It stands apart because opening a path can hang, flood or give anything at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from tui_backprop.errors import LimitError, Problem, place_of
from tui_backprop.files import FileError, TooLargeError, read_regular
from tui_backprop.scenario.report import Report

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.limits import Limits

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_bytes(path: Path, limits: Limits) -> bytes:
    """The bytes of a regular file, at most ``limits.file_bytes`` of them.

    Raises:
        ScenarioError: it is missing, unreadable, too large, a directory, a pipe or a device.
    """
    report = Report(str(path), limits=limits)
    try:
        return read_regular(path, limits.file_bytes)
    except TooLargeError as error:
        _check_size(error.size, report)
        raise AssertionError("the limit that was exceeded is this one") from error
    except FileError as error:
        if isinstance(error.cause, FileNotFoundError):
            _refuse(report, "there is no such file")
        _refuse(report, f"the file cannot be read: {error.reason}" if error.cause else error.reason)


def decode(raw: bytes, name: str, limits: Limits) -> str:
    """The text, a byte order mark removed.

    Raises:
        ScenarioError: it is too large, or not UTF-8; the place is that of the first such byte.
    """
    report = Report(name, limits=limits)
    _check_size(len(raw), report)
    if raw.startswith(_UTF16):
        _refuse(report, "the file is UTF-16, not UTF-8", "save it as UTF-8")
    if (nul := raw.find(b"\0")) >= 0:
        _refuse(report, f"a binary file, not a text: it has a zero byte at position {nul:,}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Its own bytes: those behind a byte order mark, which is no part of the text.
        before = error.object[: error.start].decode()
        message = f"not UTF-8: byte 0x{error.object[error.start]:02x}"
        report.add(Problem(message, *place_of(before, len(before)), hint="save it as UTF-8"))
        raise report.error() from None


def _check_size(found: int, report: Report) -> None:
    try:
        report.limits.check("file_bytes", found, "this file")
    except LimitError as error:
        _refuse(report, str(error))


def _refuse(report: Report, message: str, hint: str = "") -> NoReturn:
    report.whole(message, hint)
    raise report.error()
