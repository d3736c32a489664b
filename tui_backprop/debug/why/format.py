"""Partials, applications and numbers as an answer writes them: ``∂Y[0]/∂X[1]``, ``2.5e-07``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.graph.naming import decimal, label, quotient
from tui_backprop.language.message import joined, said
from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge, Graph


def partial(graph: Graph, edge: Edge, j: int, i: int) -> str:
    """One entry of a local Jacobian: ``∂Y[0]/∂X[1]``."""
    return quotient(graph, (edge.node, j), (edge.parent, i), sign="∂")


def applied(graph: Graph, node_id: int) -> str:
    """What a node does to its operands, ``2 * X``; of a leaf its name."""
    node = graph.nodes[node_id]
    if node.rule is None:
        return label(graph, node_id)
    return application(node.rule, [label(graph, p) for p in node.parents], node.params)


def step_text(step: int, text: str) -> str:
    """``step 9: …``."""
    return said("step {k}: {text}", k=step, text=text)


def indented(text: str) -> str:
    """Text indented below the line that it belongs to."""
    return joined("", ["    ", text])


def number(value: float | np.floating) -> str:
    """Six digits, whole numbers exact up to seven: ``2``, ``0.1``, ``1.5e-07``, ``-inf``."""
    return decimal(float(value), 6)


def closely(value: float | np.floating) -> str:
    """`number`, with more digits where fewer would show a whole number that it is not."""
    x = float(value)
    if not np.isfinite(x) or x.is_integer():
        return number(x)
    found = (decimal(x, digits) for digits in range(6, 18))
    return next((text for text in found if not float(text).is_integer()), number(x))
