"""Ops that differ in their numbers only, so that whatever is asked of one is asked of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params, Shape

    _Key: TypeAlias = tuple[object, ...]


class Alike(NamedTuple):
    """Nodes of one op.

    Attributes:
        rule: the op.
        first: one of the nodes; the others have its shape and static arguments, and operands of
            the same shapes.
        arguments: those of its operands through which an input is reached.
        shapes: of its operands.
        numbers: of all these nodes, ascending.
    """

    rule: Rule
    first: Node
    arguments: tuple[int, ...]
    shapes: tuple[Shape, ...]
    numbers: list[int]


def alike_ops(evaluation: Evaluation) -> Sequence[Alike]:
    """The ops through which an input is reached, in groups."""
    nodes, arguments = evaluation.graph.nodes, evaluation.plan.arguments
    shapes_of = [node.shape for node in nodes]
    found: dict[_Key, Alike] = {}
    for n, node in enumerate(nodes):
        rule = node.rule
        if rule is None or not arguments[n]:
            continue
        shapes = tuple([shapes_of[p] for p in node.parents])
        params = _written(node.params) if node.params else None
        key = rule, node.shape, arguments[n], shapes, params
        group = found.get(key)
        if group is None:
            group = found[key] = Alike(rule, node, arguments[n], shapes, [])
        group.numbers.append(n)
    return [*found.values()]


def _written(params: Params) -> object:
    """What is equal for static arguments that are; of long arrays a text has not all."""
    if any(isinstance(value, np.ndarray) for value in params.values()):
        return id(params)
    return repr(params)
