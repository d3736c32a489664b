"""How one adjoint entry is added up: the contributions of a column, and the summands written out.

It stands apart from the timeline because this is the sum ``Σ_j v_j · ∂y_j/∂x_i`` itself, which the
timeline only addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tui_backprop.debug.frame import Phase, Term

if TYPE_CHECKING:
    from tui_backprop.debug.frame import Frame
    from tui_backprop.debug.timeline import PassWalk, Timeline
    from tui_backprop.rules.types import Array, IntArray

ColumnKey: TypeAlias = tuple[int, int, int]
"""(pass, edge of its route, column i)."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """What column ``i`` of one edge adds to the parent's entry ``i``, row by row.

    Attributes:
        key: which column.
        rows: the rows inside the sparsity, ascending.
        partials: ∂y_j/∂x_i of those rows.
        v: the whole cotangent of the node, flat.
        contributions: v_j · ∂y_j/∂x_i of those rows.
        sums: the entry before the first of those rows (0 where unknown), then after each.
        initial: the entry before the edge; None where nothing had arrived.
        final: the entry after the edge, as the vectorised pass has it.
        zeros: whether the walk visits the other rows too.
    """

    key: ColumnKey
    rows: IntArray
    partials: Array
    v: Array
    contributions: Array
    sums: Array
    initial: float | None
    final: float
    zeros: bool

    def entry(self, j: int) -> tuple[float, float, float, bool]:
        """(partial, v_j, contribution, whether inside the sparsity) of row ``j``."""
        at = int(np.searchsorted(self.rows, j))
        if at == len(self.rows) or self.rows[at] != j:
            return 0.0, float(self.v[j]), 0.0, False
        return float(self.partials[at]), float(self.v[j]), float(self.contributions[at]), True

    def sum_before(self, j: int) -> float | None:
        """The entry before row ``j`` was added; None where nothing had arrived."""
        at = int(np.searchsorted(self.rows, j))
        is_first = j == 0 if self.zeros else at == 0
        return self.initial if is_first else float(self.sums[at])

    def sum_after(self, j: int) -> float:
        """The entry after row ``j``. The last row gives `final`, so that no rounding shows."""
        last = len(self.v) - 1 if self.zeros else int(self.rows[-1])
        if j >= last:
            return self.final
        return float(self.sums[np.searchsorted(self.rows, j, side="right")])

    def terms(self, through: int, most: int) -> list[Term]:
        """The contributions of rows ≤ ``through``; early ones taken together beyond ``most``."""
        count = through + 1 if self.zeros else int(np.searchsorted(self.rows, through, "right"))
        shown = range(max(0, count - most), count)
        rows = shown if self.zeros else [int(j) for j in self.rows[shown.start : shown.stop]]
        listed = [Term(self.entry(j)[2], j=j) for j in rows]
        if shown.start == 0:
            return listed
        first = int(np.searchsorted(self.rows, shown.start)) if self.zeros else shown.start
        return [Term(float(self.contributions[:first].sum()), count=shown.start), *listed]


def column_terms(timeline: Timeline, key: ColumnKey) -> Column:
    """Compute one column: its partials, products and running sums."""
    number, edge_number, i = key
    walk = timeline.walk(number)
    edge = walk.route.edge(edge_number)
    jacobian = timeline.jacobian(edge)
    rows, partials = jacobian.column_entries(i)
    v = walk.run.cotangents[edge.node].ravel()
    done = int(np.searchsorted(walk.route.edges_into(edge.parent), edge_number))
    before = walk.sums.after(edge.parent, done)
    after = walk.sums.after(edge.parent, done + 1)
    initial = None if before is None else float(before.ravel()[i])
    contributions = jacobian.contribution(v[rows], partials)
    with np.errstate(all="ignore"):
        start = np.array([0.0 if initial is None else initial], dtype=contributions.dtype)
        sums = np.cumsum(np.concatenate([start, contributions]))
    final = float("nan") if after is None else float(after.ravel()[i])
    return Column(key, rows, partials, v, contributions, sums, initial, final, timeline.zeros)


def entry_terms(timeline: Timeline, frame: Frame, node: int, flat: int, most: int) -> list[Term]:
    """The summands of an adjoint entry as it stands in a frame; see `Frame.terms`."""
    if frame.phase is Phase.BUILD:
        return []
    if frame.phase is Phase.ZERO_GRAD:
        return [Term(0.0)] if timeline.trace.is_input(node) else []
    walk = timeline.walk(frame.pass_number)
    current = walk.route.edge_at(frame.k - walk.start) if frame.edge is not None else 0
    found = _earlier(walk, node, flat, current, most)
    if frame.edge is None or frame.edge.parent != node or flat > frame.column:
        return found
    column = timeline.column_of((frame.pass_number, current, flat))
    through = frame.row if flat == frame.column else len(column.v) - 1
    return found + column.terms(through, most)


def _earlier(walk: PassWalk, node: int, flat: int, current: int, most: int) -> list[Term]:
    """What was there before the current edge: earlier passes, the seed, finished edges."""
    found: list[Term] = []
    initial = walk.run.initial.get(node)
    if initial is not None:
        found.append(Term(float(initial.ravel()[flat])))
    if node == walk.run.of:
        found.append(Term(float(walk.run.seed.ravel()[flat])))
    edges = walk.route.edges_into(node)
    done = int(np.searchsorted(edges, current))
    together = max(0, done - most)
    if together:
        total = walk.sums.after(node, together)
        found = [] if total is None else [Term(float(total.ravel()[flat]), count=together)]
    for number in edges[together:done]:
        value = float(walk.sums.contribution(int(number)).ravel()[flat])
        found.append(Term(value, edge=walk.route.edge(int(number))))
    return found
