"""What an adjoint entry is at a step: its value, the passes that made it, and when it will change.

A gradient outlives its pass, any other adjoint does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass
from tui_backprop.timeline.landmarks import writes

if TYPE_CHECKING:
    from tui_backprop.timeline.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Standing:
    """An adjoint entry at a step.

    Attributes:
        node: whose adjoint.
        flat: which entry.
        cursor: the step.
        value: the entry; None where it is not computed yet.
        passes: the backward passes that may have added to it, up to the one of the step.
        zeroed_at: the step of the zero_grad before them; None where there was none.
        computed_at: where there is no value yet, the step that gives it one; None: none does.
        next_step: the step of the same pass that adds to it next; None where it is finished.
    """

    node: int
    flat: int
    cursor: int
    value: float | None
    passes: tuple[int, ...]
    zeroed_at: int | None
    computed_at: int | None
    next_step: int | None


def standing(timeline: Timeline, cursor: int, node: int, flat: int) -> Standing:
    """The status of an adjoint entry at a step."""
    value = timeline[cursor].adjoint(node).entry(flat)
    passes, zeroed_at = _counting(timeline, cursor, node)
    return Standing(
        node,
        flat,
        cursor,
        value,
        passes,
        zeroed_at,
        _computed_at(timeline, cursor, node, flat) if value is None else None,
        _next_step(timeline, cursor, node, flat),
    )


def _counting(timeline: Timeline, cursor: int, node: int) -> tuple[tuple[int, ...], int | None]:
    """The passes since the last zero_grad, and its step; of an inner node the current one."""
    number = timeline.section_at(cursor).pass_number
    found: list[int] = []
    while number >= 0 and timeline.walks[number] is not None:
        found.append(number)
        number -= 1
        if not timeline.trace.is_input(node):
            return tuple(found), None
    is_zeroed = number >= 0 and timeline.trace.is_input(node)
    return tuple(reversed(found)), zero_step(timeline, number) if is_zeroed else None


def zero_step(timeline: Timeline, pass_number: int) -> int:
    """The step of a zero_grad."""
    return next(s.start for s in timeline.sections if s.pass_number == pass_number)


def _computed_at(timeline: Timeline, cursor: int, node: int, flat: int) -> int | None:
    """The first step after the cursor at which the entry is known."""
    for number in range(max(0, timeline.section_at(cursor).pass_number), len(timeline.walks)):
        found = _computed_in(timeline, number, node, flat)
        if found is not None and found > cursor:
            return found
    return None


def _computed_in(timeline: Timeline, number: int, node: int, flat: int) -> int | None:
    """The first step of a pass at which the entry is known, nothing being known before it.

    A column that is empty is known when the walk has passed it by.
    """
    walk = timeline.walks[number]
    if walk is None:
        return zero_step(timeline, number) if timeline.trace.is_input(node) else None
    if walk.run.of == node:
        return walk.start - 1
    edges = walk.route.edges_into(node)
    if not len(edges):
        return None
    first = int(edges[0])
    position = min(walk.route.column(first, flat).start, walk.route.start(first + 1) - 1)
    return walk.start + position


def _next_step(timeline: Timeline, cursor: int, node: int, flat: int) -> int | None:
    section = timeline.section_at(cursor)
    if section.pass_number < 0:
        return None
    stop = next(
        (s.start for s in timeline.sections if s.pass_number > section.pass_number),
        timeline.length,
    )
    within = range(cursor + 1, stop)
    if not within:
        return None
    for steps in writes(timeline, node, flat, within):
        if steps.start >= stop:
            return None
        if steps.stop > cursor + 1:
            return max(steps.start, cursor + 1)
    return None
