"""Errors of the program itself while the screen is up: each is kept once and written to a file."""

from __future__ import annotations

import platform
import traceback
from collections import deque
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.files import FileError, write_whole
from tui_backprop.language.message import said
from tui_backprop.render.text.spans import printable
from tui_backprop.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.message import Message
    from textual.message_pump import MessagePump

    Failed: TypeAlias = Callable[[Exception, str], object]


_MOST: Final = 8
_MOST_KNOWN: Final = 256
"""Failures that are told apart; what comes after them is taken for one that was said."""
_DEEPEST: Final = 20
"""Calls of a traceback at each of its ends."""
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of the program itself.

    Attributes:
        sentence: what happened, and what a person can do about it.
        report: what whoever mends it needs, line by line.
        is_new: whether the same has not failed in the same way before.
    """

    sentence: str
    report: tuple[str, ...]
    is_new: bool


class Faults:
    """The latest errors, each kept once however often it came.

    Attributes:
        reports: what is kept of each, the latest last.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Keep them here, and the latest in a file of their own where one is named."""
        self.reports: deque[tuple[str, ...]] = deque(maxlen=_MOST)
        self._path = path
        self._known: set[tuple[str, str]] = set()

    def note(self, error: Exception, doing: str) -> Fault:
        """Remember an error that nobody expected, and in what it came up."""
        kind = type(error).__name__
        is_new = len(self._known) < _MOST_KNOWN and (doing, kind) not in self._known
        report = (f"{doing}: {shown(error)}", *_traced(error))
        if is_new:
            self._known.add((doing, kind))
            self.reports.append(report)
        is_written = self._path is not None and (not is_new or self._write(self._path))
        return Fault(self._sentence(error, doing, is_written=is_written), report, is_new)

    def _sentence(self, error: Exception, doing: str, *, is_written: bool) -> str:
        if is_written:
            return said(
                "{doing}: an error of the program itself, {error}; the walk stands as it was "
                "before. Please report it, with {file}",
                doing=doing, error=shown(error), file=printable(str(self._path)),
            )  # fmt: skip
        return said(
            "{doing}: an error of the program itself, {error}; the walk stands as it was before. "
            "Please report it, with 'tui-backprop --version' and what :log says",
            doing=doing, error=shown(error),
        )  # fmt: skip

    def _write(self, path: Path) -> bool:
        """Put all that is kept into the file, in place of what was there; whether that went."""
        head = (
            f"tui-backprop {__version__}, Python {platform.python_version()}, {platform.system()}"
        )
        text = "\n\n".join("\n".join(report) for report in self.reports)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, f"{head}\n\n{text}\n".encode(errors="backslashreplace"))
        except (OSError, ValueError, FileError):
            return False
        return True


def shown(error: BaseException) -> str:
    """An error on one line, whatever its message holds or does."""
    try:
        first = (str(error).splitlines() or [""])[0]
    except Exception:  # noqa: BLE001 - an error may fail to say what it is
        first = ""
    return printable(f"{type(error).__name__}: {first}"[:_LONGEST].rstrip(": "))


def _traced(error: Exception) -> tuple[str, ...]:
    """Where an error came from: both ends of its traceback."""
    try:
        frames = traceback.extract_tb(error.__traceback__)
        left_out = len(frames) - 2 * _DEEPEST
        lines = traceback.format_list(frames[:_DEEPEST] if left_out > 0 else frames)
        if left_out > 0:
            lines += [f"  … {left_out} more …\n", *traceback.format_list(frames[-_DEEPEST:])]
    except Exception:  # noqa: BLE001 - memory may be what is missing
        return ()
    return tuple(printable(line) for text in lines for line in text.splitlines())


class Guard:
    """Watches over the loops of an app.

    Attributes:
        at_work: how many messages and callbacks are being carried out at this moment.
    """

    def __init__(self, failed: Failed) -> None:
        """Watch.

        Args:
            failed: told each error, and in what it came up.
        """
        self.at_work = 0
        self._failed = failed

    def over(self, pump: MessagePump) -> None:
        """Let no error of a handler reach the loop of ``pump``; before the loop begins."""
        dispatch = pump._dispatch_message  # noqa: SLF001 - see the module's docstring

        async def guarded(message: Message) -> None:
            self.at_work += 1
            try:
                await dispatch(message)
            except Exception as error:  # noqa: BLE001 - that is what it is for
                self._failed(error, f"{type(pump).__name__}, {message.handler_name}")
            finally:
                self.at_work -= 1

        call_back = pump._flush_next_callbacks  # noqa: SLF001 - the same

        async def counted() -> None:
            self.at_work += 1
            try:
                await call_back()
            finally:
                self.at_work -= 1

        pump._dispatch_message = guarded  # type: ignore[method-assign]  # noqa: SLF001 - Textual has no other way in
        pump._flush_next_callbacks = counted  # type: ignore[method-assign]  # noqa: SLF001 - Textual has no other way in
