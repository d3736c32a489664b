"""The health of a walk as a table and as JSON.

It stands apart from the measurements, which know no columns, and from the picture, which shows one
of the numbers only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.render.charset import UNICODE, spelled
from tui_backprop.render.numbers import Numerals, number
from tui_backprop.render.table import Heading, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.health import Health, NodeHealth
    from tui_backprop.render.charset import Charset
    from tui_backprop.rules.types import Shape

_DIGITS: Final = 4


def health_table(found: Health, cells: int | None = None, charset: Charset = UNICODE) -> list[str]:
    """The lines of a table, a row for each node.

    Args:
        found: the measurements.
        cells: the widest that a line should be; None for no limit.
        charset: what may be printed.
    """
    bar = "|" if charset.is_ascii else "‖"
    headings = (
        Heading("node", is_elastic=True),
        Heading("op"),
        Heading("shape"),
        Heading("depth", "right"),
        Heading(f"{bar}value{bar}", "right"),
        Heading(f"{bar}grad{bar}", "right"),
        Heading(spelled("·/edge", charset), "right"),
        Heading(f"{bar}J{bar}", "right"),
        Heading("dead", "right"),
        Heading("saturated", "right"),
        Heading("flags", is_elastic=True),
    )
    numerals = Numerals(digits=_DIGITS, charset=charset)
    rows = [tuple(_cells(node, numerals)) for node in found.nodes]
    return list(table(headings, rows, cells))


def _cells(node: NodeHealth, numerals: Numerals) -> Iterator[str]:
    yield node.name
    yield node.op
    yield _shape(node.shape, numerals.charset)
    yield "" if node.depth is None else str(node.depth)
    for value in (node.value, node.adjoint, node.rate, node.jacobian):
        yield "" if value is None else number(value, numerals)
    for share in (node.dead, node.saturated):
        yield "" if share is None else f"{share:.0%}"
    yield ", ".join(node.flags)


def _shape(shape: Shape, charset: Charset) -> str:
    return charset.times.join(map(str, shape))


def health_json(found: Health) -> dict[str, Any]:
    """The same for programs; NaN and infinities are still numbers."""
    limits = found.thresholds
    return {
        "format": 1,
        "output": found.output,
        "pass": found.pass_number,
        "seed": found.seed,
        "left_out": found.left_out,
        "thresholds": {
            "vanishing": limits.vanishing,
            "exploding": limits.exploding,
            "flat": limits.flat,
            "share": limits.share,
            "entries": limits.entries,
        },
        "nodes": [_described(node) for node in found.nodes],
    }


def _described(node: NodeHealth) -> dict[str, Any]:
    return {
        "id": node.node,
        "name": node.name,
        "op": node.op,
        "shape": list(node.shape),
        "depth": node.depth,
        "value": node.value,
        "grad": node.adjoint,
        "rate": node.rate,
        "jacobian": node.jacobian,
        "dead": node.dead,
        "saturated": node.saturated,
        "flags": list(node.flags),
    }
