"""The program pane: the source, with the line and the expression of the current node marked.

The source is the scenario author's text: every character passes `printable`, and columns are those
of the text, not of the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass
from tui_backprop.render.text.spans import Box, Span, fit_line, merge, printable, slice_line, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Span as Source
    from tui_backprop.render.text.spans import Content, Line
    from tui_backprop.render.view import View


def program_content(view: View, _cells: int, _height: int) -> Content:
    """The whole program; the pane scrolls to the marked line."""
    return Program(view, view.namer.graph.program.splitlines() or [""])


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """The source with line numbers.

    Attributes:
        view: for the current node.
        source: its lines.
    """

    view: View
    source: Sequence[str]
    title: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """The widest line, and all lines."""
        return self._gutter + max(width(printable(s)) for s in self.source), len(self.source)

    @property
    def focus(self) -> Box | None:
        """The marked line."""
        span = self.view.frame.node.span
        return None if span is None else Box(0, span.line - 1, 1, 1)

    def line(self, y: int, x0: int, x1: int) -> Line:
        """One line of source, its number and mark in front."""
        if not 0 <= y < len(self.source):
            return fit_line((), x1 - x0)
        span = self.view.frame.node.span
        is_marked = span is not None and span.line <= y + 1 <= span.end_line
        number = f"{y + 1:>{self._gutter - 3}} "
        mark = self.view.charset.pointer if is_marked else " "
        head = Span(f"{number}{mark} ", "title" if is_marked else "dim")
        body = _marked(self.source[y], y + 1, span) if is_marked and span else (
            Span(printable(self.source[y])),)  # fmt: skip
        return fit_line(slice_line(merge((head, *body)), x0, x1), x1 - x0)

    def step_at(self, _x: int, y: int) -> int | None:
        """The step that builds the last node written on the line."""
        nodes = [n.id for n in self.view.namer.graph.nodes if n.span and n.span.line == y + 1]
        return nodes[-1] if nodes else None

    @property
    def _gutter(self) -> int:
        return len(str(len(self.source))) + 3


def _marked(text: str, number: int, span: Source) -> Line:
    """A line in three parts: before the expression, the expression, after it."""
    start = span.column if number == span.line else 0
    stop = span.end_column if number == span.end_line else len(text)
    return (
        Span(printable(text[:start])),
        Span(printable(text[start:stop]), "current"),
        Span(printable(text[stop:])),
    )
