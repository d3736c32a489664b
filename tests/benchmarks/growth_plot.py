"""The plot of growth: log-log, one panel for each quantity, with its exponent.

Only it needs matplotlib; measuring does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity over the number of nodes."""

    name: str
    unit: str
    nodes: tuple[int, ...]
    values: tuple[float, ...]

    @property
    def exponent(self) -> float:
        """The p of the best n to the power p: the slope in a log-log plot."""
        slope, _ = np.polyfit(np.log(self.nodes), np.log(self.values), 1)
        return float(slope)


def write_plot(curves: Sequence[Curve], path: Path) -> bool:
    """Write the picture as SVG; whether there is anything to draw it with."""
    if find_spec("matplotlib") is None:
        return False
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.2 * len(curves), 3), layout="constrained")
    for axes, curve in zip(figure.subplots(1, len(curves)), curves, strict=True):
        axes.loglog(curve.nodes, curve.values, "o-", color="#0072b2")
        axes.set_title(f"{curve.name}: n to the {curve.exponent:.2f}", fontsize=10)
        axes.set_xlabel("nodes")
        axes.set_ylabel(curve.unit)
        axes.grid(visible=True, which="both", alpha=0.2)
    # No date: the same numbers give the same file.
    figure.savefig(path, format="svg", metadata={"Date": None})
    return True
