"""Why an adjoint entry is what it is: every contribution, where it came from, and their sum."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.why.paths import Paths
from tui_backprop.debug.why.summands import summands_of
from tui_backprop.graph.jacobian import picked
from tui_backprop.timeline.landmarks import writes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.debug.why.paths import Path
    from tui_backprop.debug.why.summands import Summands
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.timeline import Timeline


class Agreement(Enum):
    """How the sum of the contributions compares with what the engine has."""

    EQUAL = "equal"
    """The same number, bit for bit."""
    ROUNDED = "rounded"
    """They differ by no more than adding in another order may make."""
    DIFFERENT = "different"
    """They differ by more than that."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """One summand of an adjoint entry.

    Attributes:
        step: where it is added.
        value: v_j · ∂y_j/∂x_i, or the entry of v that was placed.
        pass_number: in which pass.
        edge: through which edge; None for a seed.
        j: the row; −1 for a seed.
        i: the column.
        v: v_j.
        partial: ∂y_j/∂x_i.
        is_structural: whether y_j reads x_i at all; False for a structural zero.
        path: how v_j came from the output; None for a seed, and for a structural zero.
    """

    step: int
    value: float
    pass_number: int
    edge: Edge | None = None
    j: int = -1
    i: int = -1
    v: float = 0.0
    partial: float = 0.0
    is_structural: bool = True
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """Everything that made an adjoint entry, one page of it in full.

    Attributes:
        status: the entry at the cursor.
        page: which page this is, from 0.
        pages: how many there are; at least 1.
        count: contributions on all pages.
        contributions: those of this page, in the order of the walk.
        skipped: structural zeros that the walk did not visit.
        total: the sum of all contributions, added in the order of the walk.
        agreement: how that compares with the entry.
    """

    status: EntryStatus
    page: int
    pages: int
    count: int
    contributions: tuple[Contribution, ...]
    skipped: int
    total: float
    agreement: Agreement


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """What one pass has added: perhaps a seed, then its partials.

    Attributes:
        number: of the pass.
        seed: the entry of v, where the node is the output; no entry otherwise.
        seed_step: where it is placed.
        summands: the partials.
    """

    number: int
    seed: Array
    seed_step: int
    summands: Summands

    def __len__(self) -> int:
        return len(self.seed) + len(self.summands)

    @property
    def values(self) -> Array:
        """All contributions in order, but structural zeros, which change no sum."""
        return np.concatenate([self.seed, self.summands.values])

    def places(self, chosen: IntArray) -> IntArray:
        """The places of some of `values` among all that the walk visits."""
        seeds = len(self.seed)
        inside = self.summands.places(chosen[chosen >= seeds] - seeds) + seeds
        return np.concatenate([chosen[chosen < seeds], inside])


def why(
    timeline: Timeline, cursor: int, node: int, flat: int, page: int = 0, size: int = 20
) -> Why:
    """Every contribution to an adjoint entry as of a step.

    Args:
        timeline: the walk.
        cursor: the step.
        node: whose adjoint.
        flat: which entry.
        page: which page of the contributions, from 0; beyond the last, the last.
        size: how many contributions a page has, at least 1.
    """
    found = entry_status(timeline, cursor, node, flat)
    passes = gather(timeline, found)
    count = sum(len(p) for p in passes)
    shown, pages = page_of(count, page, size)
    values = np.concatenate([np.zeros(0, timeline.trace.graph.dtype), *(p.values for p in passes)])
    total = in_order(values)
    return Why(
        status=found,
        page=shown,
        pages=pages,
        count=count,
        contributions=tuple(_listed(timeline, passes, range(shown * size, (shown + 1) * size))),
        skipped=sum(p.summands.skipped for p in passes),
        total=total,
        agreement=_agreement(found.value, total, values),
    )


def page_of(count: int, page: int, size: int) -> tuple[int, int]:
    """The page that is there, of those asked for and the last, and how many there are."""
    pages = max(1, -(-count // size))
    return min(max(page, 0), pages - 1), pages


def gather(timeline: Timeline, found: EntryStatus) -> list[Pass]:
    """What each pass that counts has added to the entry, up to the cursor."""
    passes = []
    for number in found.passes:
        walk = timeline.walk(number)
        is_output = walk.run.of == found.node
        places: IntArray = np.array([found.flat] if is_output else [], dtype=np.intp)
        seed = picked(walk.run.seed, places) if is_output else np.zeros(0, walk.run.seed.dtype)
        added = summands_of(timeline, number, found.node, found.flat, found.cursor)
        passes.append(Pass(number, seed, walk.start - 1, added))
    return passes


def in_order(values: Array) -> float:
    """The sum, one summand after the other, as the walk adds them."""
    with np.errstate(all="ignore"):
        return float(np.cumsum(values)[-1]) if len(values) else 0.0


def _listed(timeline: Timeline, passes: Sequence[Pass], wanted: range) -> list[Contribution]:
    """The contributions at some places of the whole list."""
    found: list[Contribution] = []
    first = 0
    for one in passes:
        here = range(max(wanted.start, first) - first, min(wanted.stop - first, len(one)))
        if here:
            paths = Paths(timeline, one.number)
            found.extend(contribution(one, nth, paths) for nth in here)
        first += len(one)
    return found


def contribution(one: Pass, nth: int, paths: Paths) -> Contribution:
    """The nth contribution of a pass, with its strongest path."""
    if nth < len(one.seed):
        return Contribution(one.seed_step, float(one.seed[nth]), one.number)
    added, at = one.summands, nth - len(one.seed)
    k, found = added.inside(at), added.summand(at)
    return Contribution(
        step=found.step,
        value=found.value,
        pass_number=one.number,
        edge=added.walk.route.edge(found.number),
        j=found.j,
        i=added.flat,
        v=found.v,
        partial=found.partial,
        is_structural=found.inside,
        path=None if k is None else paths.strongest(paths.hop(added, k)),
    )


def _agreement(value: float | None, total: float, values: Array) -> Agreement:
    if value is None or total == value or (np.isnan(total) and np.isnan(value)):
        return Agreement.EQUAL
    if not (np.isfinite(total) and np.isfinite(value)):
        return Agreement.DIFFERENT
    # Each of n roundings is at most half a unit of a partial sum, and no partial sum is larger
    # than the sum of sizes; the engine rounds its own products and sums as often.
    with np.errstate(all="ignore"):
        room = 2 * len(values) * np.finfo(values.dtype).eps * float(np.abs(values).sum())
        return Agreement.ROUNDED if abs(total - value) <= room else Agreement.DIFFERENT


@dataclass(frozen=True, slots=True)
class EntryStatus:
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


def entry_status(timeline: Timeline, cursor: int, node: int, flat: int) -> EntryStatus:
    """What an adjoint entry is at a step."""
    value = timeline[cursor].adjoint(node).entry(flat)
    passes, zeroed_at = _counting(timeline, cursor, node)
    return EntryStatus(
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
        timeline.steps.stop,
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
