"""What the tests of programs need: a graph in one line, its tape as text, its values."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest

from tui_backprop.errors import ProgramError
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program import build

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from tui_backprop.errors import Problem
    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Array, Shape

    Shapes = Mapping[str, Shape]
    Constants = Mapping[str, npt.ArrayLike]

FLOAT64: Final = np.dtype(np.float64)
INPUTS: Final[Shapes] = MappingProxyType(
    {"x": (3,), "y": (3,), "h": (3,), "X": (3, 4), "W": (2, 3), "b": (2,)}
)
"""The inputs of a program where a test does not name others."""

NOTHING: Final[Constants] = MappingProxyType({})


def graph_of(
    program: str,
    inputs: Shapes = INPUTS,
    constants: Constants = NOTHING,
    limits: Limits = DEFAULT_LIMITS,
) -> Graph:
    """The graph of a program on inputs of the given shapes."""
    arrays = {name: np.zeros(shape) for name, shape in inputs.items()}
    numbers = {name: np.asarray(value, float) for name, value in constants.items()}
    return build(program, arrays, numbers, FLOAT64, limits)


def error_of(
    program: str,
    inputs: Shapes = INPUTS,
    constants: Constants = NOTHING,
    limits: Limits = DEFAULT_LIMITS,
) -> ProgramError:
    """The error that a program raises."""
    with pytest.raises(ProgramError) as caught:
        graph_of(program, inputs, constants, limits)
    return caught.value


def problem_of(
    program: str,
    inputs: Shapes = INPUTS,
    constants: Constants = NOTHING,
    limits: Limits = DEFAULT_LIMITS,
) -> Problem:
    """The only problem of a program."""
    (found,) = error_of(program, inputs, constants, limits).problems
    return found


def line(node: Node) -> str:
    """A node as a row of the tape: ``h@2 = tanh(W @ x)``."""
    return f"{node.name} = {node.text}" if node.name else node.text


def tape(program: str, inputs: Shapes = INPUTS, constants: Constants = NOTHING) -> list[str]:
    """The tape of a program without its leaves."""
    graph = graph_of(program, inputs, constants)
    leaves = len(graph.inputs) + len(graph.constants)
    return [line(node) for node in graph.nodes[leaves:]]


def structure(graph: Graph) -> list[tuple[Any, ...]]:
    """What a graph computes, whatever its nodes are called and wherever they were written."""
    return [
        (n.op, n.parents, n.shape, str(n.literal), {k: str(v) for k, v in n.params.items()})
        for n in graph.nodes
    ]


def values(graph: Graph, leaves: Constants) -> list[Array]:
    """Every node's value, by nothing but the rows' forwards."""
    found: list[Array] = []
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            value: Any = node.literal
            if node.rule is not None:
                operands = [found[parent] for parent in node.parents]
                value = node.rule.forward(np, *operands, **node.params)
            elif node.literal is None:
                value = leaves[node.name]
            found.append(np.asarray(value, dtype=graph.dtype))
    return found
