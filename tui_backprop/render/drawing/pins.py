"""The final column of every port.

It stands apart because it owns the law that keeps wires apart: below a layer no two wires that
belong to different nodes ever run in one column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.render.drawing.ports import even_offsets, fitted
from tui_backprop.render.drawing.skeleton import BOX

if TYPE_CHECKING:
    from tui_backprop.render.drawing.ports import Ports
    from tui_backprop.render.drawing.skeleton import Skeleton
    from tui_backprop.rules.types import IntArray

_ROUNDS = 2


def choose_pins(skeleton: Skeleton, ports: Ports, x: IntArray) -> tuple[IntArray, IntArray]:
    """The column where each net starts, and the one where each link ends.

    Ports slide along their boxes until they stand over and under each other where they can.
    Two starts in one layer are at least two columns apart, and so are two ends; an end that
    would come under the start of another net steps aside by one, where there is no start.
    """
    width, is_box = skeleton.width, skeleton.kind == BOX
    item = ports.net_item
    middle = even_offsets(width[item], is_box[item], ports.net_rank, ports.net_count)
    starts = x[item] + middle
    ends = np.empty(skeleton.top.size, dtype=np.intp)
    for _ in range(_ROUNDS):
        ends[ports.by_bottom] = _ends(skeleton, ports, x, starts)
        starts = _starts(skeleton, ports, x, ends)
    ends[ports.by_bottom] = _ends(skeleton, ports, x, starts)
    return starts, ends + _is_blocked(skeleton, ports, starts, ends)


def _ends(skeleton: Skeleton, ports: Ports, x: IntArray, starts: IntArray) -> IntArray:
    """Ends as near as possible under their nets' starts, in the order of ``by_bottom``."""
    item = skeleton.bottom[ports.by_bottom]
    is_box = (skeleton.kind == BOX)[item]
    low = x[item] + is_box
    # the last two columns of the edge: a port, and where it may step aside to
    high = np.where(is_box, x[item] + skeleton.width[item] - 3, low)
    return fitted(starts[ports.net[ports.by_bottom]], low, high, ports.rank, ports.count)


def _starts(skeleton: Skeleton, ports: Ports, x: IntArray, ends: IntArray) -> IntArray:
    """Starts as near as possible over the ends of their nets."""
    item = ports.net_item
    is_box = (skeleton.kind == BOX)[item]
    low = x[item] + is_box
    high = np.where(is_box, x[item] + skeleton.width[item] - 2, low)
    count = np.bincount(ports.net, minlength=item.size)
    mean = np.bincount(ports.net, ends, item.size) // np.maximum(count, 1)
    return fitted(mean.astype(np.intp), low, high, ports.net_rank, ports.net_count)


def _is_blocked(skeleton: Skeleton, ports: Ports, starts: IntArray, ends: IntArray) -> IntArray:
    """Whether another net starts right above a link's end."""
    span = int(max(starts.max(initial=0), ends.max(initial=0))) + 1
    above = skeleton.layer[ports.net_item] * span + starts
    here = skeleton.layer[skeleton.top] * span + ends
    return np.asarray(np.isin(here, above) & (starts[ports.net] != ends))
