"""The curve of the loss over the iterations of a training, as far as the walk has come."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tui_backprop.render.text.numbers import number, numerals_in
from tui_backprop.render.text.spans import Span, fit_line, lines_of, merge, pad, width
from tui_backprop.render.view import sentence_content
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.text.spans import Content, Line
    from tui_backprop.render.view import View
    from tui_backprop.timeline.iterations import Iterations
    from tui_backprop.timeline.timeline import Timeline

_LEAST: Final = 8
"""Cells of a curve, however narrow the pane."""
_BLANK: Final = "\u2800"
"""A Braille cell without dots, which some terminals show as a box."""
_DECADES: Final = 2.0
"""A loss that falls through more than so many powers of ten is drawn by its logarithm."""


def loss_content(view: View, cells: int, height: int) -> Content:
    """The curve, its ends as numbers, and the loss of the last iteration that has one.

    A click goes to the iteration that stands there. While the graph is built the loss of that
    iteration is not known yet, and is not drawn.
    """
    iterations = view.frame.timeline.iterations
    say, numerals = view.spoken.say, numerals_in(view.charset)
    if iterations is None:
        return sentence_content(say("Nothing is trained here."), cells)
    known = view.frame.timeline.updates.number + (view.frame.phase is not Phase.BUILD)
    if not known:
        told = say("The loss of the first iteration comes with the end of its forward pass.")
        return sentence_content(told, cells)
    curve = _curve(iterations, known, cells, height - 1, view.charset)
    last = number(iterations.loss(known - 1), numerals)
    told = say("iteration {number}: {loss}", number=f"{known:,}", loss=last)
    axis = say("logarithmic") if curve.is_log else ""
    below = (Span(told, "title"), Span(f"  {axis}" if axis else "", "dim"))

    def leads(x: int, y: int) -> int | None:
        """To the first step of the iteration that is drawn in a cell."""
        if not curve.margin <= x < curve.margin + curve.width or not 0 <= y < len(curve.rows):
            return None
        return iterations.start((x - curve.margin) * known // curve.width)

    rows = (*curve.rows, merge(below))
    return lines_of([fit_line(row, cells, view.charset.ellipsis) for row in rows], leads=leads)


class _Curve:
    """A picture of some losses.

    Attributes:
        rows: its lines, with the numbers at its ends before them.
        margin: cells of those numbers.
        width: cells of the curve.
        is_log: whether it is of logarithms.
    """

    def __init__(self, losses: list[float], cells: int, height: int, charset: Charset) -> None:
        finite = [x for x in losses if math.isfinite(x)]
        low, high = min(finite, default=0.0), max(finite, default=0.0)
        self.is_log = low > 0 and math.log10(high / low) > _DECADES
        labels = [number(x, numerals_in(charset), 3) for x in (high, low)]
        if labels[0] == labels[1]:  # one loss, or one that stays
            labels[1] = ""
        self.margin = max(map(width, labels)) + 1
        self.width = max(cells - self.margin, _LEAST)
        rows = _drawn(self._points(losses), self.width, max(height, 1), charset)
        texts = [labels[0], *[""] * (len(rows) - 2), labels[1]][: len(rows)]
        self.rows: list[Line] = [
            merge((Span(pad(text, self.margin - 1, "right") + " ", "dim"), Span(row, "marker")))
            for text, row in zip(texts, rows, strict=True)
        ]

    def _points(self, losses: list[float]) -> list[tuple[float, float]]:
        """The iteration, and the loss or its logarithm; of each stretch the ends of its range."""
        size = max(1, len(losses) // (4 * self.width))
        found: list[tuple[float, float]] = []
        for start in range(0, len(losses), size):
            some = [(k, losses[k]) for k in range(start, min(start + size, len(losses)))]
            some = [(k, x) for k, x in some if math.isfinite(x)]
            ends = {min(some, key=lambda p: p[1]), max(some, key=lambda p: p[1])} if some else ()
            found += [(float(k), math.log10(x) if self.is_log else x) for k, x in sorted(ends)]
        return found


@lru_cache(maxsize=8)
def _curve(
    training: Iterations[Timeline], known: int, cells: int, height: int, charset: Charset
) -> _Curve:
    """Kept: all the updates of an iteration show the same."""
    return _Curve([training.loss(k) for k in range(known)], cells, height, charset)


def _drawn(
    points: list[tuple[float, float]], cells: int, height: int, charset: Charset
) -> list[str]:
    """The points joined, by a library that is loaded with the first picture."""
    from plotille import Canvas

    if not points:
        return [" " * cells] * height
    xs, ys = zip(*points, strict=True)
    left, right = min(xs), max(*xs, min(xs) + 1)
    low, high = min(ys), max(ys)
    rest = (high - low) / 100 or abs(high) or 1.0
    canvas = Canvas(cells, height, left, low - rest, right, high + rest)
    if charset.is_ascii:
        across, down = (right - left) / cells, (high - low + 2 * rest) / height
        for x, y in points:  # in the middle of a cell: behind the last one nothing can be written
            canvas.text(min(x, right - across / 2), min(y, high + rest - down / 2), "*")
    else:
        canvas.point(*points[0])
        for one, other in pairwise(points):
            canvas.line(*one, *other)
    text: str = canvas.plot()
    return [pad(row, cells) for row in text.replace(_BLANK, " ").splitlines()]
