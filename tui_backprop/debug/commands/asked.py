"""Where and when to stop, as a person says it: the words behind ``break``, read.

Every word narrows down the place; what stands behind ``if`` is the condition.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.debug.commands.command import LONGEST, condition, step_of, whole_number
from tui_backprop.debug.place_names import (
    check_has_gradient,
    line_of_file,
    nodes_in_layer,
    nodes_of_op,
    nodes_on_line,
    op_here,
    parse_place,
)
from tui_backprop.debug.stops import Stop, Write, node_stop
from tui_backprop.errors import CommandError
from tui_backprop.language.message import said, typed
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from tui_backprop.debug.conditions.expression import Expression
    from tui_backprop.debug.session import Session
    from tui_backprop.graph.model import Node


_PHASES: Final = tuple(phase.value for phase in Phase)
_WORD: Final = r"(?:[^\s\[]|\[[^\]]*\]?)+"
"""Spaces within brackets divide nothing: X.grad[0, 1] is one word."""

_LIKE_A_LINE: Final = r"(?i)(?:line|ln|l)[ :#=.]*([0-9]{1,18}):?|:?([0-9]{1,18}):"
"""What other debuggers, and people, call a line."""
_LIKE_IF: Final = frozenset({"when", "unless", "where", "=", "==", "!=", "<", ">", "<=", ">="})

IF: Final = r"(?:^|\s)if(?:\s|$)"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Where and when to stop, as read from the command."""

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
    where, behind, offset = parted(argument)
    told: list[str] = []
    place = _place(session, where, told, is_kept=is_kept) if where.strip() else None
    when = None if behind is None else condition(session, behind, offset)
    return Asked(" ".join([*told, *argument[len(where) :].split()]), place, when)


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
    """The words before ``if``, the words after it, and where these begin."""
    found = re.search(IF, argument)
    if found is None:
        return argument, None, 0
    return argument[: found.start()], argument[found.end() :], found.end()


def _place(session: Session, text: str, told: list[str], *, is_kept: bool) -> Stop:
    """Parse the words before ``if``, each of which narrows down the place.

    Args:
        session: whose graph.
        text: the words.
        told: gets them as they say what was understood: ``20`` is ``step 20``, ``:3`` ``line 3``.
        is_kept: as in `asked_for`; a number alone, as long ago, is that of a node.
    """
    typed = re.findall(_WORD, text)
    words = understood(typed, is_kept=is_kept)
    told += words
    place = Stop()
    while words:
        word = words.pop(0)
        if word in {"op", "write", "step", "node"} or _is_of_source(session, word, words):
            if not words:
                raise _what(word)
            found = words.pop(0)
            number = whole_number(found) if word == "step" and is_kept else None
            if number is not None:
                place = replace(place, step=number)
            elif word == "step" and "step" not in typed:
                place = replace(place, step=_step_or_line(session, found))
            else:
                place = _narrowed(session, place, word, found)
        elif (line := line_of_file(session.trace.graph, word)) is not None:
            place = _narrowed(session, place, "line", str(line))
        elif word in _PHASES and word not in session.trace.graph.names:
            place = replace(place, phases=frozenset({*(place.phases or ()), Phase(word)}))
        else:
            try:
                place = _narrowed(session, place, "node", word)
            except CommandError as error:
                raise _meant_otherwise(session, word, words) or error from None
    return place


def _what(word: str) -> CommandError:
    return CommandError(said("{word} what? Such as: {example}", word=word, example=_EXAMPLES[word]))


def _step_or_line(session: Session, number: str) -> int:
    """The step that a number alone counts; where there is none, how a line is written."""
    try:
        return step_of(session, number)
    except CommandError as error:
        raise CommandError(
            said(
                "{problem}; a line is written {line}",
                problem=str(error),
                line=f":{number:.{LONGEST}}",
            )
        ) from None


def _meant_otherwise(session: Session, word: str, following: list[str]) -> CommandError | None:
    """How to say what a word that is no node was meant to say, where that can be guessed."""
    if word == "line" and not following:
        return _what(word)
    behind = next((w for w in following if w not in {"step", "line"}), "")
    line = re.fullmatch(_LIKE_A_LINE, f"{word} {behind}") or re.fullmatch(_LIKE_A_LINE, word)
    if line is not None:
        number = line[1] or line[2]
        return CommandError(
            said("a line is written {line}: {found}", line=f":{number}", found=typed(line[0]))
        )
    if op_here(session.trace.graph, word):
        return CommandError(said("'{op}' is an op: {command}", op=word, command=f"break op {word}"))
    if word in _LIKE_IF:
        return CommandError(
            said("a condition stands behind 'if', as in {command}", command="break if step > 3")
        )
    return None


def understood(words: list[str], *, is_kept: bool = False) -> list[str]:
    """The words with what a number alone, or one behind a colon, counts; see `asked_for`."""
    found: list[str] = []
    for word in words:
        before = found[-1] if found else ""
        if word.isdecimal() and not is_kept and before not in _EXAMPLES:
            found.append("step")
        elif re.fullmatch(":[0-9]+", word):
            found.append("line")
        found.append(word.removeprefix(":"))
    return found


def _is_of_source(session: Session, word: str, following: list[str]) -> bool:
    """Whether a word says that a line or a layer follows, and not a node of that name."""
    if word == "line":
        return bool(following) and following[0].isdecimal()
    return word == "layer" and any(node.module for node in session.trace.graph.nodes)


_EXAMPLES: Final = {
    "op": "break op relu",
    "write": "break write X.grad[1]",
    "step": "break step 7",
    "node": "break node Y",
    "line": "break line 3",
    "layer": "break layer encoder.0",
}


def _narrowed(session: Session, place: Stop, kind: str, word: str) -> Stop:
    graph = session.trace.graph
    if kind == "step":
        return replace(place, step=step_of(session, word))
    if kind == "op":
        return replace(place, nodes=_both(place, nodes_of_op(graph, word)))
    if kind == "line":
        return replace(place, nodes=_both(place, nodes_on_line(graph, word)))
    if kind == "layer":
        return replace(place, nodes=_both(place, nodes_in_layer(graph, word)))
    found = parse_place(word, graph, meant=(*_EXAMPLES, *_PHASES))
    if kind == "write":
        check_has_gradient(graph, found.node)
        return replace(place, write=Write(found.node, found.flat))
    if found.flat is not None and not found.is_gradient:
        raise CommandError(
            said(
                "'{word}' is an entry: break write {gradient}, or watch {gradient}",
                word=word,
                gradient=word.replace("[", ".grad[", 1),
            )
        )
    if found.is_gradient:
        raise CommandError(
            said("'{word}' is a gradient: break write {word}, or watch {word}", word=word)
        )
    return replace(place, nodes=_both(place, frozenset({found.node})))


def _both(place: Stop, nodes: frozenset[int]) -> frozenset[int]:
    return nodes if place.nodes is None else nodes & place.nodes
