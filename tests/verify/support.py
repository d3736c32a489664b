"""What the tests of the witnesses need: an evaluation in one line, and a table with an error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.model import Backward, Graph, Node, Role, ZeroGrad
from tui_backprop.program import build
from tui_backprop.rules import RULES
from tui_backprop.rules.derivative import Scalar, Structural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from tests.rules.cases import Case
    from tui_backprop.graph.model import Pass
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array


def evaluate(
    program: str,
    *passes: str | tuple[str, npt.ArrayLike] | None,
    rules: Mapping[str, Rule] = RULES,
    dtype: str = "float64",
    **inputs: npt.ArrayLike,
) -> Evaluation:
    """A program on inputs; a pass is where it starts, with or without v, or None: a zero_grad."""
    kind: np.dtype[Any] = np.dtype(dtype)
    leaves = {name: np.array(value, dtype=kind) for name, value in inputs.items()}
    graph = build(program, leaves, {}, kind, rules=rules)
    made: list[Pass] = []
    for item in passes:
        if item is None:
            made.append(ZeroGrad())
        elif isinstance(item, str):
            made.append(Backward(graph.find(item).id))
        else:
            node = graph.find(item[0])
            made.append(Backward(node.id, np.broadcast_to(np.array(item[1], kind), node.shape)))
    return Evaluation(graph, leaves, made)


def applied(case: Case, operands: Sequence[Array]) -> Evaluation:
    """One application of a row to inputs, without a program."""
    leaves = {f"x{k}": x for k, x in enumerate(operands)}
    nodes = [
        Node(k, Role.INPUT, name, name, (), x.shape) for k, (name, x) in enumerate(leaves.items())
    ]
    parents = tuple(range(len(nodes)))
    y = Node(len(nodes), Role.OP, "y", "y", parents, case.out, case.rule, case.params)
    names = {node.name: node.id for node in (*nodes, y)}
    inputs = {node.name: node.id for node in nodes}
    graph = Graph((*nodes, y), names, inputs, {}, "", np.dtype(np.float64))
    return Evaluation(graph, leaves, [Backward(y.id)])


def with_partial(op: str, argument: int, partial: Any) -> dict[str, Rule]:
    """The op table with one scalar partial exchanged."""
    found = RULES[op].derivatives[argument]
    assert isinstance(found, Scalar)
    return _with(op, argument, replace(found, partial=partial))


def with_part(op: str, argument: int, **parts: Any) -> dict[str, Rule]:
    """The op table with fields of one structural derivative exchanged."""
    found = RULES[op].derivatives[argument]
    assert isinstance(found, Structural)
    return _with(op, argument, replace(found, part=replace(found.part, **parts)))


def _with(op: str, argument: int, derivative: Any) -> dict[str, Rule]:
    rule = RULES[op]
    derivatives: list[Any] = list(rule.derivatives)
    derivatives[argument] = derivative
    return {**RULES, op: replace(rule, derivatives=tuple(derivatives))}
