"""What nodes, entries and partials are called in code, and reading such names back.

They are ``h@2``, ``X.grad[1]``, ``dY[1]/dX[0]``.

Unlike the names on the screen these count from 0, as NumPy does: programs read them, and they can
be typed back as a command.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Role
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from tui_backprop.graph.model import Edge, Graph
    from tui_backprop.rules.types import Shape


def decimal(value: float, digits: int, exact_below: float | None = None) -> str:
    """``2``, ``0.5``, ``1.5e-12``, ``nan``: the rounding of every number that a person reads.

    A rounded number never looks exact. It has all its digits, ``0.300000`` for 0.2999996, with one
    behind the point that is not 0; where that takes more digits it has more of them. What a few
    roundings leave, as in 0.1 + 0.2, is no other number.

    Args:
        value: to be written; zero has no sign.
        digits: significant digits at most, where they are enough; 17 gives every bit of a float64.
        exact_below: whole numbers smaller than this have all their digits; those with one digit
            more than ``digits``, where it is not said.
    """
    below = 10 ** min(digits + 1, 15) if exact_below is None else exact_below
    if value.is_integer() and abs(value) < below:
        return str(int(value))
    if digits <= 15:
        for count in range(digits, 16):
            if text := _rounded(value, count):
                return text
        return decimal(value, 17)
    # "%g" would show the binary fraction; the shortest decimal that reads back does not.
    shortest = repr(value)
    needed = shortest.partition("e")[0].replace(".", "").strip("-0")
    return shortest.removesuffix(".0") if len(needed) <= digits else f"{value:.{digits}g}"


def percent(share: float) -> str:
    """``25%``; 100% and 0% are all and none of it, and never what is nearly so."""
    found = (f"{share:.{digits}%}" for digits in range(6))
    is_exact = share in {0, 1}
    return next((text for text in found if is_exact or float(text[:-1]) not in {0, 100}), "")


_NOISE: Final = 2.0**-40
"""How far, relatively, some thousand roundings take a float64."""
_NOISE_OF_FLOAT32: Final = 2.0**-20


def _rounded(value: float, digits: int) -> str:
    """The number with so many digits; empty where it would look like another one."""
    text, padded = f"{value:.{digits}g}", f"{value:#.{digits}g}"
    if text == padded and "." in text:
        return text  # all its digits, the last of them not 0
    shown = float(text)
    if shown == value or not isfinite(value):
        return text
    if padded.partition("e")[0].partition(".")[2].strip("0") == "":
        padded = ""
    noise = _NOISE_OF_FLOAT32 if _is_float32(value) else _NOISE
    return text if abs(shown - value) <= noise * abs(value) else padded


def _is_float32(value: float) -> bool:
    with np.errstate(over="ignore"):
        return float(np.float32(value)) == value


def index_text(shape: Shape, flat: int) -> str:
    """A flat position in brackets, ``[1,2]``; nothing for a scalar."""
    if not shape:
        return ""
    return "[" + ",".join(str(int(c)) for c in np.unravel_index(flat, shape)) + "]"


def label(graph: Graph, node_id: int) -> str:
    """``X``, ``h@2``; a node without a name by its number, ``#7``; a number by its digits."""
    node = graph.nodes[node_id]
    if not node.name:
        return f"#{node_id}" if node.literal is None else node.text
    is_rebound = "@" not in node.name and graph.names.get(node.name, node_id) != node_id
    return f"{node.name}@1" if is_rebound else node.name


def adjoint(graph: Graph, node_id: int) -> str:
    """A node's adjoint, ``h.grad``; by the node's number where a node is called ``h.grad``."""
    text = f"{label(graph, node_id)}.grad"
    return f"#{node_id}.grad" if text in graph.names else text


def entry(graph: Graph, node_id: int, flat: int) -> str:
    """One entry of a node's value, ``h[0,2]``; a scalar under its name."""
    return label(graph, node_id) + index_text(graph.nodes[node_id].shape, flat)


def adjoint_entry(graph: Graph, node_id: int, flat: int) -> str:
    """One entry of a node's adjoint, ``h.grad[0,2]``."""
    return adjoint(graph, node_id) + index_text(graph.nodes[node_id].shape, flat)


_LEAVES: Final = {Role.INPUT.value: said("input"), Role.CONSTANT.value: said("const")}


def kind(op: str) -> str:
    """What a node does, by the name of its op; of a leaf, which does nothing, what it is."""
    return _LEAVES.get(op, op)


def quotient(graph: Graph, y: tuple[int, int], x: tuple[int, int], sign: str = "d") -> str:
    """A derivative of one entry by another, through one edge or through many: ``dY[1]/dX[0]``.

    Both are a node and a flat position; the sign is ``∂`` where not only ASCII is read.
    """
    return f"{sign}{entry(graph, *y)}/{sign}{entry(graph, *x)}"


def partial(graph: Graph, edge: Edge, j: int, i: int) -> str:
    """One entry of a local Jacobian; with the argument where a node reads one parent twice."""
    text = quotient(graph, (edge.node, j), (edge.parent, i))
    if not is_read_again(graph, edge):
        return text
    return said("{partial} ({argument})", partial=text, argument=argument_words(edge.argument))


_ARGUMENTS: Final = (
    said("first argument"), said("second argument"), said("third argument"), said("fourth argument")
)  # fmt: skip


def argument_words(number: int) -> str:
    """An argument in words, ``first argument``: panes count from 1, and code from 0."""
    if number < len(_ARGUMENTS):
        return _ARGUMENTS[number]
    return said("argument {number} from the first on", number=number + 1)


def is_read_again(graph: Graph, edge: Edge) -> bool:
    """Whether the node of an edge reads its parent more than once, as ``x * x`` does."""
    return graph.nodes[edge.node].parents.count(edge.parent) > 1


@dataclass(frozen=True, slots=True)
class PlaceParts:
    """A place in its parts; none of them is looked up yet.

    Attributes:
        name: of a node.
        is_gradient: whether ``.grad`` stands behind it.
        index: what stands between brackets; None where there are none.
    """

    name: str
    is_gradient: bool
    index: str | None


def split_place(text: str, name: str, index: str, known: Container[str] = ()) -> PlaceParts | None:
    """The parts of a place, by the patterns of a name and of what may stand between its brackets.

    None where it is no place. A known name that ends in ``.grad`` is that name.
    """
    found = re.fullmatch(rf"(?a)\s*({name})(\.grad)?\s*(?:\[({index})\])?\s*", text)
    if found is None:
        return None
    whole = found[1] + (found[2] or "")
    if whole in known:
        return PlaceParts(whole, is_gradient=False, index=found[3])
    return PlaceParts(found[1], bool(found[2]), found[3])


def longest_name(words: str, known: Container[str]) -> str:
    """The longest known name that words joined by points begin with; empty where there is none.

    ``a.0.grad`` begins with ``a.0`` where ``a`` and ``a.0`` are known.
    """
    end = len(words)
    while end > 0 and words[:end] not in known:
        end = words.rfind(".", 0, end)
    return words[: max(end, 0)]


def node_called(name: str, graph: Graph, *, is_gradient: bool) -> int | None:
    """The node of a name: ``X.grad`` is of the input, even where the program binds X again."""
    found = graph.inputs.get(name) if is_gradient else None
    return graph.names.get(name) if found is None else found


def entry_at(index: Sequence[int], shape: Shape) -> tuple[int, ...] | None:
    """Coordinates from 0, negative ones counted from the end; None where there is no such entry.

    Fewer than there are axes name a row or a block.
    """
    fits = len(index) <= len(shape) and all(-n <= k < n for k, n in zip(index, shape, strict=False))
    return tuple(k % n for k, n in zip(index, shape, strict=False)) if fits else None
