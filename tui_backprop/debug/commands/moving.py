"""Commands that move the cursor: by steps, to a place, to where something becomes true.

Each command is listed beside its reverse.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands.command import (
    Command,
    brief,
    condition,
    count_of,
    first_word,
    nothing,
    plain,
    step_of,
    whole_number,
)
from tui_backprop.debug.place_names import check_has_gradient, parse_place
from tui_backprop.debug.stops import Stop, first_step, node_stop, write_stop
from tui_backprop.errors import CommandError
from tui_backprop.language.message import (
    Answer,
    AnswerLine,
    clauses,
    joined,
    said,
    said_in,
    said_many,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.debug.claims.claims import Departure
    from tui_backprop.debug.commands.command import Action
    from tui_backprop.debug.session import Direction, Session
    from tui_backprop.progress import Resumable
    from tui_backprop.timeline.landmarks import Unit
    from tui_backprop.timeline.trace import Claim


def is_about_claims(session: Session, argument: str) -> bool:
    """Whether ``claim`` or ``claim N`` is said; a name of the program comes before the word."""
    word, rest = first_word(argument)
    return word == "claim" and (bool(rest) or "claim" not in session.trace.graph.names)


def goto_claim(session: Session, argument: str) -> Resumable[Answer]:
    """Go to the first step where a claim, or the one of a number, departs.

    Yields:
        The steps of those that were found.

    Raises:
        CommandError: there is no such claim; the session stays where it is.
    """
    from tui_backprop.debug.claims.claims import first_departure

    chosen = _chosen(session, argument)
    # Of a training they are about its first iteration, as gradients in 'expect' are.
    found = yield from first_departure(session.timeline.at(0), chosen)
    if found is None:
        return Answer((AnswerLine(_held(session, chosen)), *_tried(session)))
    session.goto(found.step)
    return Answer((*_departed(session, found, chosen), *_tried(session)))


def _chosen(session: Session, argument: str) -> tuple[Claim, ...]:
    """All claims, or the one of a number."""
    claims = session.trace.provenance.claims
    number = first_word(argument)[1]
    column = len(argument) - len(argument.lstrip())
    if not claims:
        name = next(iter(session.trace.graph.inputs), "X")
        raise CommandError(
            said(
                "this scenario makes no claims: write what somebody derived into its file, "
                "such as {example}",
                example=f"claims: [{{of: {name}.grad, value: ...}}]",
            ),
            column,
        )
    if not number:
        return claims
    if number.isdecimal() and len(number) < 6 and 1 <= int(number) <= len(claims):
        return claims[int(number) - 1 : int(number)]
    raise CommandError(
        said(
            "there is no claim {number}: they count from 1 to {last}",
            number=number,
            last=len(claims),
        ),
        argument.rindex(number),
    )


def _held(session: Session, chosen: Sequence[Claim]) -> str:
    """The answer that no claim is wrong, or that the one asked about is not."""
    odd = [claim for claim in chosen if not claim.holds]
    if len(chosen) > 1:
        held = said("all {count} claims hold", count=len(chosen))
    else:
        held = said("{claim}, {text}, holds", claim=_names(session, chosen), text=chosen[0].text)
    if not odd:
        return held
    about = said_many(
        len(odd), "the scenario says that {claims} does not",
        "the scenario says that {claims} do not", claims=_names(session, odd),
    )  # fmt: skip
    return joined("; ", [held, about])


def _names(session: Session, some: Sequence[Claim]) -> str:
    """``claim 2``, ``claims 1, 3``: counted from 1 as in the file."""
    claims = session.trace.provenance.claims
    numbers = [n for n, claim in enumerate(claims, 1) if claim in some]
    listed = joined(", ", map(str, numbers))
    return said_many(len(numbers), "claim {numbers}", "claims {numbers}", numbers=listed)


def _departed(session: Session, found: Departure, chosen: Sequence[Claim]) -> Iterator[AnswerLine]:
    """The lines about a wrong claim: the numbers, the slip, and whose claim it is."""
    yield AnswerLine(found.numbers, found.step)
    yield AnswerLine(found.text, found.step)
    by = written(found.claim.by)
    parts = [_names(session, [found.claim]), *([by] if by else [])]
    parts += [] if found.claim.holds else [said("wrong on purpose")]
    yield AnswerLine(clauses(parts))
    if found.wrong > 1:
        wrong, size = (f"{n:,}" for n in (found.wrong, found.claim.value.size))
        yield AnswerLine(said("{wrong} of its {size} numbers are wrong", wrong=wrong, size=size))
    if len(chosen) > 1:
        yield AnswerLine(
            said(
                "of {count} claims the first to depart; 'goto claim N' goes to one",
                count=len(chosen),
            )
        )


def _tried(session: Session) -> list[AnswerLine]:
    """A remark where claims are about other numbers than those of the walk."""
    tried = joined("; ", session.history.in_force)
    if not tried:
        return []
    text = said("set now: {tried}; the claims are about the scenario's own numbers", tried=tried)
    return [AnswerLine(text)]


_GROUP: Final = said("Moving")


def _walking(unit: Unit, direction: Direction) -> Action:
    def run(session: Session, argument: str) -> Resumable[str]:
        yield from session.walk(unit, direction, count_of(argument))
        return session.reason

    return run


def _travelling(direction: Direction) -> Action:
    def run(session: Session, argument: str) -> Resumable[str]:
        nothing(argument)
        yield from session.travel(direction)
        if session.reason:
            return session.reason
        return said("end of the walk") if direction == "forward" else said("start of the walk")

    return run


def _until(session: Session, argument: str) -> Resumable[str]:
    from tui_backprop.debug.breakpoints import Breakpoint

    line = re.fullmatch(r"\s*(?:line\s+|:)(\d{1,18})\s*", argument)
    if line is not None:
        raise CommandError(
            said("a line is a place to stop at: {command}", command=f"break :{line[1]}")
        )
    asked = condition(session, argument)
    # At every step, so that a condition that holds already stops at the very next.
    here = Breakpoint(0, asked.text, Stop(), asked)
    yield from session.travel("forward", also=(here,))
    return session.reason or said("end of the walk: it held at no step on the way")


def _goto(session: Session, argument: str) -> str | Resumable[Answer] | Resumable[str]:
    if is_about_claims(session, argument):
        return goto_claim(session, argument)
    text = argument.strip().removeprefix("step ").strip()
    if text.removeprefix("-").isdecimal():
        return _going(session, step_of(session, text), "")
    if text.startswith("iteration ") and session.timeline.iterations is not None:
        number = text.removeprefix("iteration ").strip()
        return _going(session, _start_of_iteration(session, number), text)
    text = text.removeprefix("node ")
    place = parse_place(text, session.trace.graph)
    if place.is_gradient:
        check_has_gradient(session.trace.graph, place.node)
    is_write = place.is_gradient or place.flat is not None
    stop = write_stop(place.node, place.flat) if is_write else node_stop(place.node)
    k = first_step(stop, session.timeline, session.timeline.steps)
    if k is None:
        raise CommandError(said("no step of this walk writes '{text}'", text=text))
    session.goto(k)
    return text.strip()


def _going(session: Session, k: int, answer: str) -> Resumable[str]:
    yield from session.reaching(k)
    session.goto(k)
    return answer


def _to_end(session: Session, argument: str) -> Resumable[str]:
    nothing(argument)
    yield from session.reaching(session.last)
    session.end()
    return session.reason


def _start_of_iteration(session: Session, text: str) -> int:
    """The first step of an iteration of a training, which count from 1."""
    iterations, number = session.timeline.iterations, whole_number(text)
    last = 0 if iterations is None else iterations.count
    if iterations is None or number is None or not 1 <= number <= last:
        raise CommandError(
            said(
                "there is no iteration {number}: they count from 1 to {last}",
                number=brief(text),
                last=last,
            )
        )
    return iterations.start(number - 1)


MOVEMENT: Final[tuple[Command, ...]] = (
    Command("step", said("One partial forward; while building, one node."),
            _walking("step", "forward"), ("s", "right"), said("[COUNT]"),
            said_in("a key", "step"), ("s",), _GROUP,
            repeats=True),
    Command("reverse-step", said("One partial back."),
            _walking("step", "reverse"), ("S", "left"), said("[COUNT]"),
            said_in("a key", "back"), ("rs",),
            _GROUP, repeats=True),
    Command("next",
            said("To the end of this edge's VJP; while building, one node; over folded modules."),
            _walking("edge", "forward"), ("n", "down"), said("[COUNT]"),
            said_in("a key", "next"), (), _GROUP,
            repeats=True),
    Command("reverse-next", said("To before this edge's VJP, or before a folded module."),
            _walking("edge", "reverse"), ("N", "up"), said("[COUNT]"), "",
            ("rn",), _GROUP, repeats=True),
    Command("finish", said("Until every edge of this node has been pulled back."),
            _walking("node", "forward"), ("f",), said("[COUNT]"),
            said_in("a key", "finish"), ("f",), _GROUP, repeats=True),
    Command("reverse-finish", said("To before this node was begun."),
            _walking("node", "reverse"), ("F",), said("[COUNT]"), "",
            ("rf",), _GROUP, repeats=True),
    Command("continue", said("To the next breakpoint or watchpoint, else to the end."),
            _travelling("forward"), ("c",), "",
            said_in("a key", "continue"), ("c",), _GROUP, repeats=True),
    Command("reverse-continue", said("Back to a breakpoint or watchpoint, else to the start."),
            _travelling("reverse"), ("C",), "", "", ("rc",), _GROUP, repeats=True),
    Command("until", said("Forward to the next step at which a condition holds."),
            _until, (), said("EXPR"), "", ("u",), _GROUP, repeats=True),
    Command("goto",
            said("To a step, a node, the first write of an entry, or where a claim goes wrong."),
            _goto, ("g",), said("K | NODE | X.grad[I] | claim [N]"), "", ("jump",), _GROUP,
            said("K is a step; NODE a name, or the number of a node after the word node.\n"
            "  goto claim      the first step at which a claim of the scenario is wrong\n"
            "  goto claim 2    where the second claim is\n"
            "  goto iteration 7    of a scenario that trains, its first step")),
    Command("restart", said("To the first step."),
            plain(lambda s: s.restart()), ("home",), "", "", ("run",), _GROUP),
    Command("end",
            said("To the last step."), _to_end, ("end",), "", "", (), _GROUP),
)  # fmt: skip
