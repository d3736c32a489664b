"""Moving the cursor: by steps, to a place, to where something becomes true.

Each command stands beside its reverse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands.claiming import goto_claim, is_about_claims
from tui_backprop.debug.commands.command import (
    Command,
    count_of,
    expression,
    nothing,
    plain,
    step_of,
)
from tui_backprop.debug.place_names import parse_place
from tui_backprop.debug.stops import Stop, first_step, node_stop, write_stop
from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from tui_backprop.debug.commands.command import Action
    from tui_backprop.debug.journey import Journey
    from tui_backprop.debug.session import Direction, Session
    from tui_backprop.language.message import Answer
    from tui_backprop.timeline.landmarks import Unit

_GROUP: Final = "Moving"


def _walking(unit: Unit, direction: Direction) -> Action:
    def run(session: Session, argument: str) -> Journey[str]:
        yield from session.walk(unit, direction, count_of(argument))
        return session.reason

    return run


def _travelling(direction: Direction) -> Action:
    def run(session: Session, argument: str) -> Journey[str]:
        nothing(argument)
        yield from session.travel(direction)
        return session.reason

    return run


def _until(session: Session, argument: str) -> Journey[str]:
    from tui_backprop.debug.breakpoints import Breakpoint  # noqa: PLC0415 - few journeys need it

    asked = expression(session, argument)
    # At every step, so that a condition that holds already stops at the very next.
    here = Breakpoint(0, asked.text, Stop(), asked)
    yield from session.travel("forward", also=(here,))
    return session.reason


def _goto(session: Session, argument: str) -> str | Journey[Answer]:
    if is_about_claims(session, argument):
        return goto_claim(session, argument)
    text = argument.strip().removeprefix("step ").strip()
    if text.removeprefix("-").isdecimal():
        session.goto(step_of(session, text))
        return ""
    text = text.removeprefix("node ")
    place = parse_place(text, session.trace.graph)
    is_write = place.is_gradient or place.flat is not None
    stop = write_stop(place.node, place.flat) if is_write else node_stop(place.node)
    k = first_step(stop, session.timeline, range(session.timeline.length))
    if k is None:
        raise CommandError(f"no step of this walk writes '{text}'")
    session.goto(k)
    return text.strip()


MOVEMENT: Final[tuple[Command, ...]] = (
    Command("step", "One partial forward; while building, one node.",
            _walking("step", "forward"), ("s", "right"), "[COUNT]", "step", ("s",), _GROUP),
    Command("reverse-step", "One partial back.",
            _walking("step", "reverse"), ("S", "left"), "[COUNT]", "back", ("rs",),
            _GROUP),
    Command("next", "To the end of this edge's VJP; while building, one node.",
            _walking("edge", "forward"), ("n", "down"), "[COUNT]", "next", (), _GROUP),
    Command("reverse-next", "To before this edge's VJP.",
            _walking("edge", "reverse"), ("N", "up"), "[COUNT]", "", ("rn",), _GROUP),
    Command("finish", "Until every edge of this node has been pulled back.",
            _walking("node", "forward"), ("f",), "[COUNT]", "finish", (), _GROUP),
    Command("reverse-finish", "To before this node was begun.",
            _walking("node", "reverse"), ("F",), "[COUNT]", "", ("rf",), _GROUP),
    Command("continue", "To the next breakpoint or watchpoint, else to the end.",
            _travelling("forward"), ("c",), "", "continue", ("c",), _GROUP),
    Command("reverse-continue", "Back to a breakpoint or watchpoint, else to the start.",
            _travelling("reverse"), ("C",), "", "", ("rc",), _GROUP),
    Command("until", "Forward to the next step at which a condition holds.",
            _until, (), "EXPR", "", ("u",), _GROUP),
    Command("goto", "To a step, a node, the first write of an entry, or where a claim goes wrong.",
            _goto, ("g",), "K | NODE | X.grad[I] | claim [N]", "", (), _GROUP,
            "K is a step; NODE a name, or the number of a node after the word node.\n"
            "  goto claim      the first step at which a claim of the scenario is wrong\n"
            "  goto claim 2    where the second claim is"),
    Command("restart", "To the first step.",
            plain(lambda s: s.restart()), ("home",), "", "", (), _GROUP),
    Command("end", "To the last step.", plain(lambda s: s.end()), ("end",), "", "", (), _GROUP),
)  # fmt: skip
