"""Commands that ask about the whole walk: why a number is what it is, what is sick, what differs.

Each looks at many steps at once; none but ``compare`` moves the cursor.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal

from tui_backprop.dataclass import replace
from tui_backprop.debug.commands.command import Command, count_of, first_word
from tui_backprop.debug.commands.files import typed_path
from tui_backprop.debug.place_names import parse_place
from tui_backprop.errors import CommandError, TuiBackpropError, UnknownError
from tui_backprop.graph.naming import adjoint
from tui_backprop.language.message import Answer, AnswerLine, said, typed

if TYPE_CHECKING:
    from tui_backprop.debug.compare import Comparison
    from tui_backprop.debug.session import Session
    from tui_backprop.graph.model import Graph
    from tui_backprop.progress import Resumable
    from tui_backprop.timeline.trace import Trace


_GROUP: Final = said("Asking why")
_PAGE: Final = r"\s+page\s+(\S+)\s*$"


def _why(session: Session, argument: str) -> Answer:
    from tui_backprop.debug.why.contributions import why
    from tui_backprop.debug.why.contributions_text import why_answer
    from tui_backprop.debug.why.zero import why_zero
    from tui_backprop.debug.why.zero_text import why_zero_answer

    text, page = _paged(f" {argument}")
    word, rest = first_word(text)
    timeline, is_zero = session.timeline, word == "zero"
    node, flat = _entry(session, rest if is_zero else text)
    if is_zero:
        answer = why_zero_answer(timeline, why_zero(timeline, session.cursor, node, flat, page))
    else:
        answer = why_answer(timeline, why(timeline, session.cursor, node, flat, page))
    return replace(answer, is_about_entries=True)


def _refuse_word(text: str, graph: Graph) -> None:
    """Refuse v and J, which are explained elsewhere, where no value is called so."""
    name = text.strip().partition("[")[0].strip()
    if name in {"v", "J"} and name not in graph.names:
        raise CommandError(
            said("'{text}' is no gradient: {help} tells what {name} is, and 'why X.grad[1]' why a "
                 "gradient is what it is", text=text.strip(), help=f"'help {name}'", name=name)
        )  # fmt: skip


def _paged(text: str) -> tuple[str, int]:
    """The rest of the words, and the page, counted from 0 here and from 1 by people."""
    found = re.search(_PAGE, text)
    if found is None:
        return text, 0
    return text[: found.start()], count_of(found[1]) - 1


def _entry(session: Session, text: str) -> tuple[int, int]:
    """The adjoint entry that is asked about; without a word, the one that this step wrote."""
    if not text.strip():
        frame = session.frame
        if frame.edge is None:
            raise CommandError(said("why what? An entry of a gradient, such as X.grad[1]"))
        return frame.edge.parent, frame.column
    graph = session.trace.graph
    _refuse_word(text, graph)
    place = parse_place(text, graph, meant=("zero", "nan", "inf"))
    node = graph.nodes[place.node]
    if not place.is_gradient:
        asked = adjoint(graph, place.node)
        raise CommandError(
            said(
                "'{text}' is a value: ask about a gradient, {asked}", text=text.strip(), asked=asked
            )
        )
    if place.flat is None and node.size != 1:
        raise CommandError(
            said(
                "which entry of '{text}', of shape {shape}? Such as {entry}",
                text=text.strip(),
                shape=node.shape,
                entry=f"{adjoint(graph, place.node)}[{', '.join('0' * len(node.shape))}]",
            )
        )
    return place.node, place.flat or 0


def _origin(session: Session, argument: str) -> Answer:
    from tui_backprop.debug.why.nonfinite import origin
    from tui_backprop.debug.why.nonfinite_text import origin_answer
    from tui_backprop.debug.why.sized import sized_origin_answer, sizes_tell

    word, rest = first_word(argument)
    if word not in {"nan", "inf"}:
        raise CommandError(
            said("expected origin nan, or origin inf; found {word}", word=typed(word))
        )
    passing, names = first_word(rest)
    if passing and (passing != "ignoring" or not names):
        raise CommandError(
            said("expected ignoring and names, such as: origin {word} ignoring h", word=word)
        )
    graph = session.trace.graph
    ignored = frozenset(parse_place(name, graph).node for name in names.split())
    what: Literal["nan", "inf"] = "nan" if word == "nan" else "inf"
    timeline = session.timeline
    answer: Answer | None = None
    with suppress(UnknownError):
        if not sizes_tell(timeline, what):
            answer = origin_answer(timeline, what, origin(timeline, what, ignored), ignored)
    answer = answer or sized_origin_answer(timeline, what, ignored)
    answer = answer or origin_answer(timeline, what, None, ignored)
    return replace(answer, is_about_entries=True)


_WHY: Final = said("""\
Each contribution with its step, its path from the output and the product along it.
  why X.grad[1]         the sum, summand by summand; alone, the entry of this step
  why zero X.grad[1]    which factor killed each path
  why X.grad[1] page 2  the next contributions""")

ASKING: Final[tuple[Command, ...]] = (
    Command("why", said("Every contribution that made a gradient entry, or what made it zero."),
            _why, ("y",), said("[zero] [X.grad[I]] [page N]"), "", (), _GROUP, _WHY),
    Command("origin",
            said("The first step at which a NaN or an infinity came out of finite numbers."),
            _origin, (), said("nan | inf [ignoring NODE ...]"), "", (), _GROUP,
            said(
                "Forward or backward, with the operands, the infinity that a NaN was made of, and "
                "a cure where one is known that holds for these numbers.\n"
                "  origin nan\n"
                "  origin inf ignoring mask    where infinities are intended at mask"
            )),
)  # fmt: skip


_EXAMINING: Final = said("Examining")


def _health(session: Session, argument: str) -> Resumable[Answer]:
    from tui_backprop.debug.health import report
    from tui_backprop.debug.health.measures import examined

    word, rest = first_word(argument)
    if word == "plot" and not rest:
        return report.health_picture((yield from examined(session.trace)))
    name = rest if word == "node" and rest else argument.strip()
    node = _node(session, name, argument.rindex(name)) if name else None
    found = yield from examined(session.trace, only=node)
    return report.health_answer(session.timeline, found)


def _node(session: Session, name: str, column: int) -> int:
    try:
        place = parse_place(name, session.trace.graph, meant=("plot",))
    except CommandError as error:
        raise CommandError(str(error), column) from None
    if place.is_gradient or place.flat is not None:
        raise CommandError(
            said("'{name}' is a part: health tells of whole nodes", name=name), column
        )
    return place.node


def _compare(session: Session, argument: str) -> Resumable[Answer]:
    from tui_backprop.debug.compare import comparing, comparison_answer

    found = yield from comparing(session.timeline, _other(session, argument).timeline)
    is_before = argument.strip() == "before"
    answer = comparison_answer(found, (said("now"), said("before")) if is_before else None)
    return Answer((*answer.lines, *_moved(session, found)))


def _other(session: Session, argument: str) -> Trace:
    """The trace to compare with.

    Raises:
        CommandError: there is none; the column is that of its name.
    """
    text = argument.strip()
    column = len(argument) - len(argument.lstrip())
    if not text:
        raise CommandError(
            said("compare with what? A scenario, or before: the numbers before the set")
        )
    if text == "before":
        before = session.history.before
        if before is None:
            raise CommandError(said("nothing was set: there are no numbers before"), column)
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
    Command("health",
            said("Norms and flat entries of every node: what vanishes, explodes or is dead."),
            _health, (), said("[NODE | plot]"), "", (), _EXAMINING,
            said("Norms of the value, of the adjoint in the last backward pass and of the local "
            "Jacobian, shares of dead and saturated entries, flags; where trouble begins is said "
            "first, and the thresholds are stated.\n"
            "  health         every node; of more than a hundred, the flagged ones\n"
            "  health h       one node; health node plot, where it is called plot\n"
            "  health plot    the norm of the gradient along the depth, as a picture")),
    Command("compare", said("To the first event in which another walk differs from this one."),
            _compare, (), said("SCENARIO | before"), "", (), _EXAMINING,
            said("Both are walked in step, numbers to the last bit.\n"
            "  compare other.yaml    another scenario: a file, or the name of a shipped one\n"
            "  compare before        this one, with the numbers before the last set"),
            files=True, inside="before"),
)  # fmt: skip
