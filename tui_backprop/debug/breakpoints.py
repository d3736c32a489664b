"""Breakpoints and watchpoints: where, when and how often they stop, and the next stop of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.debug import format as shown
from tui_backprop.debug.conditions.search import (
    at_once,
    where_it_becomes_true,
    where_it_changes,
    where_it_holds,
)
from tui_backprop.debug.stops import first_step
from tui_backprop.errors import CommandError
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.conditions.expression import Expression
    from tui_backprop.debug.conditions.search import Search
    from tui_backprop.debug.stops import Stop
    from tui_backprop.progress import Resumable
    from tui_backprop.timeline.timeline import Frame, Timeline


@dataclass(frozen=True, slots=True, eq=False)
class Breakpoint:
    """Something that ``continue`` stops at.

    With a place it stops at the steps of that place, where the condition holds if there is one.
    With a condition alone it stops where that *becomes* true. A watchpoint stops where its
    expression changes.

    Attributes:
        number: how it is named, from 1, never given twice; 0 where it is for one move only.
        text: how it was asked for.
        place: where; None for anywhere.
        condition: when; None for always.
        watched: what is watched; None for a breakpoint.
        is_enabled: whether it is looked at.
        is_temporary: whether it goes away when it has stopped.
        ignore: how many more times it is passed by.
        hits: how often ``continue`` came to it, those that were passed by included.
    """

    number: int
    text: str
    place: Stop | None = None
    condition: Expression | None = None
    watched: Expression | None = None
    is_enabled: bool = True
    is_temporary: bool = False
    ignore: int = 0
    hits: int = 0

    @property
    def kind(self) -> Literal["breakpoint", "watchpoint"]:
        """Its kind in words: a watchpoint watches an expression."""
        return "breakpoint" if self.watched is None else "watchpoint"

    @property
    def label(self) -> str:
        """``breakpoint 2: Y if any(isnan(v))``, or where a single move ends."""
        if self.watched is not None:
            return said("watchpoint {number}: {place}", number=self.number, place=self.text)
        if not self.number:
            return said("until {condition}", condition=self.text)
        return said("breakpoint {number}: {place}", number=self.number, place=self.text)

    def at_step(self, k: int) -> Breakpoint:
        """The same at another step, where its event has another number now."""
        if self.place is None or self.place.step in {None, k}:
            return self
        text = self.text.replace(f"step {self.place.step}", f"step {k}", 1)
        return replace(self, text=text, place=replace(self.place, step=k))

    def search(self, timeline: Timeline, within: range, *, reverse: bool) -> Search:
        """The first step inside ``within`` at which it stops; reversed, the last.

        Yields:
            Steps that the search has come to.
        """
        for one, steps in timeline.parts(within, reverse=reverse):
            if one is not timeline:
                yield steps[-1 if reverse else 0]
            found = yield from self._search(one, steps, reverse=reverse)
            if found is not None:
                return found
        return None

    def _search(self, timeline: Timeline, within: range, *, reverse: bool) -> Search:
        """The same inside of one iteration of a training."""
        if self.watched is not None:
            return where_it_changes(timeline, self.watched, self.condition, within, reverse=reverse)
        if self.place is None:
            return where_it_becomes_true(timeline, self._asked, within, reverse=reverse)
        if self.condition is None:
            return at_once(first_step(self.place, timeline, within, reverse=reverse))
        return where_it_holds(timeline, self.place, self.condition, within, reverse=reverse)

    def complaint(self, frame: Frame) -> str:
        """Why its condition cannot be computed at a step; empty where it can."""
        try:
            if self.condition is not None:
                self.condition.holds(frame)
        except CommandError as error:
            return str(error)
        return ""

    @property
    def _asked(self) -> Expression:
        if self.condition is None:
            raise AssertionError("a breakpoint has a place, a condition or both")
        return self.condition


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where ``continue`` arrives, and why.

    Attributes:
        k: the step; None where nothing stops it.
        stopped: numbers of those that stop there.
        passed: number → how often it was passed by on the way.
    """

    k: int | None
    stopped: tuple[int, ...]
    passed: dict[int, int]


def travel(
    timeline: Timeline, breakpoints: Sequence[Breakpoint], k: int, limit: int, *, reverse: bool
) -> Resumable[Arrival]:
    """Find the next stop of any of some breakpoints.

    Args:
        timeline: the walk.
        breakpoints: in any order.
        k: where the move begins; it does not stop there.
        limit: the last step that it may stop at.
        reverse: whether it goes backward.

    Yields:
        Steps that the search has come to.
    """
    best: int | None = None
    found: dict[int, int] = {}
    passed: dict[int, list[int]] = {}
    for breakpoint_ in breakpoints:
        if not breakpoint_.is_enabled:
            continue
        steps = yield from _stops_of(timeline, breakpoint_, k, limit, reverse=reverse)
        passed[breakpoint_.number] = steps[: breakpoint_.ignore]
        if len(steps) > breakpoint_.ignore:
            limit = best = found[breakpoint_.number] = steps[-1]
    stopped = tuple(number for number, step in found.items() if step == best)
    counts = {n: sum(_is_before(s, best, reverse=reverse) for s in steps)
              for n, steps in passed.items()}  # fmt: skip
    return Arrival(best, stopped, counts)


def _is_before(step: int, best: int | None, *, reverse: bool) -> bool:
    return best is None or (step >= best if reverse else step <= best)


def _stops_of(
    timeline: Timeline, breakpoint_: Breakpoint, k: int, limit: int, *, reverse: bool
) -> Resumable[list[int]]:
    """The steps of one breakpoint up to the first that is not passed by."""
    steps: list[int] = []
    while len(steps) <= breakpoint_.ignore:
        within = range(limit, k) if reverse else range(k + 1, limit + 1)
        step = yield from breakpoint_.search(timeline, within, reverse=reverse)
        if step is None:
            break
        steps.append(step)
        k = step
    return steps


def counted(breakpoint_: Breakpoint, arrival: Arrival) -> Breakpoint | None:
    """A breakpoint with its counts after a walk; None where it was temporary and has stopped."""
    is_stop = breakpoint_.number in arrival.stopped
    passed = arrival.passed.get(breakpoint_.number, 0)
    if is_stop and breakpoint_.is_temporary:
        return None
    return replace(
        breakpoint_,
        ignore=breakpoint_.ignore - passed,
        hits=breakpoint_.hits + passed + is_stop,
    )


def reason_of(stopped: Sequence[Breakpoint], timeline: Timeline, frame: Frame) -> str:
    """Why a walk stopped at a frame: each breakpoint, and a watchpoint's value before and after."""
    return joined("; ", [_one(b, timeline, frame) for b in stopped])


def _one(breakpoint_: Breakpoint, timeline: Timeline, frame: Frame) -> str:
    complaint = breakpoint_.complaint(frame)
    if complaint:
        return said("{breakpoint}: {said}", breakpoint=breakpoint_.label, said=complaint)
    watched = breakpoint_.watched
    if watched is None:
        return breakpoint_.label
    before = shown.sample(watched.displayed(timeline[frame.k - 1])) if frame.k else shown.UNKNOWN
    now = shown.sample(watched.displayed(frame))
    return said("{breakpoint}: {before} → {now}", breakpoint=breakpoint_.label,
                before=before, now=now)  # fmt: skip
