"""The text of off-page stubs: where a far edge comes from or goes to.

It stands apart because the text depends on what is revealed and current, unlike a stub's place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.render.drawing.skeleton import DEPARTURE

if TYPE_CHECKING:
    from tui_backprop.render.drawing.canvas import Canvas


def stub_text(canvas: Canvas, item: int) -> str:
    """``▾40`` below a node that 40 reads, ``▾40+7`` where 7 more do; ``▴12`` above a reader.

    The current edge comes first; of others, the earliest.
    """
    skeleton, glyphs = canvas.layout.skeleton, canvas.glyphs
    leaves = skeleton.kind[item] == DEPARTURE
    edges = skeleton.far[np.flatnonzero((skeleton.departure if leaves else skeleton.arrival) == item)]
    edges = edges[skeleton.edges.child[edges] < canvas.reveal]
    ends = (skeleton.edges.child if leaves else skeleton.edges.parent)[edges].tolist()
    node = int(skeleton.node[item])
    current = [
        edge.node if leaves else edge.parent
        for edge in canvas.marks.edges
        if item in canvas.paths.items and (edge.parent if leaves else edge.node) == node
    ]
    shown = next((end for end in current if end in ends), ends[0])
    is_heavy = item in canvas.paths.items
    if leaves:
        head = glyphs.heavy_down if is_heavy else glyphs.down
    else:
        head = glyphs.heavy_up if is_heavy else glyphs.up
    return f"{head}{shown}+{len(ends) - 1}" if len(ends) > 1 else f"{head}{shown}"
