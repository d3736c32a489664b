"""What entries are called in a report: ``dY[1]/dX[1]``, ``X.grad[1]``, ``Y[1]``.

It stands apart from the screen's names because a report is read by programs too: plain ASCII
brackets, counted from 0 as NumPy does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge, Graph, Node
    from tui_backprop.rules.types import Shape


def index_text(shape: Shape, flat: int) -> str:
    """A flat position in brackets, ``[1,2]``; nothing for a scalar."""
    if not shape:
        return ""
    return "[" + ",".join(str(int(c)) for c in np.unravel_index(flat, shape)) + "]"


def node_text(node: Node) -> str:
    """A node's name, the digits of a number, or its place on the tape, ``#7``."""
    return node.name or (node.text if node.literal is not None else f"#{node.id}")


def entry_text(node: Node, flat: int) -> str:
    """One entry of a node's value."""
    return node_text(node) + index_text(node.shape, flat)


def partial_text(graph: Graph, edge: Edge, j: int, i: int) -> str:
    """One entry of a local Jacobian; with the argument where a node reads one parent twice."""
    node = graph.nodes[edge.node]
    text = f"d{entry_text(node, j)}/d{entry_text(graph.nodes[edge.parent], i)}"
    is_twice = node.parents.count(edge.parent) > 1
    return f"{text} (argument {edge.argument})" if is_twice else text
