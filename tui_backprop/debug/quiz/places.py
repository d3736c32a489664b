"""Where the questions of a scenario are asked, in the words that commands take.

``Y``, ``Y[1]``, ``X.grad[1]``, ``step 9``, ``op tanh``, ``line 3``, ``write X.grad[1]``, and a
partial as answers write it, ``dY[1]/dX[0]``.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.debug.commands.asked import asked_for
from tui_backprop.debug.place_names import check_has_gradient, parse_place
from tui_backprop.debug.quiz.making import Spot, is_last_write, make, phase_of
from tui_backprop.debug.stops import Stop, first_step
from tui_backprop.errors import CommandError
from tui_backprop.language.message import joined, said, typed, written
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.landmarks import run_of_node, writes

if TYPE_CHECKING:
    from tui_backprop.debug.quiz.hints import Hint
    from tui_backprop.debug.quiz.question import KindName, Question
    from tui_backprop.debug.session import Session
    from tui_backprop.graph.model import Graph
    from tui_backprop.timeline.timeline import Timeline
    from tui_backprop.timeline.trace import PosedQuestion

_LONGEST: Final = 200
_SHOWN: Final = 4
"""Ops that are named where a question is about none of them."""
_QUOTIENT: Final = r"\s*[d∂]\s*([^/]+?)\s*/\s*[d∂]\s*([^/]+?)\s*"


def posed(session: Session, declared: PosedQuestion) -> Question:
    """The question that a scenario poses.

    Raises:
        CommandError: its place means nothing, or there is nothing of that kind to ask there.
    """
    found = make(declared.ask, session.timeline, spot_of(session, declared.at, declared.ask))
    own: list[Hint] = [partial(str, written(texts)) for texts in declared.hints]
    hints = (*own, *found.hints[len(own) :])[: len(found.hints)]
    text = written(declared.text) if declared.text else found.text
    return replace(found, text=text, hints=hints)


def spot_of(session: Session, at: str, kind: KindName) -> Spot:
    """The first spot at a place where a kind may be asked.

    Raises:
        CommandError: the words mean nothing, or the walk has nothing of the kind there.
    """
    if len(at) > _LONGEST:
        raise CommandError(said("a place of {count} characters is none", count=f"{len(at):,}"))
    quotient = re.fullmatch(_QUOTIENT, at)
    if quotient is not None:
        return _of_quotient(session, quotient[1], quotient[2], kind)
    spot = _of_entry(session, at, kind)
    if spot is not None:
        return spot
    asked = asked_for(session, at)
    if asked.condition is not None or asked.place is None:
        raise CommandError(said("a question is asked at a place: {found}", found=typed(at)))
    if asked.place.step is not None:
        return Spot(asked.place.step)
    return Spot(_first(session, asked.place, at, kind))


def _first(session: Session, stop: Stop, at: str, kind: KindName) -> int:
    phases = frozenset({phase_of(kind)})
    narrowed = stop if stop.phases is not None else replace(stop, phases=phases)
    timeline = session.timeline
    k = first_step(narrowed, timeline, range(timeline.length))
    if k is None:
        raise _nothing(at, kind)
    return k


def _nothing(at: str, kind: str) -> CommandError:
    return CommandError(
        said("there is no {kind} to ask for at {place}", kind=kind, place=typed(at))
    )


def _of_entry(session: Session, at: str, kind: KindName) -> Spot | None:
    """The spot of a value, an entry, or a gradient; None where the words are no such place."""
    text, graph, timeline = at.strip(), session.trace.graph, session.timeline
    if text.isdecimal():
        return None
    try:
        place = parse_place(text, graph)
    except CommandError:
        if "[" in text and " " not in text.partition("[")[0]:
            raise
        return None
    if not place.is_gradient and phase_of(kind) is Phase.BUILD:
        return Spot(timeline.built(place.node), place.flat)
    if place.is_gradient:
        check_has_gradient(graph, place.node)
        return Spot(_write(timeline, place.node, place.flat, at, kind))
    return Spot(_partial_of(timeline, place.node, place.flat, at, kind))


def _write(timeline: Timeline, node: int, flat: int | None, at: str, kind: KindName) -> int:
    """The step that completes a sum, in the last pass that adds to it; else the first that adds."""
    if phase_of(kind) is Phase.BUILD:
        raise _nothing(at, kind)
    everywhere = range(timeline.length)
    is_sum = kind == "sum"
    for steps in writes(timeline, node, flat, everywhere, reverse=is_sum):
        for k in reversed(steps) if is_sum else steps:
            frame = timeline[k]
            if frame.phase is Phase.PARTIAL and not (is_sum and not is_last_write(frame)):
                return k
    raise _nothing(at, kind)


def _partial_of(timeline: Timeline, node: int, flat: int | None, at: str, kind: KindName) -> int:
    """The first step that pulls back through a node, or through an entry of it."""
    for number, walk in enumerate(timeline.walks):
        steps = None if walk is None else run_of_node(timeline, number, node)
        if not steps:
            continue
        found = steps if flat is None else (k for k in steps if timeline[k].row == flat)
        k = next(iter(found), None)
        if k is not None:
            return k
    raise _nothing(at, kind)


def _of_quotient(session: Session, of: str, wrt: str, kind: KindName) -> Spot:
    """The spot of a partial: its own step, or for a zero the first step of its edge."""
    graph, timeline = session.trace.graph, session.timeline
    y, x = parse_place(of, graph), parse_place(wrt, graph)
    at = f"d{of}/d{wrt}"
    if phase_of(kind) is Phase.BUILD or y.is_gradient or x.is_gradient:
        raise _nothing(at, kind)
    _check_joined(graph, y.node, x.node)
    j, i = y.flat or 0, x.flat or 0
    for walk in timeline.walks:
        if walk is None:
            continue
        route = walk.route
        for e in route.edges_into(x.node).tolist():
            steps = route.steps(e)
            if route.edge(e).node != y.node or not steps:
                continue
            if kind == "zero":
                return Spot(walk.start + steps.start, place=(j, i))
            column = route.column(e, i)
            k = next((k for k in column if route.locate(k).j == j), None)
            if k is not None:
                return Spot(walk.start + k)
    raise _nothing(at, kind)


def _check_joined(graph: Graph, y: int, x: int) -> None:
    """Refuse a partial that no edge has, and say which have one.

    Raises:
        CommandError: other nodes stand between the two.
    """
    if x in graph.nodes[y].parents:
        return
    readers = [n for n in graph.nodes[x + 1 :] if x in n.parents]
    names = joined(", ", [f"{n.name or f'#{n.id}'} = {n.text}" for n in readers[:_SHOWN]])
    if not readers:
        raise CommandError(said("no op reads {x}", x=graph.nodes[x].label))
    raise CommandError(
        said(
            "{y} does not read {x} itself, and a partial belongs to an op: {x} is read by "
            "{readers}",
            y=graph.nodes[y].label, x=graph.nodes[x].label, readers=names,
        )
    )  # fmt: skip
