"""The column of each item: near what it is linked to, in the order given, on straight lines.

It stands apart because it is the recipe only; what it is made of is in `pulls` and `lines`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.render.layout.lines import Lines, choose_straight
from tui_backprop.render.layout.pulls import Pulls, Rows

if TYPE_CHECKING:
    from tui_backprop.render.layout.layers import Skeleton
    from tui_backprop.render.layout.options import Options
    from tui_backprop.render.layout.ports import Ports
    from tui_backprop.rules.types import IntArray

_TOLERANCES: Final = (10.0, 5.0, 2.0)
"""After each attempt, the columns by which a line may be off before it is given up: straight lines
that are in each other's way would push everything apart, and let a long graph drift aside."""


def place_items(skeleton: Skeleton, ports: Ports, options: Options) -> IntArray:
    """The left column of each item, from 0.

    First everything is drawn to the mean of its neighbours, then to straight lines, then set in
    whole columns, and last moved back into gaps that opened on the way.
    """
    items = skeleton.kind.size
    if not items:
        return np.zeros(0, dtype=np.intp)
    rows, pulls = Rows.build(skeleton, options), Pulls.build(skeleton, ports)
    rounds = options.rounds(items, 4, 16)
    x = rows.centred()
    for _ in range(rounds):
        x = rows.project(pulls.step(x))
    straight = choose_straight(skeleton, ports, pulls, x)
    for tolerance in _TOLERANCES:
        lines = Lines.build(pulls, straight, items)
        for k in range(rounds * 3 // 4):
            x = rows.project(lines.aligned(pulls.step(x) if k % 4 == 0 else x))
        straight = straight[pulls.bend(x)[straight] <= tolerance]
    x = _settle(rows, pulls, Lines.build(pulls, straight, items), x, rounds)
    return np.asarray(x - x.min())


def _settle(rows: Rows, pulls: Pulls, lines: Lines, x: IntArray, rounds: int) -> IntArray:
    """Whole columns, always in order and apart, and on straight lines if rounds suffice."""
    x = lines.whole(x)
    for _ in range(2 * rounds):
        pushed = rows.push(x)
        if np.array_equal(pushed, x):
            break
        x = lines.pushed(pushed)
    x = rows.push(x)
    for _ in range(rounds // 2):
        before, x = x, lines.moved(x, pulls.wish(x, lines.root), rows.gaps(x))
        if np.array_equal(before, x):
            break
    return x
