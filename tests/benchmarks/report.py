"""The result of a benchmark as text: median, spread, ratio, target, and whether it was met."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PACKAGES = ("textual", "rich", "numpy", "sympy", "PyYAML")


@dataclass(frozen=True, slots=True)
class Sample:
    """Repeated measurements of one thing, in seconds."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.seconds)

    def line(self) -> str:
        """Median, middle half, extremes and how many."""
        low, _, high = quantiles(self.seconds, n=4) if len(self.seconds) > 1 else self.seconds * 3
        return (
            f"  {self.name:<28}{_ms(self.median)}   half of them {_ms(low)} to {_ms(high)}"
            f"   all {_ms(min(self.seconds))} to {_ms(max(self.seconds))}   n = {len(self.seconds)}"
        )


def environment_lines() -> list[str]:
    """Where it was measured."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    return [f"{python} on {machine}, load {os.getloadavg()[0]:.1f}", packages]


def compared_lines(title: str, ours: Sample, bare: Sample, target: float) -> list[str]:
    """Two samples, their ratio and the target."""
    ratio = ours.median / bare.median
    return [title, ours.line(), bare.line(), verdict(f"ratio {ratio:.2f}", ratio, target, "")]


def verdict(found: str, value: float, target: float, unit: str) -> str:
    """One line that says whether a target was met."""
    said = "met" if value <= target else "NOT MET"
    return f"  {found}, target at most {target:g}{unit}: {said}"


def listed(lines: Sequence[str]) -> str:
    """One block of a report."""
    return "\n".join(lines) + "\n"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:8.2f} ms"
