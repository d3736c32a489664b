"""Where a walk departs from what it should be, each node taken by itself.

A node is at fault where what it hands on from the v that it gets is wrong, or where what arrives at
it is not added up; what only passes a wrong number on is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.model import Backward
from tui_backprop.graph.passes import pull_back

if TYPE_CHECKING:
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Graph
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.rules.types import Array

_RTOL: Final = {8: 1e-9, 4: 1e-4}
"""By the size of a number."""


def are_near(one: Array, other: Array) -> bool:
    """Whether two arrays are the same but for rounding; NaN is NaN."""
    rtol = _RTOL[one.dtype.itemsize]
    finite = np.abs(one[np.isfinite(one)])
    scale = float(finite.max(initial=0.0))
    return bool(np.allclose(one, other, rtol=rtol, atol=rtol * scale, equal_nan=True))


def faults(evaluation: Evaluation, truth: Graph) -> frozenset[int]:
    """The nodes at fault.

    Args:
        evaluation: of the graph that may be wrong.
        truth: the same graph with right derivatives.
    """
    found: set[int] = set()
    with np.errstate(all="ignore"):
        for number, (item, run) in enumerate(zip(evaluation.passes, evaluation.runs, strict=True)):
            if run is not None:
                found |= _of_pass(evaluation, run, truth)
            elif not isinstance(item, Backward):
                left = evaluation.gradients_after(number).items()
                found |= {n for n, gradient in left if gradient.any()}
    return frozenset(found)


def _of_pass(evaluation: Evaluation, run: PassRun, truth: Graph) -> set[int]:
    nodes, values = evaluation.graph.nodes, evaluation.node_values
    found: set[int] = set()
    sums: dict[int, Array] = dict(run.initial)
    sums[run.of] = sums[run.of] + run.seed if run.of in sums else run.seed
    for edge in run.walk.edges(nodes):
        v = run.cotangents[edge.node]
        handed = evaluation.pull(edge, v)
        if not are_near(handed, pull_back(truth.nodes[edge.node], edge.argument, v, values)):
            found.add(edge.node)
        before = sums.get(edge.parent)
        sums[edge.parent] = handed if before is None else before + handed
    return found | {n for n, total in sums.items() if not are_near(total, run.cotangents[n])}


def is_same_walk(one: Evaluation, other: Evaluation) -> bool:
    """Whether two evaluations of graphs of the same nodes have all adjoints in common."""
    for left, right in zip(one.runs, other.runs, strict=True):
        if left is None or right is None:
            continue
        for n in {left.of, *left.walk.parents}:
            if not are_near(left.cotangents[n], right.cotangents[n]):
                return False
    return all(are_near(one.grad[name], other.grad[name]) for name in one.grad)
