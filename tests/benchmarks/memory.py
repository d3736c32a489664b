"""How much memory this process holds, and has held at most, on each system."""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from pathlib import Path


def held_mb() -> float:
    """The memory this process holds now; where nobody tells, the most it has held."""
    return _status("VmRSS") or _most()


def held_from_here_mb() -> float:
    """As `held_mb`, and `peak_mb` begins anew where the system can do that."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    return held_mb()


def peak_mb() -> float:
    """The most memory this process has held."""
    # What `resource` says may include the process that started this one.
    return _status("VmHWM") or _most()


def _status(field: str) -> float | None:
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    found = next(s for s in status.read_text("ascii").splitlines() if s.startswith(field))
    return int(found.split()[1]) / 1024


def _most() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
