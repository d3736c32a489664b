"""One row of the tape's lanes as characters.

It stands apart from the assignment, which knows rows only, and from the tape, which knows columns
of text only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.render.panes.strokes import stroke
from tui_backprop.render.text.spans import Line, Span

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.panes.tape_lanes import Lanes
    from tui_backprop.render.text.spans import SpanRole

LEAF, OP = "○", "●"
_ASCII_GLYPHS: Final = {LEAF: "o", OP: "*"}


@dataclass(frozen=True, slots=True)
class RowLanes:
    """What of the lanes one row shows.

    Attributes:
        row: the node whose row it is.
        parents: its operands.
        role: of its glyph.
        edge: the edge being pulled back, drawn heavy where it passes; None for no edge.
    """

    row: int
    parents: tuple[int, ...]
    role: SpanRole = ""
    edge: Edge | None = None


def lane_cells(lanes: Lanes, shown: RowLanes, *, is_ascii: bool = False) -> Line:
    """The lanes of a row: ``2 · count − 1`` cells, a lane in every second one.

    A line that joins the row's node meets the horizontal in ``┘ └ ┤ ├ ┴ ┼``; a line that only
    passes is ``│`` between two dashes. So each edge can be followed.
    """
    own = lanes.lane[shown.row]
    above = lanes.from_above(shown.row)
    joined = {at for at, node in enumerate(above) if node in shown.parents}
    light = (min((*joined, own)), max((*joined, own)))
    heavy_lane, heavy = _pulled(lanes, shown)
    arms: list[tuple[int, int, int, int]] = []
    for lane, node in enumerate(above):
        left = _weight(lane - 1, light, heavy)
        right = _weight(lane, light, heavy)
        up = 0 if node is None else 1 + (lane == heavy_lane)
        down = up if node is not None and lanes.end[node] > shown.row else 0
        if lane == heavy_lane and heavy != _NOWHERE:
            down = min(down, 1)
        is_passing = node is not None and lane not in joined
        arms.append((up, down, 0, 0) if is_passing else (up, down, left, right))
        arms.append((0, 0, right, right))
    text = [stroke(*cell, is_ascii=is_ascii) for cell in arms[:-1]]
    roles: list[SpanRole] = ["current" if max(cell) == 2 else "dim" for cell in arms[:-1]]
    glyph = OP if shown.parents else LEAF
    text[2 * own] = _ASCII_GLYPHS[glyph] if is_ascii else glyph
    roles[2 * own] = shown.role
    return _spans("".join(text), roles)


_NOWHERE: Final = (-1, -1)
"""A stretch without cells."""


def _spans(text: str, roles: list[SpanRole]) -> Line:
    """Runs of one role."""
    stops = [x for x in range(1, len(text)) if roles[x] != roles[x - 1]]
    return tuple(
        Span(text[start:stop], roles[start])
        for start, stop in zip((0, *stops), (*stops, len(text)), strict=True)
    )


def _pulled(lanes: Lanes, shown: RowLanes) -> tuple[int, tuple[int, int]]:
    """The lane that is heavy above this row, −1 for none, and the heavy stretch across it."""
    edge = shown.edge
    if edge is None or not edge.parent < shown.row <= edge.node:
        return -1, _NOWHERE
    if not lanes.is_drawn(edge.parent, edge.node):
        return -1, _NOWHERE
    lane, own = lanes.lane[edge.parent], lanes.lane[shown.row]
    return lane, (min(lane, own), max(lane, own)) if shown.row == edge.node else _NOWHERE


def _weight(lane: int, light: tuple[int, int], heavy: tuple[int, int]) -> int:
    """The weight of the horizontal between a lane and the next one."""
    if heavy[0] <= lane < heavy[1]:
        return 2
    return int(light[0] <= lane < light[1])
