"""Why an op that reads many entries gives NaN, from the entries that it read.

Each reason is checked on the numbers; where none holds, nothing is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.debug.why.format import number
from tui_backprop.debug.why.operands import reads
from tui_backprop.graph.jacobian import coordinates, picked
from tui_backprop.graph.naming import label
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from tui_backprop.debug.why.operands import At
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.rules.derivative import Operands
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index


def reduction_hint(evaluation: Evaluation, node: Node, j: int) -> str:
    """Why entry j is NaN; empty where it is not known."""
    return row_hint(evaluation, node, j) or _of_infinities(evaluation, node, j)


def row_hint(evaluation: Evaluation, node: Node, j: int) -> str:
    """The reason that the op's row states for an entry or slope that is not finite, or nothing."""
    rule = node.rule
    if rule is None:
        return ""
    operands = tuple(evaluation.value(p) for p in node.parents)
    at = tuple(int(c) for c in coordinates(j, node.shape))
    return _said_by(rule, evaluation, node, (at, evaluation.value(node.id), operands))


def scalar_hint(at: At) -> str:
    """The same of an elementwise op, from the one entry of each operand that it read."""
    operands = tuple(np.asarray(at.value(a)) for a in range(len(at.node.parents)))
    return _said_by(at.rule, at.trace, at.node, ((), np.asarray(at.result_value), operands))


def _said_by(
    rule: Rule, evaluation: Evaluation, node: Node, asked: tuple[Index, Array, Operands]
) -> str:
    """The row's reason in words; empty where it knows of nothing special."""
    _, y, operands = asked
    reason = rule.reason(*asked, node.params)
    if reason is None:
        return ""
    names = (label(evaluation.graph, p) for p in node.parents)
    read = dict(zip(rule.operands, names, strict=True))
    told = {
        key: number(x) if isinstance(x, float) else x
        for key, x in reason.tells(y, *operands, **node.params).items()
    }
    fields = {**node.params, **read, **told, "op": node.op, "largest": largest(evaluation.graph)}
    return said(reason.text, **fields)


def largest(graph: Graph) -> str:
    """``the largest float64, 1.79769e+308``."""
    return said("the largest {dtype}, {number}", dtype=graph.dtype.name,
                number=number(np.finfo(graph.dtype).max))  # fmt: skip


def _of_infinities(evaluation: Evaluation, node: Node, j: int) -> str:
    """What infinities among the entries make of a sum of products."""
    arrays = [picked(evaluation.value(p), flat) for p, flat in reads(evaluation, node.id, j)]
    numbers = np.concatenate([x.ravel() for x in arrays]) if arrays else np.zeros(0)
    infinite = numbers[np.isinf(numbers)]
    if not len(infinite):
        return ""
    if len(arrays) == 1 and len(set(infinite.tolist())) > 1:
        return said("inf - inf is NaN")
    is_product = node.rule is not None and node.rule.traits.sums_products
    if len(arrays) > 1 and is_product and np.any(numbers == 0):
        return said("0 · inf is NaN")
    return said("it reads {value}: no finite number comes of it", value=number(infinite[0]))


def unknown_hint(node: Node, value: float) -> str:
    """The sentence where no reason is known."""
    return said("why {op} gives {value} for these is not known here", op=node.op,
                value=number(value))  # fmt: skip
