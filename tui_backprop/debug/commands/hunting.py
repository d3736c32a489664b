"""Commands of a hunt: a number held against differences, and a node that is accused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands.command import Command, first_word
from tui_backprop.debug.place_names import parse_place
from tui_backprop.errors import CommandError
from tui_backprop.graph.naming import label
from tui_backprop.language.message import Answer, AnswerLine, said

if TYPE_CHECKING:
    from tui_backprop.debug.session import Session

_GROUP: Final = said("Hunting a bug")


def _differences(session: Session, argument: str) -> Answer:
    from tui_backprop.debug.hunt.differences import differences_answer

    if not argument.strip():
        raise CommandError(said("differences of what? A value, such as h, or X.grad[1]"))
    place = parse_place(argument, session.trace.graph)
    return differences_answer(session.trace, place.node, place.flat)


def _accuse(session: Session, argument: str) -> Answer:
    from tui_backprop.debug.hunt.accusing import accused, bug_named, kinds_told, planted_in

    planted_in(session.trace)
    name, rest = first_word(argument)
    if not name:
        head = said("accuse which node, and of what? These are the bugs:")
        return Answer((AnswerLine(head), *kinds_told()))
    graph = session.trace.graph
    place = parse_place(name, graph)
    if place.flat is not None:
        raise CommandError(said("a whole node is accused, such as {node}",
                                node=label(graph, place.node)))  # fmt: skip
    bug = bug_named(rest) if rest.strip() else None
    session.hunt, answer = accused(session.trace, session.hunt, place.node, bug)
    return answer


HUNTING: Final[tuple[Command, ...]] = (
    Command("differences",
            said("The gradient of a value beside central differences, which know no derivative."),
            _differences, (), said("NODE"), "", (), _GROUP,
            said("The value is moved a little and the rest computed again. Where the two differ, a "
                 "derivative nearer to the output is wrong.\n"
                 "  differences X           every entry of X.grad at the end of the walk\n"
                 "  differences h           so for a value on the way\n"
                 "  differences X.grad[1]   one entry")),
    Command("accuse",
            said("Say where a bug is planted, and which: it is confirmed, or refused."),
            _accuse, (), said("NODE [BUG]"), "", (), _GROUP,
            said("A node is accused whose derivative is wrong, or that does not add up what "
                 "arrives. Wrong accusations are counted; after a few there is a hint.\n"
                 "  accuse                       the bugs that there are\n"
                 "  accuse h                     something is wrong at h\n"
                 "  accuse h missing-square      and this is what")),
)  # fmt: skip
