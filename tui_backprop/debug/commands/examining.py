"""Commands that examine a whole walk: its health, and where it differs from another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands.command import Command, first_word
from tui_backprop.debug.commands.files import typed_path
from tui_backprop.debug.place_names import parse_place
from tui_backprop.errors import CommandError, TuiBackpropError
from tui_backprop.language.message import Answer, AnswerLine, said

if TYPE_CHECKING:
    from tui_backprop.debug.compare import Comparison
    from tui_backprop.debug.journey import Journey
    from tui_backprop.debug.session import Session
    from tui_backprop.timeline.trace import Trace

_GROUP: Final = "Examining"


def _health(session: Session, argument: str) -> Journey[Answer]:
    from tui_backprop.debug.health import report as told
    from tui_backprop.debug.health.measures import examined

    word, rest = first_word(argument)
    if word == "plot" and not rest:
        return told.health_picture((yield from examined(session.trace)))
    name = rest if word == "node" and rest else argument.strip()
    node = _node(session, name, argument.rindex(name)) if name else None
    found = yield from examined(session.trace, only=node)
    return told.health_answer(session.timeline, found)


def _node(session: Session, name: str, column: int) -> int:
    try:
        place = parse_place(name, session.trace.graph)
    except CommandError as error:
        raise CommandError(str(error), column) from None
    if place.is_gradient or place.flat is not None:
        raise CommandError(f"'{name}' is a part: health tells of whole nodes", column)
    return place.node


def _compare(session: Session, argument: str) -> Journey[Answer]:
    from tui_backprop.debug.compare import comparing, comparison_answer

    found = yield from comparing(session.timeline, _other(session, argument).timeline)
    is_before = argument.strip() == "before"
    told = comparison_answer(found, ("now", "before") if is_before else ("here", "there"))
    return Answer((*told.lines, *_moved(session, found)))


def _other(session: Session, argument: str) -> Trace:
    """The trace to compare with.

    Raises:
        CommandError: there is none; the column is that of its name.
    """
    text = argument.strip()
    column = len(argument) - len(argument.lstrip())
    if not text:
        raise CommandError("compare with what? A scenario, or before: the numbers before the set")
    if text == "before":
        before = session.trials.before
        if before is None:
            raise CommandError("nothing was set: there are no numbers before", column)
        return before.evaluated(session.trace)
    try:
        # As it is typed, unless it begins at home: ./check is a file, check may be shipped.
        path = str(typed_path(text)) if text.startswith("~") else text
        return session.trace.provenance.open(path)
    except TuiBackpropError as error:
        raise CommandError(str(error), column) from error


def _moved(session: Session, found: Comparison) -> list[AnswerLine]:
    """Go to the step that differs where there is one, and say so."""
    if found.difference is None:
        return []
    step, start = found.difference.steps[0], session.cursor
    if step is None:
        return [
            AnswerLine(said("this walk has no such step: the cursor stays at step {k}", k=start))
        ]
    session.goto(step)
    if step == start:
        return [AnswerLine(said("the cursor stands there already, at step {k}", k=step), step)]
    return [
        AnswerLine(said("the cursor went from step {start} to step {k}", start=start, k=step), step)
    ]


EXAMINING: Final[tuple[Command, ...]] = (
    Command("health", "Norms and flat entries of every node: what vanishes, explodes or is dead.",
            _health, (), "[NODE | plot]", "", (), _GROUP,
            "Norms of the value, of the adjoint in the last backward pass and of the local "
            "Jacobian, shares of dead and saturated entries, flags; where trouble begins is said "
            "first, and the thresholds are stated.\n"
            "  health         every node; of more than a hundred, the flagged ones\n"
            "  health h       one node; health node plot, where it is called plot\n"
            "  health plot    the norm of the gradient along the depth, as a picture"),
    Command("compare", "To the first event in which another walk differs from this one.",
            _compare, (), "SCENARIO | before", "", (), _GROUP,
            "Both are walked in step, numbers to the last bit.\n"
            "  compare other.yaml    another scenario: a file, or the name of a shipped one\n"
            "  compare before        this one, with the numbers before the last set",
            files=True, inside="before"),
)  # fmt: skip
