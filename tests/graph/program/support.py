"""What the tests of programs need: a graph in one line, its tape as text, its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tui_backprop.errors import ProgramError
from tui_backprop.graph.program import build
from tui_backprop.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from tui_backprop.errors import Problem
    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Array, Shape

FLOAT64 = np.dtype(np.float64)


def graph_of(
    program: str,
    constants: Mapping[str, npt.ArrayLike] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    **shapes: Shape,
) -> Graph:
    """The graph of a program on inputs of the given shapes."""
    inputs = {name: np.zeros(shape) for name, shape in shapes.items()}
    leaves = {name: np.asarray(value, float) for name, value in (constants or {}).items()}
    return build(program, inputs, leaves, FLOAT64, limits)


def error_of(
    program: str,
    constants: Mapping[str, npt.ArrayLike] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    **shapes: Shape,
) -> ProgramError:
    """The error that a program raises."""
    with pytest.raises(ProgramError) as caught:
        graph_of(program, constants, limits, **shapes)
    return caught.value


def problem_of(program: str, **shapes: Shape) -> Problem:
    """The only problem of a program."""
    (found,) = error_of(program, **shapes).problems
    return found


def line(node: Node) -> str:
    """A node as a row of the tape: ``h@2 = tanh(W @ x)``."""
    text = node.text if node.rule is not None or node.literal is not None else node.op
    return f"{node.name} = {text}" if node.name else text


def tape(
    program: str, constants: Mapping[str, npt.ArrayLike] | None = None, **shapes: Shape
) -> str:
    """The tape of a program without its leaves, one node a line."""
    graph = graph_of(program, constants, **shapes)
    leaves = len(graph.inputs) + len(graph.constants)
    return "\n".join(line(node) for node in graph.nodes[leaves:])


def structure(graph: Graph) -> list[tuple[Any, ...]]:
    """What a graph computes, whatever its nodes are called and wherever they were written."""
    return [
        (n.op, n.parents, n.shape, n.literal, {k: str(v) for k, v in n.params.items()})
        for n in graph.nodes
    ]


def values(graph: Graph, leaves: Mapping[str, npt.ArrayLike]) -> list[Array]:
    """Every node's value, by nothing but the rows' forwards."""
    found: list[Array] = []
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            if node.rule is not None:
                operands = [found[parent] for parent in node.parents]
                value = node.rule.forward(np, *operands, **node.params)
            else:
                value = leaves[node.name] if node.literal is None else node.literal
            found.append(np.asarray(value, dtype=graph.dtype))
    return found
