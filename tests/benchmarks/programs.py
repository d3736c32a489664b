"""The programs that are compared, ready to run: ours and the bare app.

All start from compiled bytecode, in an environment without the person's own settings.
"""

from __future__ import annotations

import compileall
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import tui_backprop
from tests.benchmarks.pty_run import COLUMNS, ROWS, Program, clean_environment
from tests.benchmarks.report import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PACKAGE: Final = Path(tui_backprop.__file__).parent
_BARE_APP: Final = Path(__file__).parent / "bare_app.py"
_TIMEOUT: Final = 60.0
_STILL: Final = 0.15
"""Seconds without a byte after which a screen counts as drawn. Shorter than SymPy's import, which
follows the first screen."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program to measure.

    Attributes:
        name: for the report.
        command: what to execute.
        is_drawn: given the text on the screen, whether its first screen is complete.
        environment: what it runs in.
    """

    name: str
    command: tuple[str, ...]
    is_drawn: Callable[[str], bool]
    environment: Mapping[str, str]

    def start(self, size: tuple[int, int] = (COLUMNS, ROWS)) -> Program:
        """Run it in a terminal of so many columns and rows."""
        return Program(self.command, self.environment, size)

    def wait_drawn(self, program: Program) -> float:
        """Wait for the first full screen; when it was there."""
        seen = program.watch(self.is_drawn, quiet=_STILL, timeout=_TIMEOUT)
        if seen.changed is None:
            raise AssertionError("a complete screen was drawn by something")
        return seen.changed

    def seconds_to_open(self) -> float:
        """From exec to the first full screen."""
        with self.start() as program:
            return self.wait_drawn(program) - program.started


def in_turn(contestants: Sequence[Contestant], rounds: int) -> list[Sample]:
    """Start all of them again and again, after a warm-up: the seconds to the first full screen."""
    for contestant in contestants:
        contestant.seconds_to_open()
    found = [[c.seconds_to_open() for c in contestants] for _ in range(rounds)]
    return [Sample(c.name, s) for c, s in zip(contestants, zip(*found, strict=True), strict=True)]


def bare(home: Path) -> Contestant:
    """The bare Textual app."""
    command = (sys.executable, str(_BARE_APP))
    return Contestant("bare Textual app", command, _shows("BareApp", "count 0", "s Step"),
                      clean_environment(str(home)))  # fmt: skip


def ours(
    scenario: str, shows: str, home: Path, *words: str, tree: Path | None = None
) -> Contestant:
    """The debugger on a scenario.

    Args:
        scenario: what to open, or a replay.
        shows: a text that stands on the screen when the scenario does.
        home: an empty folder.
        words: in front of it, a command: ``replay``.
        tree: a checkout of another version; without one, this.
    """
    package = _PACKAGE if tree is None else tree / _PACKAGE.name
    compileall.compile_dir(str(package), quiet=2)
    command = (sys.executable, "-m", "tui_backprop", *words, scenario)
    name = " ".join(("tui-backprop", *words, *([tree.name] if tree else [])))
    return Contestant(name, command, _shows(shows, "s step"),
                      package_environment(home, package))  # fmt: skip


def package_environment(home: Path, package: Path = _PACKAGE) -> dict[str, str]:
    """An environment that finds the package and these benchmarks, and nothing of the person's."""
    folders = (str(package.parent), str(Path(__file__).parents[2]))
    # Otherwise ``-m`` takes the package of the folder that we are in, whichever version is meant.
    own = {"PYTHONPATH": os.pathsep.join(folders), "PYTHONSAFEPATH": "1"}
    return {**clean_environment(str(home)), **own}


def _shows(*texts: str) -> Callable[[str], bool]:
    return lambda screen: all(text in screen for text in texts)
