"""What a command of either of two trees takes, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took.

    Attributes:
        seconds: from its start to its end.
        memory: megabytes at the most, as the system tells them when it has ended.
        said: what it printed, where that was asked for.
    """

    seconds: float
    memory: float
    said: str = ""


def cost_of(tree: Path, arguments: Sequence[str], *, is_heard: bool = False) -> Cost:
    """Run Python with a tree's package.

    Args:
        tree: a checkout.
        arguments: of Python: ``-m tui_backprop …``, or a file.
        is_heard: whether what it prints is wanted; else nobody reads it.

    Raises:
        CalledProcessError: it failed; with what it said.
    """
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    began = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-P", *arguments], env=environment, text=True, stderr=subprocess.PIPE,
        stdout=subprocess.PIPE if is_heard else subprocess.DEVNULL,
    )  # fmt: skip
    if process.stderr is None:
        raise AssertionError("it was asked for")
    with process.stderr as stream:
        error = stream.read()
    said = ""
    if process.stdout is not None:
        with process.stdout as stream:
            said = stream.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments, stderr=error)
    unit = 1024 if sys.platform != "darwin" else 1 << 20
    return Cost(seconds, usage.ru_maxrss / unit, said)
