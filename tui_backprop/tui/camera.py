"""Which cells of a content are in sight, and how they follow what a step is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui_backprop.render.text.spans import Box

Extent = tuple[int, int]
"""(width, height) in cells."""


class Camera(NamedTuple):
    """The upper left cell that is visible, and how it follows the content."""

    x: int = 0
    y: int = 0

    def moved(self, columns: int, rows: int, content: Extent, window: Extent) -> Camera:
        """Moved, but never past the content's end."""
        return Camera(
            _inside(self.x + columns, content[0], window[0]),
            _inside(self.y + rows, content[1], window[1]),
        )

    def followed(self, focus: Box | None, content: Extent, window: Extent) -> Camera:
        """Moved so that ``focus`` is in sight; its start, if it is larger.

        Sideways as little as possible. Up and down by most of a window, so that a walk through
        many rows moves the mark and, now and then, the page: not all rows at every step.
        """
        x, y = self
        if focus is not None:
            x = _towards(x, focus.x, focus.width, window[0])
            y = _turned(y, focus.y, focus.height, window[1])
        return Camera(x, y).moved(0, 0, content, window)


def _inside(at: int, content: int, window: int) -> int:
    return max(0, min(at, content - window))


def _towards(at: int, start: int, length: int, window: int) -> int:
    """The nearest place from which ``start`` to ``start + length`` is seen."""
    return min(max(at, start + length - window), start)


def _turned(at: int, start: int, length: int, window: int) -> int:
    """As `_towards`, but where it moves, a quarter of the window shows what was left behind."""
    if at <= start and start + length <= at + window:
        return at
    room = max(window - length, 0)
    return start - room // 4 if start > at else start - room + room // 4
