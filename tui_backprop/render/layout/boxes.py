"""One row of one node's box.

It stands apart from `canvas` because a box has its own small rules: borders that join the wires,
corners, and text that is cut to fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.render.layout.glyphs import DOWN, LEFT, RIGHT, UP
from tui_backprop.render.text.spans import Span, fit_line, printable

if TYPE_CHECKING:
    from tui_backprop.render.layout.canvas import Canvas
    from tui_backprop.render.layout.cells import Cells
    from tui_backprop.render.text.spans import SpanRole


_VALUE_LINE: Final = 1
"""Which line of a box has the value, under the name."""


def draw_box(canvas: Canvas, cells: Cells, item: int, row: int) -> None:
    """Row ``row`` of the box, counted from its top; below it, the wires down to the channel."""
    layout = canvas.layout
    node = int(layout.skeleton.node[item])
    height = int(layout.h[node])
    if row == 0:
        _draw_border(canvas, cells, node, UP)
        _draw_entries(canvas, cells, item, node)
    elif row == height - 1:
        _draw_border(canvas, cells, node, DOWN)
        _draw_exits(canvas, cells, item, node)
    elif row < height:
        _draw_text(canvas, cells, node, row - 1)
    else:
        for x, heavy in _exits(canvas, item):
            arms = UP | DOWN
            cells.draw(x, canvas.glyphs.joint(arms, arms * heavy), "current" if heavy else "dim")


def _role(canvas: Canvas, node: int) -> SpanRole:
    if node == canvas.marks.node:
        return "current"
    return "dim" if node in canvas.marks.pulled else ""


def _draw_border(canvas: Canvas, cells: Cells, node: int, side: int) -> None:
    glyphs, region = canvas.glyphs, canvas.layout.box(node)
    heavy = 15 if node == canvas.marks.node else 0
    into = DOWN if side == UP else UP
    arms = (into | RIGHT, LEFT | RIGHT, into | LEFT)
    left, middle, right = (glyphs.joint(a, a & heavy) for a in arms)
    if node in canvas.marks.pulled and not heavy:
        left, right = glyphs.upper if side == UP else glyphs.lower
    cells.draw(region.x, left + middle * (region.width - 2) + right, _role(canvas, node))
    if side == UP:
        cells.draw(region.x, canvas.marks.stop(node), "marker")


def _draw_entries(canvas: Canvas, cells: Cells, item: int, node: int) -> None:
    """Where a heavy wire joins the upper border, since no arrow head stands there."""
    if not canvas.marks.is_backward:
        return
    heavy = LEFT | RIGHT if node == canvas.marks.node else 0
    layout = canvas.layout
    for hop in canvas.paths.hops.get(int(layout.layer[node]) - 1, []):
        if layout.skeleton.bottom[hop.link] == item:
            cells.draw(hop.end, canvas.glyphs.joint(LEFT | RIGHT, UP | heavy), "current")


def _draw_exits(canvas: Canvas, cells: Cells, item: int, node: int) -> None:
    """Where wires leave the lower border; the arrow head of an edge being pulled back."""
    heavy = LEFT | RIGHT if node == canvas.marks.node else 0
    for x, is_current in _exits(canvas, item):
        if is_current and canvas.marks.is_backward:
            cells.draw(x, canvas.glyphs.heavy_up, "current")
        else:
            arms = heavy | DOWN * is_current
            role = "current" if arms else _role(canvas, node)
            cells.draw(x, canvas.glyphs.joint(LEFT | RIGHT | DOWN, arms), role)


def _exits(canvas: Canvas, item: int) -> list[tuple[int, bool]]:
    """The columns where visible wires leave a box, and whether each is current."""
    layout = canvas.layout
    channel = int(layout.skeleton.layer[item])
    current = {hop.link for hop in canvas.paths.hops.get(channel, [])}
    found: dict[int, bool] = {}
    for link in layout.links_below(item):
        if layout.skeleton.born[link] < canvas.reveal:
            x = int(layout.wiring.start[layout.wiring.net[link]])
            found[x] = found.get(x, False) or link in current
    return list(found.items())


def _draw_text(canvas: Canvas, cells: Cells, node: int, line: int) -> None:
    """One line of text between the side borders; lines start in one column, so none jumps."""
    region, glyphs = canvas.layout.box(node), canvas.glyphs
    arms = UP | DOWN
    side = glyphs.joint(arms, arms if node == canvas.marks.node else 0)
    cells.draw(region.x, side, _role(canvas, node))
    cells.draw(region.x + region.width - 1, side, _role(canvas, node))
    if line == _VALUE_LINE:
        cells.draw(region.x + 1, canvas.marks.other(node), "marker")
    lines = canvas.labels(node)
    if line >= len(lines):
        return
    room = region.width - 4
    left = region.x + 2 + max(room - int(canvas.layout.text[node]), 0) // 2
    text = lines[line]
    spans = (Span(text),) if isinstance(text, str) else text
    for span in fit_line(
        tuple(Span(canvas.glyphs.text(printable(s.text)), s.role) for s in spans),
        min(room, max(int(canvas.layout.text[node]), 1)),
        glyphs.ellipsis,
    ):
        left = cells.write(left, span.text, span.role)
