"""The terminal as it is found, and as it is left: bytes that mean nothing, and ends of all kinds.

It uses Textual's private names, for terminals as POSIX knows them; it is imported only there.
"""

from __future__ import annotations

import os
import selectors
import signal
import termios
from codecs import getincrementaldecoder
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import TextIO

    from textual.app import App

_DEADLY: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
_PATIENCE: Final = 3.0
"""Seconds that the screen has to leave in order once a signal has come."""
_RESTORED: Final = (
    "\x1b[?2026l\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""The sequences that Textual writes when it leaves, for when it cannot."""


class TerminalDriver(LinuxDriver):
    """Reads whatever comes, and notices when the terminal is gone."""

    def __init__(self, app: App[Any], **how: Any) -> None:
        super().__init__(app, **how)
        if self._file is not None:
            self._file = _Output(self._file, self.gone)  # type: ignore[assignment]  # it has all that is asked

    # Textual does all of it in the handler of the signal, which may come while a queue is locked
    # that leaving the screen needs too: then nothing moves any more.

    def _sigtstp_application(self, *_signal: object) -> None:
        self._loop.call_soon_threadsafe(super()._sigtstp_application)

    def _sigcont_application(self, *_signal: object) -> None:
        self._loop.call_soon_threadsafe(self._go_on)

    def _go_on(self) -> None:
        """Take the terminal again; after a stop that nobody was asked about, give it up first.

        Taken twice, it would be read by two threads, one of which no end of the screen ends, and
        what it was like before would be forgotten.
        """
        if self._key_thread is not None and self._key_thread.is_alive():
            self.suspend_application_mode()
        super()._sigcont_application()

    def gone(self) -> None:
        """The terminal is there no more: leave, as if it had said so."""
        leave = getattr(self._app, "leave", None)
        if leave is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody is to be told
                self._loop.call_soon_threadsafe(leave, signal.SIGHUP)

    def run_input_thread(self) -> None:
        """Give what is typed to the app, until it leaves or the terminal does."""
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        parser = XTermParser(self._debug)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                data = self._read() if selector.select(0.1) else b""
                if data is None:
                    self.gone()
                    return
                parser = self._understood(parser, decode(data))

    def _read(self) -> bytes | None:
        """The bytes that are there to read; None where the terminal is gone."""
        try:
            return os.read(self.fileno, 4096) or None
        except BlockingIOError:
            return b""
        except OSError:
            return None

    def _understood(self, parser: XTermParser, text: str) -> XTermParser:
        """Give keys to the app; what a parser cannot take is dropped, and the parser with it."""
        try:
            for message in (*(parser.feed(text) if text else ()), *parser.tick()):
                self.process_message(message)
        except Exception:  # noqa: BLE001 - nothing that a terminal sends may end the program
            return XTermParser(self._debug)
        return parser


class _Output:
    """A stream that a terminal which is gone does not break."""

    def __init__(self, stream: TextIO, gone: Callable[[], None]) -> None:
        self._stream = stream
        self._gone = gone

    def write(self, text: str) -> None:
        try:
            self._stream.write(text)
        except (OSError, ValueError):
            self._gone()

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._gone()

    def fileno(self) -> int:
        return self._stream.fileno()

    def isatty(self) -> bool:
        return self._stream.isatty()


class Leaving(Protocol):
    """What a signal ends."""

    @property
    def signal(self) -> int:
        """The number of the signal that ends it already; 0 for none."""

    @property
    def is_running(self) -> bool:
        """Whether its screen is up."""

    def leave(self, number: int) -> None:
        """End because of a signal; from any thread, and from its handler."""


@contextmanager
def left_in_order(app: Leaving) -> Iterator[None]:
    """While the screen is up, a signal that ends the program lets it leave the terminal first.

    A second signal, or a screen that does not leave in time, puts the terminal right by force. What
    a parent process chose to ignore is ignored.
    """
    # Before the screen is up, the terminal is as it was.
    attributes = _attributes()

    def at_once(number: int, _frame: FrameType | None = None) -> None:
        with suppress(OSError, termios.error):
            if attributes is not None:
                termios.tcsetattr(0, termios.TCSANOW, attributes)
            os.write(2, _RESTORED.encode())
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def received(number: int, _frame: FrameType | None) -> None:
        if app.signal or not app.is_running:
            at_once(app.signal or number)
        signal.signal(signal.SIGALRM, lambda *_: at_once(number))
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
        app.leave(number)

    before = {n: signal.getsignal(n) for n in (*_DEADLY, signal.SIGALRM)}
    for number in _DEADLY:
        if before[number] is not signal.SIG_IGN:
            signal.signal(number, received)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _attributes() -> list[Any] | None:
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None
