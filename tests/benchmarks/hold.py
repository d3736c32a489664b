"""A key held down: whether anything queues up behind it.

Nothing is compared: when the key is let go, the screen must stop changing.
"""

from __future__ import annotations

import re
from time import perf_counter
from typing import TYPE_CHECKING, Final

from tests.benchmarks.programs import ours
from tests.benchmarks.report import verdict
from tests.benchmarks.scenarios import chain

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.programs import Contestant

_RIGHT: Final = b"\x1b[C"
_RATE: Final = 40
"""Keys a second: faster than terminals repeat a key unless they are told to."""
_STANDS_MS: Final = 50.0
_STEP: Final = re.compile(r"step ([\d,]+)/")


def run(home: Path, *, quick: bool) -> list[str]:
    """Hold ``→`` down on a long walk: while it is built, and at its end."""
    seconds = 1 if quick else 30
    scenario = chain(home, 1_000 if quick else 100_000)
    contestant = ours(str(scenario), "tanh(", home)
    return [
        f"→ held down for {seconds} s, {_RATE} keys a second: {scenario.stem}",
        *_held(contestant, seconds * _RATE),
    ]


def _held(contestant: Contestant, keys: int) -> list[str]:
    with contestant.start() as program:
        contestant.wait_drawn(program)
        started = perf_counter()
        for k in range(keys):
            program.read_on(max(0.0, started + k / _RATE - perf_counter()))
            pressed = program.press(_RIGHT)
        seen = program.watch(lambda _: True, quiet=0.3, timeout=20)
        late = 0.0 if seen.changed is None else (seen.changed - pressed) * 1000
        found = _STEP.search(seen.text)
        reached = found.group(1) if found else "?"
    return [
        f"  {keys:,} keys, and the screen says step {reached}",
        verdict(f"the screen stood {late:.0f} ms after the last key", late, _STANDS_MS, " ms"),
    ]
