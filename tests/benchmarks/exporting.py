"""A walk as a table and as JSON against its frames one by one, and the memory of a longer one.

JSON is what ``trace --format json`` writes, without formulas and with them. All compute and wait
for nobody: what is measured is the processor's time.
"""

from __future__ import annotations

import tracemalloc
from time import process_time
from typing import TYPE_CHECKING, Final

from tests.benchmarks.report import verdict
from tests.benchmarks.scenarios import chain, deep, matvec, softmax
from tests.exports.support import subject_of
from tui_backprop.api import load
from tui_backprop.dataclass import replace
from tui_backprop.exports.csv import csv
from tui_backprop.render.export.json import trace_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tui_backprop.exports.subject import Subject

_SHARE: Final = 0.3
_GROWN: Final = 1.2


def run(home: Path, *, quick: bool) -> list[str]:
    """Write walks of about 10⁵ steps both ways, then one of ten times as many."""
    size = 8 if quick else 46
    lines = ["A walk as CSV, as JSON, and as JSON with its formulas, by its frames, a step"]
    walks = {
        f"W @ x of {size}×{size}, zeros shown": matvec(home, size),
        "softmax and layer_norm of 8 rows": softmax(home, 10 if quick else 78),
        "W @ h of 8×8, over and over": deep(home, 20 if quick else 1_500),
        "numbers one after the other": chain(home, 60 if quick else 42_000),
    }
    for name, path in walks.items():
        lines += _compared(name, subject_of(load(path)))
    small, large = (matvec(home, n) for n in ((8, 12) if quick else (46, 100)))
    peaks = [_peak(subject_of(load(path))) for path in (small, large)]
    told = f"memory {peaks[0]:.1f} MB, of ten times as many steps {peaks[1]:.1f} MB"
    return [*lines, verdict(told, peaks[1] / peaks[0], _GROWN, "")]


def _compared(name: str, subject: Subject) -> list[str]:
    timeline = subject.timeline
    steps = len(timeline)
    frames = _seconds(frame.partial for frame in timeline) / steps
    table = _seconds(csv(subject)) / steps
    bare, whole = (
        _seconds(trace_json(replace(subject.view, symbolic=symbolic))) / steps
        for symbolic in (False, True)
    )
    told = ", ".join(f"{x * 1e6:.1f} µs" for x in (table, bare, whole))
    return [
        f"  {name}, {steps:,} steps: {told} against {frames * 1e6:.1f} µs",
        verdict(f"CSV {table / frames:.3f} of it", table / frames, _SHARE, ""),
        verdict(f"JSON {bare / frames:.3f} of it", bare / frames, _SHARE, ""),
        f"  with formulas {whole / frames:.3f} of it",
    ]


def _seconds(pieces: Iterable[object]) -> float:
    started = process_time()
    for _ in pieces:
        pass
    return process_time() - started


def _peak(subject: Subject) -> float:
    """MB that are held at most while a table is written, beside the walk itself."""
    tracemalloc.start()
    for _ in csv(subject):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6
