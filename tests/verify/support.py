"""What the tests of the witnesses need: an evaluation in one line, and a table with an error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.model import Backward, ZeroGrad
from tui_backprop.graph.program import build
from tui_backprop.rules import RULES
from tui_backprop.rules.rule import Structural

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from tui_backprop.graph.model import Pass
    from tui_backprop.rules.rule import Rule


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


def with_partial(op: str, argument: int, partial: Any) -> dict[str, Rule]:
    """The op table with one scalar partial exchanged."""
    return _with(op, argument, partial=partial)


def with_part(op: str, argument: int, **parts: Any) -> dict[str, Rule]:
    """The op table with fields of one structural derivative exchanged."""
    assert isinstance(RULES[op].derivatives[argument], Structural)
    return _with(op, argument, **parts)


def _with(op: str, argument: int, **changes: Any) -> dict[str, Rule]:
    rule = RULES[op]
    derivatives: list[Any] = list(rule.derivatives)
    derivatives[argument] = replace(derivatives[argument], **changes)
    return {**RULES, op: replace(rule, derivatives=tuple(derivatives))}
