"""Which questions a walk is asked: those that show something new, in the order of the walk.

A kind of op is asked about once, a sum where paths meet, a zero where a Jacobian has some, a shape
where something is stretched, a product where a chain has more than one factor. Only the first nodes
and edges are looked at, so that a walk may be of any length.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.quiz.formulas import LocalFormula
from tui_backprop.debug.quiz.given import is_told, numbers_read
from tui_backprop.debug.quiz.making import Spot, make
from tui_backprop.errors import CommandError, UnknownError
from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.naming import label
from tui_backprop.rules.derivative import Constant as ConstantSlope
from tui_backprop.rules.derivative import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.quiz.question import KindName, Question
    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.timeline.sums import PassWalk
    from tui_backprop.timeline.timeline import Timeline

MOST: Final = 8
"""Questions of one round, where nobody says how many."""
_MOST_NODES: Final = 400
_MOST_EDGES: Final = 400
_DULL: Final = 5
"""An interest that is asked about only where there is little else."""
_FEW: Final = 4
_BROKEN: Final = -1
"""How dull a NaN or an infinity is: nothing tells more of a walk than where it breaks."""
_ORDER: Final = ("shape", "value", "zero", "partial", "expression", "sum")
"""At one step: none gives away the answer of one that comes after it."""
_MOST_ROWS: Final = 8
"""Entries of an edge that are looked through for one that is worth asking about."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that could be asked.

    Attributes:
        interest: how much there is to learn from it; a smaller number is more.
        kind: what would be asked for.
        spot: where.
    """

    interest: int
    kind: KindName
    spot: Spot


def chosen(timeline: Timeline, most: int = MOST) -> tuple[Question, ...]:
    """The questions of a round, in the order of the walk; fewer where there is less to ask.

    Of each kind the most telling comes before the second of another kind.
    """
    found = sorted(_candidates(timeline), key=lambda c: (c.interest, c.spot.step))
    taken: list[tuple[Candidate, Question]] = []
    count: dict[str, int] = {}
    order = []
    for candidate in found:
        nth = count[candidate.kind] = count.get(candidate.kind, 0) + 1
        order.append((nth, candidate.interest, candidate))
    keys: set[str] = set()
    for _, _, candidate in sorted(order, key=_rank):
        if len(taken) == most or (candidate.interest >= _DULL and len(taken) >= _FEW):
            break
        try:
            question = make(candidate.kind, timeline, candidate.spot)
        except (CommandError, UnknownError):
            continue
        if question.key not in keys:
            keys.add(question.key)
            taken.append((candidate, question))
    return tuple(sorted((q for _, q in taken), key=lambda q: (q.step, _ORDER.index(q.kind))))


def _rank(at: tuple[int, int, Candidate]) -> tuple[bool, int, int, int]:
    """The dull ones last; of the others the first of each kind before the second of any."""
    nth, interest, candidate = at
    return interest >= _DULL, nth, interest, candidate.spot.step


def _candidates(timeline: Timeline) -> Iterator[Candidate]:
    yield from _of_building(timeline)
    met: set[tuple[str, object]] = set()
    for number, walk in enumerate(timeline.walks):
        if walk is not None:
            yield from _of_pass(timeline, number, walk, met)


def _of_building(timeline: Timeline) -> Iterator[Candidate]:
    """Values of new kinds of ops, shapes where one is stretched, reduced or contracted."""
    nodes, ops, ways = timeline.nodes, set(), set()
    for node in nodes[:_MOST_NODES]:
        if node.rule is None or not node.size or not timeline.trace.is_known(node.id):
            continue
        way = _shape_way(timeline, node)
        if way and way not in ways:
            ways.add(way)
            yield Candidate(0 if way == "stretched" else 1, "shape", Spot(timeline.built(node.id)))
        if node.op not in ops and is_told(timeline, node, _telling_entry(timeline, node)):
            ops.add(node.op)
            spot = Spot(timeline.built(node.id), _telling_entry(timeline, node))
            yield Candidate(2 + (not node.name), "value", spot)


def _shape_way(timeline: Timeline, node: Node) -> str:
    """What a node does to shapes that is worth a question; empty where it is nothing."""
    shapes = [timeline.nodes[p].shape for p in node.parents]
    stretched = [s for s in shapes if s and s != node.shape]
    if node.rule is not None and node.rule.elementwise:
        return "stretched" if stretched else ""
    return node.op if stretched and node.shape not in shapes else ""


def _telling_entry(timeline: Timeline, node: Node) -> int:
    """The first entry that breaks at this node, else a finite one that is not 0, else the first."""
    value = timeline.trace.value(node.id)
    some = picked(value, np.arange(min(node.size, 64)))
    for k in np.flatnonzero(~np.isfinite(some)).tolist():
        if np.isfinite(numbers_read(timeline, node, k)).all():
            return int(k)
    good = np.flatnonzero(np.isfinite(some) & (some != 0))
    return int(good[len(good) // 2]) if len(good) else 0


def _of_pass(
    timeline: Timeline, number: int, walk: PassWalk, met: set[tuple[str, object]]
) -> Iterator[Candidate]:
    """Partials, formulas, zeros, products and sums of one backward pass."""
    route = walk.route
    for at in range(min(route.edges, _MOST_EDGES)):
        steps = route.steps(at)
        if not steps:
            continue
        edge = route.edge(at)
        first = _telling_step(timeline, range(walk.start + steps.start, walk.start + steps.stop))
        yield from _of_edge(timeline, edge, Spot(first), met)
        yield from _of_zeros(timeline, edge, first, met)
        if timeline.nodes[edge.parent].rule is None and ("end", edge.parent) not in met:
            met.add(("end", edge.parent))
            spot = Spot(_last_write(timeline, walk, edge.parent, steps))
            is_dull = _dullness_of_sum(timeline, spot.step) > 0
            yield Candidate(_DULL if is_dull else 3, "sum", spot)
        into = len(route.edges_into(edge.parent))
        if into > 1 and ("fan-out", edge.parent) not in met:
            met.add(("fan-out", edge.parent))
            yield Candidate(0, "sum", Spot(_last_write(timeline, walk, edge.parent, steps)))
        elif into == 1 and _is_product(timeline, first) and ("chain", number) not in met:
            met.add(("chain", number))
            yield Candidate(1, "sum", Spot(first))


def _of_edge(
    timeline: Timeline, edge: Edge, spot: Spot, met: set[tuple[str, object]]
) -> Iterator[Candidate]:
    """The partial of a kind of op by one of its arguments, where it was not met yet."""
    node = timeline.nodes[edge.node]
    what = (node.op, edge.argument)
    if what in met or node.rule is None:
        return
    met.add(what)
    derivative = node.rule.derivative(edge.argument)
    is_plain = isinstance(derivative, Scalar) and isinstance(derivative.partial, ConstantSlope)
    graph = timeline.trace.graph
    is_named = all(
        graph.nodes[p].literal is not None or not label(graph, p).startswith("#")
        for p in node.parents
    )
    # One of the two: each gives away the other.
    may_be_formula = isinstance(derivative, Scalar) and not is_plain and is_named
    if may_be_formula and ("formula", "") not in met and _is_varying(timeline, edge, spot):
        met.add(("formula", ""))
        yield Candidate(1 + edge.argument, "expression", spot)
    elif is_told(timeline, node, timeline[spot.step].row):
        met.discard(("formula", ""))
        yield Candidate(_DULL if is_plain else 1 + edge.argument, "partial", spot)


def _is_varying(timeline: Timeline, edge: Edge, spot: Spot) -> bool:
    """Whether a partial is more than a number: else a formula is no question."""
    frame = timeline[spot.step]
    return LocalFormula(timeline.trace, edge, frame.row, frame.column).is_varying


def _of_zeros(
    timeline: Timeline, edge: Edge, step: int, met: set[tuple[str, object]]
) -> Iterator[Candidate]:
    """An entry that is zero by structure, and for the next such edge one that is not."""
    jacobian = timeline.jacobian(edge)
    m, n = jacobian.shape
    node = timeline.nodes[edge.node]
    if (
        not jacobian.is_pattern_known
        or jacobian.sparsity.nonzeros == m * n
        or ("zero", node.op) in met
    ):
        return
    j, i = timeline[step].row, timeline[step].column
    is_zero = sum(kind == "zero" for kind, _ in met) % 2 == 0
    if is_zero:
        columns = set(islice(jacobian.sparsity.columns(j).tolist(), n))
        i = next((c for c in range(n) if c not in columns), -1)
    if i >= 0:
        met.add(("zero", node.op))
        # What the edge shows is to come: the question stands before its first step.
        yield Candidate(0 if is_zero else 2, "zero", Spot(_first_of(timeline, step), place=(j, i)))


def _first_of(timeline: Timeline, step: int) -> int:
    """The first step of the edge that a step belongs to."""
    frame = timeline[step]
    walk = frame.walk
    return walk.start + walk.route.start(timeline.place(frame).edge)


def _telling_step(timeline: Timeline, steps: range) -> int:
    """Of the steps of an edge the first whose partial is not finite, else neither 0 nor 1."""
    return min(_some(steps), key=lambda k: _dullness(timeline, k))


def _some(steps: range) -> range:
    """A few of them, from the first to near the last."""
    return steps[:: max(len(steps) // _MOST_ROWS, 1)][:_MOST_ROWS]


def _dullness(timeline: Timeline, k: int) -> int:
    try:
        p = timeline[k].partial
    except UnknownError:
        return 3
    if p is None:
        return 2
    if not np.isfinite(p.value):
        return _BROKEN
    return int(p.value in {0.0, 1.0})


def _is_product(timeline: Timeline, k: int) -> bool:
    """Whether v and the partial of a step are both more than a factor 1."""
    try:
        p = timeline[k].partial
    except UnknownError:
        return False
    return p is not None and p.v not in {0.0, 1.0} and p.value not in {0.0, 1.0}


def _last_write(timeline: Timeline, walk: PassWalk, parent: int, steps: range) -> int:
    """The last step of a pass that adds to an entry which the steps of an edge add to.

    Of the first few entries one whose sum is not finite, else neither 0 nor 1 nor there before.
    """
    columns = dict.fromkeys(walk.route.locate(k).i for k in _some(steps))
    found = [_end_of_sum(walk, parent, column) for column in columns]
    return min(found, key=lambda k: _dullness_of_sum(timeline, k))


def _end_of_sum(walk: PassWalk, parent: int, column: int) -> int:
    """The last step of a pass that adds to an entry; one does."""
    into = reversed(walk.route.edges_into(parent).tolist())
    steps = next(steps for e in into if (steps := walk.route.steps(e, column)))
    return walk.start + steps.stop - 1


def _dullness_of_sum(timeline: Timeline, k: int) -> int:
    try:
        p = timeline[k].partial
    except UnknownError:
        return 3
    if p is None:
        return 2
    if not np.isfinite(p.after):
        # Of a sum that was broken before, the answer stands on the screen already.
        return _BROKEN if p.before is None or np.isfinite(p.before) else 2
    return int(p.after in {0.0, 1.0} or not p.contribution)
