"""Plain tables for a terminal or a pipe: wide characters align, a width may be given."""

from __future__ import annotations

from itertools import repeat, zip_longest
from math import isfinite
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.render.text.spans import is_plain, pad, printable, width, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

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
    columns = [*zip(*rows, strict=True)] if rows else [()] * len(headings)
    return table_of_columns(headings, columns, cells)


def table_of_columns(
    headings: Sequence[Heading], columns: Sequence[Sequence[str]], cells: int | None = None
) -> Iterator[str]:
    """`table` of texts that are given by column, all of one length."""
    shown = [
        _Texts((heading.title, *texts)) for heading, texts in zip(headings, columns, strict=True)
    ]
    widths = [column.widest for column in shown]
    if cells is not None:
        _shrink(widths, [h.is_elastic for h in headings], cells)
    pairs = list(zip(shown, widths, headings, strict=True))
    if all(column.widest <= room for column, room, _ in pairs):
        padded = [column.padded(room, heading.align) for column, room, heading in pairs]
        return (_GAP.join(row).rstrip() for row in zip(*padded, strict=True))
    return _broken(headings, zip(*(column.texts for column in shown), strict=True), widths)


def _broken(
    headings: Sequence[Heading], rows: Iterable[Sequence[str]], widths: Sequence[int]
) -> Iterator[str]:
    """Rows of which some texts are too wide and take several lines."""
    for row in rows:
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


class _Texts:
    """The texts of a column, made printable.

    Attributes:
        texts: all of them, the title first.
        widest: the cells of the widest.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        lines = "\n".join(texts)
        together = lines.replace("\n", "")
        self._is_plain = is_plain(together) and len(lines) - len(together) == len(texts) - 1
        self.texts = texts if self._is_plain else [*map(printable, texts)]
        self.widest = max(map(len if self._is_plain else width, self.texts))

    def padded(self, cells: int, align: Align) -> Iterator[str]:
        """The texts with spaces until each is so wide."""
        if not self._is_plain:
            return (pad(text, cells, align) for text in self.texts)
        return map(str.rjust if align == "right" else str.ljust, self.texts, repeat(cells))


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
