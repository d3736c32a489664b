"""The witness of central differences: gradients against the program run on other numbers.

It knows no derivative and only runs the forward, so that it sees a wrong sum over edges, a wrong
seed or a wrong order of passes.
"""

from __future__ import annotations

import math
from collections import Counter as Counted
from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.graph.naming import index_text
from tui_backprop.graph.tolerance import Tolerance, in_dtype
from tui_backprop.language.message import joined, said
from tui_backprop.verify.counter import Counter
from tui_backprop.verify.objective import Objective
from tui_backprop.verify.report import Finding
from tui_backprop.verify.sampling import sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.types import Array
    from tui_backprop.verify.report import Testimony


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
    counter = Counter("differences")
    grad = evaluation.grad
    total = sum(g.size for g in grad.values())
    if _elements(evaluation.graph.nodes) > _MOST_RUN_AGAIN:
        return counter.testimony(total, said("too large to be run again on other numbers"))
    objective = Objective(evaluation)
    if not objective.runs:
        return counter.testimony(total, said("no backward pass counts"))
    free = [name for name in grad if name not in evaluation.graph.static_leaves and grad[name].size]
    most = max(1, _entries_within_budget(evaluation))
    scale = _largest(c for run in objective.runs for c in run.cotangents.entries())
    with np.errstate(all="ignore"):
        for number in sample(len(free), most):
            name = free[number]
            gradient = _Gradient(name, grad[name], scale)
            for flat in sample(grad[name].size, max(1, most // len(free)), number):
                gradient.compare(counter, objective, flat)
    fixed = [name for name in grad if name in evaluation.graph.static_leaves]
    remark = said("{names} shaped the graph", names=joined(", ", fixed)) if fixed else ""
    return counter.testimony(total, remark)


def _entries_within_budget(evaluation: Evaluation) -> int:
    """How many entries fit: a node, 500 entries or 20,000 products cost about the same."""
    nodes = evaluation.graph.nodes
    work = len(nodes) + _elements(nodes) // 500 + _products(nodes) // 20_000
    return min(_MOST_ENTRIES, _MOST_WORK // (4 * work))


def _elements(nodes: Sequence[Node]) -> int:
    """How many entries all values have."""
    shapes = Counted(node.shape for node in nodes)
    return sum(count * prod(shape) for shape, count in shapes.items())


def _products(nodes: Sequence[Node]) -> int:
    """The products of one forward of all structural nodes: one for each entry of a pattern."""
    known: dict[tuple[object, ...], int] = {}
    total = 0
    for node in nodes:
        rule = node.rule
        if rule is None or rule.elementwise:
            continue
        shapes = tuple([nodes[p].shape for p in node.parents])
        # What a loop unrolled has the same shapes, and the same objects, in each turn.
        asked = id(rule), id(node.params), node.shape, shapes
        if asked not in known:
            found = (d for d in rule.derivatives if d is not None)
            counts = (d.nonzeros(node.shape, shapes, node.params) for d in found)
            known[asked] = max(counts, default=0)
        total += known[asked]
    return total


def _largest(arrays: Iterable[Array]) -> float:
    """The largest finite size of an entry; 0 where there is none."""
    return max((float(np.abs(a[np.isfinite(a)]).max(initial=0.0)) for a in arrays), default=0.0)


class _Gradient:
    """The gradient of one input, and how closely differences can be expected to meet it."""

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

    def compare(self, counter: Counter, objective: Objective, flat: int) -> None:
        """Take one entry into the counter."""
        engine = float(self._values.ravel()[flat])
        found = slope(objective, self._name, flat, lambda s: self._is_met(engine, flat, s, _TIGHT))
        finding = self._finding(engine, flat, found)
        if self._is_met(engine, flat, found, _LOOSE):
            counter.compare(finding)
        elif found.is_blind or not (math.isfinite(engine) and math.isfinite(found.value)):
            counter.skip(finding, said("not finite"))
        elif found.is_kinked:
            counter.compare(finding, lambda: said("a kink within the step"))
        elif not self._is_sharp(engine, found, _LOOSE):
            counter.skip(finding, said("too steep or too rough for differences"))
        else:
            counter.compare(finding)

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


_STEPS: Final = tuple(2.0**-k for k in (10, 16, 22, 28))
"""In units of the entry, or of 1 where it is smaller. The extrapolated error falls with the fourth
power of the step and rounding rises with its inverse, so the first, near ε^(1/5), serves mostly."""


@dataclass(frozen=True, slots=True)
class Slope:
    """The slope that central differences give, and how reliable it is.

    Attributes:
        value: the slope.
        error: how far it may be off: what the extrapolation changed, and the rounding.
        size: of the objective, ``Σ |v · Y|``.
        is_blind: whether some entries of Y had no finite difference and were left out.
        is_kinked: whether a kink lies within the step.
    """

    value: float
    error: float
    size: float
    is_blind: bool
    is_kinked: bool = False

    def is_sharp(self, worst: float, negligible: float) -> bool:
        """Whether the error is small enough for agreement, or its absence, to mean something.

        Args:
            worst: the error allowed, relative to the slope; a thousandth of the objective's size
                counts as one.
            negligible: an error that is always small enough.
        """
        size = abs(self.value) + 1e-3 * self.size
        return self.error <= max(worst * size, negligible)


def slope(objective: Objective, name: str, flat: int, accepts: Callable[[Slope], bool]) -> Slope:
    """The slope of the objective in one entry of one input.

    Args:
        objective: what to differentiate.
        name: the input.
        flat: its entry.
        accepts: whether a slope is good enough; asked after each step length.

    Returns:
        The first that is accepted; else the best by its own estimate, preferably without a kink.
    """
    tried: list[Slope] = []
    for step in _STEPS:
        found, runs = _slope(objective, name, flat, step)
        if accepts(found):
            return found
        # Run again, for few are asked.
        is_kinked = any(
            objective.is_crossed(*(objective.moved(name, flat, end) for end in ends))
            for ends in runs
        )
        tried.append(replace(found, is_kinked=is_kinked))
    return min(tried, key=lambda s: (s.is_kinked, math.inf if math.isnan(s.error) else s.error))


def _slope(
    objective: Objective, name: str, flat: int, step: float
) -> tuple[Slope, list[tuple[float, float]]]:
    """The extrapolated slope, and the pairs of entries that it came from."""
    x = objective.leaf(name, flat)
    h = step * max(abs(x), 1.0)
    slopes: list[float] = []
    error = size = 0.0
    is_blind = False
    runs = [(x - length, x + length) for length in (h, h / 2)]
    for (low, high), rise in zip(runs, objective.rises(name, flat, runs), strict=True):
        run = high - low
        slopes.append(rise.value / run)
        error, size = rise.rounding / run, rise.size
        is_blind = is_blind or rise.is_blind
    coarse, fine = slopes
    error += abs(fine - coarse) / 3
    return Slope((4 * fine - coarse) / 3, error, size, is_blind), runs
