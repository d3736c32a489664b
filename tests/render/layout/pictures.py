"""A drawing read back: what a person sees who follows lines with a finger."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tui_backprop.render.text.spans import plain, width

if TYPE_CHECKING:
    from tui_backprop.render.layout import Canvas

UP, DOWN, LEFT, RIGHT = (0, -1), (0, 1), (-1, 0), (1, 0)
_WORDS = {
    "UP": {UP},
    "DOWN": {DOWN},
    "LEFT": {LEFT},
    "RIGHT": {RIGHT},
    "VERTICAL": {UP, DOWN},
    "HORIZONTAL": {LEFT, RIGHT},
}
DOWN_HEADS, UP_HEADS = "▾▼", "▴▲"


@cache
def arms(character: str) -> frozenset[tuple[int, int]]:
    """The directions in which a box-drawing character reaches, from its Unicode name."""
    if character and character in DOWN_HEADS + UP_HEADS:
        return frozenset({UP, DOWN})
    if not "─" <= character <= "╿":
        return frozenset()
    words = unicodedata.name(character).split()
    return frozenset(d for word in words for d in _WORDS.get(word, ()))


def rows_of(canvas: Canvas) -> list[list[str]]:
    """Every cell; the second cell of a wide character is empty."""
    rows = []
    for y in range(canvas.layout.height):
        text = plain(canvas.line(y, 0, canvas.layout.width))
        rows.append([cell for c in text for cell in ([c] if width(c) == 1 else [c, ""])])
    return rows


@dataclass(frozen=True, slots=True)
class Wire:
    """Everything that one finger reaches without ever turning at a crossing.

    Attributes:
        sources: nodes it starts from; for stubs the text.
        sinks: nodes it ends at, once per arrow head; for stubs the text.
    """

    sources: tuple[int | str, ...]
    sinks: tuple[int | str, ...]


class Picture:
    """The cells of a canvas, and which of them belong to boxes."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.rows = rows_of(canvas)
        self.box_at: dict[tuple[int, int], int] = {}
        for node in range(canvas.reveal):
            x, y, w, h = canvas.layout.box(node)
            for cell in ((a, b) for b in range(y, y + h) for a in range(x, x + w)):
                assert cell not in self.box_at, f"{node} overlaps {self.box_at[cell]} at {cell}"
                self.box_at[cell] = node

    def arms(self, x: int, y: int) -> frozenset[tuple[int, int]]:
        """Of one cell; none outside of the drawing."""
        inside = 0 <= y < len(self.rows) and 0 <= x < len(self.rows[y])
        return arms(self.rows[y][x]) if inside else frozenset()

    def stub(self, x: int, y: int) -> str:
        """The text that starts at a cell, such as ``▾40+7``; empty where there is none."""
        found = re.match(r"[▾▼▴▲]\d+(\+\d+)?", "".join(c or " " for c in self.rows[y][x:]))
        return found.group() if found else ""

    def wires(self) -> list[Wire]:
        """Every wire, each once."""
        seen: set[tuple[int, int, bool]] = set()
        starts = [
            (x, y, upright)
            for y, row in enumerate(self.rows)
            for x in range(len(row))
            if self.arms(x, y) and (x, y) not in self.box_at
            for upright in ((True, False) if len(self.arms(x, y)) == 4 else (True,))
        ]
        return [self._follow(*start, seen) for start in starts if start not in seen]

    def _follow(self, x: int, y: int, upright: bool, seen: set[tuple[int, int, bool]]) -> Wire:
        sources: list[int | str] = []
        sinks: list[int | str] = []
        stack = [(x, y, upright)]
        while stack:
            x, y, upright = stack.pop()
            if (x, y, upright) in seen:
                continue
            seen.add((x, y, upright))
            here = self.arms(x, y)
            turns = here if len(here) < 4 else ({UP, DOWN} if upright else {LEFT, RIGHT})
            for dx, dy in turns:
                there = (x + dx, y + dy)
                text = self.stub(x, y)
                if text and text[0] in (DOWN_HEADS if dy > 0 else UP_HEADS):
                    (sinks if dy > 0 else sources).append(text)
                elif there in self.box_at:
                    assert dx == 0, f"a wire runs into the side of a box at {there}"
                    (sinks if dy > 0 else sources).append(self.box_at[there])
                    assert dy > 0 or DOWN in self.arms(*there) or self._is_head(*there)
                else:
                    back = self.arms(*there)
                    assert (-dx, -dy) in back, f"a loose end from {(x, y)} to {there}"
                    stack.append((*there, dy != 0 if len(back) == 4 else True))
        return Wire(tuple(sources), tuple(sinks))

    def _is_head(self, x: int, y: int) -> bool:
        return self.rows[y][x] in UP_HEADS

    def edges(self) -> Counter[tuple[int, int]]:
        """(parent, node) of every wire; a wire with more than one source is an error."""
        found: Counter[tuple[int, int]] = Counter()
        for wire in self.wires():
            assert len(wire.sources) == 1, f"whose is it? {wire}"
            assert wire.sinks, f"it leads nowhere: {wire}"
            for sink in wire.sinks:
                if isinstance(sink, int) and isinstance(wire.sources[0], int):
                    found[wire.sources[0], sink] += 1
        return found

    def stubs(self) -> Counter[tuple[str, int | str]]:
        """(text, node) of every stub and the box that it belongs to."""
        found: Counter[tuple[str, int | str]] = Counter()
        for wire in self.wires():
            for source in wire.sources:
                if isinstance(source, str):
                    found.update((source, sink) for sink in wire.sinks)
                else:
                    found.update((sink, source) for sink in wire.sinks if isinstance(sink, str))
        return found
