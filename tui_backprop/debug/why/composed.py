"""What is chosen at a kink of a composed op, whose parts are other ops to a framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.language.message import joined, said
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.program.library.definitions import definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.model import Graph, Node


class Whole(NamedTuple):
    """A composed op, and what it takes at its kinks.

    Attributes:
        op: its name.
        told: what it takes, and what frameworks give where they differ.
    """

    op: str
    told: str


def whole_choice(graph: Graph, node: Node) -> Whole | None:
    """Of the calls that a part lies in the outermost of which something is known."""
    from tui_backprop.rules.conventions.words import disputes  # read at the first kink

    for op in _ops(graph, node):
        told = [said(definitions()[op].convention)] if definitions()[op].convention else []
        told += disputes(op)
        if told:
            return Whole(op, joined("; ", told))
    return None


def _ops(graph: Graph, node: Node) -> Iterator[str]:
    """The composed ops that a node is a part of, the outermost first."""
    if node.rule is None or not node.rule.is_part:
        return
    names = node.module.split(".")
    for depth in range(1, len(names) + 1):
        call = graph.composed.get(".".join(names[:depth]))
        if call is not None:
            yield call.op
    yield from (op for op, nodes in graph.alone.items() if node.id in nodes)
