"""``goto claim``: to where a number that somebody derived by hand departs from the truth.

It stands apart from the other ways to move because it answers with what went wrong there; what
recomputes slips is imported when somebody asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.debug.commands.command import first_word
from tui_backprop.errors import CommandError
from tui_backprop.language.message import Answer, AnswerLine, clauses, joined, said, said_many

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.debug.claims.claims import Departure
    from tui_backprop.debug.journey import Journey
    from tui_backprop.debug.session import Session
    from tui_backprop.graph.claim import Claim


def is_about_claims(session: Session, argument: str) -> bool:
    """Whether ``claim`` or ``claim N`` is said; a name of the program comes before the word."""
    word, rest = first_word(argument)
    return word == "claim" and (bool(rest) or "claim" not in session.trace.graph.names)


def goto_claim(session: Session, argument: str) -> Journey[Answer]:
    """Go to the first step where a claim, or the one of a number, departs.

    Yields:
        The steps of those that were found.

    Raises:
        CommandError: there is no such claim; the session stays where it is.
    """
    from tui_backprop.debug.claims.claims import first_departure  # noqa: PLC0415 - see the module

    chosen = _chosen(session, argument)
    found = yield from first_departure(session.timeline, chosen)
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
            "this scenario makes no claims: write what somebody derived into its file, such as "
            f"claims: [{{of: {name}.grad, value: ...}}]",
            column,
        )
    if not number:
        return claims
    if number.isdecimal() and len(number) < 6 and 1 <= int(number) <= len(claims):
        return claims[int(number) - 1 : int(number)]
    raise CommandError(f"there is no claim {number}: 1 to {len(claims)}", argument.rindex(number))


def _held(session: Session, chosen: Sequence[Claim]) -> str:
    """That nothing departs; of one claim, which it is; and what the scenario says otherwise."""
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
    listed = ", ".join(map(str, numbers))
    return said_many(len(numbers), "claim {numbers}", "claims {numbers}", numbers=listed)


def _departed(session: Session, found: Departure, chosen: Sequence[Claim]) -> Iterator[AnswerLine]:
    """The numbers, the slip, who claims it, and what there is beside."""
    yield AnswerLine(found.numbers, found.step)
    yield AnswerLine(found.text, found.step)
    by = found.claim.by.get("en") or next(iter(found.claim.by.values()), "")
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
    """That the claims are about other numbers than those of the walk, where that is so."""
    tried = "; ".join(session.trials.in_force)
    if not tried:
        return []
    text = said("set now: {tried}; the claims are about the scenario's own numbers", tried=tried)
    return [AnswerLine(text)]
