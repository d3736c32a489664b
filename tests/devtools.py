"""A real browser without a window, driven over a pipe by its DevTools protocol."""

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

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE: Final = 60.0
"""Seconds until somebody who waits gives up."""

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS: Final = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--force-device-scale-factor=1", "--window-size=1000,700",
    "--remote-debugging-pipe",
)  # fmt: skip
_START: Final = """
import fcntl, os, sys
down, up, *command = sys.argv[1:]
high = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 20) for fd in (down, up)]
for fd, wanted in zip(high, (3, 4)):
    os.dup2(fd, wanted)
os.execv(command[0], command)
"""
"""It reads requests from descriptor 3 and writes answers to 4."""


def found() -> str | None:
    """The path of a browser; None where there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Tab:
    """A page of a browser.

    Attributes:
        domains: of the protocol, whose events are heard.
    """

    domains: tuple[str, ...] = ("Page", "Runtime")

    def __init__(self, reader: int, writer: int) -> None:
        self._reader, self._writer = reader, writer
        self._left = b""
        self._number = 0
        self._session = ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = str(attached["sessionId"])
        for domain in self.domains:
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> Any:
        """One request, and its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writer, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + PATIENCE
        while True:
            answer = self.read(until)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def value(self, expression: str) -> Any:
        """What an expression gives; a promise is waited for."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot")["data"])

    def is_silent(self, seconds: float) -> bool:
        """Whether nothing is said for so long."""
        return b"\0" not in self._left and not select.select([self._reader], [], [], seconds)[0]

    def read(self, until: float) -> dict[str, Any]:
        """The next answer or event, which is heard; by a moment of the monotonic clock."""
        while b"\0" not in self._left:
            left = max(until - time.monotonic(), 0)
            assert select.select([self._reader], [], [], left)[0], "the browser is silent"
            data = os.read(self._reader, 1 << 20)
            assert data, "the browser has ended"
            self._left += data
        message, _, self._left = self._left.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        self.hear(answer.get("method", ""), answer.get("params", {}))
        return answer

    def hear(self, method: str, params: dict[str, Any]) -> None:
        """Note an event."""


@contextmanager
def started() -> Iterator[tuple[int, int]]:
    """A browser, ended afterwards; where its answers are read, and requests are written."""
    program = found()
    assert program
    down, writer = os.pipe()
    reader, up = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", _START, str(down), str(up), program, *_FLAGS,
             f"--user-data-dir={folder}"],
            pass_fds=(down, up), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(down)
        os.close(up)
        try:
            yield reader, writer
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(reader)
            os.close(writer)
