"""The program pane: the source, with the line and the expression of the current node marked.

The source is the scenario author's text: every character passes `printable`, and columns are those
of the text, not of the screen.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from tui_backprop.graph.file_names import place_of
from tui_backprop.render.kept import Kept, Made
from tui_backprop.render.text.spans import Box, Lines, Span, merge, printable, width

if TYPE_CHECKING:
    from tui_backprop.debug.breakpoints import Breakpoint
    from tui_backprop.graph.model import Span as Source
    from tui_backprop.render.text.names import Namer
    from tui_backprop.render.text.spans import Content, Line, SpanRole
    from tui_backprop.render.view import View


def program_content(view: View, _cells: int, _height: int) -> Content:
    """The whole program with line numbers; the pane scrolls to the marked line."""
    kept, node = _kept_content(view.namer), view.frame.node
    made = Made((view.frame.timeline, view.charset, *view.breakpoints), (node.id,))
    found = kept.find((), made)
    if found is None:
        found = _new_content(view)
        kept.keep((), made, found)
    return found


@lru_cache(maxsize=2)
def _kept_content(namer: Namer) -> Kept[Lines]:
    """The last pictures of a program: it stays while a walk is at one node."""
    del namer
    return Kept()


def _new_content(view: View) -> Lines:
    graph = view.namer.graph
    source = graph.program.splitlines() or [""]
    gutter = len(str(len(source))) + 3
    node = view.frame.node
    span = node.span
    # A leaf is made elsewhere: what is first done after it is worth seeing.
    seen = span or next((n.span for n in graph.nodes[node.id :] if n.span), None)

    @cache
    def row(y: int) -> Line:
        is_marked = span is not None and span.line <= y + 1 <= span.end_line
        mark = view.charset.pointer if is_marked else " "
        role: SpanRole = "title" if is_marked else "dim"
        head = (
            Span(f"{y + 1:>{gutter - 3}}", role),
            _stop(view, y + 1) or Span(" ", role),
            Span(f"{mark} ", role),
        )
        body = _marked(source[y], y + 1, span) if is_marked and span else (
            Span(printable(source[y])),)  # fmt: skip
        return merge((*head, *body))

    def leads(_x: int, y: int) -> int | None:
        """To the step that builds the last node written on the line."""
        nodes = [n.id for n in view.namer.graph.nodes if n.span and n.span.line == y + 1]
        return view.frame.timeline.built(nodes[-1]) if nodes else None

    size = gutter + max(width(printable(s)) for s in source), len(source)
    focus = None if seen is None else Box(0, seen.line - 1, 1, 1)
    title = "" if seen is None else printable(place_of(graph.program, graph.files, seen.line))
    return Lines(size, row, focus, title, leads, view.charset.ellipsis)


def _stop(view: View, line: int) -> Span | None:
    """The mark of the breakpoints that stand at a line, of those in force before others."""
    found = stops_on(view, line)
    plain = [b for b in found if b.is_enabled]
    charset = view.charset
    if not found:
        return None
    if not plain:
        return Span(charset.disabled, "dim")
    is_conditional = all(b.condition is not None for b in plain)
    return Span(charset.conditional if is_conditional else charset.breakpoint, "marker")


def stops_on(view: View, line: int) -> list[Breakpoint]:
    """The breakpoints all of whose nodes are written on a line."""
    nodes = view.namer.graph.nodes

    def is_there(node: int) -> bool:
        span = nodes[node].span
        return span is not None and span.line <= line <= span.end_line

    stops = ((b, b.place.nodes) for b in view.breakpoints if b.place is not None)
    return [b for b, found in stops if found and all(map(is_there, found))]


def gutter_line(view: View, x: int, y: int) -> int | None:
    """The line whose number or mark stands at a cell; None where the program itself does."""
    lines = len(view.namer.graph.program.splitlines() or [""])
    return y + 1 if 0 <= y < lines and 0 <= x < len(str(lines)) + 2 else None


def _marked(text: str, number: int, span: Source) -> Line:
    """A line in three parts: before the expression, the expression, after it."""
    start = span.column if number == span.line else 0
    stop = span.end_column if number == span.end_line else len(text)
    return (
        Span(printable(text[:start])),
        Span(printable(text[start:stop]), "current"),
        Span(printable(text[stop:])),
    )
