"""Plain tables for a terminal or a pipe: wide characters align, a width may be given."""

from __future__ import annotations

from itertools import zip_longest
from math import isfinite
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.render.text.spans import pad, printable, width, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Align


_GAP: Final = "  "

_NARROWEST: Final = 12
"""Cells that a column keeps when there is too little room."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column.

    Attributes:
        title: what stands above it.
        align: of its cells, and of the title.
        is_elastic: whether its cells may be broken into lines where the table is too wide.
    """

    title: str
    align: Align = "left"
    is_elastic: bool = False

    def told(self, retold: Callable[[str], str]) -> Heading:
        """The heading in another language, as `Language.retold` tells its title."""
        return replace(self, title=retold(self.title))


def table(
    headings: Sequence[Heading], rows: Sequence[Sequence[str]], cells: int | None = None
) -> Iterator[str]:
    """The lines of a table: the titles, then the rows; no trailing spaces, nothing left out.

    Args:
        headings: the columns.
        rows: one text per column; whatever is not printable is replaced.
        cells: the widest that a line should be; texts of elastic columns are broken until it
            fits, the widest first. None for no limit.
    """
    shown = [tuple(h.title for h in headings), *(tuple(map(printable, row)) for row in rows)]
    widths = [max(map(width, column)) for column in zip(*shown, strict=True)]
    if cells is not None:
        _shrink(widths, [h.is_elastic for h in headings], cells)
    for row in shown:
        columns = [
            [text] if width(text) <= room else wrap(text, room)
            for text, room in zip(row, widths, strict=True)
        ]
        for texts in zip_longest(*columns, fillvalue=""):
            padded = (
                pad(text, room, heading.align)
                for text, room, heading in zip(texts, widths, headings, strict=True)
            )
            yield _GAP.join(padded).rstrip()


def _shrink(widths: list[int], is_elastic: list[bool], cells: int) -> None:
    """Take from the widest elastic column until the sum fits, or none has anything to give."""
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - cells
    while excess > 0:
        found = [k for k, yes in enumerate(is_elastic) if yes and widths[k] > _NARROWEST]
        if not found:
            return
        widest = max(found, key=lambda k: widths[k])
        widths[widest] -= 1
        excess -= 1


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
