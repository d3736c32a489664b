"""A browser in which a page shows a terminal: its keys and its screen.

What the terminal shows is told by the bytes that the page receives, drawn by another terminal.
"""

from __future__ import annotations

import base64
import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyte

from tests import devtools
from tests.devtools import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator


class Tab(devtools.Tab):
    """A page with a terminal.

    Attributes:
        asked: the addresses that the page asked anything of.
        problems: what its scripts raised.
        is_closed: whether the terminal's connection was ended.
    """

    domains = ("Page", "Runtime", "Network")

    def __init__(self, reader: int, writer: int) -> None:
        self.asked: list[str] = []
        self.problems: list[str] = []
        self.is_closed = False
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        super().__init__(reader, writer)
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)

    def open(self, address: str) -> None:
        """Go to a page."""
        self.is_closed = False
        self.call("Page.navigate", url=address)

    def click(self, x: int, y: int) -> None:
        """Where a person would, so that keys go to the terminal."""
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, text: str) -> None:
        """Into the terminal, a key after the other; a line end is Enter."""
        for key in text:
            named = {"\n": ("Enter", 13), "\x1b": ("Escape", 27)}
            name, code = named.get(key, (key, ord(key.upper())))
            typed = {} if key == "\x1b" else {"text": "\r" if key == "\n" else key}
            about = {"key": name, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown", **about, **typed)
            self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def text(self) -> str:
        """The terminal's screen."""
        return "\n".join(self._screen.display)

    def wait_for(self, wanted: str) -> None:
        """Until a text is on the terminal's screen."""
        until = time.monotonic() + PATIENCE
        while wanted not in self.text():
            assert time.monotonic() < until, f"waiting for {wanted!r} on\n{self.text()}"
            self.rest(0.1)

    def rest(self, seconds: float) -> None:
        """Listen for a while."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.is_silent(0.05):
                self.read(until + PATIENCE)

    def hear(self, method: str, params: dict[str, Any]) -> None:
        """What was asked for and raised, and what the terminal was sent."""
        if method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(params))
        elif method == "Network.webSocketClosed":
            self.is_closed = True
        elif method == "Network.webSocketFrameSent":
            self._resize(params["response"]["payloadData"])
        elif method == "Network.webSocketFrameReceived" and params["response"]["opcode"] == 2:
            self._stream.feed(base64.b64decode(params["response"]["payloadData"]))

    def _resize(self, sent: str) -> None:
        kind, *rest = json.loads(sent)
        if kind == "resize":
            self._screen.resize(rest[0]["height"], rest[0]["width"])


@contextmanager
def browser() -> Iterator[Tab]:
    """A browser with one page, which is ended afterwards."""
    with devtools.started() as (reader, writer):
        yield Tab(reader, writer)
