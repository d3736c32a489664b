"""The three ways in which an expression says where to stop.

They stand apart from breakpoints because a breakpoint is a record: these are searches over a part
of the walk, forward or backward, each the mirror of the other.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.conditions.search import Differs, Fails, Holds, first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.conditions.expression import Expression
    from tui_backprop.debug.conditions.search import Search
    from tui_backprop.debug.stops import Stop
    from tui_backprop.timeline.timeline import Timeline

_TOGETHER: Final = 512
"""Ranges of a place that one bound may rule out at once."""


def at_once(found: int | None) -> Search:
    """A search that was over before it began."""
    yield from ()
    return found


def where_it_becomes_true(
    timeline: Timeline, asked: Expression, within: range, *, reverse: bool
) -> Search:
    """Where a condition becomes true: it holds, and did not one step before."""
    holds, fails = Holds(asked), Fails(asked)
    if not within:
        return None
    if not reverse:
        start = within.start
        if start > 0 and holds.is_met(timeline[start - 1]):
            failed = yield from first(timeline, fails, within)
            if failed is None:
                return None
            start = failed
        return (yield from first(timeline, holds, range(start, within.stop)))
    held = yield from first(timeline, holds, within, reverse=True)
    if held is None:
        return None
    failed = yield from first(timeline, fails, range(held), reverse=True)
    risen = 0 if failed is None else failed + 1
    return risen if risen in within else None


def where_it_changes(
    timeline: Timeline,
    watched: Expression,
    condition: Expression | None,
    within: range,
    *,
    reverse: bool,
) -> Search:
    """Where an expression is not what it was one step before, and a condition holds."""
    while within:
        found = yield from _any_change(timeline, watched, within, reverse=reverse)
        if found is None or condition is None or Holds(condition).is_met(timeline[found]):
            return found
        within = range(within.start, found) if reverse else range(found + 1, within.stop)
    return None


def _any_change(timeline: Timeline, watched: Expression, within: range, *, reverse: bool) -> Search:
    if not reverse:
        start = max(within.start, 1)
        if start >= within.stop:
            return None
        was = Differs(watched, watched.told(timeline[start - 1]))
        return (yield from first(timeline, was, range(start, within.stop)))
    was = Differs(watched, watched.told(timeline[within.stop - 1]))
    other = yield from first(timeline, was, range(within.stop - 1), reverse=True)
    changed = None if other is None else other + 1
    return changed if changed is not None and changed in within else None


def where_it_holds(
    timeline: Timeline, place: Stop, asked: Expression, within: range, *, reverse: bool
) -> Search:
    """Where a condition holds at a place."""
    question = Holds(asked)
    for some in _bundles(place.steps(timeline, within, reverse=reverse)):
        around = range(min(r[0] for r in some), max(r[-1] for r in some) + 1)
        found = yield from first(timeline, question, around, reverse=reverse)
        if found is None:
            continue
        if any(found in r for r in some):
            return found
        # It holds in between, where the place is not: so each step of the place is asked.
        for r in some:
            found = yield from first(timeline, question, r, reverse=reverse)
            if found is not None:
                return found
    return None


def _bundles(ranges: Iterator[range]) -> Iterator[list[range]]:
    """Short ranges, many of which one bound may rule out at once; a long one by itself."""
    while some := list(islice(ranges, _TOGETHER)):
        short: list[range] = []
        for r in some:
            if len(r) > _TOGETHER:
                if short:
                    yield short
                short = []
                yield [r]
            else:
                short.append(r)
        if short:
            yield short
