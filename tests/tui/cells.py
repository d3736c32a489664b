"""The text of a picture, by its cells."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from tui_backprop.render.text.spans import width

CELL: Final = 12.2
"""How wide a cell of a picture is."""
_LINE: Final = 24.4
_RUN: Final = re.compile(
    r'<text class="[^"]*r\d+" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"[^>]*>([^<]*)<'
)


def runs(drawn: str) -> list[tuple[float, int, float, str]]:
    """Each text: where it begins, in which row, how long it is, and what it says."""
    return [
        (float(x), round((float(y) - 20) / _LINE), float(length), unescape(text))
        for x, y, length, text in _RUN.findall(drawn)
    ]


def rows_of(drawn: str, size: tuple[int, int]) -> list[str]:
    """The rows of a picture, as the terminal has them, without spaces at their ends."""
    columns, lines = size
    cells = [[" "] * columns for _ in range(lines)]
    for x, row, _, text in runs(drawn):
        at = round(x / CELL)
        for character in text.replace("\xa0", " "):
            cells[row][at] = character
            if width(character) == 2:
                cells[row][at + 1] = ""
            at += width(character)
    return ["".join(row).rstrip() for row in cells]
