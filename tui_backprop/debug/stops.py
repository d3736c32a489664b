"""Where ``continue`` stops: breakpoints on nodes, watches on adjoints.

It stands apart from the session because a stop is arithmetic over the timeline: the next one is
found, not walked to.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Protocol

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.landmarks import arrivals, writes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_backprop.debug.timeline import Timeline


class Stop(Protocol):
    """Something that ``continue`` stops at."""

    @property
    def label(self) -> str:
        """How it was asked for, such as ``break Y``."""

    def steps(
        self, timeline: Timeline, within: range | None = None, *, reverse: bool = False
    ) -> Iterator[range]:
        """The steps it stops at inside ``within``, as ranges in order; reversed, last first."""


@dataclass(frozen=True, slots=True)
class NodeStop:
    """Stops when the walk arrives at a node: built, seeded, or about to be pulled through."""

    node: int
    label: str

    def steps(
        self, timeline: Timeline, within: range | None = None, *, reverse: bool = False
    ) -> Iterator[range]:
        """One step per arrival."""
        found = arrivals(timeline, self.node)
        single = [range(k, k + 1) for k in (reversed(found) if reverse else found)]
        return _cut(single, _bounds(timeline, within))


@dataclass(frozen=True, slots=True)
class WriteStop:
    """Stops at each step that writes a node's adjoint, or one entry of it.

    Attributes:
        node: whose adjoint.
        flat: which entry; None for any.
        label: how it was asked for.
    """

    node: int
    flat: int | None
    label: str

    def steps(
        self, timeline: Timeline, within: range | None = None, *, reverse: bool = False
    ) -> Iterator[range]:
        """Every contribution."""
        bounds = _bounds(timeline, within)
        return _cut(writes(timeline, self.node, self.flat, bounds, reverse=reverse), bounds)


@dataclass(frozen=True, slots=True)
class StepStop:
    """Stops at one step."""

    k: int
    label: str

    def steps(
        self, timeline: Timeline, within: range | None = None, *, reverse: bool = False
    ) -> Iterator[range]:
        """The step itself."""
        del reverse  # one step reads the same both ways
        return _cut([range(self.k, self.k + 1)], _bounds(timeline, within))


@dataclass(frozen=True, slots=True)
class Hit:
    """A stop that was reached."""

    k: int
    stop: Stop


def next_hit(timeline: Timeline, stops: tuple[Stop, ...], k: int) -> Hit | None:
    """The first stop after step ``k``."""
    within = range(k + 1, timeline.length)
    hits = [Hit(r.start, stop) for stop in stops for r in islice(stop.steps(timeline, within), 1)]
    return min(hits, key=lambda hit: hit.k, default=None)


def previous_hit(timeline: Timeline, stops: tuple[Stop, ...], k: int) -> Hit | None:
    """The last stop before step ``k``."""
    within = range(k)
    hits = [
        Hit(r.stop - 1, stop)
        for stop in stops
        for r in islice(stop.steps(timeline, within, reverse=True), 1)
    ]
    return max(hits, key=lambda hit: hit.k, default=None)


def _bounds(timeline: Timeline, within: range | None) -> range:
    return range(timeline.length) if within is None else within


def _cut(ranges: Iterable[range], within: range) -> Iterator[range]:
    """What of some ranges lies inside another."""
    for r in ranges:
        part = range(max(r.start, within.start), min(r.stop, within.stop))
        if part:
            yield part
