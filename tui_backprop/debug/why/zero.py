"""Why an adjoint entry is zero: for each contribution that is 0, the factor that stopped its path.

A sum may be 0 in four ways: nothing comes, all that comes is 0, what comes cancels, or it was set
to 0.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.why.contributions import (
    Contribution,
    contribution,
    entry_status,
    gather,
    page_of,
)
from tui_backprop.debug.why.first_zero import MOST_CAUSES, Causes, StoppedPath, ZeroFactors
from tui_backprop.debug.why.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.debug.why.contributions import EntryStatus, Pass
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.timeline import Timeline


class Verdict(Enum):
    """How an entry comes to be zero, or not."""

    UNKNOWN = "not computed yet"
    NOTHING = "no contribution"
    ALL_ZERO = "every contribution is 0"
    CANCELLED = "contributions that are not 0 cancel"
    NOT_ZERO = "not 0"


@dataclass(frozen=True, slots=True)
class Explained:
    """A contribution that is 0, or nearly 0, and why.

    Attributes:
        contribution: what it is.
        causes: the paths and what stops each; None for a seed that is 0, and for a structural zero.
    """

    contribution: Contribution
    causes: Causes | None

    @property
    def stopped(self) -> StoppedPath | None:
        """The first cause, from the output down."""
        return None if self.causes is None else self.causes.paths[0][0]


@dataclass(frozen=True, slots=True)
class WhyZero:
    """The explanation of an entry that is zero, one page of it in full.

    Attributes:
        status: the entry at the cursor.
        verdict: how it comes to be zero.
        page: which page this is, from 0.
        pages: how many there are; at least 1.
        count: all contributions.
        zeros: how many of them are 0.
        skipped: structural zeros that the walk did not visit.
        nothings: the contributions of this page that are 0.
        extremes: of those that are not 0 the largest and the smallest, where they cancel.
        faint: others, not 0, that a saturated op left almost nothing of; a page of them at most.
        undefined: those that are NaN because a v of 0 met a partial that is not finite, and why v
            is 0; a page of them at most.
    """

    status: EntryStatus
    verdict: Verdict
    page: int
    pages: int
    count: int
    zeros: int
    skipped: int
    explained: tuple[Explained, ...]
    extremes: tuple[Contribution, ...]
    faint: tuple[Explained, ...]
    undefined: tuple[Explained, ...]


def why_zero(
    timeline: Timeline, cursor: int, node: int, flat: int, page: int = 0, size: int = 20
) -> WhyZero:
    """What made an adjoint entry, or some of its contributions, zero.

    Args:
        timeline: the walk.
        cursor: the step.
        node: whose adjoint.
        flat: which entry.
        page: which page of the contributions that are 0, from 0; beyond the last, the last.
        size: how many a page has, at least 1.
    """
    found = entry_status(timeline, cursor, node, flat)
    passes = gather(timeline, found)
    places, values = _living(passes)
    count = sum(map(len, passes))
    zeros = count - len(places)
    shown, pages = page_of(zeros, page, size)
    answers = _Answers(timeline, passes)
    verdict = _verdict(found, count, len(places))
    wanted = range(shown * size, min((shown + 1) * size, zeros))
    ends = [np.argmax(values), np.argmin(values)] if verdict is Verdict.CANCELLED else []
    largest = int(places[np.argmax(np.abs(values))]) if len(values) else -1
    return WhyZero(
        status=found,
        verdict=verdict,
        page=shown,
        pages=pages,
        count=count,
        zeros=zeros,
        skipped=sum(p.summands.skipped for p in passes),
        explained=tuple(map(answers.nothing, _between(places, wanted))),
        extremes=tuple(map(answers.contribution, sorted({int(places[k]) for k in ends}))),
        faint=tuple(answers.faint(places[:size].tolist(), largest)),
        undefined=tuple(answers.undefined(places[np.isnan(values)][:size].tolist())),
    )


def _living(passes: Sequence[Pass]) -> tuple[IntArray, Array]:
    """The places of the contributions that are not 0 among all, ascending, and their values."""
    count = 0
    places: list[IntArray] = [np.zeros(0, dtype=np.intp)]
    values: list[Array] = [np.zeros(0)]
    for one in passes:
        own = one.values
        chosen = np.flatnonzero(own != 0)
        places.append(one.places(chosen) + count)
        values.append(own[chosen])
        count += len(one)
    return np.concatenate(places), np.concatenate(values)


def _between(live: IntArray, wanted: range) -> list[int]:
    """The places of some that are 0, by how many of those there are before them."""
    ranks = np.asarray(wanted, dtype=np.intp)
    before = (live - np.arange(len(live))).searchsorted(ranks, "right")
    return list(map(int, ranks + before))


def _verdict(found: EntryStatus, count: int, live: int) -> Verdict:
    if found.value is None:
        return Verdict.UNKNOWN
    if found.value != 0:
        return Verdict.NOT_ZERO
    if live:
        return Verdict.CANCELLED
    return Verdict.ALL_ZERO if count else Verdict.NOTHING


class _Answers:
    """Looks contributions up by their place in the whole list."""

    def __init__(self, timeline: Timeline, passes: Sequence[Pass]) -> None:
        self._timeline = timeline
        self._passes = passes
        self._starts = np.cumsum([0, *(len(p) for p in passes)])
        self._paths = [Paths(timeline, p.number) for p in passes]

    def contribution(self, at: int) -> Contribution:
        """One contribution with its strongest path."""
        which, nth = self._find(at)
        return contribution(self._passes[which], nth, self._paths[which])

    def nothing(self, at: int) -> Explained:
        """A contribution that is 0."""
        found = self.contribution(at)
        which, _ = self._find(at)
        if found.path is None:
            return Explained(found, None)
        return Explained(found, self._factors(which).causes(found.path.hops[-1]))

    def faint(self, places: Sequence[int], largest: int) -> Iterator[Explained]:
        """Contributions that are next to nothing; the largest also where many factors are."""
        for at in places:
            found = self.contribution(at)
            which, _ = self._find(at)
            if found.path is None:
                continue
            factors, last = self._factors(which), found.path.hops[-1]
            stopped = factors.faded(last)
            if not stopped and at == largest:
                stopped = factors.dwindled(last, found.value)
            if stopped:
                first, left = stopped[:MOST_CAUSES], len(stopped[MOST_CAUSES:])
                yield Explained(found, Causes((first,), left, is_all=True))

    def undefined(self, places: Sequence[int]) -> Iterator[Explained]:
        """Those of some contributions that are 0 times an infinity or NaN."""
        for at in places:
            found = self.contribution(at)
            if found.path is not None and found.v == 0 and not np.isfinite(found.partial):
                yield self.nothing(at)

    def _factors(self, which: int) -> ZeroFactors:
        return ZeroFactors(self._timeline, self._passes[which].number, self._paths[which])

    def _find(self, at: int) -> tuple[int, int]:
        which = int(np.searchsorted(self._starts, at, side="right")) - 1
        return which, at - int(self._starts[which])
