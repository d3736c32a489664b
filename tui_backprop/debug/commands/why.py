"""Commands that ask why: where a gradient came from, what made it zero, where NaN began."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from tui_backprop.debug.commands.command import Command, count_of, first_word
from tui_backprop.debug.place_names import parse_place
from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from tui_backprop.debug.session import Session
    from tui_backprop.language.message import Answer

_GROUP: Final = "Asking why"
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
        return why_zero_answer(timeline, why_zero(timeline, session.cursor, node, flat, page))
    return why_answer(timeline, why(timeline, session.cursor, node, flat, page))


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
            raise CommandError("why what? An entry of a gradient, such as X.grad[1]")
        return frame.edge.parent, frame.column
    graph = session.trace.graph
    place = parse_place(text, graph)
    node = graph.nodes[place.node]
    if not place.is_gradient:
        raise CommandError(f"'{text.strip()}' is a value: ask about a gradient, {node.label}.grad")
    if place.flat is None and node.size != 1:
        raise CommandError(
            f"which entry of '{text.strip()}', of shape {node.shape}? Such as "
            f"{node.label}.grad[{', '.join('0' * len(node.shape))}]"
        )
    return place.node, place.flat or 0


def _origin(session: Session, argument: str) -> Answer:
    from tui_backprop.debug.why.nonfinite import origin
    from tui_backprop.debug.why.nonfinite_text import origin_answer

    word, rest = first_word(argument)
    if word not in {"nan", "inf"}:
        raise CommandError(f"expected origin nan, or origin inf; found {word!r}")
    passing, names = first_word(rest)
    if passing and (passing != "ignoring" or not names):
        raise CommandError(f"expected ignoring and names, such as: origin {word} ignoring h")
    graph = session.trace.graph
    ignored = frozenset(parse_place(name, graph).node for name in names.split())
    what: Literal["nan", "inf"] = "nan" if word == "nan" else "inf"
    found = origin(session.timeline, what, ignored)
    return origin_answer(session.timeline, what, found, ignored)


ASKING: Final[tuple[Command, ...]] = (
    Command("why", "Every contribution that made a gradient entry, or what made it zero.",
            _why, ("y",), "[zero] [X.grad[I]] [page N]", "", (), _GROUP,
            "Each contribution with its step, its path from the output and the product along it.\n"
            "  why X.grad[1]         the sum, summand by summand; alone, the entry of this step\n"
            "  why zero X.grad[1]    which factor killed each path\n"
            "  why X.grad[1] page 2  the next contributions"),
    Command("origin", "The first step at which a NaN or an infinity came out of finite numbers.",
            _origin, (), "nan | inf [ignoring NODE ...]", "", (), _GROUP,
            "Forward or backward, with the operands, the infinity that a NaN was made of, and a "
            "cure where one is known that holds for these numbers.\n"
            "  origin nan\n"
            "  origin inf ignoring mask    where infinities are intended at mask"),
)  # fmt: skip
