"""A real browser without a window, in which a page shows a terminal: its keys and its screen.

What the terminal shows is told by the bytes that the page receives, drawn by another terminal.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pyte

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS: Final = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1000,700", "--remote-debugging-pipe",
)  # fmt: skip
_START: Final = """
import fcntl, os, sys
high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in ({down}, {up})]
for fd, wanted in zip(high, (3, 4)):
    os.dup2(fd, wanted)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""It reads requests from descriptor 3 and writes answers to 4."""
PATIENCE: Final = 60.0


def found() -> str | None:
    """The path of a browser; None where there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Tab:
    """A page with a terminal.

    Attributes:
        asked: the addresses that the page asked anything of.
        problems: what its scripts raised.
        is_closed: whether the terminal's connection was ended.
    """

    def __init__(self, reader: int, writer: int) -> None:
        self.asked: list[str] = []
        self.problems: list[str] = []
        self.is_closed = False
        self._reader, self._writer = reader, writer
        self._left = b""
        self._number = 0
        self._session = ""
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self._session = self._attach()
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)

    def _attach(self) -> str:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        return str(self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])

    def open(self, address: str) -> None:
        """Go to a page."""
        self.is_closed = False
        self.call("Page.navigate", url=address)

    def call(self, method: str, **params: Any) -> Any:
        """One request of the DevTools protocol, and its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writer, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + PATIENCE
        while True:
            answer = self._read(until)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def value(self, expression: str) -> Any:
        """What an expression gives."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

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
            if b"\0" not in self._left and not select.select([self._reader], [], [], 0.05)[0]:
                continue
            self._read(until + PATIENCE)

    def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot")["data"])

    def _read(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._left:
            left = max(until - time.monotonic(), 0)
            assert select.select([self._reader], [], [], left)[0], "the browser is silent"
            data = os.read(self._reader, 1 << 20)
            assert data, "the browser has ended"
            self._left += data
        message, _, self._left = self._left.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        self._hear(answer.get("method", ""), answer.get("params", {}))
        return answer

    def _hear(self, method: str, params: dict[str, Any]) -> None:
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
    program = found()
    assert program
    down, writer = os.pipe()
    reader, up = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", _START.format(down=down, up=up), program, *_FLAGS,
             f"--user-data-dir={folder}"],
            pass_fds=(down, up), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(down)
        os.close(up)
        try:
            yield Tab(reader, writer)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(reader)
            os.close(writer)
