"""An exported page in Chromium: its size, when its first step is painted, how long a key takes.

A key is over when the frame after it has been painted. The peer is the same keys on an empty page
that changes one number: what the browser itself takes, the wait for its next frame included.
"""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from tests import devtools
from tests.benchmarks.report import verdict
from tests.exports import chromium
from tests.exports.support import exported
from tui_backprop.api import Scenario
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from pathlib import Path

    from tests.exports.chromium import Page

_MLP: Final = """
format: 1
inputs:
  W: {{shape: [{n}, 12], random: normal, seed: 1}}
  b: {{shape: [{n}], fill: 0.1}}
constants:
  X: {{shape: [8, 12], random: normal, seed: 3}}
program: |
  h = tanh(X @ W.T + b)
  E = sum(h ** 2)
"""
_LOOP: Final = """
format: 1
inputs: {{a: 0.5, b: -0.3}}
program: |
  h = a
  for t in range({n}):
    h = tanh(a * h + b * sin(h)) + 0.01 * h * t
"""
_MOST_BYTES: Final = 3.0
_MOST_LOAD: Final = 1_000
_MOST_KEY: Final = 50

_PEER: Final = """<!doctype html><p id=n>0</p><script>
document.addEventListener("keydown", () => { const n = document.getElementById("n");
  n.textContent = Number(n.textContent) + 1; });</script>"""

_FIRST: Final = """
new Promise((done) => {
  const tell = (list) => list.getEntriesByName("first-contentful-paint").forEach((one) => done(one.startTime));
  new PerformanceObserver(tell).observe({ type: "paint", buffered: true });
})
"""  # noqa: E501 - it is JavaScript

_TIMED: Final = """
(async () => {
  const found = [];
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = done;
    after.port2.postMessage(0);
  }));
  await painted();
  for (const key of KEYS) {
    const began = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await painted();
    found.push(performance.now() - began);
  }
  return JSON.stringify(found);
})()
"""


def run(home: Path, *, quick: bool) -> list[str]:
    """Pages of about 10⁴ steps: of few large arrays, and of many numbers."""
    if devtools.found() is None:
        raise TimeoutError("no Chromium is installed")
    count = 20 if quick else 400
    keys = [*"s" * count, "End", *"S" * count, "Home", *("n" * count), *("N" * count), "l", "d"]
    walks = {
        "tanh(X @ W.T + b)": _MLP.format(n=8 if quick else 70),
        "a loop over numbers": _LOOP.format(n=20 if quick else 460),
    }
    lines = ["A page in Chromium"]
    with chromium.browser() as page:
        page.look(1280, 800)
        peer = home / "peer.html"
        peer.write_text(_PEER, encoding="utf-8")
        page.open(peer)
        bare = _timed(page, keys)
        for name, text in walks.items():
            path = home / "walk.html"
            path.write_text(exported(Scenario(loads(text)), "html"), encoding="utf-8")
            page.open(path)
            lines += _told(name, path, _painted(page), _timed(page, keys), bare)
    return lines


def _told(name: str, path: Path, load: float, taken: list[float], bare: list[float]) -> list[str]:
    size = path.stat().st_size / 1e6
    slow = sorted(range(len(taken)), key=taken.__getitem__)[-3:]
    told = f"key to repaint {median(taken):.0f} ms, {median(taken) / median(bare):.2f} of an empty"
    return [
        f"  {name}",
        verdict(f"{size:.2f} MB", size, _MOST_BYTES, " MB"),
        verdict(f"first paint after {load:.0f} ms", load, _MOST_LOAD, " ms"),
        f"  {told} page's {median(bare):.0f} ms; the slowest keys are {slow}",
        verdict(f"the worst {max(taken):.0f} ms (empty {max(bare):.0f})", max(taken), _MOST_KEY,
                " ms"),
    ]  # fmt: skip


def _painted(page: Page) -> float:
    """Milliseconds from the beginning of loading to the first paint."""
    found: Any = page.call("Runtime.evaluate", expression=_FIRST, awaitPromise=True)
    return float(found["result"]["value"])


def _timed(page: Page, keys: list[str]) -> list[float]:
    """Milliseconds of each key."""
    found: Any = page.call(
        "Runtime.evaluate", expression=_TIMED.replace("KEYS", json.dumps(keys)),
        awaitPromise=True, returnByValue=True,
    )  # fmt: skip
    times: list[float] = json.loads(found["result"]["value"])
    return times
