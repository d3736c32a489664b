"""From a step key to the repainted screen.

Both programs run at once and take turns key by key, so that whatever else the machine does meets
both. With ``--against PATH``, a checkout of another version, that is the other program.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import numpy as np

from tests.benchmarks.programs import bare, ours
from tests.benchmarks.report import Sample, compared_lines
from tests.benchmarks.scenarios import chain, matvec
from tests.benchmarks.steady_keys import steady_lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.programs import Contestant
    from tests.benchmarks.pty_run import Program

_TARGET: Final = 1.0
_BIG_TARGET: Final = 1.15
_AGAINST_TARGET: Final = 1.0
_STILL: Final = 0.08
_TIMEOUT: Final = 20.0
_END: Final = b"\x1b[F"


_WALKS: Final = (
    ("vector-double", "Y = 2 * X"),
    ("mlp-2-3-1", "tanh("),
    ("attention-head", "A @ V"),
)
"""Scenarios in which versions are compared, and what stands on their first screen."""

_SIZES: Final = ((120, 40), (80, 24), (160, 48))
"""Of the terminals in which each of them is walked without a pause."""


def run(home: Path, *, quick: bool, against: Path | None = None) -> list[str]:
    """The seed against the bare app; then many nodes, and a big J, against the seed."""
    keys = 4 if quick else 160
    if against is not None:
        lines: list[str] = []
        for scenario, shows in _WALKS:
            pair = ours(scenario, shows, home), ours(scenario, shows, home, tree=against)
            title = f"From a step key to the repainted screen, {scenario}"
            lines += _compared(title, pair, keys, _AGAINST_TARGET, _END)
        return lines
    recurrence = chain(home, 100 if quick else 100_000)
    product = matvec(home, 30 if quick else 1000)
    seed = ours("vector-double", "Y = 2 * X", home)
    long = ours(str(recurrence), "tanh(", home)
    wide = ours(str(product), "W @ x", home)
    title = "From a step key to the repainted screen"
    turns = 1 if quick else 10
    steady: list[str] = []
    for (scenario, shows), size in zip(_WALKS, _SIZES, strict=True):
        pair = ours(scenario, shows, home), bare(home)
        steady += steady_lines(f"{title}, {scenario}", pair, size, turns, _TARGET, _END)
    return [
        *_compared(f"{title}: the seed", (seed, bare(home)), keys, _TARGET),
        *_compared(f"{recurrence.stem}, building", (long, seed), keys, _BIG_TARGET),
        *_compared(f"{recurrence.stem}, pulling back", (long, seed), keys, _BIG_TARGET, _END),
        *_compared(f"{product.stem}, zeros shown", (wide, seed), keys, _BIG_TARGET, _END),
        *steady,
    ]


def _compared(
    title: str,
    pair: tuple[Contestant, Contestant],
    keys: int,
    target: float,
    first: bytes = b"",
) -> list[str]:
    """Two programs side by side, key by key.

    Args:
        title: of the comparison.
        pair: ours, and whom it is compared with.
        keys: how often each is asked.
        target: of the ratio.
        first: a key that brings both to where the walk begins; the walk then starts backward.
    """
    chance = np.random.default_rng(1)
    found: tuple[list[float], list[float]] = [], []
    with ExitStack() as stack:
        programs = [stack.enter_context(c.start()) for c in pair]
        for each, program in zip(pair, programs, strict=True):
            each.wait_drawn(program)
            if first:
                _seconds(program, first)
        for key in _walk(keys, forward=not first):
            for seconds, program in zip(found, programs, strict=True):
                time.sleep(chance.uniform(0, 0.05))  # never in step with a frame timer
                seconds.append(_seconds(program, key))
    ours_found, other = (Sample(c.name, tuple(s)) for c, s in zip(pair, found, strict=True))
    return compared_lines(title, ours_found, other, target)


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
