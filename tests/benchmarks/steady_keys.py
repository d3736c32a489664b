"""Step keys that come one after the other, as from a key held down, without a pause to draw in.

What a program does after it has drawn delays the next key here. The programs take turns of a few
keys each, on a machine with nothing else to do and on one that is busy.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from tests.benchmarks.report import Sample, compared_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.programs import Contestant
    from tests.benchmarks.pty_run import Program

_RATE: Final = 25
"""Keys a second: about as fast as terminals repeat a key."""
_TURN: Final = 10
"""Steps one way: no walk is shorter than that."""


def steady_lines(
    title: str,
    pair: tuple[Contestant, Contestant],
    size: tuple[int, int],
    turns: int,
    target: float,
    first: bytes = b"",
) -> list[str]:
    """Two programs side by side, idle and busy.

    Args:
        title: of the comparison.
        pair: ours, and whom it is compared with.
        size: columns and rows of the terminal.
        turns: how often each walks there and back.
        target: of the ratio.
        first: a key that brings both to where the walk begins; the walk then starts backward.
    """
    keys = (b"s", b"S") if not first else (b"S", b"s")
    walk = [key for key in keys for _ in range(_TURN)]
    where = f"{size[0]}×{size[1]}, {_RATE} keys a second"
    lines: list[str] = []
    with ExitStack() as stack:
        programs = [stack.enter_context(c.start(size)) for c in pair]
        for each, program in zip(pair, programs, strict=True):
            each.wait_drawn(program)
            if first:
                program.press(first)
                program.read_on(0.5)
        for name, is_busy in (("idle", False), ("busy", True)):
            with _busy_machine() if is_busy else ExitStack():
                samples = _in_turns(programs, walk, turns)
            ours, other = (Sample(c.name, s) for c, s in zip(pair, samples, strict=True))
            lines += compared_lines(f"{title}, {where}, {name}", ours, other, target)
    return lines


def _in_turns(programs: list[Program], walk: list[bytes], turns: int) -> list[tuple[float, ...]]:
    """The seconds of each key of each program; of one that changed nothing in time, all it had.

    The first key of a turn follows on a pause, and is not counted.
    """
    found: list[list[float]] = [[] for _ in programs]
    for _ in range(turns):
        for seconds, program in zip(found, programs, strict=True):
            each = program.press_steadily(walk, 1 / _RATE)
            seconds += [1 / _RATE if s is None else s for s in each[1:]]
    return [tuple(seconds) for seconds in found]


@contextmanager
def _busy_machine() -> Iterator[None]:
    """A process beside on every core, which never waits for anything."""
    command = (sys.executable, "-c", "while True: pass")
    with ExitStack() as stack:
        for _ in range(os.cpu_count() or 1):
            process = subprocess.Popen(command)
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield
