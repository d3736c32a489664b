"""What central differences look at: ``Σ ⟨v, Y⟩``, on the scenario's numbers and on others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.graph.arrays import Values
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.jacobian import picked
from tui_backprop.graph.kinks import kink_distance
from tui_backprop.graph.plan import compiled_calls
from tui_backprop.progress import reported

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.graph.model import Node
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.rules.types import Array


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


_LONG: Final = 20_000
"""Nodes from which on few entries are asked for, so that no compiled op is worth keeping."""
_FEW_EACH: Final = 16
"""Entries of a node, on average, up to which several runs at once need little room."""

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
        nodes, elements = len(self._graph.nodes), self._graph.elements
        self._is_long = nodes > _LONG and 0 < elements < _FEW_EACH * nodes
        is_same = evaluation.graph.dtype == np.float64
        self.start = evaluation if is_same else self._run(self._leaves)

    def leaf(self, name: str, flat: int) -> float:
        """One entry of an input."""
        return float(self._leaves[name].ravel()[flat])

    def moved(self, name: str, flat: int, value: float) -> Evaluation:
        """The forward with one entry of one input changed."""
        return self._run(self._changed(name, flat, value))

    def _changed(self, name: str, flat: int, value: float) -> dict[str, Array]:
        changed = self._leaves[name].copy()
        changed.flat[flat] = value
        return {**self._leaves, name: changed}

    def rises(self, name: str, flat: int, pairs: Sequence[tuple[float, float]]) -> Iterator[Rise]:
        """How much it grows between two numbers in the place of one entry of one input."""
        if not self._is_long:
            for pair in pairs:
                yield self.rise(*(self.moved(name, flat, end).node_values for end in pair))
            return
        leaves = [self._changed(name, flat, end) for pair in pairs for end in pair]
        found = run_together(self._graph.nodes, [self._plan.start(one) for one in leaves])
        yield from map(self.rise, found[::2], found[1::2])

    def rise(self, low: Sequence[Array], high: Sequence[Array]) -> Rise:
        """The objective at the values ``high`` minus that at ``low``."""
        value = rounding = size = 0.0
        is_blind = False
        for run in self.runs:
            ends = (low[run.of], high[run.of], run.seed)
            summed = (self._summands(low, run.of), self._summands(high, run.of))
            for part in _parts(*ends, *summed):
                found = _rise(*part)
                value, rounding, size = (
                    value + found.value, rounding + found.rounding, size + found.size
                )  # fmt: skip
                is_blind = is_blind or found.is_blind
        return Rise(value, 2 * rounding, size, is_blind)

    def _summands(self, values: Sequence[Array], of: int) -> Array:
        """The size of the largest number that each entry of a node was summed up from.

        Where they cancel, the rounding is theirs and not that of the small number that is left.
        """
        largest: Array = np.broadcast_to(np.zeros(()), self._graph.nodes[of].shape)
        todo, seen = [of], {of}
        while todo:
            node = self._graph.nodes[todo.pop()]
            if node.rule is None or not node.rule.traits.adds:
                continue
            for parent in node.parents:
                size = np.abs(values[parent])
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


def run_together(nodes: Sequence[Node], starts: list[list[Any]]) -> list[Sequence[Array]]:
    """Several forwards in float64 at once, so that each op is compiled once and not kept.

    Args:
        nodes: the tape.
        starts: for each the values that are known beforehand, by node id; the others are filled in.
    """
    dtype, number = np.dtype(np.float64), np.float64
    for n, call in reported("evaluating", compiled_calls(nodes), len(nodes)):
        for raw in starts:
            found = call(raw)
            if type(found) is not number and found.dtype is not dtype:
                found = np.asarray(found, dtype=dtype)
            raw[n] = found
    return [Values(raw, dtype) for raw in starts]
