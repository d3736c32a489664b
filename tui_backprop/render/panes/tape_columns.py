"""How many cells each column of the tape has, from what the rows want and what there is."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.render.text.arrays import shape_text
from tui_backprop.render.text.spans import width

if TYPE_CHECKING:
    from tui_backprop.render.rows import Rows
    from tui_backprop.rules.types import Shape

GAP: Final = 2
"""Cells between columns; the second holds the pointer to a value that a step made."""

ADJOINT_LABEL: Final = 5
"""Cells of ``grad`` or ``v`` in front of an adjoint, with room for the pointer."""

_ENTRY: Final = 6
"""Cells that an entry is taken to need, with its space."""

_READ: Final = 500
"""Nodes whose text decides how wide the column is; those of a big graph are all alike."""

_TURNS: Final = (
    ("adjoint", ADJOINT_LABEL + 9),
    ("value", 14),
    ("adjoint", ADJOINT_LABEL + 14),
    ("text", 6),
    ("shape", 8),
    ("name", 12),
    ("text", 12),
    ("value", 18),
    ("adjoint", ADJOINT_LABEL + 18),
    ("note", 8),
    ("text", 16),
    ("note", 24),
    ("value", 22),
    ("adjoint", ADJOINT_LABEL + 22),
    ("note", 40),
    ("text", 28),
    ("value", 46),
    ("adjoint", ADJOINT_LABEL + 46),
)
"""Who gets the cells that are left, in turns, each up to a width.

A column that is not there yet comes with its whole first turn or waits; others take what is left.
"""


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells per column, without the gaps between them; 0 for one that is left out.

    Attributes:
        name: the label.
        text: how the node was written.
        shape: of the value.
        value: the forward value.
        adjoint: ``grad`` or ``v``.
        note: kept free for what the walk does in one row, which stands behind the last column.
    """

    name: int
    text: int
    shape: int
    value: int
    adjoint: int
    note: int

    @property
    def total(self) -> int:
        """Cells of all of them, each with the gap before it."""
        sizes = (self.name, self.text, self.shape, self.value, self.adjoint, self.note)
        return sum(size + GAP for size in sizes if size)


def wished(rows: Rows) -> Columns:
    """The widths that the rows of a graph can fill at most."""
    every = range(len(rows))
    shapes = {node.shape for row in every if (node := rows.node(row)) is not None}
    number = len(str(len(rows.graph.nodes))) + 1
    name = max((_name_cells(rows, row, number) for row in every), default=1)
    value = max((_value_cells(shape) for shape in shapes), default=1)
    return Columns(
        name=name,
        text=max((width(rows.text(row)) for row in every[:_READ]), default=1),
        shape=max((len(shape_text(shape)) for shape in shapes), default=1),
        value=value,
        adjoint=ADJOINT_LABEL + value,
        note=len("◂ pulling back into ") + name,
    )


def _name_cells(rows: Rows, row: int, number: int) -> int:
    """A node's name may be followed by which binding of it is meant."""
    if not rows.has_name(row):
        return number
    return rows.cells(row) + (0 if rows.is_group(row) else 2)


def _value_cells(shape: Shape) -> int:
    """A scalar has all its digits; entries of an array can do with fewer."""
    return 2 * len(shape) + _ENTRY * min(prod(shape), 100) if shape else 9


LEAST: Final = 6
"""Cells of a name, however little room there is."""

PATH: Final = 14
"""The same of a name that is a module's path with something at its end."""

LONG_PATH: Final = 28
"""The same where there is much room."""


def fit_columns(wish: Columns, room: int, least: int = LEAST) -> Columns:
    """The columns for ``room`` cells: name and value always, the others while they fit."""
    name = max(min(wish.name, least, room - 12), min(wish.name, LEAST))
    value = max(min(wish.value, 11, room - name - 2 * GAP), 1)
    columns = Columns(name, 0, 0, value, 0, 0)
    for column, most in _TURNS:
        before = getattr(columns, column)
        wanted = max(before, min(getattr(wish, column), most))
        free = room - columns.total - (0 if before else GAP)
        if before:
            wanted = min(wanted, before + max(free, 0))
        elif wanted > free:
            continue
        columns = replace(columns, **{column: wanted})
    return columns
