"""The health of a node as the texts of a table's columns.

It stands apart from the tables because a terminal's is broken for its width and an answer's is
padded once: what stands in the columns is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.debug.health.health import NodeHealth


class Column(NamedTuple):
    """A column: its title, and whether its texts stand to the right, as numbers do."""

    title: str
    is_number: bool = False


COLUMNS: Final = (
    Column("node"),
    Column("op"),
    Column("shape"),
    Column("depth", is_number=True),
    Column("|value|", is_number=True),
    Column("|grad|", is_number=True),
    Column("·/edge", is_number=True),
    Column("|J|", is_number=True),
    Column("dead", is_number=True),
    Column("saturated", is_number=True),
    Column("flags"),
)
"""In the order of `texts`."""


def texts(node: NodeHealth, number: Callable[[float], str], times: str = "×") -> tuple[str, ...]:
    """A text for each column; empty where there is nothing to measure.

    Args:
        node: the measurements.
        number: writes a norm or a factor.
        times: stands between the lengths of a shape.
    """
    norms = (node.value, node.adjoint, node.rate, node.jacobian)
    return (
        node.name,
        node.op,
        times.join(map(str, node.shape)),
        "" if node.depth is None else str(node.depth),
        *("" if x is None else number(x) for x in norms),
        *("" if share is None else f"{share:.0%}" for share in (node.dead, node.saturated)),
        ", ".join(node.flags),
    )
