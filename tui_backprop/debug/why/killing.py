"""Where a path dies: the first factor from the output down that lets nothing through.

It stands apart from the sentences about single partials because it follows v upwards: a partial of
1 passes nothing on where its v is 0 already, and the reason is further up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.said import said
from tui_backprop.debug.why.causes import saturation, zero_partial
from tui_backprop.debug.why.kinds import Cause, Kind
from tui_backprop.debug.why.names import number
from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.naming import adjoint_entry, entry, label

if TYPE_CHECKING:
    from tui_backprop.debug.timeline import Timeline
    from tui_backprop.debug.why.inflow import Inflow
    from tui_backprop.debug.why.paths import Entry, Hop, Path, Paths


@dataclass(frozen=True, slots=True)
class Killed:
    """A path that brings nothing, or next to nothing.

    Attributes:
        path: from the output down; where the cause is an entry that gets 0, from there.
        cause: what stopped it.
        killer: which hop of the path has the factor that is 0; None where it is the entry that
            the path starts from.
    """

    path: Path
    cause: Cause
    killer: int | None


class Killing:
    """Finds what kills paths of one pass."""

    def __init__(self, timeline: Timeline, pass_number: int, paths: Paths) -> None:
        self._timeline = timeline
        self._graph = timeline.trace.graph
        self._walk = timeline.walk(pass_number)
        self._paths = paths

    def killed(self, last: Hop) -> Killed:
        """What made a contribution 0.

        Args:
            last: its partial; v_j times it is 0.
        """
        hops = [last]  # from the entry upwards
        while True:
            top = hops[-1]
            above = top.edge.node, top.j
            if self._v(above) != 0:
                return self._at_partial(hops)
            if above[0] == self._walk.run.of:
                return self._at_top(hops, self._seed_cause(above))
            found = self._paths.gathered(*above)
            if not len(found.steps):
                return self._at_top(hops, self._unread(above))
            if np.any(found.values != 0):
                return self._at_top(hops, self._cancelled(above, found))
            hops.append(self._paths.hop(found, 0))

    def faded(self, last: Hop) -> Killed | None:
        """The factor of a saturating op that left almost nothing of a contribution; or None."""
        path = self._paths.strongest(last)
        for at in sorted(range(len(path.hops)), key=lambda at: abs(path.hops[at].partial)):
            hop = path.hops[at]
            text = saturation(self._timeline, hop.edge, hop.j, hop.i, hop.partial)
            if text:
                return Killed(path, Cause(Kind.FADED, text, hop.step), at)
        return None

    def _v(self, at: Entry) -> float:
        return float(picked(self._walk.run.cotangents[at[0]], at[1]))

    def _at_partial(self, hops: list[Hop]) -> Killed:
        """Where v is not 0: the partial is, or their product is too small."""
        top = hops[-1]
        if top.partial == 0:
            kind, text = zero_partial(self._timeline, top.edge, top.j, top.i)
        else:
            v = number(self._v((top.edge.node, top.j)))
            kind, text = (
                Kind.UNDERFLOW,
                said("{product} underflows to 0", product=f"{v} · {number(top.partial)}"),
            )
        above = self._paths.strongest(top).hops
        path = self._paths.path((*above, *reversed(hops[:-1])))
        return Killed(path, Cause(kind, text, top.step), len(above) - 1)

    def _at_top(self, hops: list[Hop], cause: Cause) -> Killed:
        return Killed(self._paths.path(tuple(reversed(hops))), cause, None)

    def _seed_cause(self, at: Entry) -> Cause:
        text = said("the seed is 0 at {entry}", entry=entry(self._graph, *at))
        return Cause(Kind.SEED, text, self._walk.start - 1)

    def _unread(self, at: Entry) -> Cause:
        of = label(self._graph, self._walk.run.of)
        text = said("{gradient} is 0: nothing that {of} depends on reads it",
                    gradient=adjoint_entry(self._graph, *at), of=of)  # fmt: skip
        return Cause(Kind.UNREAD, text, at[0])

    def _cancelled(self, at: Entry, found: Inflow) -> Cause:
        name = adjoint_entry(self._graph, *at)
        step = int(found.steps[-1])
        live = found.values[found.values != 0]
        if len(live) == 1:
            text = said("{gradient} is 0: its only contribution, {value}, was lost in rounding",
                        gradient=name, value=number(live[0]))  # fmt: skip
            return Cause(Kind.ROUNDED, text, step)
        shown = ", ".join(number(x) for x in live[:4]) + (", ..." if len(live) > 4 else "")
        text = said("{gradient} is 0: {count} contributions cancel: {values}",
                    gradient=name, count=f"{len(live):,}", values=shown)  # fmt: skip
        return Cause(Kind.CANCELLED, text, step)
