"""A browser with a file: its keys, its text, and how it looks."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from tests import devtools

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KEYS: Final = {
    "ArrowRight": 39, "ArrowLeft": 37, "ArrowUp": 38, "ArrowDown": 40, "Home": 36, "End": 35,
    "Escape": 27, "Enter": 13, "Tab": 9,
}  # fmt: skip


class Page(devtools.Tab):
    """One tab.

    Attributes:
        problems: what the page's scripts raised, and what its policy refused.
    """

    domains = ("Page", "Runtime", "Log")

    def __init__(self, reader: int, writer: int) -> None:
        self.problems: list[str] = []
        super().__init__(reader, writer)

    def open(self, path: Path) -> None:
        """Go to a file, and wait until it is loaded."""
        self.call("Page.navigate", url=path.as_uri())
        until = time.monotonic() + devtools.PATIENCE
        is_loaded = "document.readyState === 'complete' && location.href.split('#')[0]"
        is_there = f"{is_loaded} === {path.as_uri()!r}"
        while not self.value(is_there):
            assert time.monotonic() < until

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

    def hear(self, method: str, params: dict[str, Any]) -> None:
        """What was raised or refused."""
        if method in {"Runtime.exceptionThrown", "Log.entryAdded"}:
            self.problems.append(json.dumps(params))


@contextmanager
def browser() -> Iterator[Page]:
    """A browser with one tab, which is ended afterwards."""
    with devtools.started() as (reader, writer):
        yield Page(reader, writer)
