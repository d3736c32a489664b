"""What large scenarios take: seconds and peak memory of whole commands, beside another tree.

Each command is a process of its own, whose memory the system tells when it has ended. With
``--against PATH``, a checkout of another version, both take turns in one run.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from tests.benchmarks.commands import HERE, cost_of
from tests.benchmarks.report import verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MOST: Final = 1024
"""Megabytes for anything within the limits."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command and the scenario it is given.

    Attributes:
        name: what it is called.
        scenario: the text, with N where a size is put in.
        size: of the real run.
        words: of the command line, with F where the file goes.
        memory: megabytes that it may take.
        ratio: of the other tree's time that it may take; None for no such target.
    """

    name: str
    scenario: str
    size: int
    words: tuple[str, ...]
    memory: int = _MOST
    ratio: float | None = None


_PRODUCT: Final = """\
inputs:
  W: {shape: [N, N], random: normal, seed: 7, scale: 0.1}
  x: {shape: [N], random: normal, seed: 8}
program: Y = tanh(W * (W @ x))
backward: {of: Y}
"""
_WIDE: Final = """\
inputs: {X: {shape: [N], random: normal, seed: 7}}
program: Y = 2 * X
backward: {of: Y}
"""
_DEEP: Final = """\
inputs: {X: 1.5}
program: |
  for t in range(N):
      X = X * 1.0000001
backward: {of: X}
"""
_COMMANDS: Final = (
    Command("why, zeros shown, J of 10⁶ × 10³", _PRODUCT, 1000,
            ("F", "--batch", "-e", "zeros", "-e", "end", "-e", "why"), 150, 0.1),
    Command("check of 10⁷ entries", _WIDE, 10**7, ("check", "F")),
    Command("health of 10⁷ entries", _WIDE, 10**7, ("health", "F")),
    Command("opening 990,000 nodes", _DEEP, 495_000, ("F", "--batch", "-e", "end")),
    Command("health of 990,000 nodes as JSON", _DEEP, 495_000, ("health", "F", "--json")),
)  # fmt: skip


def run(home: Path, *, quick: bool, against: Path | None = None) -> list[str]:
    """Every command, here and in the other tree."""
    lines = ["Large scenarios: seconds and megabytes of whole commands"]
    for command in _COMMANDS:
        file = home / "large.yaml"
        size = max(command.size // 1000, 10) if quick else command.size
        file.write_text(f"format: 1\ntitle: large\n{command.scenario.replace('N', str(size))}")
        words = [str(file) if word == "F" else word for word in command.words]
        lines += _measured(command, words, [HERE] if against is None else [HERE, against])
    return lines


def _measured(command: Command, words: Sequence[str], trees: Sequence[Path]) -> list[str]:
    turns = 3 if command.ratio is not None else 1
    arguments = ["-m", "tui_backprop", *words]
    found = [[cost_of(tree, arguments) for tree in trees] for _ in range(turns)]
    lines = [f" {command.name}"]
    for at, tree in enumerate(trees):
        seconds = median(turn[at].seconds for turn in found)
        memory = max(turn[at].memory for turn in found)
        name = "here" if tree == HERE else tree.name
        lines.append(f"  {name:<28}{seconds:8.2f} s {memory:6.0f} MB")
    most = max(turn[0].memory for turn in found)
    lines.append(verdict(f"{most:.0f} MB", most, command.memory, " MB"))
    if command.ratio is not None and len(trees) > 1:
        ratio = median(turn[0].seconds / turn[1].seconds for turn in found)
        lines.append(verdict(f"{ratio:.3f} of the other's time", ratio, command.ratio, ""))
    return lines
