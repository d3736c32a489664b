"""While a command takes long: progress on stderr, and an interrupt that is always heard.

Two threads see to it, so that an interrupt is heard even where a single call into NumPy or a parser
keeps the main thread busy.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress
from select import select
from threading import Event, Lock, Thread, current_thread, main_thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from tui_backprop.language.catalogue import ENGLISH
from tui_backprop.progress import DOING, Progress, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sys import UnraisableHookArgs
    from typing import TextIO

    from tui_backprop.language.catalogue import Language

INTERRUPTED: Final = 130

_PATIENCE: Final = 0.05
"""Seconds that the main thread has to end by itself after an interrupt."""
_MOMENT: Final = 0.005
"""Seconds until the thread that watches has its turn."""
_LATE: Final = 2.0
"""Seconds that it may take to have it where a signal is known to have come."""
_UNREAD: Final = 1.0
"""Seconds that a line may take to be written."""
_SILENT: Final = 1.0
"""Seconds in which nothing is said of progress."""
_BETWEEN: Final = 0.25


class InterruptNotice:
    """The one line that an interrupt leaves, whichever thread writes it.

    Args:
        language: of the line.

    Attributes:
        heard: set once an interrupt came.
    """

    def __init__(self, language: Language = ENGLISH) -> None:
        self.heard = Event()
        self._line = language.say("tui-backprop: interrupted") + "\n"
        self._lock = Lock()
        self._is_said = False
        self._signals: int | None = None

    def listen(self, signals: int) -> None:
        """Know of the pipe into which every signal is written when it comes."""
        self._signals = signals

    def say(self) -> None:
        """Say it, unless it was said; who comes second waits until the first has written it.

        Not for ever, since the process ends after this also where nobody reads stderr.
        """
        if not self._lock.acquire(timeout=_UNREAD):
            return
        try:
            if not self._is_said and sys.stderr is not None:
                self._is_said = True
                sys.stderr.write(self._line)
                sys.stderr.flush()
        finally:
            self._lock.release()

    def explains(self) -> bool:
        """Whether an error is what a library made of an interrupt."""
        return self.heard.wait(_LATE if self._is_unread() else _MOMENT)

    def _is_unread(self) -> bool:
        """Whether a signal came and the thread that watches, on a busy machine, did not yet."""
        with suppress(OSError, ValueError):  # no select of pipes, or too many files are open
            return self._signals is not None and bool(select([self._signals], [], [], 0)[0])
        return False


def hear_interrupts(notice: InterruptNotice) -> None:
    """From now on an interrupt ends this process soon, with one line and status 130.

    The main thread gets a `KeyboardInterrupt` first, so that what is being written is closed. Where
    it does not come to that in time, or tearing down takes long, the process ends all the same.
    Whoever takes the signal over, as a screen does, is left alone.
    """
    if current_thread() is not main_thread():
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    notice.listen(reading)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    sys.unraisablehook = _without_interrupts
    Thread(target=_watch, args=(reading, notice), daemon=True).start()


def _watch(reading: int, notice: InterruptNotice) -> None:
    while signals := os.read(reading, 64):
        if signal.SIGINT in signals and _is_ours():
            notice.heard.set()
            sleep(_PATIENCE)
            notice.say()
            os._exit(INTERRUPTED)


def _is_ours() -> bool:
    return signal.getsignal(signal.SIGINT) is signal.default_int_handler


def _without_interrupts(unraisable: UnraisableHookArgs) -> None:
    """An interrupt that met a place where nothing can be raised is heard by the watcher."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)


class _Line:
    """A line at the bottom of a terminal that is written over.

    Args:
        stream: of the terminal; an app that runs unseen puts another in the place of stderr.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = Lock()
        self._is_there = False

    def show(self, text: str) -> None:
        """Write it."""
        from tui_backprop.render.text.spans import cut

        with self._lock:
            self._stream.write(f"\r{cut(text, self._cells())}\x1b[K")
            self._stream.flush()
            self._is_there = True

    def clear(self) -> None:
        """Take it away before anything else is written."""
        with self._lock:
            if self._is_there:
                self._stream.write("\r\x1b[K")
                self._stream.flush()
            self._is_there = False

    def _cells(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns - 1
        except (OSError, ValueError):
            return 79


@contextmanager
def shown_progress(language: Language = ENGLISH) -> Iterator[None]:
    """While inside, work of more than a second shows progress on stderr if that is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    line, over = _Line(sys.stderr), Event()
    progress = Progress(line.clear)
    thread = Thread(target=_tell, args=(progress, line, over, language), daemon=True)
    thread.start()
    try:
        with listening(progress):
            yield
    finally:
        over.set()
        thread.join()
        line.clear()


def _tell(progress: Progress, line: _Line, over: Event, language: Language) -> None:
    began = monotonic()
    while not over.wait(_BETWEEN):
        if not progress.what:
            line.clear()
        elif monotonic() - began >= _SILENT:
            line.show(progress_line(progress, language))
            if not progress.what:  # it ended meanwhile, and would stand in the way
                line.clear()


def progress_line(progress: Progress, language: Language = ENGLISH) -> str:
    """``evaluating: 12,000 of 990,000; Ctrl-C stops``."""
    what = language.retold(DOING.get(progress.what, progress.what))
    done = f"{progress.done:,}"
    if not progress.total:
        return language.say("{what}: {done}; Ctrl-C stops", what=what, done=done)
    total = f"{progress.total:,}"
    return language.say(
        "{what}: {done} of {total}; Ctrl-C stops", what=what, done=done, total=total
    )
