"""The norm of the gradient along the depth as a text plot, drawn by a library loaded on demand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.health.columns import column
from tui_backprop.language.message import joined, said, said_many

if TYPE_CHECKING:
    from tui_backprop.debug.health.record import Health

_MARGIN: Final = 24
"""Cells beside the picture: the numbers of its axis, and the word at its right end."""
_TICK: Final = 10
_MOST_ROWS: Final = 16
_BLANK: Final = "\u2800"
"""A Braille cell without dots, which some terminals show as a box."""


def health_plot(found: Health, cells: int = 80, *, is_ascii: bool = False) -> list[str]:
    """‖h.grad‖ of every node that the last pass reaches, on a logarithmic axis, over its depth.

    Norms that have no logarithm, 0 and what is not finite, are listed below the picture.

    Args:
        found: the measurements.
        cells: the widest that a line should be.
        is_ascii: whether everything must be ASCII; else dots are Braille.
    """
    norms = zip(column(found.nodes, "depth"), column(found.nodes, "adjoint"), strict=True)
    points = [(depth, math.log10(x)) for depth, x in norms
              if depth is not None and x and 0 < x < math.inf]  # fmt: skip
    missing = _missing(found, "..." if is_ascii else "…")
    if not points:
        return [said("no gradient to draw"), *missing]
    return [*_picture(points, cells - _MARGIN, is_ascii=is_ascii), *missing]


def _picture(points: list[tuple[int, float]], room: int, *, is_ascii: bool) -> list[str]:
    from plotille import Figure

    columns = max(room, 2 * _TICK) // _TICK
    deepest = max(depth for depth, _ in points)
    step = _nice(deepest / (columns - 0.3), whole=True)
    ticks = int(deepest / step + 0.2) + 1  # a mark in the last cell would not be drawn
    low, high, row = _rows([y for _, y in points])
    figure = Figure()
    figure.with_colors = False
    figure.origin = False
    figure.width, figure.height = ticks * _TICK, round((high - low) / row)
    figure.x_label, figure.y_label = "depth", "grad"
    figure.set_x_limits(0, ticks * step)
    figure.set_y_limits(low, high)
    figure.x_ticks_fkt = lambda x, _next: f"{round(x):<{_TICK - 1}}"
    figure.y_ticks_fkt = lambda y, _next: f"{_power(y):>{_TICK}}"
    # One dot for each place: ten thousand nodes of one depth and one norm are one dot.
    places = sorted({(depth, round(y / row, 1) * row) for depth, y in points})
    if not is_ascii:
        line = sorted(dict(places).items())  # the largest of each depth
        figure.plot([float(x) for x, _ in line], [y for _, y in line])
    marker = "*" if is_ascii else "•"
    figure.scatter([float(x) for x, _ in places], [y for _, y in places], marker=marker)
    text: str = figure.show()
    return [_named(line.rstrip()) for line in text.replace(_BLANK, " ").splitlines()]


def _named(line: str) -> str:
    """A line of the picture; the names of its axes can be told in another language."""
    for name in (said("grad"), said("depth")):
        before, found, after = line.partition(f"({name})")
        if found:
            return joined("", [f"{before}(", name, f"){after}"])
    return line


def _rows(logarithms: list[float]) -> tuple[float, float, float]:
    """The ends of the axis and the step of one row, so that rows are at round numbers."""
    lowest, highest = min(logarithms), max(logarithms)
    row = _nice((highest - lowest) / _MOST_ROWS)
    low = (math.floor(lowest / row) - 1) * row
    return low, (math.floor(highest / row) + 2) * row, row


def _nice(least: float, *, whole: bool = False) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least this; a tenth at the least."""
    power = 10.0 ** math.floor(math.log10(max(least, 1 if whole else 0.1)))
    return next(k * power for k in (1, 2, 5, 10) if k * power >= least * (1 - 1e-9))


def _power(logarithm: float) -> str:
    """A number by its decimal logarithm, whatever its size."""
    whole = math.floor(logarithm + 1e-6)
    if -4 <= whole < 5:
        return f"{10**logarithm:.2g}" if whole < 2 else f"{10**logarithm:.0f}"
    return f"{10 ** (logarithm - whole):.2g}e{whole}"


def _missing(found: Health, ellipsis: str) -> list[str]:
    """How many norms the picture cannot show, and where the first of them are."""
    norms = zip(column(found.nodes, "name"), column(found.nodes, "adjoint"), strict=True)
    reached = [(name, x) for name, x in norms if x is not None]
    kinds = {
        "0": [name for name, x in reached if x == 0],
        said("infinite"): [name for name, x in reached if math.isinf(x)],
        "NaN": [name for name, x in reached if math.isnan(x)],
    }
    lines: list[str] = []
    for what, names in kinds.items():
        if names:
            shown = joined(", ", [*names[:8], *([ellipsis] if len(names) > 8 else [])])
            lines.append(said_many(len(names), "{what} at {count} node: {names}",
                                   "{what} at {count} nodes: {names}",
                                   count=len(names), what=what, names=shown))  # fmt: skip
    return lines
