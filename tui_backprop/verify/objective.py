"""The one number whose gradient the passes compute: ``Σ ⟨v, Y⟩`` over those that count.

It stands apart from the witness of differences because this is all that it needs of a graph: run
it forward on other numbers, in float64 whatever the scenario says, and see on which side of every
kink it passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.jacobian import kink_distance, picked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.passes import PassRun
    from tui_backprop.rules.types import Array

_SUMS: Final = frozenset({"add", "subtract", "negative", "sum", "mean"})


class Rise(NamedTuple):
    """How much the objective grows between two evaluations.

    Attributes:
        value: the difference, summed over differences so that large terms cancel first.
        rounding: how far the arithmetic of float64 may have put it off.
        size: ``Σ |v · Y|``.
        is_blind: whether some entries of Y had no finite difference and were left out.
    """

    value: float
    rounding: float
    size: float
    is_blind: bool


_TOGETHER: Final = 1 << 20
"""Entries that are looked at together: a copy of all of a large array would not fit."""


def _parts(*arrays: Array) -> Iterator[tuple[Array, ...]]:
    """Arrays of one shape, flat and part by part."""
    if arrays[0].size <= _TOGETHER:
        yield tuple(x.ravel() for x in arrays)
        return
    for start in range(0, arrays[0].size, _TOGETHER):
        at = np.arange(start, min(start + _TOGETHER, arrays[0].size))
        yield tuple(picked(x, at) for x in arrays)


def _rise(below: Array, above: Array, v: Array, low_sums: Array, high_sums: Array) -> Rise:
    """The part of some entries; the rounding of one of the two ends."""
    v = v.astype(np.float64)
    seen = np.isfinite(v * (above - below))
    below, above, v = below[seen], above[seen], v[seen]
    larger = np.maximum(np.abs(above), np.abs(below))
    rounded = np.maximum(larger, np.maximum(low_sums, high_sums)[seen])
    return Rise(
        value=float(np.sum(v * (above - below))),
        rounding=float(np.sum(np.abs(v) * np.spacing(rounded))),
        size=float(np.sum(np.abs(v) * larger)),
        is_blind=not seen.all(),
    )


class Objective:
    """``Σ ⟨v, Y⟩`` over the backward passes since the last ``zero_grad``.

    Attributes:
        runs: those passes.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        last_zero = max((k for k, run in enumerate(evaluation.runs) if run is None), default=-1)
        self.runs: tuple[PassRun, ...] = tuple(
            run for run in evaluation.runs[last_zero + 1 :] if run is not None
        )
        self._graph = replace(evaluation.graph, dtype=np.dtype(np.float64))
        self._plan = evaluation.plan
        self._leaves = {n: np.asarray(x, dtype=np.float64) for n, x in evaluation.leaves.items()}
        is_same = evaluation.graph.dtype == np.float64
        self.start = evaluation if is_same else self._run(self._leaves)

    def leaf(self, name: str, flat: int) -> float:
        """One entry of an input."""
        return float(self._leaves[name].ravel()[flat])

    def moved(self, name: str, flat: int, value: float) -> Evaluation:
        """The forward with one entry of one input changed."""
        changed = self._leaves[name].copy()
        changed.flat[flat] = value
        return self._run({**self._leaves, name: changed})

    def rise(self, low: Evaluation, high: Evaluation) -> Rise:
        """The objective at ``high`` minus that at ``low``."""
        value = rounding = size = 0.0
        is_blind = False
        for run in self.runs:
            ends = (low.value(run.of), high.value(run.of), run.seed)
            summed = (self._summands(low, run.of), self._summands(high, run.of))
            for part in _parts(*ends, *summed):
                found = _rise(*part)
                value, rounding, size = (
                    value + found.value, rounding + found.rounding, size + found.size
                )  # fmt: skip
                is_blind = is_blind or found.is_blind
        return Rise(value, 2 * rounding, size, is_blind)

    def _summands(self, evaluation: Evaluation, of: int) -> Array:
        """The size of the largest number that each entry of a node was summed up from.

        Where they cancel, the rounding is theirs and not that of the small number that is left.
        """
        largest: Array = np.broadcast_to(np.zeros(()), self._graph.nodes[of].shape)
        todo, seen = [of], {of}
        while todo:
            node = self._graph.nodes[todo.pop()]
            if node.rule is None or node.rule.name not in _SUMS:
                continue
            for parent in node.parents:
                size = np.abs(evaluation.value(parent))
                size = np.where(np.isfinite(size), size, 0)
                if size.shape != largest.shape:  # reduced or stretched: any entry may be in any
                    size = size.max(initial=0)
                largest = np.maximum(largest, size)
                if parent not in seen:
                    seen.add(parent)
                    todo.append(parent)
        return largest

    def sides(self, evaluation: Evaluation) -> list[Array]:
        """On which side of every kink an evaluation passes, what every comparison and choice says.

        An operand without a derivative is a condition: its sign decides.
        """
        found: list[Array] = []
        for node in self._graph.nodes:
            rule = node.rule
            if rule is None:
                continue
            distance = kink_distance(evaluation, node)
            if distance is not None:
                found.append(np.sign(distance))
            if distance is not None and not rule.elementwise:
                # One distance may stand for many entries: while it is 0, any move may cross.
                found.append(np.where(distance == 0, evaluation.value(node.id), 0))
            if not rule.is_differentiable:
                found.append(evaluation.value(node.id))
                continue
            for parent, derivative in zip(node.parents, rule.derivatives, strict=True):
                if derivative is None:
                    found.append(np.sign(evaluation.value(parent)))
        return found

    def is_crossed(self, low: Evaluation, high: Evaluation) -> bool:
        """Whether a kink lies between two evaluations on either side of the start, or on it."""
        sides = zip(self.sides(low), self.sides(self.start), self.sides(high), strict=True)
        return any(
            not (np.array_equal(a, b, equal_nan=True) and np.array_equal(b, c, equal_nan=True))
            for a, b, c in sides
        )

    def _run(self, leaves: dict[str, Array]) -> Evaluation:
        return Evaluation(self._graph, leaves, (), self._plan)
