"""What stands before the rows of a Jacobian and over its columns, with every name or with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.naming import is_read_again
from tui_backprop.render.text.arrays import shape_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.model import Edge
    from tui_backprop.render.text.names import Namer
    from tui_backprop.render.view import View


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """How rows and columns are called.

    Attributes:
        row: what stands before a row, by its flat position.
        column: what stands over a column.
        corner: what both are of, where they do not say it; empty where they do.
    """

    row: Callable[[int], str]
    column: Callable[[int], str]
    corner: str = ""


def whole_labels(namer: Namer, node: int, parent: int) -> Labels:
    """Every label with its name, as on a board: ``y₁`` before ``x₁``."""
    return Labels(
        row=lambda j: namer.entry(node, j),
        column=lambda i: namer.entry(parent, i),
    )


def short_labels(namer: Namer, node: int, parent: int) -> Labels:
    """Subscripts alone, under one ``∂Y/∂X``: a long name would cost every column its cells."""
    return Labels(
        row=lambda j: subscript(namer, node, j),
        column=lambda i: subscript(namer, parent, i),
        corner=namer.quotient(node, parent),
    )


def subscript(namer: Namer, node: int, flat: int) -> str:
    """Where an entry stands, without its name: ``₁₂``, ``1,2``, ``[0,1]``; of a scalar its name."""
    shape = namer.graph.nodes[node].shape
    if not shape:
        return namer.entry(node, flat)
    return namer.index(shape, flat).strip("()")


def edge_title(view: View, edge: Edge) -> str:
    """What the J of an edge is of; which argument, where a node reads its parent several times."""
    which = ""
    if is_read_again(view.namer.graph, edge):
        which = view.spoken.say("argument {number}", number=edge.argument + view.namer.subscripts)
    return _title(view, edge.node, edge.parent, which)


def total_title(view: View, node: int, parent: int) -> str:
    """What the J of the whole graph is of."""
    return _title(view, node, parent, view.spoken.say("whole graph"))


def _title(view: View, node: int, parent: int, which: str) -> str:
    """What J is of, the shorter ways to say it on further lines.

    How it is to be read goes first, then how large it is.

    Args:
        view: names and language.
        node: whose entries are the rows.
        parent: whose entries are the columns.
        which: what tells it from another J of these two, said as long as there is room.
    """
    nodes, namer, say = view.namer.graph.nodes, view.namer, view.spoken.say
    y, x = namer.label(node), namer.label(parent)
    shape = shape_text((nodes[node].size, nodes[parent].size), view.charset)
    told = [which] if which else []
    how = say("rows {y}, columns {x}", y=y, x=x)
    named, short = namer.jacobian(node, parent), namer.quotient(node, parent)
    ways = ([named, shape, *told, how], [named, shape, *told], [named, *told],
            [short, *told], [named], [short])  # fmt: skip
    return "\n".join(dict.fromkeys("  ".join(way) for way in ways))
