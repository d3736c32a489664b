"""A few numbers as a line of bars, one cell each.

It stands apart from what the numbers are of: a height says how large a number is among the others
in sight, and nothing else.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.render.text.charset import Charset

_BARS: Final = "▁▂▃▄▅▆▇█"
_ASCII_BARS: Final = "_.-~=+*#"
GAP: Final = " "
"""Where there is no number."""
BROKEN: Final = "!"
"""NaN, or an infinity: no height would be right."""


def sparkline(samples: Sequence[float | None], charset: Charset) -> str:
    """One character for each sample, the lowest bar for the smallest, the highest for the largest.

    Samples that are all the same stand in the middle.

    Args:
        samples: numbers; None where there is none.
        charset: Unicode blocks, or what ASCII has.
    """
    bars = _ASCII_BARS if charset.is_ascii else _BARS
    finite = [x for x in samples if x is not None and isfinite(x)]
    # Halves, since the difference of two large numbers may be infinite.
    low, high = min(finite, default=0.0) / 2, max(finite, default=0.0) / 2
    return "".join(_bar(x, low, high, bars) for x in samples)


def _bar(x: float | None, low: float, high: float, bars: str) -> str:
    if x is None:
        return GAP
    if not isfinite(x):
        return BROKEN
    if low == high:
        return bars[len(bars) // 2 - 1]
    share = (x / 2 - low) / (high - low)
    return bars[min(int(share * len(bars)), len(bars) - 1)]
