"""In the app that presents: tells each follower where the walk is, and waits for none of them.

Nothing is read from a follower: whoever sends anything, or does not read, is dropped.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tui_backprop.tui.notes.channel import listening
from tui_backprop.tui.notes.wire import LONGEST_LINE, to_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_backprop.render.speaker import Facts

MOST_FOLLOWERS: Final = 16
MOST_WAITING: Final = 2 * LONGEST_LINE
"""Bytes that a follower may be behind."""
_SOON: Final = 0.02
"""Seconds after a picture: keys come first, and many of them are told once."""


class Teller:
    """Tells followers the facts of the step.

    Attributes:
        followers: those who listen.
    """

    def __init__(
        self, make: Callable[[], Facts | None], failed: Callable[[Exception, str], object]
    ) -> None:
        """Tell nobody yet.

        Args:
            make: the facts of now; None where there are none.
            failed: told of an error of the program itself.
        """
        self.followers: set[Follower] = set()
        self._make = make
        self._failed = failed
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        self._due: asyncio.TimerHandle | None = None

    async def open(self, folder: Path) -> None:
        """Let followers come to a socket in a folder.

        Raises:
            ChannelError: they cannot.
        """
        if self._server is not None:
            return
        found, path = listening(folder)
        loop = asyncio.get_running_loop()
        self._path = path
        self._server = await loop.create_unix_server(lambda: Follower(self), sock=found)

    def changed(self) -> None:
        """The walk is elsewhere: tell it soon, where somebody listens."""
        if self.followers and self._due is None:
            loop = asyncio.get_running_loop()
            self._due = loop.call_later(_SOON, self._tell_all)

    def close(self) -> None:
        """Send everybody away, and leave no socket behind."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._server is not None:
            self._server.close()
            self._server = None
        for follower in list(self.followers):
            follower.drop()
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            self._path = None

    def tell(self, follower: Follower) -> None:
        """Tell one who has just come."""
        line = self._line()
        if line is not None:
            follower.send(line)

    def _tell_all(self) -> None:
        self._due = None
        line = self._line() if self.followers else None
        for follower in list(self.followers) if line is not None else ():
            follower.send(line or b"")

    def _line(self) -> bytes | None:
        try:
            facts = self._make()
            return None if facts is None else to_line(facts)
        except Exception as error:  # noqa: BLE001 - whatever it is, the presentation goes on
            self._failed(error, "notes")
            return None


class Follower(asyncio.Protocol):
    """One terminal that listens."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is told at once where the walk is."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a socket that cannot be written to")
        self._transport = transport
        if len(self._teller.followers) >= MOST_FOLLOWERS:
            self.drop()
            return
        transport.set_write_buffer_limits(high=MOST_WAITING)
        self._teller.followers.add(self)
        self._teller.tell(self)

    def send(self, line: bytes) -> None:
        """Hand a line over; nobody waits until it is read."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(line)

    def pause_writing(self) -> None:
        """It does not read: nothing more is kept for it."""
        self.drop()

    def data_received(self, data: bytes) -> None:
        """A terminal of notes says nothing: this is none."""
        del data
        self.drop()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        del exc
        self._teller.followers.discard(self)

    def drop(self) -> None:
        """Send it away."""
        self._teller.followers.discard(self)
        if self._transport is not None:
            self._transport.abort()
