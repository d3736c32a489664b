"""What stands before the rows of a Jacobian and over its columns, with every name or with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass
from tui_backprop.render.text.arrays import shape_text

if TYPE_CHECKING:
    from collections.abc import Callable

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


def jacobian_title(view: View, node: int, parent: int, *, is_total: bool = False) -> str:
    """What J is of, the shorter ways to say it on further lines.

    How it is to be read goes first, then how large it is.

    Args:
        view: names and language.
        node: whose entries are the rows.
        parent: whose entries are the columns.
        is_total: whether it is that of the whole graph, which is said as long as there is room.
    """
    nodes, namer, say = view.namer.graph.nodes, view.namer, view.spoken.say
    y, x = namer.label(node), namer.label(parent)
    shape = shape_text((nodes[node].size, nodes[parent].size), view.charset)
    total = [say("whole graph")] if is_total else []
    how = say("rows {y}, columns {x}", y=y, x=x)
    named, short = namer.jacobian(node, parent), namer.quotient(node, parent)
    ways = ([named, shape, *total, how], [named, shape, *total], [named, *total],
            [short, *total], [named], [short])  # fmt: skip
    return "\n".join(dict.fromkeys("  ".join(way) for way in ways))
