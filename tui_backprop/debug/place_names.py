"""Numbers and places as a person types them: ``[1, 0, -2.5e3]``, ``X.grad[1, 2]``.

Nothing typed is evaluated: tokens are matched, lists are filled.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import CommandError
from tui_backprop.graph.file_names import here, meant, path_in, shortest
from tui_backprop.graph.model import Role
from tui_backprop.graph.modules import is_within
from tui_backprop.graph.naming import entry_at, node_called, split_place
from tui_backprop.language.message import joined, said, typed
from tui_backprop.spelling import near

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import Array

_NUMBER = r"[+-]?(?:inf|nan|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)"
# Text, compiled when a person types one: the first screen needs neither.
_TOKEN = rf"(?i)\s*(?:([\[(])|([\])])|(,)|({_NUMBER}))"
_NAME = r"#\d{1,11}|(?=[\d.]*[A-Za-z_])\w+?(?:[.@]\w+?)*?"
_INDEX = r"[-\d,\s]+"
_PLAIN = r"[-+0-9.e,\s\[\]naif]*"
_LONGEST = 18
"""Digits of a number of a line; one with more is none."""
_MOST_LINES = 12
"""Lines with nodes that a message names."""
_MOST_DIGITS = 25 * 10**6
"""Characters of a list: a million numbers to the last bit."""


def parse_numbers(text: str) -> Array:
    """A number or a nested list of numbers as a float64 array.

    Raises:
        CommandError: something else was found, mostly with its column.
    """
    if len(text) > _MOST_DIGITS:
        raise CommandError(
            said(
                "{count} characters of numbers; at most {most}",
                count=f"{len(text):,}",
                most=f"{_MOST_DIGITS:,}",
            )
        )
    known = _at_once(text)
    return _as_array(_piece_by_piece(text.rstrip()) if known is None else [known])


def _piece_by_piece(text: str) -> list[Any]:
    """Every top-level list or number of a text."""
    root: list[Any] = []
    stack = [root]
    unclosed: list[int] = []
    at = 0
    is_apart = True  # whether a comma parts what comes from what came
    token = re.compile(_TOKEN)
    while at < len(text):
        match = token.match(text, at)
        if match is None:
            blanks = len(text[at:]) - len(text[at:].lstrip())
            raise CommandError(said("expected a number or a list of numbers"), at + blanks)
        opened, closed, comma, number = match.groups()
        if opened:
            if len(stack) == 1 and not is_apart:
                raise CommandError(
                    said("two lists side by side: give one list, or put a comma between rows"),
                    match.start(1),
                )
            inner: list[Any] = []
            stack[-1].append(inner)
            stack.append(inner)
            unclosed.append(match.start(1))
        elif closed:
            if len(stack) == 1:
                raise CommandError(said("'{mark}' closes nothing", mark="]"), match.start(2))
            stack.pop()
            unclosed.pop()
        elif number:
            stack[-1].append(float(number))
        is_apart = bool(comma)
        at = match.end()
    if len(stack) > 1:
        raise CommandError(said("a '[' is not closed"), unclosed[-1])
    return root


def _at_once(text: str) -> Any:
    """A list that is written as JSON writes it, NaN and infinities aside; else None."""
    if not re.fullmatch(_PLAIN, text):
        return None
    from json import loads

    try:
        return loads(text.replace("nan", "NaN").replace("inf", "Infinity"), parse_int=float)
    except (ValueError, RecursionError):
        return None  # it may still be numbers, and else the place is told


def numbers_text(array: Array) -> str:
    """Numbers as `parse_numbers` reads them, to the last bit."""
    if array.ndim:
        return f"[{', '.join(map(numbers_text, array))}]"
    exact = float(array)
    text = repr(exact)
    if array.dtype == np.float32:
        short = str(array[()])
        text = short if np.float32(float(short)) == array else text
    return text.removesuffix(".0") if exact else text


def _as_array(root: list[Any]) -> Array:
    if not root:
        raise CommandError(said("expected a number or a list of numbers, such as [1, 0, 0]"))
    try:
        return np.array(root[0] if len(root) == 1 else root, dtype=np.float64)
    except ValueError:
        raise CommandError(said("the rows of a list must be equally long")) from None


@dataclass(frozen=True, slots=True)
class Place:
    """A node, its adjoint, or one entry of either.

    Attributes:
        node: the node's id.
        is_gradient: whether ``.grad`` was written.
        flat: the entry as a flat position; None for all of them.
    """

    node: int
    is_gradient: bool
    flat: int | None


def parse_place(text: str, graph: Graph, *, meant: tuple[str, ...] = ()) -> Place:
    """``Y``, ``h@2``, ``#12`` or ``12`` (a node's number), ``X.grad[1, 2]``; counts from 0.

    Names of a walk over somebody's model have points and digits: ``encoder.0.weight``. Where a node
    is called ``a.grad``, that is what ``a.grad`` means; the adjoint of ``a`` then is ``#3.grad``.

    Args:
        text: as it was typed.
        graph: whose names there are.
        meant: words that may have been meant where it is no name.

    Raises:
        CommandError: there is no such node or entry; the message names the nearest.
    """
    if text.strip().isdecimal() and len(text.strip()) < 12:
        return Place(_node_id(int(text), graph), is_gradient=False, flat=None)
    found = split_place(text, _NAME, _INDEX, graph.names)
    if found is None:
        raise CommandError(
            said(
                "expected a name, such as Y, or an entry, such as X.grad[0]: {found}",
                found=typed(text),
            )
        )
    name, index = found.name, found.index
    node = find_named(name, graph, is_gradient=found.is_gradient)
    if node is None:
        raise no_such_name(name, graph, meant=meant)
    flat = None if index is None else parse_index(index, graph.nodes[node].shape, name)
    return Place(node, found.is_gradient, flat)


def seed_word(graph: Graph) -> str:
    """What a ``set`` calls the seed: ``v``, or ``seed`` where the program has a v of its own."""
    return "seed" if "v" in graph.names else "v"


def _node_id(number: int, graph: Graph) -> int:
    if number >= len(graph.nodes):
        raise CommandError(
            said(
                "there is no node {number}: they count from 0 to {last}",
                number=number,
                last=len(graph.nodes) - 1,
            )
        )
    return number


def find_named(name: str, graph: Graph, *, is_gradient: bool) -> int | None:
    """The node of a name; where a gradient is meant, the input of that name comes first.

    Raises:
        CommandError: it is a number, as in ``#12``, and no node has it.
    """
    if name.startswith("#"):
        return _node_id(int(name[1:]), graph)
    return node_called(name, graph, is_gradient=is_gradient)


def no_such_name(
    name: str,
    graph: Graph,
    column: int | None = None,
    *,
    meant: tuple[str, ...] = (),
    listed: tuple[str, ...] = (),
) -> CommandError:
    """The error for a name that means nothing: with the nearest name, or the names there are.

    Args:
        name: as it was typed.
        graph: whose names there are.
        column: where it stands.
        meant: words that may have been meant beside the names.
        listed: words that are told of beside the names.
    """
    guess = near(name, (*graph.names, *meant))
    if guess:
        return CommandError(
            said("there is no '{name}'; did you mean '{guess}'?", name=name, guess=guess[0]), column
        )
    names = [n for n in graph.names if "@" not in n]
    also = [word for word in listed if word not in names]
    there = [*names[:12], *(["…"] if len(names) > 12 else []), *also]
    return CommandError(
        said("there is no '{name}'; there are: {there}", name=name, there=joined(", ", there)),
        column,
    )


def parse_index(index: str, shape: tuple[int, ...], name: str) -> int:
    """The flat position of an entry, such as ``1, 2``; a negative one counts from the end.

    Raises:
        CommandError: there is no such entry.
    """
    try:
        at = tuple(int(part) for part in index.split(",") if part.strip())
    except ValueError:
        raise CommandError(
            said("an index is whole numbers separated by commas: {index}", index=f"[{index}]")
        ) from None
    entry = entry_at(at, shape) if len(at) == len(shape) else None
    if entry is None:
        raise CommandError(
            said(
                "'{name}' has shape {shape}; it has no entry {entry}",
                name=name,
                shape=shape,
                entry=f"[{index.strip()}]",
            )
        )
    return int(np.ravel_multi_index(entry, shape)) if shape else 0


def ops_of(graph: Graph) -> list[str]:
    """The ops of a graph, composed ones after those that they are composed of."""
    own = (node.op for node in graph.nodes)
    return list(dict.fromkeys([*own, *(call.op for call in graph.composed.values())]))


def _calls(module: str) -> list[str]:
    """The ops whose calls a composed op's node lies in: ``glu@2.sigmoid`` is one of glu."""
    return [part.partition("@")[0] for part in module.split(".")]


def nodes_of_op(graph: Graph, op: str) -> frozenset[int]:
    """The nodes of an op; of a composed one all that it is composed of."""
    is_composed = any(call.op == op for call in graph.composed.values())
    found = frozenset(
        node.id for node in graph.nodes
        if node.op == op or (is_composed and op in _calls(node.module))
    )  # fmt: skip
    if not found:
        here = ops_of(graph)
        guess = near(op, here) or here[:8]
        raise CommandError(
            said("no node here is a '{op}'; there are: {there}", op=op, there=joined(", ", guess))
        )
    return found


def nodes_on_line(graph: Graph, line: str) -> frozenset[int]:
    """The nodes that a line of the program made."""
    found = _nodes_on(graph, int(line) if len(line) <= _LONGEST else 0)
    if not found:
        named = _of_file(graph, line)
        if named:
            raise CommandError(
                said(
                    "no node was made on line {line} of the program, which list shows; of the file "
                    "it is {place}",
                    line=line[:_LONGEST],
                    place=named,
                )
            )
        raise CommandError(
            said(
                "no node was made on line {line}: list shows the program{hint}",
                line=line[:_LONGEST],
                hint=_first_lines(graph),
            )
        )
    return found


def _of_file(graph: Graph, line: str) -> str:
    """The line of the only file as it is typed, if a node was made on it; else empty."""
    if len(graph.files) != 1 or len(line) > _LONGEST:
        return ""
    ((path, offset),) = graph.files.items()
    return f"{shortest(path, graph.files)}:{line}" if _nodes_on(graph, int(line) + offset) else ""


def _nodes_on(graph: Graph, line: int) -> frozenset[int]:
    """Those that are written on a line; of a line that calls a part of a model what that gave.

    Of each call the last op stands for it: it is the last to be built and the first to be pulled
    back.
    """
    spans = ((node.id, node.span) for node in graph.nodes if node.span is not None)
    written = frozenset(k for k, span in spans if span.line <= line <= span.end_line)
    if written:
        return written
    calls: dict[int, int] = {}
    for node in graph.nodes:
        calls.update({number: node.id for at, number in node.called if at == line})
    return frozenset(calls.values())


def _first_lines(graph: Graph, added: int = 0) -> str:
    """The first lines on which nodes were made; empty where there are none.

    Args:
        graph: the tape.
        added: how many lines of the program stand before those that are counted.
    """
    spans = (node.span for node in graph.nodes if node.span is not None)
    used = {*(span.line for span in spans), *(n for node in graph.nodes for n, _ in node.called)}
    lines = sorted(line - added for line in used if line > added)[:_MOST_LINES]
    return said("; there are: {names}", names=joined(", ", map(str, lines))) if lines else ""


def layers(graph: Graph) -> list[str]:
    """The modules whose ops are on the tape, in the order of the first op of each."""
    return list(dict.fromkeys(n.module for n in graph.nodes if n.module and n.role is Role.OP))


def nodes_in_layer(graph: Graph, module: str) -> frozenset[int]:
    """The ops of a part of a model, and of the parts within it; parameters do nothing."""
    found = frozenset(
        n.id for n in graph.nodes if n.role is Role.OP and is_within(n.module, module)
    )
    if not found or not module:
        raise no_such_layer(graph, module)
    return found


def no_such_layer(graph: Graph, module: str) -> CommandError:
    """The error for a module that there is not: with the nearest name, or some that there are."""
    known = layers(graph)
    guess = near(module, known) or known[:8]
    return CommandError(
        said(
            "there is no layer '{name}'; there are: {there}",
            name=f"{module:.60}",
            there=joined(", ", guess),
        )
    )


def line_of_file(graph: Graph, word: str) -> int | None:
    """The line of the program that ``train.py:31`` means; None where that is no such word.

    Of the path as much may be left out as leaves one file.

    Raises:
        CommandError: it means no file, or several; the message lists what can be typed.
    """
    file, _, number = word.rpartition(":")
    if not graph.files or not file or not number.isdecimal() or len(number) > _LONGEST:
        return None
    found = meant(path_in(here(), file), graph.files)
    if len(found) == 1:
        line = int(number) + graph.files[found[0]]
        if not _nodes_on(graph, line):
            raise CommandError(
                said(
                    "no node was made on line {number} of {file}{hint}",
                    number=number,
                    file=file,
                    hint=_first_lines(graph, graph.files[found[0]]),
                )
            )
        return line
    listed = [shortest(path, graph.files) for path in found or graph.files]
    if found:
        words = joined(", ", [f"{name}:{number}" for name in listed])
        raise CommandError(said("'{word}' may mean: {names}", word=word, names=words))
    raise CommandError(
        said(
            "no node was made in '{file}'; there are: {there}",
            file=file,
            there=joined(", ", listed),
        )
    )
