"""Where ``continue`` stops: breakpoints on nodes, watches on adjoints.

It stands apart from the session because a stop is arithmetic over the timeline: the next one is
found, not walked to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tui_backprop.debug.landmarks import arrivals, writes

if TYPE_CHECKING:
    from tui_backprop.debug.timeline import Timeline


class Stop(Protocol):
    """Something that ``continue`` stops at."""

    @property
    def label(self) -> str:
        """How it was asked for, such as ``break Y``."""

    def steps(self, timeline: Timeline) -> list[range]:
        """The steps it stops at, as ascending ranges."""


@dataclass(frozen=True, slots=True)
class NodeStop:
    """Stops when the walk arrives at a node: built, seeded, or about to be pulled through."""

    node: int
    label: str

    def steps(self, timeline: Timeline) -> list[range]:
        """One step per arrival."""
        return [range(k, k + 1) for k in arrivals(timeline, self.node)]


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

    def steps(self, timeline: Timeline) -> list[range]:
        """Every contribution."""
        return writes(timeline, self.node, self.flat)


@dataclass(frozen=True, slots=True)
class StepStop:
    """Stops at one step."""

    k: int
    label: str

    def steps(self, _timeline: Timeline) -> list[range]:
        """The step itself."""
        return [range(self.k, self.k + 1)]


@dataclass(frozen=True, slots=True)
class Hit:
    """A stop that was reached."""

    k: int
    stop: Stop


def next_hit(timeline: Timeline, stops: tuple[Stop, ...], k: int) -> Hit | None:
    """The first stop after step ``k``."""
    hits = [
        Hit(max(r.start, k + 1), stop)
        for stop in stops
        for r in stop.steps(timeline)
        if r.stop > k + 1
    ]
    return min(hits, key=lambda hit: hit.k, default=None)


def previous_hit(timeline: Timeline, stops: tuple[Stop, ...], k: int) -> Hit | None:
    """The last stop before step ``k``."""
    hits = [
        Hit(min(r.stop - 1, k - 1), stop)
        for stop in stops
        for r in stop.steps(timeline)
        if r.start < k
    ]
    return max(hits, key=lambda hit: hit.k, default=None)
