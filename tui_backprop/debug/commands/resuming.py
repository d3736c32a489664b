"""Going on in a scenario that was changed: at the same event, with what was set, and what is lost.

The session that goes on is a new one; the one before stays as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui_backprop.dataclass import replace
from tui_backprop.debug.commands import execute
from tui_backprop.debug.commands.saved import display_line, stop_line
from tui_backprop.errors import CommandError
from tui_backprop.graph import naming
from tui_backprop.language.message import Answer, AnswerLine, joined, said
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.same_event import SameNodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.session import Session
    from tui_backprop.timeline.timeline import Frame


def resume(session: Session, before: Session) -> Answer:
    """Bring a fresh session to where another one of the same file, as it was, is.

    The zeros that are visited, the event, breakpoints, watchpoints and displays; not the numbers
    that were set: those of the file are in force.

    Returns:
        Where that is, and a line for each thing that is lost.
    """
    zeros = before.timeline.zeros
    if zeros is not before.trace.zeros and zeros is not session.timeline.zeros:
        tangents = session.timeline.tangents
        session.timeline = session.trace.walked_with(tangents, zeros=zeros)
    same = SameNodes(before.trace.graph, session.trace.graph)
    found = same.event(before.frame, session.timeline)
    session.goto(found.k)
    session.direction = before.direction
    session.most_searched = before.most_searched
    first = said("loaded again: at the same event")
    if not found.is_same:
        first = said(
            "loaded again: {event} is gone, this is the nearest", event=event_name(before.frame)
        )
    lost = [*_stops(session, before, same), *_displays(session, before, same)]
    if before.history.in_force:
        what = joined(", ", before.history.in_force)
        lost.append(
            said("what was set is lost, the file's numbers are in force: {what}", what=what)
        )
    session.reason = first
    return Answer(tuple(map(AnswerLine, (first, *lost))))


def event_name(frame: Frame) -> str:
    """What a step is about, in a few words."""
    graph = frame.timeline.trace.graph
    if frame.edge is not None:
        return naming.partial(graph, frame.edge, frame.row, frame.column)
    if frame.phase is Phase.ZERO_GRAD:
        return "zero_grad"
    name = naming.label(graph, frame.node.id)
    if frame.phase is Phase.UPDATE:
        return said("the update of {node}", node=name)
    return said("the seed of {node}", node=name) if frame.phase is Phase.SEED else name


def _stops(session: Session, before: Session, same: SameNodes) -> Iterator[str]:
    """Set again what stopped; what the file itself sets has its counts again.

    Yields:
        What cannot be set.
    """
    for one in before.breakpoints:
        if one.number in before.given:
            session.breakpoints = tuple(
                replace(b, is_enabled=one.is_enabled, hits=one.hits, ignore=one.ignore)
                if b.number in session.given and b.text == one.text
                else b
                for b in session.breakpoints
            )
            continue
        is_taken = one.number in {b.number for b in session.breakpoints}
        number = session.numbers + 1 if is_taken else one.number
        try:
            execute(session, _renumbered(stop_line(before, replace(one, number=number)), same))
        except CommandError as error:
            yield said("lost: {what}: {why}", what=one.label, why=str(error))


def _displays(session: Session, before: Session, same: SameNodes) -> Iterator[str]:
    """Show again what was shown; yields what cannot be."""
    for shown in before.displays:
        try:
            execute(session, _renumbered(display_line(shown), same))
        except CommandError as error:
            yield said("lost: {what}: {why}", what=f"display {shown.text}", why=str(error))


def _renumbered(line: str, same: SameNodes) -> str:
    """A line with the numbers that its nodes have now.

    Raises:
        CommandError: one of them is not there any more.
    """

    def number(found: re.Match[str]) -> str:
        node = same.of(int(found[1]))
        if node is None:
            raise CommandError(said("there is no {node} any more", node=found[0]))
        return f"#{node}"

    return re.sub(r"#(\d+)", number, line)
