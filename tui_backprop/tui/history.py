"""The lines that were typed, in this session and in earlier ones.

Their file may be missing, broken or someone else's; none of that may keep the debugger from
working.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tui_backprop.files import FileError, append_line, open_regular, write_whole

if TYPE_CHECKING:
    from pathlib import Path

_MOST: Final = 1000
_LONGEST: Final = 2000
_BYTES: Final = 1 << 20
"""More of a file than that is not read."""


class History:
    """Lines, the latest last; read when they are first asked for.

    Where there is a file, each line is added to it at once, so that several sessions share it.
    """

    def __init__(self, path: Path | None = None, most: int = _MOST) -> None:
        """Remember.

        Args:
            path: of the file; None to remember for this session only.
            most: how many lines are kept.
        """
        self._path = path
        self._most = most
        self._lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """All that are kept."""
        if self._lines is None:
            self._lines = self._read()
        return self._lines

    def add(self, line: str) -> None:
        """Remember a line, unless it is empty, the same as before, or nothing to be shown."""
        lines = self.lines
        if not _is_kept(line) or (lines and lines[-1] == line):
            return
        lines.append(line)
        del lines[: -self._most]
        if self._path is not None:
            with suppress(OSError, FileError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                append_line(self._path, line.encode())

    def _read(self) -> list[str]:
        """The last lines of the file; a file that has grown long is cut to them."""
        if self._path is None:
            return []
        try:
            with open_regular(self._path) as file:
                file.seek(max(os.fstat(file.fileno()).st_size - _BYTES, 0))
                text = file.read(_BYTES).decode("utf-8", errors="replace")
        except (OSError, FileError):
            return []
        found = [line for line in text.split("\n") if _is_kept(line)]
        kept = found[-self._most :]
        if len(found) > 2 * self._most:
            with suppress(FileError):
                write_whole(self._path, "".join(f"{line}\n" for line in kept).encode())
        return kept


def _is_kept(line: str) -> bool:
    return bool(line.strip()) and line.isprintable() and len(line) <= _LONGEST
