"""Where and when to stop, in words: ``op relu partial if any(isnan(v))``.

It stands apart from the commands that set breakpoints because a walk is asked for the same places
in several of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.debug.commands.command import LONGEST, expression, step_of
from tui_backprop.debug.place_names import parse_place
from tui_backprop.debug.stops import Stop, Write, node_stop
from tui_backprop.errors import CommandError
from tui_backprop.spelling import near
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.debug.conditions.expression import Expression
    from tui_backprop.debug.session import Session
    from tui_backprop.graph.model import Graph, Node

_PHASES: Final = tuple(phase.value for phase in Phase)
_WORD: Final = r"(?:[^\s\[]|\[[^\]]*\]?)+"
"""Spaces within brackets divide nothing: X.grad[0, 1] is one word."""

IF: Final = r"(?:^|\s)if(?:\s|$)"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Where and when to stop, as it was asked for."""

    text: str
    place: Stop | None
    condition: Expression | None


def asked_for(session: Session, argument: str, *, is_kept: bool = False) -> Asked:
    """``[NODE] [op NAME] [build|seed|partial] [write PLACE] [step K] [if EXPR]``.

    Args:
        session: whose graph.
        argument: as it was typed.
        is_kept: whether it was asked for before, in a walk that may have had more steps.

    Raises:
        CommandError: a word means nothing; the message has its column where there is one.
    """
    where, when, offset = parted(argument)
    place = _place(session, where, is_kept=is_kept) if where.strip() else None
    condition = None if when is None else expression(session, when, offset)
    return Asked(" ".join(argument.split()), place, condition)


def node_words(session: Session, node: Node) -> str:
    """A node in the first words that mean it where they are typed; its number always does.

    Many have no name, or one that is a word of the language, as ``step`` is.
    """
    words = (node.name, f"node {node.name}") if node.name else ()
    at_node = node_stop(node.id)
    return next((w for w in words if means(session, w, at_node)), f"#{node.id}")


def means(session: Session, where: str, place: Stop, *, is_kept: bool = False) -> bool:
    """Whether words mean a place; see `asked_for`."""
    try:
        found = asked_for(session, where, is_kept=is_kept)
    except CommandError:
        return False
    return found.place == place and found.condition is None and found.text == where


def parted(argument: str) -> tuple[str, str | None, int]:
    """What stands before ``if``, what after it, and where that begins."""
    found = re.search(IF, argument)
    if found is None:
        return argument, None, 0
    return argument[: found.start()], argument[found.end() :], found.end()


def _place(session: Session, text: str, *, is_kept: bool) -> Stop:
    """The words before ``if``, each of which narrows down where."""
    words = re.findall(_WORD, text)
    place = Stop()
    while words:
        word = words.pop(0)
        if word in {"op", "write", "step", "node"}:
            if not words:
                raise CommandError(f"{word} what? Such as: {_EXAMPLES[word]}")
            found = words.pop(0)
            if word == "step" and is_kept and found.isdecimal() and len(found) <= LONGEST:
                place = replace(place, step=int(found))
            else:
                place = _narrowed(session, place, word, found)
        elif word in _PHASES and word not in session.trace.graph.names:
            place = replace(place, phases=frozenset({*(place.phases or ()), Phase(word)}))
        else:
            place = _narrowed(session, place, "node", word)
    return place


_EXAMPLES: Final = {
    "op": "break op relu",
    "write": "break write X.grad[1]",
    "step": "break step 7",
    "node": "break node Y",
}


def _narrowed(session: Session, place: Stop, kind: str, word: str) -> Stop:
    graph = session.trace.graph
    if kind == "step":
        return replace(place, step=step_of(session, word))
    if kind == "op":
        return replace(place, nodes=_both(place, _nodes_of(graph, word)))
    found = parse_place(word, graph)
    if kind == "write":
        return replace(place, write=Write(found.node, found.flat))
    if found.is_gradient or found.flat is not None:
        raise CommandError(f"'{word}' is an adjoint: break write {word}, or watch {word}")
    return replace(place, nodes=_both(place, frozenset({found.node})))


def _both(place: Stop, nodes: frozenset[int]) -> frozenset[int]:
    return nodes if place.nodes is None else nodes & place.nodes


def _nodes_of(graph: Graph, op: str) -> frozenset[int]:
    found = frozenset(node.id for node in graph.nodes if node.op == op)
    if not found:
        here = list(dict.fromkeys(node.op for node in graph.nodes))
        guess = near(op, here) or here[:8]
        raise CommandError(f"no node here is a '{op}'; there are: {', '.join(guess)}")
    return found
