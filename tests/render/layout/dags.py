"""Random graphs to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from tui_backprop.render.layout import Layout, Options, layout

if TYPE_CHECKING:
    from tui_backprop.rules.types import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Dag:
    """What a drawing is made from."""

    parents: list[tuple[int, ...]]
    widths: IntArray
    heights: IntArray
    options: Options

    def layout(self) -> Layout:
        """A fresh layout of it."""
        return layout(self.parents, self.widths, self.heights, self.options)


@st.composite
def dags(draw: st.DrawFn, *, most: int = 30) -> Dag:
    """Graphs of all kinds: chains, wide ones, far reads, operands read twice, many operands.

    The sizes shrink; the edges come from a seed, since lists of lists shrink to graphs so thin
    that their wires never meet.
    """
    n = draw(st.integers(0, most))
    reach = draw(st.sampled_from([1, 2, 5, 10, most]))
    operands = draw(st.sampled_from([1, 2, 3, 9]))
    leaves = draw(st.sampled_from([0.0, 0.2, 0.5]))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    parents: list[tuple[int, ...]] = []
    for node in range(n):
        count = 0 if node == 0 or random.random() < leaves else random.integers(1, operands + 1)
        near = random.integers(max(node - reach, 0), max(node, 1), count)
        parents.append(tuple(near.tolist()))
    return Dag(
        parents,
        random.integers(0, 15, n),
        random.integers(1, 4, n),
        Options(
            longest_wire=draw(st.sampled_from([16, 3, 1])),
            longest_leaf_wire=draw(st.sampled_from([16, 4, 1])),
            most_ports=draw(st.sampled_from([16, 4, 2])),
        ),
    )
