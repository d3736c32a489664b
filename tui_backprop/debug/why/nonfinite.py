"""Where a NaN or an infinity first appeared, forward or backward, in the order of the walk.

Whole arrays are looked at, and single entries only in the op or edge that is to blame.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.debug.why.nonfinite_backward import (
    EdgeSearch,
    Manner,
    NonfiniteMasks,
)
from tui_backprop.debug.why.operands import reads
from tui_backprop.debug.why.paths import Paths
from tui_backprop.graph.jacobian import coordinates, picked
from tui_backprop.rules.shapes import take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.why.summands import Summands
    from tui_backprop.debug.why.trails import Entry
    from tui_backprop.graph.model import Edge
    from tui_backprop.rules.types import IntArray
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Timeline


What: TypeAlias = Literal["nan", "inf"]


@dataclass(frozen=True, slots=True)
class Origin:
    """A step at which a number became NaN or infinite out of finite ones.

    Attributes:
        what: which of the two.
        manner: how.
        step: where on the timeline.
        node: built, seeded or pulled back through.
        j: the entry of it; −1 where a column without a partial became so.
        edge: being pulled back; None in other phases.
        i: the entry of the parent; −1 in other phases.
        pass_number: which pass; −1 while building.
    """

    what: What
    manner: Manner
    step: int
    node: int
    j: int
    edge: Edge | None = None
    i: int = -1
    pass_number: int = -1


def origin(timeline: Timeline, what: What, ignored: frozenset[int] = frozenset()) -> Origin | None:
    """The first step at which a NaN, or an infinity, appeared where nothing read was one.

    A NaN may come out of infinities: `origin` of "inf" says where those came from.

    Args:
        timeline: the walk.
        what: "nan", or "inf" for either sign.
        ignored: nodes at which it is intended: what appears when they are built, seeded or pulled
            back through is passed by.
    """
    return next(origins(timeline, what, ignored), None)


def origins(
    timeline: Timeline, what: What, ignored: frozenset[int] = frozenset()
) -> Iterator[Origin]:
    """All steps at which one appeared, in order."""
    masks = NonfiniteMasks(timeline.trace, np.isnan if what == "nan" else np.isinf)
    yield from _forward(timeline, what, ignored, masks)
    yield from _backward(timeline, what, ignored, masks)


def backward_origins(
    timeline: Timeline, what: What, ignored: frozenset[int] = frozenset()
) -> Iterator[Origin]:
    """The origins in the backward passes."""
    masks = NonfiniteMasks(timeline.trace, np.isnan if what == "nan" else np.isinf)
    yield from _backward(timeline, what, ignored, masks)


def _backward(
    timeline: Timeline, what: What, ignored: frozenset[int], masks: NonfiniteMasks
) -> Iterator[Origin]:
    for number, walk in enumerate(timeline.walks):
        if walk is None:
            continue
        if walk.run.of not in ignored:
            yield from _seed(walk, number, what, masks)
        for edge_number in _suspects(walk):
            edge = walk.route.edge(edge_number)
            if edge.node in ignored:
                continue
            for i, j, manner, k in EdgeSearch(timeline, walk, edge_number, masks).events():
                yield Origin(what, manner, k, edge.node, j, edge, i, number)


def _forward(
    timeline: Timeline, what: What, ignored: frozenset[int], masks: NonfiniteMasks
) -> Iterator[Origin]:
    for node in masks.nodes:
        if node in ignored:
            continue
        bad = np.flatnonzero(masks.mask(node))
        is_leaf = timeline.nodes[node].rule is None
        fresh = bad if is_leaf else bad[~masks.is_fed(node, bad)]
        if len(fresh):
            manner = Manner.LEAF if is_leaf else Manner.VALUE
            yield Origin(what, manner, timeline.built(node), node, int(fresh[0]))


def _seed(walk: PassWalk, number: int, what: What, masks: NonfiniteMasks) -> Iterator[Origin]:
    """A seed that is bad, or makes an earlier gradient bad."""
    run = walk.run
    came = masks.test(run.seed)
    initial = run.initial.get(run.of)
    if run.cotangents.is_finite(run.of) and not came.any():
        return
    became = masks.test(run.cotangents[run.of])
    fresh = came | became if initial is None else came | (became & ~masks.test(initial))
    for j in np.flatnonzero(fresh)[:1].tolist():
        yield Origin(what, Manner.SEED, walk.start - 1, run.of, j, pass_number=number)


def _suspects(walk: PassWalk) -> Iterator[int]:
    """The edges into nodes whose adjoint did not stay finite, in walking order.

    Whatever is NaN or infinite on the way is so, or NaN, in the sum.
    """
    route = walk.route
    numbers = [
        route.edges_into(node)
        for node in walk.run.cotangents
        if not walk.run.cotangents.is_finite(node)
    ]
    if numbers:
        yield from np.sort(np.concatenate(numbers)).tolist()


_MOST: Final = 2
"""Infinities that are told: of inf − inf both."""

_MOST_FOLLOWED: Final = 1000
"""Entries that are followed back from the outputs."""

_MOST_ENTRIES: Final = 200_000
"""Entries of a node that are looked through for an infinite one."""


def sources(timeline: Timeline, found: Origin) -> list[Origin]:
    """The first infinities behind a number; none where it was made of finite ones."""
    first: dict[tuple[Manner, int], Origin] = {}
    for source in _behind(timeline, found):
        first.setdefault((source.manner, source.node), source)
        if len(first) == _MOST:
            break
    return [one for one in first.values() if (one.step, one.manner) != (found.step, found.manner)]


def elsewhere(timeline: Timeline, found: Origin) -> Origin | None:
    """What made an output NaN, or infinite, where that is not what appeared first of all.

    None where it is, or where no output is so, or where too much would have to be followed.
    """
    test = np.isnan if found.what == "nan" else np.isinf
    outputs = {walk.run.of for walk in timeline.walks if walk is not None}
    waiting = [
        (of, flat) for of in sorted(outputs) if timeline.trace.is_known(of)
        for flat in np.flatnonzero(test(timeline.trace.value(of)))[:_MOST_FOLLOWED].tolist()
    ]  # fmt: skip
    seen = set(waiting)
    first: Origin | None = None
    while waiting:
        entry = waiting.pop()
        above = list(islice(_infinite_reads(timeline, entry, found.what), _MOST_FOLLOWED))
        waiting.extend(one for one in above if one not in seen)
        seen.update(above)
        if entry[0] == found.node or len(seen) > _MOST_FOLLOWED:
            return None
        if not above and (first is None or entry[0] < first.node):
            first = _of_value(timeline, entry, found.what)
    return first


def _behind(timeline: Timeline, found: Origin) -> Iterator[Origin]:
    if found.edge is None:
        for entry in _infinite_reads(timeline, (found.node, found.j)):
            yield _of_value(timeline, entry)
        return
    follow = _Followed(timeline, found.pass_number)
    if found.manner is Manner.WHOLE:
        yield from follow.whole(found)
        return
    if found.manner is Manner.SUM:
        yield from follow.before(found)
    shown = timeline[found.step].partial
    if shown is None:
        return
    if found.manner is not Manner.PARTIAL and np.isinf(shown.v):
        yield from follow.adjoint((found.node, found.j))
    if found.manner is Manner.PARTIAL or not np.isfinite(shown.value):
        yield from _of_slope(timeline, found.edge, found.j)
    if found.manner is Manner.SUM and np.isinf(shown.contribution) and np.isfinite(shown.v):
        # At the same step, by another of its computations.
        manner = Manner.PARTIAL if np.isinf(shown.value) else Manner.PRODUCT
        yield replace(found, what="inf", manner=manner)


def _of_slope(timeline: Timeline, edge: Edge, j: int) -> Iterator[Origin]:
    """The infinities that a slope was computed from: of the operands, or of the value."""
    fed = list(_infinite_reads(timeline, (edge.node, j)))
    if not fed and _is_by_value(timeline, edge, j):
        fed = [(edge.node, j)]
    for entry in fed:
        yield _of_value(timeline, entry)


def _is_by_value(timeline: Timeline, edge: Edge, j: int) -> bool:
    """Whether a slope is infinite because the value is, as that of exp: it is not beside another.

    The row is asked for the partial of an elementwise op once more, with a value of 1.
    """
    trace, node = timeline.trace, timeline.nodes[edge.node]
    if node.rule is None or not node.rule.elementwise or not trace.is_known(node.id):
        return False
    y = trace.value(node.id)
    if not np.isinf(picked(y, j)):
        return False
    at = coordinates(j, node.shape)
    operands = tuple(np.asarray(take(trace.value(p), at)) for p in node.parents)
    with np.errstate(all="ignore"):
        slope = node.rule.derivative(edge.argument).entries(
            np, (), (), np.ones((), y.dtype), operands, node.params
        )
    return bool(np.isfinite(slope).all())


def _infinite_reads(timeline: Timeline, at: Entry, what: What = "inf") -> Iterator[Entry]:
    """The infinite entries, or those that are NaN, that a value is computed from."""
    trace = timeline.trace
    test = np.isnan if what == "nan" else np.isinf
    for parent, places in _taken(timeline, at):
        if len(places) <= _MOST_ENTRIES:
            bad = places[test(picked(trace.value(parent), places))]
            yield from ((parent, flat) for flat in bad.tolist())


def _taken(timeline: Timeline, at: Entry) -> Iterator[tuple[int, IntArray]]:
    """The operands of a value, without the branch that `where` does not take."""
    node, found = timeline.nodes[at[0]], list(reads(timeline.trace, *at))
    if node.op == "where" and len(found) == 3:  # of somebody else's the condition is not known
        (condition, place), *branches = found
        holds = bool(picked(timeline.trace.value(condition), place)[0])
        found = branches[:1] if holds else branches[1:]
    yield from found


def _of_value(timeline: Timeline, entry: Entry, what: What = "inf") -> Origin:
    """The first entry of all that made an entry infinite, or NaN."""
    while True:
        above = next(_infinite_reads(timeline, entry, what), None)
        if above is None:
            node, flat = entry
            is_leaf = timeline.nodes[node].rule is None
            manner = Manner.LEAF if is_leaf else Manner.VALUE
            return Origin(what, manner, timeline.built(node), node, flat)
        entry = above


class _Followed:
    """Adjoint entries of one pass, followed towards the seed."""

    def __init__(self, timeline: Timeline, pass_number: int) -> None:
        self._timeline = timeline
        self._number = pass_number
        self._walk = timeline.walk(pass_number)
        self._paths = Paths(timeline, pass_number)

    def adjoint(self, entry: Entry) -> Iterator[Origin]:
        """What first made an adjoint entry infinite."""
        while True:
            if self._is_seeded(entry):
                yield Origin("inf", Manner.SEED, self._walk.start - 1, *entry,
                             pass_number=self._number)  # fmt: skip
                return
            found = self._paths.gathered(*entry)
            infinite = np.flatnonzero(np.isinf(found.values))
            if not len(infinite):
                yield from self._summed(found)
                return
            nth = int(infinite[0])
            if not np.isinf(found.v[nth]):
                yield from self._made(found, nth)
                return
            entry = found.edge(nth).node, int(found.rows[nth])

    def before(self, found: Origin) -> Iterator[Origin]:
        """What had made a sum infinite before a step added to it."""
        if found.edge is None:
            return
        added = self._paths.gathered(found.edge.parent, found.i)
        earlier = np.flatnonzero(np.isinf(added.values) & (added.steps < found.step))
        if len(earlier):
            nth = int(earlier[0])
            if np.isinf(added.v[nth]):
                yield from self.adjoint((added.edge(nth).node, int(added.rows[nth])))
            else:
                yield from self._made(added, nth)

    def whole(self, found: Origin) -> Iterator[Origin]:
        """The infinities that an edge is pulled back with as a whole."""
        if found.edge is None:
            return
        v = self._walk.run.cotangents[found.edge.node]
        for flat in np.flatnonzero(np.isinf(v).ravel())[:_MOST].tolist():
            yield from self.adjoint((found.edge.node, flat))
        for node in (*self._timeline.nodes[found.edge.node].parents, found.edge.node):
            if not self._timeline.trace.is_known(node):
                continue
            for flat in np.flatnonzero(np.isinf(self._timeline.trace.value(node)))[:1].tolist():
                yield _of_value(self._timeline, (node, flat))

    def _is_seeded(self, entry: Entry) -> bool:
        run = self._walk.run
        return entry[0] == run.of and bool(np.isinf(picked(run.seed, entry[1])))

    def _made(self, found: Summands, nth: int) -> Iterator[Origin]:
        """A contribution that is infinite though its v is not."""
        edge, j = found.edge(nth), int(found.rows[nth])
        is_slope = bool(np.isinf(found.partials[nth]))
        if is_slope:
            fed = list(_of_slope(self._timeline, edge, j))
            if fed:
                yield fed[0]
                return
        manner = Manner.PARTIAL if is_slope else Manner.PRODUCT
        yield Origin("inf", manner, int(found.steps[nth]), edge.node, j, edge, found.flat,
                     self._number)  # fmt: skip

    def _summed(self, found: Summands) -> Iterator[Origin]:
        """A sum that overflowed though none of its summands did."""
        with np.errstate(all="ignore"):
            sums = np.cumsum(found.values)
        over = np.flatnonzero(np.isinf(sums))
        if len(over):
            nth = int(over[0])
            edge = found.edge(nth)
            yield Origin("inf", Manner.SUM, int(found.steps[nth]), edge.node, int(found.rows[nth]),
                         edge, found.flat, self._number)  # fmt: skip
