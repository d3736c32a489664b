"""From exec to the first full screen.

It stands apart because every measurement needs a new process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.benchmarks.programs import bare, ours
from tests.benchmarks.report import Sample, compared_lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.programs import Contestant

_TARGET: Final = 1.25


def run(home: Path, *, quick: bool) -> list[str]:
    """Start both in turn, again and again."""
    rounds = 2 if quick else 21
    contestants = ours("vector-double", "Y = 2 * X", home), bare(home)
    for contestant in contestants:
        _seconds(contestant)
    found: tuple[list[float], list[float]] = [], []
    for _ in range(rounds):
        for seconds, contestant in zip(found, contestants, strict=True):
            seconds.append(_seconds(contestant))
    samples = (Sample(c.name, tuple(s)) for c, s in zip(contestants, found, strict=True))
    ours_found, bare_found = samples
    return compared_lines("From exec to the first full screen", ours_found, bare_found, _TARGET)


def _seconds(contestant: Contestant) -> float:
    with contestant.start() as program:
        return contestant.wait_drawn(program) - program.started
