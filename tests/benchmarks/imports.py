"""What ``import tui_backprop`` loads, and how long it takes beside NumPy alone."""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Final

from tests.benchmarks.programs import package_environment
from tests.benchmarks.report import Sample

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FORBIDDEN: Final = ("textual", "rich", "sympy")
_CORE: Final = "from tui_backprop import Session, Timeline, Trace, load"
_PROBE: Final = (
    f"import sys; {_CORE}; print(*(name for name in {_FORBIDDEN} if name in sys.modules))"
)
_CODES: Final = ("import tui_backprop", _CORE, "import numpy", "pass")


def run(home: Path, *, quick: bool) -> list[str]:
    """Look into a fresh interpreter, then time it beside NumPy alone and beside nothing."""
    environment = package_environment(home)
    loaded = _python(_PROBE, environment).split()
    codes: dict[str, list[float]] = {code: [] for code in _CODES}
    for number in range(3 if quick else 16):
        for code, seconds in codes.items():
            before = perf_counter()
            _python(code, environment)
            if number:  # the first one warms up
                seconds.append(perf_counter() - before)
    said = f"NOT MET: {', '.join(loaded)}" if loaded else "met"
    return [
        "What importing loads",
        f"  none of {', '.join(_FORBIDDEN)}: {said}",
        *(
            Sample("all of the core" if code == _CORE else code, tuple(seconds)).line()
            for code, seconds in codes.items()
        ),
    ]


def _python(code: str, environment: Mapping[str, str]) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout
