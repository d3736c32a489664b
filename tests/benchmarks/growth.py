"""How load time, memory and a step grow with the number of nodes.

Each size is a process of its own: memory is measured too, and a process does not give back what it
has held. The work is a recurrence that a loop unrolls; parsing is compared with what Python's own
parser needs for the same lines written out.
"""

from __future__ import annotations

import ast
import gc
import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import tui_backprop as tb
from tests.benchmarks.growth_plot import Curve, write_plot
from tests.benchmarks.memory import held_mb
from tests.benchmarks.programs import package_environment
from tests.benchmarks.report import verdict
from tests.benchmarks.timeline import look
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Found = dict[str, Any]

_SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
_TARGET_SIZE: Final = 100_000
_NODES_A_LINE: Final = 3
_PARSING: Final = 25.0
_LINE: Final = "x = tanh(w * x + b)"
_ROOM_MB: Final = 60.0
_FLAT_MB: Final = 2.0
_LINEAR: Final = 1.1
"""The exponent up to which growth counts as linear: a cache that overflows costs a little more."""


def run(home: Path, *, quick: bool) -> list[str]:
    """Measure every size in a process of its own."""
    sizes = (100, 1_000) if quick else _SIZES
    found = [_measured(home, size, 200 if quick else 20_000) for size in sizes]
    lines = [
        "A recurrence of n nodes: load to the first frame, memory above the imports, a step",
        f"{'n':>12}{'load':>13}{'parsing by ast':>17}{'ratio':>9}{'memory':>12}{'a step':>12}",
        *map(_row, found),
    ]
    curves = _curves(found)
    lines += [f"  {c.name} grows as n to the power {c.exponent:.2f}" for c in curves]
    lines.append(_verdict_of_growth(curves[0]))
    lines += _verdicts(next((f for f in found if f["size"] == _TARGET_SIZE), found[-1]))
    return [*lines, _plotted(curves, (home if quick else Path()) / "growth.svg")]


def _plotted(curves: Sequence[Curve], path: Path) -> str:
    if write_plot(curves, path):
        return f"  plotted in {path}"
    return "  no plot: matplotlib is not installed (pip install '.[bench]')"


def _measured(home: Path, size: int, steps: int) -> Found:
    command = [sys.executable, "-m", __name__, str(size), str(steps)]
    answer = subprocess.run(
        command, env=package_environment(home), check=True, capture_output=True, text=True
    ).stdout
    found: Found = json.loads(answer)
    return found


def _curves(found: Sequence[Found]) -> tuple[Curve, ...]:
    nodes = tuple(f["nodes"] for f in found)
    return tuple(
        Curve(name, unit, nodes, tuple(max(f[key], 1e-9) for f in found))
        for name, unit, key in (
            ("load time", "s", "loaded"),
            ("memory", "MB", "memory"),
            ("a step", "s", "step"),
        )
    )


def _row(found: Found) -> str:
    ratio = found["loaded"] / found["parsed"]
    return (
        f"{found['nodes']:>12,}{found['loaded']:>11.3f} s{found['parsed']:>15.4f} s{ratio:>9.1f}"
        f"{found['memory']:>9.1f} MB{found['step'] * 1e6:>9.0f} µs"
    )


def _verdict_of_growth(load: Curve) -> str:
    said = f"load time: the exponent is {load.exponent:.2f}"
    return verdict(said, load.exponent, _LINEAR, " for linear growth")


def _verdicts(found: Found) -> list[str]:
    ratio = found["loaded"] / found["parsed"]
    room = 2 * found["arrays"] + _ROOM_MB
    return [
        f"  at {found['nodes']:,} nodes, whose arrays are {found['arrays']:.1f} MB:",
        verdict(f"{ratio:.1f} times ast.parse", ratio, _PARSING, ""),
        verdict(f"memory {found['memory']:.1f} MB", found["memory"], room, " MB"),
        verdict(
            f"{found['walked']:.2f} MB more after {found['steps']:,} steps of walking",
            found["walked"], _FLAT_MB, " MB",
        ),
    ]  # fmt: skip


def measure(size: int, steps: int) -> Found:
    """Load, look, walk."""
    lines = size // _NODES_A_LINE - 1  # and three leaves
    tb.Session(_trace(3)).step()  # what is imported when it is first needed
    gc.collect()
    before = held_mb()
    started = perf_counter()
    session = tb.Session(_trace(lines))
    look(session.frame)
    loaded = perf_counter() - started
    gc.collect()
    memory = held_mb() - before
    gc.freeze()  # as the debugger does once its first frame is on the screen
    step, walked = _walk(session, steps)
    written = "\n".join([_LINE] * lines)
    values = session.trace.node_values
    cotangents = [c for run in session.trace.runs if run is not None for c in run.cotangents]
    return {
        "size": size, "nodes": len(values), "loaded": loaded, "memory": memory, "step": step,
        "walked": walked, "steps": steps, "parsed": _seconds(lambda: ast.parse(written)),
        "arrays": 8 * (len(values) + len(cotangents)) / 2**20,
    }  # fmt: skip


def _trace(lines: int) -> Any:
    model = loads(
        "format: 1\ninputs: {x: 0.5, w: 0.9, b: 0.1}\nprogram: |\n"
        f"  for t in range({lines}):\n    {_LINE}\n"
    )
    return tb.Scenario(model).trace()


def _walk(session: tb.Session, steps: int) -> tuple[float, float]:
    """Median seconds of a step that is looked at, and the memory that walking keeps."""
    session.goto(session.last // 2)
    for _ in range(steps // 10):
        look(session.step())
    gc.collect()
    before = held_mb()
    seconds = []
    for k in range(steps):
        started = perf_counter()
        frame = session.step() if k % 1000 < 700 else session.reverse_step()
        look(frame)
        seconds.append(perf_counter() - started)
    gc.collect()
    return float(np.median(seconds)), held_mb() - before


def _seconds(do: Callable[[], object]) -> float:
    """The least of three."""
    seconds = []
    for _ in range(3):
        started = perf_counter()
        do()
        seconds.append(perf_counter() - started)
    return min(seconds)


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
