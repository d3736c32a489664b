"""Off-page stubs: which far edges end at one, and what it says.

It stands apart because a stub's place is settled once, while its text depends on what is revealed
and current.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.render.layout.layers import DEPARTURE

if TYPE_CHECKING:
    from tui_backprop.render.layout.canvas import Canvas
    from tui_backprop.render.layout.layers import Skeleton
    from tui_backprop.rules.types import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Stubs:
    """The far edges by the items at their ends.

    Attributes:
        item: of both ends of each far edge, ascending.
        edge: the edge, ascending for one item.
    """

    item: IntArray
    edge: IntArray

    @staticmethod
    def build(skeleton: Skeleton) -> Stubs:
        """From an arranged skeleton."""
        item = np.concatenate([skeleton.departure, skeleton.arrival])
        edge = np.concatenate([skeleton.far, skeleton.far])
        order = np.lexsort((edge, item))
        return Stubs(item[order], edge[order])

    def edges_at(self, item: int) -> IntArray:
        """The far edges that leave or arrive at a stub, by reader and then by argument."""
        a, b = np.searchsorted(self.item, (item, item + 1))
        return self.edge[a:b]


def stub_text(canvas: Canvas, item: int) -> str:
    """``▾40`` below a node that 40 reads, ``▾40+7`` where 7 more do; ``▴12`` above a reader.

    The current edge is named before others, and else the earliest.
    """
    skeleton, glyphs = canvas.layout.skeleton, canvas.glyphs
    is_departure = skeleton.kind[item] == DEPARTURE
    edges = canvas.layout.stubs.edges_at(item)
    # edges come by reader: those of the first ``reveal`` nodes stand in front
    edges = edges[: np.searchsorted(edges, skeleton.edges.starts[canvas.reveal])]
    current = [e for e in canvas.paths.far if e in edges] if item in canvas.paths.items else []
    shown = current[0] if current else edges[0]
    other = (skeleton.edges.child if is_departure else skeleton.edges.parent)[shown]
    if is_departure:
        head = glyphs.heavy_down if current else glyphs.down
    else:
        head = glyphs.heavy_up if current else glyphs.up
    return f"{head}{other}+{edges.size - 1}" if edges.size > 1 else f"{head}{other}"
