"""The factors of 0 on the paths to an entry, from the output down.

It follows v upwards: a partial of 1 passes nothing on where its v is 0 already, and the reason is
further up. One reason may hide another on the same path, and another path may have another reason:
all are found, each once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.format import number
from tui_backprop.debug.why.zero_causes import (
    Cause,
    dwindling,
    read_without_derivative,
    readers_without_derivative,
    saturation,
    unread,
    zero_partial,
)
from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.naming import adjoint_entry, entry, label
from tui_backprop.language.message import joined, said
from tui_backprop.rules.slope_reasons import Kind

if TYPE_CHECKING:
    from tui_backprop.debug.why.paths import Path, Paths
    from tui_backprop.debug.why.summands import Summands
    from tui_backprop.debug.why.trails import Entry, Hop
    from tui_backprop.timeline.timeline import Timeline

    ZeroAt: TypeAlias = Hop | Entry

_MOST_FOLLOWED: Final = 200
"""Entries above a contribution that are looked at, and hops of one of them."""

MOST_CAUSES: Final = 6
"""Causes that are told of one contribution, and a few more where they stand on one path."""


@dataclass(frozen=True, slots=True)
class StoppedPath:
    """A path that contributes nothing, or next to nothing.

    Attributes:
        path: from the output down; where the cause is an entry that gets 0, from there.
        cause: what stopped it.
        zero_hop: which hop of the path has the factor that is 0; None where it is the entry that
            the path starts from.
    """

    path: Path
    cause: Cause
    zero_hop: int | None


@dataclass(frozen=True, slots=True)
class Causes:
    """Every factor that stopped a contribution.

    Attributes:
        paths: for each path that is told what stops it, from the output down; each cause once, at
            the first path that has it.
        left: how many more causes were found than are told.
        is_all: whether every path was followed to its end.
    """

    paths: tuple[tuple[StoppedPath, ...], ...]
    left: int
    is_all: bool

    @property
    def all(self) -> tuple[StoppedPath, ...]:
        """Every cause in `paths`."""
        return tuple(one for path in self.paths for one in path)


class ZeroFactors:
    """Finds the factors that stop the paths of one pass."""

    def __init__(self, timeline: Timeline, pass_number: int, paths: Paths) -> None:
        self._timeline = timeline
        self._graph = timeline.trace.graph
        self._walk = timeline.walk(pass_number)
        self._number = pass_number
        self._paths = paths

    def stopped(self, last: Hop) -> StoppedPath:
        """The most telling cause: what chose another operand sends 0 back whatever comes."""
        found = self.causes(last).all
        return next((one for one in found if one.cause.kind is Kind.BRANCH), found[0])

    def causes(self, last: Hop) -> Causes:
        """What made a contribution 0.

        Args:
            last: its partial; v_j times it is 0.
        """
        region = self._zero_region(last)
        paths: list[tuple[StoppedPath, ...]] = []
        named: set[ZeroAt] = set()
        for through in (None, *region.causes):
            if through in named or len(named) >= MOST_CAUSES:
                continue
            hops = region.path(through)
            here = [d for d in region.along(hops) if d not in named]
            if here:
                named.update(here)
                paths.append(tuple(self._with_path(hops, zero) for zero in here))
        return Causes(tuple(paths), len(set(region.causes) - named), region.is_all)

    def faded(self, last: Hop) -> tuple[StoppedPath, ...]:
        """The factors that left almost nothing of a contribution, from the output down."""
        path = self._paths.strongest(last)
        found = [
            StoppedPath(path, Cause(Kind.FADED, text, hop.step), at)
            for at, hop in enumerate(path.hops)
            if (text := saturation(self._timeline, hop.edge, hop.j, hop.i, hop.partial))
        ]
        return tuple(found)

    def dwindled(self, last: Hop, value: float) -> tuple[StoppedPath, ...]:
        """The cause that many factors make almost nothing together, though none of them is small.

        Args:
            last: the partial of a contribution.
            value: the contribution, by all paths that there are.
        """
        path = self._paths.strongest(last)
        text = dwindling(path, value)
        return (StoppedPath(path, Cause(Kind.FADED, text, None), None),) if text else ()

    def _zero_region(self, last: Hop) -> _Region:
        """All entries above a contribution through which nothing comes, each looked at once."""
        region = _Region(last)
        waiting = [region.top]
        while waiting:
            at = waiting.pop()
            if at in region.above:
                continue
            if len(region.above) >= _MOST_FOLLOWED:
                region.is_all = False
                if region.causes:
                    break
                waiting.clear()  # one path is followed to its end, however long it is
            if self._is_end(at):
                region.end(at, is_alive=self._v(at) != 0)
                continue
            found = self._paths.gathered(*at)
            read = range(len(found.steps))
            region.is_all &= len(read) <= _MOST_FOLLOWED
            hops = [self._paths.hop(found, k) for k in read[:_MOST_FOLLOWED]]
            region.grow(at, hops)
            waiting.extend((hop.edge.node, hop.j) for hop in reversed(hops))
        region.underflows = {
            hop for hop in region.hops if hop.partial != 0 and self._v((hop.edge.node, hop.j)) != 0
        }
        return region

    def _is_end(self, at: Entry) -> bool:
        """Whether the reason for an entry's value lies at this entry and not above it."""
        if self._v(at) != 0 or at[0] == self._walk.run.of:
            return True
        found = self._paths.gathered(*at)
        return not len(found.steps) or bool(np.any(found.values != 0))

    def _with_path(self, hops: tuple[Hop, ...], zero: ZeroAt) -> StoppedPath:
        """One cause with its path, from the output down."""
        top = hops[0].edge.node, hops[0].j
        if isinstance(zero, tuple):
            return StoppedPath(self._paths.path(hops), self._end_cause(zero), None)
        above = self._paths.strongest(hops[0]).hops if self._v(top) != 0 else hops[:1]
        whole = (*above, *hops[1:])
        return StoppedPath(self._paths.path(whole), self._partial_cause(zero), whole.index(zero))

    def _v(self, at: Entry) -> float:
        return float(picked(self._walk.run.cotangents[at[0]], at[1]))

    def _partial_cause(self, hop: Hop) -> Cause:
        """Why a partial is 0, or its product with v too small."""
        if hop.partial == 0:
            kind, text = zero_partial(self._timeline, hop.edge, hop.j, hop.i)
            return Cause(kind, text, hop.step)
        v = number(self._v((hop.edge.node, hop.j)))
        text = said("{product} underflows to 0", product=f"{v} · {number(hop.partial)}")
        return Cause(Kind.UNDERFLOW, text, hop.step)

    def _end_cause(self, at: Entry) -> Cause:
        """Why an entry gets nothing, where it is not for one partial."""
        if at[0] == self._walk.run.of:
            return self._seed_cause(at)
        found = self._paths.gathered(*at)
        return self._cancelled(at, found) if len(found.steps) else self._unread(at)

    def _seed_cause(self, at: Entry) -> Cause:
        text = said("the seed is 0 at {entry}", entry=entry(self._graph, *at))
        return Cause(Kind.SEED, text, self._walk.start - 1)

    def _unread(self, at: Entry) -> Cause:
        of = label(self._graph, self._walk.run.of)
        gradient = adjoint_entry(self._graph, *at)
        found = unread(self._timeline, self._number, *at)
        silent = readers_without_derivative(self._graph, at[0])
        others = read_without_derivative(self._graph, at[0], silent)
        if found is not None:
            text = said("{gradient} is 0: {reason}", gradient=gradient, reason=found.text)
        elif others:
            text = said("{gradient} is 0: nothing with a derivative that {of} depends on reads it",
                        gradient=gradient, of=of)  # fmt: skip
        else:
            text = said("{gradient} is 0: nothing that {of} depends on reads it",
                        gradient=gradient, of=of)  # fmt: skip
        step = self._timeline.built(at[0])
        return Cause(Kind.UNREAD, joined("; ", [text, *others]), step)

    def _cancelled(self, at: Entry, found: Summands) -> Cause:
        name = adjoint_entry(self._graph, *at)
        step = int(found.steps[-1])
        live = found.values[found.values != 0]
        if len(live) == 1:
            text = said("{gradient} is 0: its only contribution, {value}, was lost in rounding",
                        gradient=name, value=number(live[0]))  # fmt: skip
            return Cause(Kind.ROUNDED, text, step)
        shown = joined(", ", [*(number(x) for x in live[:4]), *["..."] * (len(live) > 4)])
        text = said("{gradient} is 0: {count} contributions cancel: {values}",
                    gradient=name, count=f"{len(live):,}", values=shown)  # fmt: skip
        return Cause(Kind.CANCELLED, text, step)


class _Region:
    """The entries above a contribution through which nothing comes, and how they hang together.

    Attributes:
        top: the entry right above the contribution.
        above: entry → the hops that lead on from it towards the output; none at an end.
        causes: what stops a path, in the order in which it was found: a hop whose partial is 0 or
            whose product is, or an entry that gets 0 for another reason.
        is_all: whether nothing was left out.
    """

    def __init__(self, last: Hop) -> None:
        self.top: Entry = (last.edge.node, last.j)
        self.above: dict[Entry, list[Hop]] = {}
        self.hops: list[Hop] = [last]
        self.underflows: set[Hop] = set()
        self.is_all = True
        self._below: dict[Entry, Hop] = {self.top: last}
        self._ends: list[Entry] = []

    def end(self, at: Entry, *, is_alive: bool) -> None:
        """Mark an entry above which nothing is followed; one that is alive stops nothing."""
        self.above[at] = []
        if not is_alive:
            self._ends.append(at)

    def grow(self, at: Entry, hops: list[Hop]) -> None:
        """The hops that lead on from an entry."""
        self.above[at] = hops
        self.hops += hops
        for hop in hops:
            self._below.setdefault((hop.edge.node, hop.j), hop)

    @property
    def causes(self) -> list[ZeroAt]:
        """The causes of the whole region; see the class."""
        return [*(hop for hop in self.hops if self._stops(hop)), *self._ends]

    def path(self, through: ZeroAt | None) -> tuple[Hop, ...]:
        """The first path, or the first through a cause: from its upper end down."""
        middle = self._below[self.top] if through is None else through
        if isinstance(middle, tuple):
            return self._down(self._below[middle])
        hops = list(self._down(middle))
        while above := self.above.get((hops[0].edge.node, hops[0].j)):
            hops.insert(0, above[0])
        return tuple(hops)

    def along(self, hops: tuple[Hop, ...]) -> list[ZeroAt]:
        """The causes along a path, from the output down."""
        top = hops[0].edge.node, hops[0].j
        ends: list[ZeroAt] = [top] if top in self._ends else []
        return [*ends, *(hop for hop in hops if self._stops(hop))]

    def _stops(self, hop: Hop) -> bool:
        return hop.partial == 0 or hop in self.underflows

    def _down(self, hop: Hop) -> tuple[Hop, ...]:
        """From a hop to the contribution."""
        hops = [hop]
        while below := self._below.get((hops[-1].edge.parent, hops[-1].i)):
            hops.append(below)
        return tuple(hops)
