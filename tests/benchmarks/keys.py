"""From a step key to the repainted screen.

It stands apart because here both programs run at once and take turns key by key, so that whatever
else the machine does meets both.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import numpy as np

from tests.benchmarks.programs import bare, ours
from tests.benchmarks.report import Sample, compared_lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.programs import Contestant
    from tests.benchmarks.pty_run import Program

_TARGET: Final = 1.2
_STILL: Final = 0.08
_TIMEOUT: Final = 20.0
_END: Final = b"\x1b[F"


def run(home: Path, *, quick: bool) -> list[str]:
    """The seed, and a chain with many nodes while it is built and while it is pulled back."""
    keys = 4 if quick else 120
    chain = chain_scenario(home, 100 if quick else 10_000)
    seed = ours("vector-double", "Y = 2 * X", home)
    long = ours(str(chain), "tanh(", home)
    return [
        *_compared("From a step key to the repainted screen: the seed", seed, home, keys),
        *_compared(f"{chain.stem}, building", long, home, keys),
        *_compared(f"{chain.stem}, pulling back", long, home, keys, first=_END),
    ]


def chain_scenario(folder: Path, nodes: int) -> Path:
    """Write a scenario of about that many nodes: a recurrence, unrolled."""
    path = folder / f"chain-of-{nodes}-nodes.yaml"
    path.write_text(
        "format: 1\n"
        "title: a long chain\n"
        "inputs: {x: 0.5, w: 0.9, b: 0.1}\n"
        "program: |\n"
        f"  for t in range({nodes // 3}):\n"
        "    x = tanh(w * x + b)\n"
        "backward: {of: x}\n",
        encoding="utf-8",
    )
    return path


def _compared(
    title: str, contestant: Contestant, home: Path, keys: int, first: bytes = b""
) -> list[str]:
    chance = np.random.default_rng(1)
    pair = contestant, bare(home)
    found: tuple[list[float], list[float]] = [], []
    with ExitStack() as stack:
        programs = [stack.enter_context(c.start()) for c in pair]
        for each, program in zip(pair, programs, strict=True):
            each.wait_drawn(program)
        if first:
            _seconds(programs[0], first)
        for key in _walk(keys, forward=not first):
            for seconds, program, pressed in zip(found, programs, (key, b"s"), strict=True):
                time.sleep(chance.uniform(0, 0.05))  # never in step with a frame timer
                seconds.append(_seconds(program, pressed))
    ours_found, bare_found = (Sample(c.name, tuple(s)) for c, s in zip(pair, found, strict=True))
    return compared_lines(title, ours_found, bare_found, _TARGET)


def _walk(keys: int, *, forward: bool) -> list[bytes]:
    """Ten steps one way, ten the other: no walk is shorter than that."""
    return [b"s" if (k // 10 % 2 == 0) == forward else b"S" for k in range(keys)]


def _seconds(program: Program, key: bytes) -> float:
    """Until the last change that a key made."""
    pressed = program.press(key)
    seen = program.watch(lambda _: True, quiet=_STILL, timeout=_TIMEOUT)
    while seen.changed is None:
        seen = program.watch(lambda _: True, quiet=_STILL, timeout=_TIMEOUT)
        if time.perf_counter() - pressed > _TIMEOUT:
            raise TimeoutError(f"{key!r} changed nothing")
    return seen.changed - pressed
