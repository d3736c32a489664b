"""What a person waits for in long walks, beside an earlier version of the same commands.

The other tree is that version, taken from the repository's own history, or the one that is given
with ``--against PATH``. Each command is a process of its own; both trees take turns.
"""

from __future__ import annotations

import compileall
import subprocess
import tarfile
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from tests.benchmarks import asked
from tests.benchmarks.commands import HERE, Cost, cost_of
from tests.benchmarks.report import verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERSION: Final = "69b968f7216d5d1802f89e7ac65e7d0cc6590e4e"
_ASKED: Final = Path(asked.__file__)
_A_PAGE: Final = 20
"""Contributions."""
_TURNS: Final = 3
_LONG: Final = 20.0
"""Seconds of the other tree from which one turn is enough."""

_RECURRENCE: Final = """\
inputs: {x: 0.5, w: 0.9, b: 0.1}
program: |
  for t in range(N):
    x = tanh(w * x + b)
"""
_VECTORS: Final = _RECURRENCE.replace("0.5", "[0.5, 0.4, 0.3]")
_LASTING: Final = """\
inputs: {x: 0.5, w: 1.00001, b: 0.0001}
program: |
  for t in range(N):
    x = sin(w * x) + b
"""
"""Whose v neither vanishes nor explodes."""
_RECURRENCES: Final = 33_333
"""Of three nodes each, for 10⁵ of them."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Something to wait for, and how much of the other tree's time it may take.

    Attributes:
        name: what it is called.
        scenario: the text, with N where a size is put in.
        size: of the real run.
        ratio: of the other tree's time.
        words: of the command line, with F where the file goes; empty for ``asked``.
        asked: commands of the debugger, typed at the end of a walk; only they are timed.
        memory: of the other tree's memory, where there is such a target.
    """

    name: str
    scenario: str
    size: int
    ratio: float
    words: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    memory: float | None = None


_COMPARED: Final = (
    Compared("health of 10⁵ nodes", _RECURRENCE, _RECURRENCES, 0.08, ("health", "F")),
    Compared("health of 10⁵ nodes, vectors of 3", _VECTORS, _RECURRENCES, 0.08, ("health", "F")),
    Compared("compare of two equal walks of 10⁵ nodes", _RECURRENCE, _RECURRENCES, 0.15,
             ("compare", "F", "F")),
    Compared("the last page of why, a recurrence of 10⁴ steps", _RECURRENCE, 10_000, 0.02,
             asked=("why w.grad page LAST",)),
    Compared("a condition over prod(v), 10⁵ nodes", _LASTING, _RECURRENCES, 0.05,
             asked=("goto 0", "break if prod(v) > 1e9", "continue")),
    Compared("check of a loop of 10⁶ nodes", _RECURRENCE, 333_330, 0.2, ("check", "F"),
             memory=0.4),
    Compared("opening 10⁶ nodes", _RECURRENCE, 333_330, 0.6, ("F", "--batch", "-e", "step"),
             memory=0.7),
    Compared("trace --format json of 10⁶ steps, without formulas", _RECURRENCE, 125_000, 0.3,
             ("trace", "F", "--format", "json", "--no-formulas")),
    Compared("trace --format json of 10⁴ steps, with formulas", _RECURRENCE, 1_250, 0.3,
             ("trace", "F", "--format", "json")),
    Compared("a headless replay of 10⁴ lines", _RECURRENCE, 1_000, 0.5,
             ("replay", "R", "--headless", "--fast")),
)  # fmt: skip


def run(home: Path, *, quick: bool, against: Path | None = None) -> list[str]:
    """Everything, here and in the other tree."""
    other = _unpacked(home) if against is None else against
    if other is None:
        return ["before: not met, since this is no checkout that has the earlier version"]
    compileall.compile_dir(str(HERE / "tui_backprop"), quiet=2)
    lines = ["What a person waits for, beside an earlier version"]
    for compared in _COMPARED:
        size = max(compared.size // 1000, 10) if quick else compared.size
        lines += _measured(compared, _arguments(compared, home, size), (HERE, other))
    return lines


def _unpacked(home: Path) -> Path | None:
    """The tree of the earlier version, from the history of this checkout."""
    command = ["git", "-C", str(HERE), "archive", _VERSION, "tui_backprop"]
    try:
        found = subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    tree = home / "before"
    with tarfile.open(fileobj=BytesIO(found.stdout)) as archive:
        archive.extractall(tree, filter="data")
    compileall.compile_dir(str(tree), quiet=2)
    return tree


def _arguments(compared: Compared, home: Path, size: int) -> list[str]:
    """What Python is given, with the names of files, written now."""
    file, replay = home / "long.yaml", home / "long.replay"
    file.write_text(f"format: 1\ntitle: long\n{compared.scenario.replace('N', str(size))}")
    steps = ("step", "step 3", "reverse-step", "next")
    lines = "\n".join(steps[k % len(steps)] for k in range(10 * size))
    replay.write_text(f"replay: 1\nscenario: {file.name}\n\n{lines}\n")
    files = {"F": str(file), "R": str(replay)}
    if compared.words:
        return ["-m", "tui_backprop", *(files.get(word, word) for word in compared.words)]
    pages = str(-(-size // _A_PAGE))
    return [str(_ASKED), str(file), *(word.replace("LAST", pages) for word in compared.asked)]


def _cost(compared: Compared, tree: Path, words: list[str]) -> Cost:
    """Of the whole process, or where only commands of the debugger are timed, of these."""
    cost = cost_of(tree, words, is_heard=bool(compared.asked))
    return replace(cost, seconds=float(cost.said)) if compared.asked else cost


def _measured(compared: Compared, words: list[str], trees: Sequence[Path]) -> list[str]:
    """Turn by turn, each tree once."""
    found: list[list[Cost]] = []
    while len(found) < _TURNS and (not found or found[0][1].seconds < _LONG):
        found.append([_cost(compared, tree, words) for tree in trees])
    lines = [f" {compared.name}"]
    for at, name in enumerate(("here", "before")):
        seconds, memory = (median(getattr(turn[at], what) for turn in found)
                           for what in ("seconds", "memory"))  # fmt: skip
        lines.append(f"  {name:<28}{seconds:8.2f} s {memory:6.0f} MB")
    ratio = median(here.seconds / before.seconds for here, before in found)
    lines.append(verdict(f"{ratio:.3f} of the time", ratio, compared.ratio, ""))
    if compared.memory is not None:
        ratio = median(here.memory / before.memory for here, before in found)
        lines.append(verdict(f"{ratio:.2f} of the memory", ratio, compared.memory, ""))
    return lines
