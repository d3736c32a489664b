"""A real browser without a window, driven over a pipe: pages opened, keys pressed, text read."""

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
    from pathlib import Path

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS: Final = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--force-device-scale-factor=1", "--remote-debugging-pipe",
)  # fmt: skip
_START: Final = """
import os, sys
down, up, *command = sys.argv[1:]
held = int(down), int(up)
while min(held) < 5:
    held = os.dup(held[0]), os.dup(held[1])
os.dup2(held[0], 3)
os.dup2(held[1], 4)
os.execv(command[0], command)
"""
"""A browser reads requests from descriptor 3 and writes answers to 4."""
_PATIENCE: Final = 60.0
_KEYS: Final = {
    "ArrowRight": 39, "ArrowLeft": 37, "ArrowUp": 38, "ArrowDown": 40, "Home": 36, "End": 35,
    "Escape": 27, "Enter": 13, "Tab": 9,
}  # fmt: skip


def found() -> str | None:
    """The path of a browser; None where there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Page:
    """One tab.

    Attributes:
        problems: what the page's scripts raised, and what its policy refused.
    """

    def __init__(self, process: subprocess.Popen[bytes], reader: int, writer: int) -> None:
        self.problems: list[str] = []
        self._process, self._reader, self._writer = process, reader, writer
        self._number = 0
        self._left = b""
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> Any:
        """One request of the DevTools protocol, and its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def open(self, path: Path) -> None:
        """Go to a file, and wait until it is loaded."""
        self.call("Page.navigate", url=path.as_uri())
        until = time.monotonic() + _PATIENCE
        is_loaded = "document.readyState === 'complete' && location.href.split('#')[0]"
        is_there = f"{is_loaded} === {path.as_uri()!r}"
        while not self.value(is_there):
            assert time.monotonic() < until

    def value(self, expression: str) -> Any:
        """What an expression gives; a promise is waited for."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def text(self, element: str) -> str:
        """The text of an element, by its id."""
        return str(self.value(f"document.getElementById({element!r}).textContent"))

    def press(self, *keys: str) -> None:
        """Press keys one after another: characters, or names such as ``ArrowRight``."""
        for key in keys:
            code = {"key": key, "windowsVirtualKeyCode": _KEYS.get(key, ord(key[0]))}
            text = {} if key in _KEYS else {"text": key}
            self.call("Input.dispatchKeyEvent", type="keyDown", **code, **text)
            self.call("Input.dispatchKeyEvent", type="keyUp", **code)

    def look(self, width: int, height: int, *, dark: bool = False, touch: bool = False) -> None:
        """Set the size of the window, and which colours the person prefers."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=touch)  # fmt: skip
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)
        self.call("Emulation.setTouchEmulationEnabled", enabled=touch)

    def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot")["data"])

    def _next(self) -> Any:
        while b"\0" not in self._left:
            assert select.select([self._reader], [], [], _PATIENCE)[0], "the browser is silent"
            read = os.read(self._reader, 1 << 20)
            assert read, "the browser ended"
            self._left += read
        message, _, self._left = self._left.partition(b"\0")
        answer = json.loads(message)
        if answer.get("method") in {"Runtime.exceptionThrown", "Log.entryAdded"}:
            self.problems.append(json.dumps(answer["params"]))
        return answer


@contextmanager
def browser() -> Iterator[Page]:
    """A browser with one tab, which is ended afterwards."""
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
            yield Page(process, reader, writer)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(reader)
            os.close(writer)
