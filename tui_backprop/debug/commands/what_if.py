"""Commands that change numbers: other leaves or another v in the same graph, and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.commands.command import Command, brief, expression, first_word, plain
from tui_backprop.debug.number_lists import parse_numbers
from tui_backprop.debug.place_names import parse_part, parse_place, seed_word
from tui_backprop.errors import CommandError
from tui_backprop.language.message import joined, said, said_in, typed

if TYPE_CHECKING:
    from tui_backprop.debug.session import Session
    from tui_backprop.rules.types import Array

_GROUP: Final = said("Trying")
_WORD: Final = r"[A-Za-z_]\w*"
_NUMERIC: Final = r"(?i)inf|nan|e\d*"
"""Words that a number may have."""
_LONE: Final = r"(?i)(?<![0-9.])e|e(?![-+]?[0-9])"
"""The letter e where it is a name and no exponent."""
_COMPUTED: Final = r"[*/%@(]|[0-9.)\]]\s*[-+]|[-+]\s*[-+\s]"
"""Signs of arithmetic: such a text may be an expression of numbers alone."""
_ADDED: Final = r"[0-9.)\]][-+]"
"""A sign that belongs to no number: 1-3 is no list, as [1 -3] is one."""
_IN_PARENTHESES: Final = r"\s*\([^\[\](),\s]+\)\s*"
"""One number, of which they make no list."""
_PART: Final = r"\s*([^\[\]]+?)\s*\[([-\d,\s]+)\]\s*"
_SEED_ENTRY: Final = r"(?:v|seed)\s*(?:\[([-\d,\s]+)\])?"
"""The seed, or one entry of it."""


def _set(session: Session, argument: str) -> str:
    word, rest = first_word(argument)
    if word == "seed" and "=" not in argument:
        session.apply(argument.strip(), session.trace.rerun(v=_seed(session, rest)))
        return session.reason
    target, equals, right = argument.partition("=")
    target = target.strip()
    if equals and not target:  # on the screen v is a key of this command
        raise CommandError(
            said("numbers are set by: {command}", command=f"set v = {brief(right.strip())}")
        )
    if not equals:
        raise CommandError(
            said("expected what = numbers, such as: set v = [1, 0, 0], or set X[0] = 5")
        )
    numbers = _numbers(session, right, len(argument) - len(right))
    what = " ".join(argument.split())
    entry = re.fullmatch(_SEED_ENTRY, target)
    if entry is not None and not (target.startswith("v") and "v" in session.trace.graph.names):
        seed = (
            numbers
            if entry[1] is None
            else _with_part(_first_seed(session), entry[1], seed_word(session.trace.graph), numbers)
        )
        session.apply(what, session.trace.rerun(v=seed))
    else:
        session.apply(what, session.trace.rerun(dict([_leaf(session, target, numbers)])))
    return session.reason


def _with_part(array: Array, index: str, name: str, numbers: Array) -> Array:
    """An array with other numbers in one entry, or in a row or block of it, which has its shape."""
    part = parse_part(index, array.shape, name)
    shape = array.shape[len(part) :]
    target = f"{name}[{index.strip()}]"
    if not shape and numbers.size != 1:
        raise CommandError(
            said("'{target}' is one number; found {count}", target=target, count=numbers.size)
        )
    if shape and numbers.shape != shape:
        raise CommandError(
            said(
                "'{target}' has the shape {shape}; found {found}",
                target=target,
                shape=shape,
                found=numbers.shape,
            )
        )
    changed = array.copy()
    changed[part] = numbers.reshape(shape)
    return changed


def is_literal(target: str, equals: str, right: str) -> bool:
    """Whether a ``set`` means the same at every step: numbers, or one of the named seeds."""
    if not equals:
        word, rest = first_word(target)
        return word == "seed" and bool(rest)  # alone it is what a Python program set
    words = {word for word in re.findall(_WORD, right) if word.lower() not in {"inf", "nan"}}
    if not all(re.fullmatch(_NUMERIC, word) for word in words):
        return False
    return not words or re.search(_LONE, right) is None


def _zeros(session: Session, argument: str) -> str:
    word = argument.strip()
    if word not in {"", "show", "skip"}:
        raise CommandError(
            said("expected zeros, zeros show or zeros skip; found {word}", word=typed(word))
        )
    if word and session.timeline.zeros is (word == "show"):
        return ""
    session.toggle_zeros()
    return session.reason


def _numbers(session: Session, text: str, offset: int) -> Array:
    """A literal, or the value of an expression at this step; a constant one means it everywhere."""
    if is_literal("", "=", text) and re.search(_ADDED, text) is None:
        try:
            found = parse_numbers(text)
            return found.reshape(()) if re.fullmatch(_IN_PARENTHESES, text) else found
        except CommandError as error:
            if not re.search(_COMPUTED, text):
                raise error.moved(offset) from None
    asked = expression(session, text, offset)
    value = asked.at(session.frame)
    if value is None or not value.is_complete:
        raise CommandError(said("'{text}' is not computed yet at this step", text=asked.text))
    return value.values


def _leaf(session: Session, target: str, numbers: Array) -> tuple[str, Array]:
    """The name of a leaf and its new value."""
    graph = session.trace.graph
    of_part = re.fullmatch(_PART, target)
    name = target if of_part is None else of_part[1]
    place = parse_place(name, graph, meant=("v", "seed"))
    node = graph.nodes[place.node]
    if node.literal is not None and not place.is_gradient:
        raise CommandError(
            said(
                "'{target}' is the number {number}, which the program states: it is changed there",
                target=target,
                number=node.text,
            )
        )
    if place.is_gradient or node.name not in session.trace.leaves:
        word = seed_word(graph)
        there = joined(", ", [word, *session.trace.leaves])
        raise CommandError(
            said(
                "'{target}' is computed: only {seed} and leaves can be set: {there}",
                target=target,
                seed=word,
                there=there,
            )
        )
    if of_part is None:
        return node.name, numbers
    return node.name, _with_part(session.trace.leaves[node.name], of_part[2], name, numbers)


def _seed(session: Session, text: str) -> Array:
    """``ones``, or ``onehot 2``: a unit vector, by the flat position of its 1."""
    word, rest = first_word(text)
    seed = _first_seed(session)
    shape, size = seed.shape, seed.size
    if word == "ones" and not rest:
        return np.ones(shape)
    if word == "onehot" and rest.isdecimal() and len(rest) < 18 and int(rest) < size:
        unit = np.zeros(size)
        unit[int(rest)] = 1.0
        return unit.reshape(shape)
    raise CommandError(
        said("expected seed ones, or seed onehot K with K from 0 to {last}", last=size - 1)
    )


def _first_seed(session: Session) -> Array:
    """The v of the first backward pass."""
    run = next((run for run in session.trace.runs if run is not None), None)
    if run is None:
        raise CommandError(said("this scenario has no backward pass to seed"))
    return run.seed


WHAT_IF: Final[tuple[Command, ...]] = (
    Command("set", said("Other numbers for v or for a leaf; the walk is computed anew."),
            _set, ("v",), said("WHAT = NUMBERS"), "", (), _GROUP,
            said(
                "WHAT is v, a leaf, or an entry or a row of one: set v = [1, 0, 0], set X[0] = "
                "1/3, set X = 2 * X. Also: set seed ones, set seed onehot K. undo goes back, redo "
                "forth."
            )),
    Command("undo", said("Back to the numbers before the last set."),
            plain(lambda s: s.undo()), ("U",), "", "", (), _GROUP, repeats=True),
    Command("redo", said("The numbers that undo took away."),
            plain(lambda s: s.redo()), (), "", "", (), _GROUP, repeats=True),
    Command("zeros", said("Visit structurally zero partials, or skip them."),
            _zeros, ("z",), said("[show | skip]"), said_in("a key", "zeros"), (), _GROUP),
)  # fmt: skip
