"""One row of cells being filled, from a first column to a last.

It stands apart so that drawing code never counts characters: what falls outside is dropped, and a
wide character cut at an edge becomes a space.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wcwidth import wcwidth

from tui_backprop.render.spans import Line, Span, SpanRole

if TYPE_CHECKING:
    from collections.abc import Iterable


class Cells:
    """The columns ``x0`` to ``x1``, exclusive, blank at first."""

    def __init__(self, x0: int, x1: int) -> None:
        self.x0 = x0
        self._characters = [" "] * max(x1 - x0, 0)
        self._roles: list[SpanRole] = [""] * len(self._characters)

    def put(self, x: int, text: Iterable[str], role: SpanRole = "") -> int:
        """Write from column ``x`` on; returns the column after the last character."""
        for character in text:
            wide = not character.isascii() and wcwidth(character) == 2
            is_whole = not wide or (self._has(x) and self._has(x + 1))
            self._set(x, character if is_whole else " ", role)
            if wide:
                self._set(x + 1, "" if is_whole else " ", role)
            x += 1 + wide
        return x

    def _has(self, x: int) -> bool:
        return 0 <= x - self.x0 < len(self._characters)

    def _set(self, x: int, character: str, role: SpanRole) -> None:
        if self._has(x):
            self._characters[x - self.x0] = character
            self._roles[x - self.x0] = role

    def line(self) -> Line:
        """The row, neighbours of one role joined."""
        spans: list[Span] = []
        start = 0
        for k in range(1, len(self._roles) + 1):
            if k == len(self._roles) or self._roles[k] != self._roles[start]:
                spans.append(Span("".join(self._characters[start:k]), self._roles[start]))
                start = k
        return tuple(spans)
