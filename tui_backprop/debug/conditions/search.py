"""Finding the first step at which an expression becomes true, changes, or holds at a place.

Whole segments of the walk are ruled out by bounds, halves of the others by theirs, and at last one
step is evaluated. The step found is the one that evaluating every step would find.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.conditions.interval_ops import hull
from tui_backprop.debug.conditions.moments import MOST, is_told, moments_of
from tui_backprop.debug.conditions.questions import (
    can_be_computed,
    cannot_be_computed,
    differs,
    fails,
    holds,
    is_true,
)
from tui_backprop.debug.conditions.segment import Segment
from tui_backprop.debug.conditions.together import evaluate_together
from tui_backprop.errors import CommandError
from tui_backprop.program.formula import result_of
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.landmarks import common, moved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.conditions.expression import Expression
    from tui_backprop.debug.conditions.moments import Alike, Moments
    from tui_backprop.debug.conditions.questions import Question
    from tui_backprop.debug.stops import Stop
    from tui_backprop.progress import Resumable
    from tui_backprop.rules.types import IntArray
    from tui_backprop.timeline.frame import Section
    from tui_backprop.timeline.timeline import Timeline

    Search = Resumable[int | None]
    """Gives the step, or None."""


_EDGES_AT_ONCE: Final = 4096


_FEW_EDGES: Final = 64
"""Edges that are asked one by one where they cannot be bounded together."""
_FEW_MOMENTS: Final = 64
"""Moments that are asked together at first."""


def first(
    timeline: Timeline, question: Question, within: range, *, reverse: bool = False
) -> Search:
    """The first step that answers a question; reversed, the last.

    Yields:
        Steps that the search has come to, every few milliseconds' worth of work.
    """
    if timeline.is_forward:  # bounds are of adjoints: here every step is asked
        for k in reversed(within) if reverse else within:
            yield k
            if question.is_met(timeline[k]):
                return k
        return None
    pace = _Pace()
    for segment in _segments(timeline, within, reverse=reverse):
        found = yield from _inside(question, segment, pace, reverse=reverse)
        if found is not None:
            return found
    return None


def _segments(timeline: Timeline, within: range, *, reverse: bool) -> Iterator[Segment]:
    """The sections of a walk in order, a long one in parts."""
    sections = reversed(timeline.sections) if reverse else timeline.sections
    for section in sections:
        steps = common(section.steps, within)
        if not steps:
            continue
        if section.phase is not Phase.PARTIAL:
            yield Segment(timeline, section, steps)
            continue
        yield from _parts(timeline, section, steps, reverse=reverse)


def _parts(
    timeline: Timeline, section: Section, steps: range, *, reverse: bool
) -> Iterator[Segment]:
    """A pass, so many edges at a time."""
    walk = timeline.walk(section.pass_number)
    first_edge, last_edge = (walk.route.edge_at(k - walk.start) for k in (steps[0], steps[-1]))
    marks = range(first_edge, last_edge + 1, _EDGES_AT_ONCE)
    for mark in reversed(marks) if reverse else marks:
        last = min(mark + _EDGES_AT_ONCE, walk.route.edges)
        edges = range(walk.route.start(mark), walk.route.start(last))
        part = common(moved(edges, walk.start), steps)
        if part:
            yield Segment(timeline, section, part)


class _Pace:
    """How many moments are asked together: few at first, for the step may be near."""

    def __init__(self) -> None:
        self.most = _FEW_MOMENTS

    def quicken(self) -> None:
        """None of so many was the step: twice as many next."""
        self.most = min(2 * self.most, MOST)


def _inside(question: Question, whole: Segment, pace: _Pace, *, reverse: bool) -> Search:
    waiting = [iter((whole,))]
    is_bounded = True
    while waiting:
        segment = next(waiting[-1], None)
        if segment is None:
            waiting.pop()
            continue
        k = segment.steps[-1 if reverse else 0]
        yield k
        if len(segment.steps) == 1 or not _is_changing(question, segment):
            # The same all along: the nearest step answers for the others.
            if question.is_met(segment.timeline[k]):
                return k
            continue
        may_be = _may_be_met(question, segment) if is_bounded else None
        if may_be is False:
            continue
        is_bounded = may_be is not None
        expression = question.expression
        if expression.word or not is_told(segment, expression.references):
            is_split = is_bounded or len(segment.edges) > _FEW_EDGES
            waiting.append(_halves(segment, reverse=reverse) if is_split
                           else segment.parts(reverse=reverse))  # fmt: skip
            continue
        # Bounds that leave it open lead to the step sooner than asking an op that takes its time.
        most = pace.most if not is_bounded or expression.is_quick else _FEW_MOMENTS
        moments = moments_of(segment, expression.references, most)
        if moments is None:
            waiting.append(_halves(segment, reverse=reverse))
            continue
        found = _among(question, moments, reverse=reverse)
        if found is not None:
            return found
        pace.quicken()
    return None


def _halves(segment: Segment, *, reverse: bool) -> Iterator[Segment]:
    halves = segment.halves()
    return iter(halves[::-1] if reverse else halves)


def _among(question: Question, moments: Moments, *, reverse: bool) -> int | None:
    """The first step that answers a question; reversed, the last."""
    open_ = np.ones(len(moments.steps), dtype=bool)
    sure = np.zeros(len(moments.steps), dtype=bool)
    for alike in moments.alike(question.expression.references):
        met = _met(question, alike)
        if met is not None:
            open_[alike.chosen] = met | ~alike.is_told
            sure[alike.chosen] = alike.is_told
    candidates = np.flatnonzero(open_).tolist()
    for at in reversed(candidates) if reverse else candidates:
        k = moments.last(at) if reverse else int(moments.steps[at])
        if sure[at] or question.is_met(moments.segment.timeline[k]):
            return k
    return None


def _met(question: Question, alike: Alike) -> IntArray | None:
    """Whether a question is answered at each of some moments; None where frames have to tell."""
    expression, count = question.expression, len(alike.chosen)
    try:
        formula = expression.formula(tuple(leaf.shape for leaf in alike.leaves))
    except CommandError:
        return question.are_met(None, count)
    found = evaluate_together(formula, alike.leaves, result_of(formula), count)
    return None if found is None else question.are_met(found, count)


def _is_changing(question: Question, segment: Segment) -> bool:
    references = question.expression.references
    return any(map(segment.is_changing, references))


def _may_be_met(question: Question, segment: Segment) -> bool | None:
    """Whether bounds leave it open that some step is what is waited for; None without bounds."""
    expression = question.expression
    if expression.word:
        return None
    is_any = False
    for extents in segment.extents(expression.references):
        is_any = True
        if extents is None:
            # One edge among many may be why: it is found by halving, sooner than by asking all.
            return True if len(segment.edges) > _FEW_EDGES else None
        try:
            formula = expression.formula(tuple(extent.shape for extent in extents))
        except CommandError:
            return True
        bound = hull(formula, extents, result_of(formula))
        if bound is None or question.may_be_met(bound):
            return None if bound is None else True
    # Without v and without J there is nothing to be true; but it may be waited for just that.
    return not is_any and question.is_about_nothing


_TOGETHER: Final = 512
"""Ranges of a place that one bound may rule out at once."""


def at_once(found: int | None) -> Search:
    """A search that ends without a piece of work."""
    yield from ()
    return found


def where_it_becomes_true(
    timeline: Timeline, asked: Expression, within: range, *, reverse: bool
) -> Search:
    """Where a condition becomes true, or cannot be computed: it was not so one step before."""
    true, false = is_true(asked), fails(asked)
    found = yield from _where_it_begins(timeline, true, false, within, reverse=reverse)
    if not asked.is_varying:  # what cannot be computed at any step is not waited for
        return found
    if found is not None:
        within = range(found + 1, within.stop) if reverse else range(within.start, found)
    odd, fit = cannot_be_computed(asked), can_be_computed(asked)
    sooner = yield from _where_it_begins(timeline, odd, fit, within, reverse=reverse)
    return found if sooner is None else sooner


def _where_it_begins(
    timeline: Timeline, true: Question, false: Question, within: range, *, reverse: bool
) -> Search:
    """Where a question is answered that was not one step before.

    Args:
        timeline: the walk.
        true: the question.
        false: its opposite.
        within: where to look.
        reverse: whether the last is asked for.
    """
    if not within:
        return None
    if not reverse:
        start = within.start
        if start > 0 and true.is_met(timeline[start - 1]):
            failed = yield from first(timeline, false, within)
            if failed is None:
                return None
            start = failed
        return (yield from first(timeline, true, range(start, within.stop)))
    held = yield from first(timeline, true, within, reverse=True)
    if held is None:
        return None
    begin = timeline.steps.start
    failed = yield from first(timeline, false, range(begin, held), reverse=True)
    if failed is None and begin > 0 and true.is_met(timeline[begin - 1]):
        return None  # it held already in the iteration before
    risen = begin if failed is None else failed + 1
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
        if found is None or condition is None or holds(condition).is_met(timeline[found]):
            return found
        within = range(within.start, found) if reverse else range(found + 1, within.stop)
    return None


def _any_change(timeline: Timeline, watched: Expression, within: range, *, reverse: bool) -> Search:
    if not reverse:
        start = max(within.start, 1)
        if start >= within.stop:
            return None
        other_than = differs(watched, timeline[start - 1])
        return (yield from first(timeline, other_than, range(start, within.stop)))
    other_than = differs(watched, timeline[within.stop - 1])
    begin = timeline.steps.start
    other = yield from first(timeline, other_than, range(begin, within.stop - 1), reverse=True)
    if other is None and begin > 0 and other_than.is_met(timeline[begin - 1]):
        other = begin - 1
    changed = None if other is None else other + 1
    return changed if changed is not None and changed in within else None


def where_it_holds(
    timeline: Timeline, place: Stop, asked: Expression, within: range, *, reverse: bool
) -> Search:
    """Where a condition holds at a place."""
    question = holds(asked)
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
