"""Two walks side by side where only the sizes of arrays are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_backprop.graph.naming import label
from tui_backprop.graph.tolerance import Tolerance

if TYPE_CHECKING:
    from tui_backprop.graph.sizes import Size
    from tui_backprop.timeline.timeline import Timeline

SizeAspect: TypeAlias = Literal["norm of value", "norm of v", "norm of contribution"]
"""What of an array of which only the size is known."""

_MEASURED: Final = 1e-6
"""How far two norms of the same single-precision numbers may be apart, relative to the larger:
one library adds up in another order, or in another precision, than the next."""


class Sizes:
    """What two walks know of arrays that one of them does not hold."""

    def __init__(self, left: Timeline, right: Timeline, rtol: float) -> None:
        self._both = left, right
        self._tolerance = Tolerance(max(rtol, _MEASURED))

    def of_value(self, node: int) -> tuple[float, float] | None:
        """Both norms of a node's value where they differ; None where they do not, or one is not."""
        left, right = (t.trace.value_size(node) for t in self._both)
        return None if left is None or right is None else self._apart(left, right)

    def of_edge(
        self, pass_number: int, number: int
    ) -> tuple[SizeAspect, str, tuple[float, float]] | None:
        """What differs first of an edge of a pass: the v that arrived, or what is handed on."""
        walks = [t.walk(pass_number) for t in self._both]
        edge = walks[0].route.edge(number)
        graph = self._both[0].trace.graph
        node, parent = label(graph, edge.node), label(graph, edge.parent)
        found = self._apart(*(walk.run.cotangents.size(edge.node) for walk in walks))
        if found is not None:
            return "norm of v", f"{node}.grad", found
        pulled = (
            t.trace.pulled_size(edge, walk.run.cotangents)
            for t, walk in zip(self._both, walks, strict=True)
        )
        found = self._apart(*pulled)
        return None if found is None else ("norm of contribution", f"d{node}/d{parent}", found)

    def _apart(self, left: Size, right: Size) -> tuple[float, float] | None:
        is_same = (left.nan, left.inf) == (right.nan, right.inf)
        if is_same and self._tolerance.excess(left.norm, right.norm) <= 1:
            return None
        return left.norm, right.norm
