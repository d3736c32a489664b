"""Entries, partials and numbers as code writes them: ``X.grad[1]``, ``∂Y[0]/∂X[1]``, ``2.5e-07``.

It stands apart from the names of the screen, which are mathematics and may count from 1: what an
answer says can be typed back as a command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.debug import shown
from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge, Graph


def label(graph: Graph, node_id: int) -> str:
    """``X``, ``h@2``; a node without a name by its number, ``#7``; a number by its digits."""
    node = graph.nodes[node_id]
    if not node.name:
        return f"#{node_id}" if node.literal is None else node.text
    is_rebound = "@" not in node.name and graph.names.get(node.name, node_id) != node_id
    return f"{node.name}@1" if is_rebound else node.name


def entry(graph: Graph, node_id: int, flat: int) -> str:
    """One entry of a node's value: ``h[0, 2]``; a scalar under its name."""
    return label(graph, node_id) + _index(graph, node_id, flat)


def adjoint_entry(graph: Graph, node_id: int, flat: int) -> str:
    """One entry of a node's adjoint: ``h.grad[0, 2]``."""
    return f"{label(graph, node_id)}.grad" + _index(graph, node_id, flat)


def partial(graph: Graph, edge: Edge, j: int, i: int) -> str:
    """One entry of a local Jacobian: ``∂Y[0]/∂X[1]``."""
    return f"∂{entry(graph, edge.node, j)}/∂{entry(graph, edge.parent, i)}"


def applied(graph: Graph, node_id: int) -> str:
    """What a node does to its operands, ``2 * X``; of a leaf its name."""
    node = graph.nodes[node_id]
    if node.rule is None:
        return label(graph, node_id)
    return application(node.rule, [label(graph, p) for p in node.parents], node.params)


def number(value: float | np.floating) -> str:
    """Six digits, whole numbers exact up to seven: ``2``, ``0.1``, ``1.5e-07``, ``-inf``."""
    return shown.number(float(value), digits=6, exact_below=1e7)


def counted(count: int, noun: str) -> str:
    """``1 contribution``, ``10,000 contributions``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _index(graph: Graph, node_id: int, flat: int) -> str:
    shape = graph.nodes[node_id].shape
    return f"[{', '.join(str(n) for n in np.unravel_index(flat, shape))}]" if shape else ""
