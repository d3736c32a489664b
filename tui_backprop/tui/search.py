"""Finding a node by what is written in it.

It stands apart from the command line because it looks at a graph and at nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_backprop.graph.model import Graph, Node


def find_node(graph: Graph, text: str, after: int) -> Node | None:
    """The next node whose name, text or op contains ``text``, whatever its case.

    Args:
        graph: where to look.
        text: what to look for.
        after: the node to start behind; behind the last comes the first again, ``after`` itself
            comes last.
    """
    wanted = text.casefold()
    nodes = (*graph.nodes[after + 1 :], *graph.nodes[: after + 1])
    return next((node for node in nodes if _contains(node, wanted)), None)


def _contains(node: Node, wanted: str) -> bool:
    return any(wanted in part.casefold() for part in (node.name, node.text, node.op))
