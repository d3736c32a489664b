"""The witness of central differences: gradients against the program run on other numbers.

It stands apart from the algebra because it knows no derivative at all: it only runs the forward,
so that it sees a wrong sum over edges, a wrong seed or a wrong order of passes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.naming import index_text
from tui_backprop.graph.tolerance import Tolerance, in_dtype
from tui_backprop.verify.objective import Objective
from tui_backprop.verify.report import Finding
from tui_backprop.verify.sample_size import sample
from tui_backprop.verify.slope import slope
from tui_backprop.verify.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.types import Array
    from tui_backprop.verify.report import Testimony
    from tui_backprop.verify.slope import Slope

_MOST_WORK: Final = 600_000
"""Of all forward runs together, in nodes; each takes a few microseconds."""

_MOST_ENTRIES: Final = 400

_MOST_RUN_AGAIN: Final = 25_000_000
"""Entries of all values; of two runs beside the first they need 400 MB."""

_TIGHT: Final = 1e-6
"""Relative error of a slope that is taken at once; otherwise shorter steps are tried."""

_LOOSE: Final = 1e-3
"""And of the best of all steps; beyond it nothing can be said."""

_NOTHING: Final = 1e-300
"""Below it numbers lose their digits one by one."""


def differences(evaluation: Evaluation) -> Testimony:
    """Compare gradients with central differences of ``Σ ⟨v, Y⟩`` over the passes that count."""
    tally = Tally("differences")
    grad = evaluation.grad
    total = sum(g.size for g in grad.values())
    if sum(node.size for node in evaluation.graph.nodes) > _MOST_RUN_AGAIN:
        return tally.testimony(total, "too large to be run again on other numbers")
    objective = Objective(evaluation)
    if not objective.runs:
        return tally.testimony(total, "no backward pass counts")
    free = [name for name in grad if name not in evaluation.graph.static_leaves and grad[name].size]
    most = max(1, _entries_within_budget(evaluation))
    scale = _largest(c for run in objective.runs for c in run.cotangents.values())
    with np.errstate(all="ignore"):
        for number in sample(len(free), most):
            name = free[number]
            gradient = _Gradient(name, grad[name], scale)
            for flat in sample(grad[name].size, max(1, most // len(free)), number):
                gradient.compare(tally, objective, flat)
    fixed = [name for name in grad if name in evaluation.graph.static_leaves]
    return tally.testimony(total, f"{', '.join(fixed)} shaped the graph" if fixed else "")


def _entries_within_budget(evaluation: Evaluation) -> int:
    """How many entries fit: a node, 500 entries or 20,000 products cost about the same."""
    nodes = evaluation.graph.nodes
    products = sum(_products(node, nodes) for node in nodes)
    work = len(nodes) + sum(n.size for n in nodes) // 500 + products // 20_000
    return min(_MOST_ENTRIES, _MOST_WORK // (4 * work))


def _products(node: Node, nodes: Sequence[Node]) -> int:
    """What one forward of a structural node multiplies or adds: an entry of a pattern each."""
    rule = node.rule
    if rule is None or rule.elementwise:
        return 0
    shapes = tuple(nodes[p].shape for p in node.parents)
    found = (d for d in rule.derivatives if d is not None)
    return max((d.nonzeros(node.shape, shapes, node.params) for d in found), default=0)


def _largest(arrays: Iterable[Array]) -> float:
    """The largest finite size of an entry; 0 where there is none."""
    return max((float(np.abs(a[np.isfinite(a)]).max(initial=0.0)) for a in arrays), default=0.0)


class _Gradient:
    """The gradient of one input and how exactly differences can be expected to meet it."""

    def __init__(self, name: str, gradient: Array, scale: float) -> None:
        self._name = name
        self._values = gradient
        # An entry is a sum, perhaps of sums, in which large terms may cancel; their rounding stays.
        # How large they were is seen from the cotangents on the way.
        single = gradient.dtype == np.float32
        own = _largest([gradient])
        self._rtol = 1e-3 if single else 1e-8
        atol = 1e-4 * own + 1e-5 * scale if single else 1e-10 * own + 1e-13 * scale
        self._atol = max(atol, _NOTHING)
        # Beside an objective of 10³⁸ a slope drowns in rounding, and would agree with anything.
        self._drowned = max(_LOOSE * max(own, scale), _NOTHING)

    def compare(self, tally: Tally, objective: Objective, flat: int) -> None:
        """Take one entry into the tally."""
        engine = float(self._values.ravel()[flat])
        found = slope(objective, self._name, flat, lambda s: self._is_met(engine, flat, s, _TIGHT))
        finding = self._finding(engine, flat, found)
        if self._is_met(engine, flat, found, _LOOSE):
            tally.compare(finding)
        elif found.is_blind or not (math.isfinite(engine) and math.isfinite(found.value)):
            tally.skip(finding, "not finite")
        elif found.is_kinked:
            tally.compare(finding, lambda: "a kink within the step")
        elif not self._is_sharp(engine, found, _LOOSE):
            tally.skip(finding, "too steep or too rough for differences")
        else:
            tally.compare(finding)

    def _is_met(self, engine: float, flat: int, found: Slope, worst: float) -> bool:
        if math.isnan(engine):
            return found.is_blind
        if found.is_blind and not found.size:  # nothing was seen: its 0 is no slope
            return False
        is_sharp = self._is_sharp(engine, found, worst)
        return is_sharp and self._finding(engine, flat, found).excess <= 1

    def _is_sharp(self, engine: float, found: Slope, worst: float) -> bool:
        larger = max(abs(engine), abs(found.value))
        is_heard = found.error <= max(_LOOSE * larger, self._drowned)
        return is_heard and found.is_sharp(worst, self._atol)

    def _finding(self, engine: float, flat: int, found: Slope) -> Finding:
        error = 0.0 if math.isnan(found.error) else found.error
        tolerance = Tolerance(self._rtol, 4 * error + self._atol)
        witness = math.nan if math.isnan(engine) and found.is_blind else found.value
        entry = f"{self._name}.grad{index_text(self._values.shape, flat)}"
        return Finding(entry, engine, in_dtype(witness, self._values.dtype), tolerance)
