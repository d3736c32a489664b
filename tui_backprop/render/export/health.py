"""A health report as a table and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.debug.health.report import COLUMNS, texts
from tui_backprop.render.text.charset import UNICODE, spelled
from tui_backprop.render.text.json import json_text
from tui_backprop.render.text.json import spelled as json_spelled
from tui_backprop.render.text.numbers import Numerals, number
from tui_backprop.render.text.table import Heading, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.health.record import Health, NodeHealth
    from tui_backprop.render.text.charset import Charset

_DIGITS: Final = 4
_ELASTIC: Final = frozenset({"node", "flags"})


def health_table(found: Health, cells: int | None = None, charset: Charset = UNICODE) -> list[str]:
    """The lines of a table, a row for each node.

    Args:
        found: the measurements.
        cells: the widest that a line should be; None for no limit.
        charset: what may be printed.
    """
    headings = [
        Heading(
            spelled(column.title, charset),
            "right" if column.is_number else "left",
            is_elastic=column.title in _ELASTIC,
        )
        for column in COLUMNS
    ]
    numerals = Numerals(digits=_DIGITS, charset=charset)
    rows = [texts(node, lambda x: number(x, numerals), charset.times) for node in found.nodes]
    return list(table(headings, rows, cells))


def health_json(found: Health) -> Iterator[str]:
    """The report as the lines of one JSON object: a node a line, each as it comes."""
    *head, nodes, end = json_text(json_spelled(_summary(found)), indent=2).split("\n")
    yield from head
    if not found.nodes:
        yield from (nodes, end)
        return
    yield nodes.removesuffix("]")
    last = found.nodes[-1]
    for node in found.nodes:
        yield f"    {json_text(json_spelled(_described(node)))}{'' if node is last else ','}"
    yield from ("  ]", end)


def _summary(found: Health) -> dict[str, Any]:
    """All but the nodes, whose place is last and empty."""
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
            "steep": limits.steep,
            "share": limits.share,
            "entries": limits.entries,
        },
        "roots": [
            {
                "trouble": root.trouble,
                "node": root.node,
                "into": root.parent,
                "count": root.count,
                "factor": root.factor,
            }
            for root in found.roots
        ],
        "nodes": [],
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
