"""Frames at random places of long timelines: sparse and dense ops, deep graphs.

Each walk is a process of its own, since its memory is measured too.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from statistics import median
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import tui_backprop as tb
from tests.benchmarks import scenarios
from tests.benchmarks.memory import peak_mb
from tests.benchmarks.programs import package_environment
from tests.benchmarks.report import Sample, verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_backprop import Frame

_MEDIAN_MS: Final = 1.0
_WORST_MS: Final = 16.0
_PEAK_MB: Final = 400.0
_LOOKED_AT: Final = 40
"""Entries of an adjoint, and rows and columns of J, that a screen shows at once."""

_WALKS: Final[dict[str, tuple[Callable[[Path, int], Path], int, int]]] = {
    "W @ x, zeros shown": (scenarios.matvec, 30, 1000),
    "elementwise, zeros shown": (scenarios.elementwise, 30, 20_000),
    "softmax and layer_norm, dense": (scenarios.softmax, 30, 8_000),
    "a deep graph": (scenarios.deep, 100, 100_000),
}
"""Name → who writes the scenario, its small size, its real one."""


def run(home: Path, *, quick: bool) -> list[str]:
    """Measure each walk in a fresh process, and say what it found."""
    lines: list[str] = []
    for name, (write, small, real) in _WALKS.items():
        scenario = write(home, small if quick else real)
        lines += _told(name, _measured(home, scenario, 20 if quick else 2000))
    return lines


def _measured(home: Path, scenario: Path, frames: int) -> dict[str, Any]:
    command = [sys.executable, "-m", __name__, str(scenario), str(frames)]
    answer = subprocess.run(
        command, env=package_environment(home), check=True, capture_output=True, text=True
    ).stdout
    found: dict[str, Any] = json.loads(answer)
    return found


def _told(name: str, found: dict[str, Any]) -> list[str]:
    middle = median(found["wall"]) * 1000
    worst, worked = (max(found[kind]) * 1000 for kind in ("wall", "processor"))
    return [
        f"timeline[k] for random k of {found['length']:,} steps: {name}",
        f"  until the first frame{found['opened'] * 1000:15.2f} ms (load, forward, backward)",
        Sample("a frame, looked at", tuple(found["wall"])).line(),
        Sample("of that, processor time", tuple(found["processor"])).line(),
        Sample("40 sums written out", tuple(found["sums"])).line(),
        verdict(f"median {middle:.2f} ms", middle, _MEDIAN_MS, " ms"),
        verdict(f"worst {worst:.2f} ms", worst, _WORST_MS, " ms"),
        verdict(f"worst without waiting for others {worked:.2f} ms", worked, _WORST_MS, " ms"),
        verdict(f"peak memory {found['peak']:.0f} MB", found["peak"], _PEAK_MB, " MB"),
    ]


def measure(scenario: str, frames: int) -> dict[str, object]:
    """Open the walk, look at random frames of it."""
    before = perf_counter()
    timeline = tb.load(scenario).trace().timeline
    look(timeline[0])
    opened = perf_counter() - before
    gc.freeze()  # as the debugger does once its first frame is on the screen
    chance = np.random.default_rng(1)
    wall, processor, sums = [], [], []
    for _ in range(frames):
        k = int(chance.integers(len(timeline)))
        started, worked = perf_counter(), thread_time()
        frame = timeline[k]
        look(frame)
        wall.append(perf_counter() - started)
        processor.append(thread_time() - worked)
        started = perf_counter()
        add_up(frame)
        sums.append(perf_counter() - started)
    return {"length": len(timeline), "opened": opened, "wall": wall, "processor": processor,
            "sums": sums, "peak": peak_mb()}  # fmt: skip


def look(frame: Frame) -> None:
    """Everything that a screen would ask of a frame, in the part that it would show."""
    _ = frame.partial, frame.v, frame.changed, frame.convention
    if frame.edge is None or frame.J is None:
        return
    for parent in frame.node.parents:
        adjoint = frame.adjoint(parent)
        shown = _around(frame.column, adjoint.size)
        _ = adjoint.at(shown), adjoint.known(shown)
    rows, columns = (_around(at, n) for at, n in zip((frame.row, frame.column), frame.J.shape,
                                                     strict=True))  # fmt: skip
    _ = frame.J.block(rows, columns), frame.is_visited(rows[:, None], columns[None, :])


def add_up(frame: Frame) -> None:
    """The written sums of as many entries."""
    if frame.edge is not None:
        summed = _around(frame.column, frame.adjoint(frame.edge.parent).size)
        _ = [frame.terms(frame.edge.parent, int(i)) for i in summed]


def _around(at: int, size: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    start = min(max(0, at - _LOOKED_AT // 2), max(0, size - _LOOKED_AT))
    return np.arange(start, min(size, start + _LOOKED_AT))


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
