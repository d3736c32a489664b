"""Frames at random places of a timeline of 10⁹ steps.

It stands apart because it measures a process of its own: its memory is part of what is claimed.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Final

import numpy as np

import tui_backprop as tb
from tests.benchmarks.memory import peak_mb
from tests.benchmarks.programs import package_environment
from tests.benchmarks.report import Sample, verdict

if TYPE_CHECKING:
    from tui_backprop import Frame

_WORST_MS: Final = 16.0
_PEAK_MB: Final = 400.0
_LOOKED_AT: Final = 40
"""Entries of an adjoint, and rows and columns of J, that a screen shows at once."""


def run(home: Path, *, quick: bool) -> list[str]:
    """Measure in a fresh process, and say what it found."""
    size, frames = (30, 20) if quick else (1000, 2000)
    command = [sys.executable, "-m", __name__, str(home), str(size), str(frames)]
    answer = subprocess.run(
        command, env=package_environment(home), check=True, capture_output=True, text=True
    ).stdout
    found = json.loads(answer)
    worst, worked = (max(found[kind]) * 1000 for kind in ("wall", "processor"))
    return [
        f"timeline[k] for random k of {found['length']:,} steps: W @ x, {size}×{size}, zeros shown",
        f"  until the first frame{found['opened'] * 1000:15.2f} ms (load, forward, backward)",
        Sample("a frame, looked at", tuple(found["wall"])).line(),
        Sample("of that, processor time", tuple(found["processor"])).line(),
        verdict(f"worst {worst:.2f} ms", worst, _WORST_MS, " ms"),
        verdict(f"worst without waiting for others {worked:.2f} ms", worked, _WORST_MS, " ms"),
        verdict(f"peak memory {found['peak']:.0f} MB", found["peak"], _PEAK_MB, " MB"),
    ]


def measure(folder: Path, size: int, frames: int) -> dict[str, object]:
    """Open the walk, look at random frames of it."""
    scenario = _matvec(folder, size)
    before = perf_counter()
    timeline = tb.load(scenario).trace().timeline
    look(timeline[0])
    opened = perf_counter() - before
    gc.freeze()  # as the debugger does once its first frame is on the screen
    chance = np.random.default_rng(1)
    wall, processor = [], []
    for _ in range(frames):
        k = int(chance.integers(len(timeline)))
        started, worked = perf_counter(), thread_time()
        look(timeline[k])
        wall.append(perf_counter() - started)
        processor.append(thread_time() - worked)
    return {"length": len(timeline), "opened": opened, "wall": wall, "processor": processor,
            "peak": peak_mb()}  # fmt: skip


def look(frame: Frame) -> None:
    """Everything that a screen would ask of a frame, in the part that it would show."""
    _ = frame.partial, frame.v, frame.changed, frame.convention
    if frame.edge is None or frame.J is None:
        return
    for parent in frame.node.parents:
        adjoint = frame.adjoint(parent)
        shown = _around(frame.column, adjoint.size)
        _ = adjoint.at(shown), adjoint.known(shown)
    summed = _around(frame.column, frame.adjoint(frame.edge.parent).size)
    _ = [frame.terms(frame.edge.parent, int(i)) for i in summed]
    rows, columns = (_around(at, n) for at, n in zip((frame.row, frame.column), frame.J.shape,
                                                     strict=True))  # fmt: skip
    _ = frame.J.block(rows, columns), frame.is_visited(rows[:, None], columns[None, :])


def _around(at: int, size: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    start = min(max(0, at - _LOOKED_AT // 2), max(0, size - _LOOKED_AT))
    return np.arange(start, min(size, start + _LOOKED_AT))


def _matvec(folder: Path, size: int) -> Path:
    path = folder / f"matvec-{size}.yaml"
    path.write_text(
        "format: 1\n"
        "title: a big product\n"
        "inputs:\n"
        f"  W: {{shape: [{size}, {size}], random: normal, seed: 1}}\n"
        f"  x: {{shape: [{size}], random: normal, seed: 2}}\n"
        "program: Y = W @ x\n"
        "backward: {of: Y}\n"
        "view: {zeros: show}\n",
        encoding="utf-8",
    )
    return path


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
