"""``restore``: carries out one line of what ``save`` wrote about stopping and showing.

Unlike a typed command it accepts a place that this walk does not come to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.debug.commands.breaking import asked_for, check_room, watched_for
from tui_backprop.debug.commands.command import Command, expression, first_word
from tui_backprop.errors import CommandError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from tui_backprop.debug.breakpoints import Breakpoint
    from tui_backprop.debug.session import Session

_LONGEST: Final = 18
_USAGE: Final = (
    "expected what save writes, such as: restore break 2 hits 1 ignore 3 disabled: Y if step > 4"
)


def _restore(session: Session, argument: str) -> str:
    word, rest = first_word(argument)
    if word in {"break", "tbreak", "watch"}:
        return _stop(session, word, rest)
    if word == "display:":
        return _display(session, rest)
    if word == "without":
        gone = _number(rest)
        session.breakpoints = tuple(
            b for b in session.breakpoints if b.number != gone or gone not in session.given
        )
    elif word == "next":
        session.numbers = max(session.numbers, _number(rest) - 1)
    elif word == "direction" and rest in {"forward", "reverse"}:
        session.direction = "forward" if rest == "forward" else "reverse"
    else:
        raise CommandError(_USAGE)
    return ""


def _stop(session: Session, word: str, text: str) -> str:
    head, colon, asked = text.partition(":")
    if not colon:
        raise CommandError(_USAGE)
    number, rest = first_word(head)
    made = _asked(session, word, asked)
    made = _counted(replace(made, number=_number(number)), rest.split())
    return said("{breakpoint}: set", breakpoint=_taken_in(session, made).label)


def _asked(session: Session, word: str, text: str) -> Breakpoint:
    from tui_backprop.debug.breakpoints import Breakpoint

    if word == "watch":
        return watched_for(session, text, 0)
    asked = asked_for(session, text, is_kept=True)
    if asked.place is None and asked.condition is None:
        raise CommandError(_USAGE)
    return Breakpoint(0, asked.text, asked.place, asked.condition, is_temporary=word == "tbreak")


def _counted(made: Breakpoint, words: list[str]) -> Breakpoint:
    """The breakpoint with its counts, and whether it is enabled."""
    while words:
        word = words.pop(0)
        if word == "disabled":
            made = replace(made, is_enabled=False)
        elif word == "hits" and words:
            made = replace(made, hits=_number(words.pop(0)))
        elif word == "ignore" and words:
            made = replace(made, ignore=_number(words.pop(0)))
        else:
            raise CommandError(_USAGE)
    return made


def _taken_in(session: Session, made: Breakpoint) -> Breakpoint:
    """In place of the scenario's own of that number; else it keeps its number if that is free."""
    known = {b.number: b for b in session.breakpoints}
    if made.number in known and made.number in session.given:
        old = known[made.number]
        session.breakpoints = tuple(made if b is old else b for b in session.breakpoints)
        return made
    check_room(session)
    number = session.number() if made.number in known else made.number
    session.numbers = max(session.numbers, number)
    made = replace(made, number=number)
    session.breakpoints = tuple(sorted((*session.breakpoints, made), key=lambda b: b.number))
    return made


def _display(session: Session, text: str) -> str:
    from tui_backprop.debug.commands.inspect import check_display_room

    asked = expression(session, text)
    if asked not in session.displays:
        check_display_room(session)
        session.displays = (*session.displays, asked)
    return ""


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > _LONGEST:
        raise CommandError(f"expected a whole number from 0: {text!r}")
    return int(text)


RESTORING: Final[tuple[Command, ...]] = (
    Command("restore", "Bring back something that save wrote.",
            _restore, (), "WHAT", "", (), "Files",
            "  restore break 2 hits 1 ignore 3 disabled: Y   a breakpoint, its number and counts\n"
            "  restore tbreak 3: h if step > 4               one that goes when it has stopped\n"
            "  restore watch 4: X.grad[0]                    a watchpoint\n"
            "  restore display: norm(v)                      a display\n"
            "  restore without 1                             the scenario's own is gone\n"
            "  restore next 7                                the number of the next breakpoint\n"
            "  restore direction reverse                     the way of the last move"),
)  # fmt: skip
