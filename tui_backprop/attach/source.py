"""The user's source as the program of a walk: the lines that made its nodes."""

from __future__ import annotations

import inspect
import linecache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui_backprop.graph.file_names import heading, here, path_in
from tui_backprop.graph.model import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_WHOLE: Final = 2000
"""Lines of a file that are shown whole; of a longer one only those around what is used."""
_AROUND: Final = 20


class Line(NamedTuple):
    """A line of the user's source."""

    file: str
    number: int


def line_of_definition(function: Callable[..., Any]) -> Line | None:
    """Where a function begins; None where it is not written in Python."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return None if code is None else Line(code.co_filename, code.co_firstlineno)


class Source:
    """The text, and where a line of a file stands in it.

    One short file is shown as it is, so that its line numbers are those of the editor. Of several
    files each stands under its name, with as much of its folders as tells it from the others.

    Attributes:
        text: all of it; empty where no line is known.
        files: the path of each file, and what is added to its lines to have those of the text.
    """

    def __init__(self, lines: Iterable[Line | None]) -> None:
        used: dict[str, list[int]] = {}
        for line in lines:
            if line is not None:
                used.setdefault(line.file, []).append(line.number)
        found: list[str] = []
        self._offsets: dict[str, int] = {}
        self.files: dict[str, int] = {}
        folder = here()
        texts = {file: [line.rstrip("\r\n") for line in linecache.getlines(file)] for file in used}
        paths = {file: path_in(folder, file) for file, read in texts.items() if read}
        for file, path in paths.items():
            read, numbers = texts[file], used[file]
            is_alone = len(paths) == 1 and len(read) <= _WHOLE
            start = 0 if is_alone else max(min(numbers) - _AROUND, 1) - 1
            stop = len(read) if is_alone else max(numbers) + _AROUND
            if not is_alone:
                found.append(heading(path, paths.values(), start + 1))
            self._offsets[file] = len(found) - start
            self.files.setdefault(path, len(found) - start)
            found += read[start:stop]
        self._lines = found
        self.text = "\n".join(found)

    def span(self, line: Line | None) -> Span | None:
        """Where a line of the user's stands in the text; None where it is not known."""
        if line is None or line.file not in self._offsets:
            return None
        number = line.number + self._offsets[line.file]
        if not 0 < number <= len(self._lines):
            return None
        text = self._lines[number - 1]
        start = len(text) - len(text.lstrip())
        return Span(number, start, number, max(len(text.rstrip()), start + 1))
