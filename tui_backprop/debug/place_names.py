"""Places as a person types them: ``X.grad[1, 2]``, a node, an op, a line, a layer.

Nothing typed is evaluated: it is matched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import CommandError
from tui_backprop.graph.file_names import here, meant, path_in, shortest
from tui_backprop.graph.model import Role
from tui_backprop.graph.modules import is_within
from tui_backprop.graph.naming import entry_at, label, node_called, split_place
from tui_backprop.language.message import joined, said, typed
from tui_backprop.spelling import near

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph

# Text, compiled when a person types one: the first screen needs none.
_NAME = r"#\d{1,11}|(?=[\d.]*[A-Za-z_])\w+?(?:[.@]\w+?)*?"
_INDEX = r"[-\d,\s]+"
_LONGEST = 18
"""Digits of a number of a line; one with more is none."""
_MOST_LINES = 12
"""Lines with nodes that a message names."""


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
    called = f"{name}.grad" if found.is_gradient else name
    flat = None if index is None else parse_index(index, graph.nodes[node].shape, called)
    return Place(node, found.is_gradient, flat)


def check_has_gradient(graph: Graph, node: int) -> None:
    """Refuse the gradient of what has none, wherever the walk is.

    Raises:
        CommandError: the node is a constant.
    """
    if graph.nodes[node].role is Role.CONSTANT:
        raise CommandError(
            said("{node} is a constant: no gradient is kept for it", node=label(graph, node))
        )


def node_for_total(graph: Graph, text: str, *, meant: tuple[str, ...] = ()) -> int:
    """The node by which J of the whole graph is asked for; see `parse_place`.

    Raises:
        CommandError: it is no whole node, or a constant.
    """
    place = parse_place(text, graph, meant=meant)
    if place.is_gradient or place.flat is not None:
        name = next(iter(graph.inputs), "X")
        raise CommandError(
            said("J is by a whole node, such as {name}; found {found}", name=name,
                 found=typed(text.strip()))
        )  # fmt: skip
    check_has_gradient(graph, place.node)
    return place.node


def words_for_node(graph: Graph, node: int) -> str:
    """A node as `parse_place` reads it: its name, or its number where that means something else."""
    name = label(graph, node)
    is_plain = graph.names.get(name) == node and name not in {"on", "off", "product"}
    return name if is_plain else f"#{node}"


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

    Args:
        index: what stands between the brackets.
        shape: of the array.
        name: what the array is called, for messages.

    Raises:
        CommandError: there is no such entry; of a row the message names the entries.
    """
    part = parse_part(index, shape, name)
    if len(part) == len(shape):
        return int(np.ravel_multi_index(part, shape)) if shape else 0
    rest = shape[len(part) :]
    ends = [f"{name}[{','.join(map(str, (*part, *at)))}]" for at in _ends(rest)]
    if not ends:
        raise _no_entry(index, shape, name)
    raise CommandError(
        said(
            "'{name}' has shape {shape}; of {part} there are the entries {first} to {last}",
            name=name,
            shape=shape,
            part=f"[{index.strip()}]",
            first=ends[0],
            last=ends[-1],
        )
    )


def _ends(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The first and the last place of an array; none where it is empty."""
    return [(0,) * len(shape), tuple(n - 1 for n in shape)] if all(shape) else []


def parse_part(index: str, shape: tuple[int, ...], name: str) -> tuple[int, ...]:
    """An entry, or the row or block of which the first places are given; see `parse_index`.

    Raises:
        CommandError: there is none.
    """
    try:
        at = tuple(int(part) for part in index.split(",") if part.strip())
    except ValueError:
        raise CommandError(
            said("an index is whole numbers separated by commas: {index}", index=f"[{index}]")
        ) from None
    found = entry_at(at, shape) if at or not shape else None
    if found is None:
        raise _no_entry(index, shape, name)
    return found


def _no_entry(index: str, shape: tuple[int, ...], name: str) -> CommandError:
    return CommandError(
        said(
            "'{name}' has shape {shape}; it has no entry {entry}",
            name=name,
            shape=shape,
            entry=f"[{index.strip()}]",
        )
    )


def ops_of(graph: Graph) -> list[str]:
    """The ops of a graph, composed ones after those that they are composed of."""
    own = (node.op for node in graph.nodes)
    composed = (call.op for call in graph.composed.values())
    return list(dict.fromkeys([*own, *composed, *graph.alone]))


def op_here(graph: Graph, name: str) -> str:
    """The op of a graph that a name means, by which it may be written; empty where none is."""
    from tui_backprop.program.vocabulary.aliases import ALIASES

    here = ops_of(graph)
    return next((op for op in (name, ALIASES.get(name, name)) if op in here), "")


def _calls(module: str) -> list[str]:
    """The ops whose calls a composed op's node lies in: ``glu@2.sigmoid`` is one of glu."""
    return [part.partition("@")[0] for part in module.split(".")]


def nodes_of_op(graph: Graph, name: str) -> frozenset[int]:
    """The nodes of an op, by any of its names; of a composed one all that it is composed of."""
    op = op_here(graph, name)
    is_composed = any(call.op == op for call in graph.composed.values())
    found = frozenset(
        node.id for node in graph.nodes
        if node.op == op or (is_composed and op in _calls(node.module))
    )  # fmt: skip
    found |= frozenset(graph.alone.get(op, ()))
    if not found:
        here = ops_of(graph)
        guess = near(name, here) or here[:8]
        raise CommandError(
            said("no node here is a '{op}'; there are: {there}", op=name, there=joined(", ", guess))
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
