"""From exec to the first full screen, each time in a new process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.benchmarks.programs import bare, in_turn, ours
from tests.benchmarks.report import compared_lines

if TYPE_CHECKING:
    from pathlib import Path

_TARGET: Final = 1.3


def run(home: Path, *, quick: bool) -> list[str]:
    """Start both in turn, again and again."""
    rounds = 2 if quick else 21
    ours_found, bare_found = in_turn((ours("vector-double", "Y = 2 * X", home), bare(home)), rounds)
    return compared_lines("From exec to the first full screen", ours_found, bare_found, _TARGET)
