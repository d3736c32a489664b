"""Measuring nodes: those of one shape, or of one op, as one array."""

from __future__ import annotations

from functools import partial
from itertools import islice
from math import inf, prod
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from tui_backprop.debug.health.alike import alike_ops
from tui_backprop.debug.health.columns import NUMBERS, Column, Flags, Measurements
from tui_backprop.debug.health.jacobians import (
    affordable,
    is_constant,
    jacobian_size,
    jacobian_sizes,
    nonzeros,
)
from tui_backprop.debug.health.slopes import flattens, is_bent, is_entrywise, slopes
from tui_backprop.debug.health.units import has_units, units_of
from tui_backprop.errors import UnknownError
from tui_backprop.graph.arrays import held, portions, stacked
from tui_backprop.graph.model import Role
from tui_backprop.graph.passes import run_backward
from tui_backprop.graph.sizes import norm, norms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_backprop.debug.health.alike import Alike
    from tui_backprop.debug.health.record import Thresholds, Units
    from tui_backprop.graph.arrays import Adjoints
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.graph.sizes import Size
    from tui_backprop.rules.types import Array, IntArray, Shape

    Piece: TypeAlias = Callable[[], None]


class Measuring:
    """The measurements of some nodes of an evaluation, while they are made.

    Args:
        evaluation: what is measured.
        run: the pass that it is measured by; None where there is none.
        limits: from where on something is flagged.
        nodes: those to measure.

    Attributes:
        adjoints: what the pass alone gives, without gradients of earlier passes.
        seed: ‖v‖ of the pass.
        left_out: how many Jacobians were too large to be looked at, or are not known.
    """

    def __init__(
        self, evaluation: Evaluation, run: PassRun | None, limits: Thresholds, nodes: range
    ) -> None:
        self._evaluation = evaluation
        self._graph = evaluation.graph
        self._run = run
        self._limits = limits
        self._nodes = nodes
        self._columns = {name: Column(len(nodes)) for name in NUMBERS}
        self._flags = Flags(len(nodes))
        self._is_empty = np.zeros(len(nodes), dtype=bool)
        self._units: dict[int, Units] = {}
        self._alike = alike_ops(evaluation)
        structural = [group for group in self._alike if not group.rule.elementwise]
        self._affordable = affordable(structural, limits.entries)
        self.left_out = sum(len(group.numbers) for group in structural) - len(self._affordable)
        self.adjoints = None if run is None else _adjoints(evaluation, run)
        self.seed = 0.0 if run is None else norm(run.seed)

    def pieces(self) -> list[Piece]:
        """All the work, in pieces of some milliseconds; `found` is asked behind them."""
        return [*self._pieces_of_sizes(), *self._pieces_of_ops()]

    def found(self) -> Measurements:
        """The measurements."""
        depths = [None] * len(self._nodes) if self._run is None else self._depths(self._run)
        self._compare_with_seed(depths)
        self._flag_unreached()
        return Measurements(
            self._graph, self._nodes, depths, self._columns, self._flags, self._units
        )

    def _places(self, numbers: Sequence[int]) -> IntArray:
        """Where nodes stand in the columns."""
        return np.asarray(numbers, dtype=np.intp) - self._nodes.start

    def _pieces_of_sizes(self) -> Iterator[Piece]:
        by_shape: dict[Shape, list[int]] = {}
        nodes = self._graph.nodes
        for n in self._nodes:
            by_shape.setdefault(nodes[n].shape, []).append(n)
        for shape, numbers in by_shape.items():
            size = prod(shape)
            self._is_empty[self._places(numbers)] = not size
            for some in portions(numbers, size):
                yield partial(self._measure_sizes, shape, some)

    def _measure_sizes(self, shape: Shape, numbers: Sequence[int]) -> None:
        evaluation, adjoints = self._evaluation, self.adjoints
        values = held(evaluation.node_values, numbers)
        self._put_sizes("value", shape, numbers, values, evaluation.value_size)
        if adjoints is not None:
            found = adjoints.held(numbers)
            self._put_sizes("adjoint", shape, numbers, found, self._adjoint_size)

    def _adjoint_size(self, n: int) -> Size | None:
        """How large an adjoint is that is not held; None where nothing arrived."""
        return self.adjoints.size(n) if self.adjoints is not None and n in self.adjoints else None

    def _put_sizes(
        self,
        what: Literal["value", "adjoint"],
        shape: Shape,
        numbers: Sequence[int],
        found: list[Any],
        size_of: Callable[[int], Size | None],
    ) -> None:
        """Note how large some arrays are; of those that are not held what is known of them."""
        there = [k for k, x in enumerate(found) if x is not None]
        if len(there) < len(found):
            self._put_told(
                what, [n for n, x in zip(numbers, found, strict=True) if x is None], size_of
            )
        if not there:
            return
        arrays = stacked([found[k] for k in there], shape, self._graph.dtype)
        at = self._places([numbers[k] for k in there])
        lengths = norms(arrays)
        self._columns[what].put(at, lengths)
        strange = np.flatnonzero(~np.isfinite(lengths))
        if strange.size:
            entries = arrays[strange].reshape(strange.size, -1)
            are_nan, are_inf = np.isnan(entries).any(axis=1), np.isinf(entries).any(axis=1)
            self._flag(what, at[strange], np.asarray(are_nan), np.asarray(are_inf))

    def _put_told(
        self,
        what: Literal["value", "adjoint"],
        numbers: Sequence[int],
        size_of: Callable[[int], Size | None],
    ) -> None:
        """Note what is known of arrays that are not held."""
        for n in numbers:
            size = size_of(n)
            if size is not None:
                at = self._places([n])
                self._columns[what].put(at, size.norm)
                self._flag(what, at, np.array([size.nan > 0]), np.array([size.inf > 0]))

    def _flag(
        self, what: Literal["value", "adjoint"], at: IntArray, are_nan: IntArray, are_inf: IntArray
    ) -> None:
        self._flags.put("nan value" if what == "value" else "nan adjoint", at[are_nan])
        self._flags.put("inf value" if what == "value" else "inf adjoint", at[are_inf])

    def _pieces_of_ops(self) -> Iterator[Piece]:
        for group in self._alike:
            numbers = group.numbers
            if len(self._nodes) < len(self._graph.nodes):
                numbers = [n for n in numbers if n in self._nodes]
            if not group.rule.elementwise:
                yield from self._pieces_of_jacobians(group, numbers)
            elif is_entrywise(group):
                for some in portions(numbers, group.first.size):
                    yield partial(self._measure_slopes, group, some)
            else:
                for n in numbers:
                    yield partial(self._measure_slopes, group, [n])

    def _pieces_of_jacobians(self, group: Alike, numbers: Sequence[int]) -> Iterator[Piece]:
        numbers = [n for n in numbers if n in self._affordable]
        if self._evaluation.is_recorded:
            for n in numbers:
                yield partial(self._measure_jacobian, group, [n])
        elif numbers and is_constant(group):
            yield partial(self._measure_jacobian, group, numbers)
        else:
            for some in portions(numbers, nonzeros(group)):
                yield partial(self._measure_jacobians, group, some)

    def _measure_jacobians(self, group: Alike, numbers: Sequence[int]) -> None:
        found = jacobian_sizes(self._evaluation, group, numbers) if len(numbers) > 1 else None
        if found is None:
            for n in numbers:
                self._measure_jacobian(group, [n])
            return
        lengths, steepest = found
        self._put_jacobians(self._places(numbers), lengths, steepest > self._limits.steep)

    def _measure_jacobian(self, group: Alike, numbers: Sequence[int]) -> None:
        """Measure one local Jacobian, which is that of several nodes."""
        try:
            length, steepest = jacobian_size(self._evaluation, group, numbers[0])
        except UnknownError:
            self.left_out += 1
            return
        steep = np.full(len(numbers), steepest > self._limits.steep)
        self._put_jacobians(self._places(numbers), np.full(len(numbers), length), steep)

    def _measure_slopes(self, group: Alike, numbers: Sequence[int]) -> None:
        """Measure elementwise ops: their Jacobians, and the shares of entries without a slope."""
        known = numbers
        if self._evaluation.is_recorded:
            known = [n for n in numbers if self._can_read(n)]
            self.left_out += len(numbers) - len(known)
        if not known:
            return
        try:
            found = slopes(self._evaluation, group, known)
        except UnknownError:
            self.left_out += 1
            return
        at = self._places(known)
        lengths = norms(np.stack([norms(each) for each in found], axis=1))
        self._put_jacobians(at, lengths, self._are_steep(group, lengths, found))
        steepest = np.max(found, axis=0)
        self._put_shares(group, at, steepest.reshape(len(known), -1))
        if has_units(group.first):
            for n, each in zip(known, steepest, strict=True):
                units = units_of(self._graph, self._graph.nodes[n], each)
                if units is not None:
                    self._units[n] = units

    def _can_read(self, n: int) -> bool:
        """Whether the value of an op and those of all its operands are known."""
        return all(map(self._evaluation.is_known, (n, *self._graph.nodes[n].parents)))

    def _are_steep(self, group: Alike, lengths: Array, found: Sequence[Array]) -> IntArray:
        """Whether ops have a partial that is large where they are not linear."""
        limit = self._limits.steep
        are_steep = (limit < lengths) & (lengths < inf)
        at = np.flatnonzero(are_steep)
        if at.size:
            bent = [
                s for a, s in zip(group.arguments, found, strict=True) if is_bent(group.rule, a)
            ]
            largest = [s[at].reshape(at.size, -1).max(axis=1, initial=0.0) for s in bent]
            are_steep[at] = np.max(largest, axis=0) > limit if largest else False
        return are_steep

    def _put_jacobians(self, at: IntArray, lengths: Array, are_steep: IntArray) -> None:
        self._columns["jacobian"].put(at, lengths)
        self._flags.put("nan slope", at[np.isnan(lengths)])
        self._flags.put("inf slope", at[np.isinf(lengths)])
        self._flags.put("steep", at[are_steep & np.isfinite(lengths)])

    def _put_shares(self, group: Alike, at: IntArray, steepest: Array) -> None:
        """Note the shares of dead and of saturated entries; of no entries there are none."""
        if not group.first.size:
            return
        shares: list[tuple[Literal["dead", "saturated"], Array]] = [("dead", steepest == 0)]
        if flattens(group.rule, group.first.params, self._limits.flat):
            shares.append(("saturated", steepest < self._limits.flat))
        for what, are_flat in shares:
            found = are_flat.mean(axis=1)
            self._columns[what].put(at, found)
            self._flags.put(what, at[found >= self._limits.share])

    def _compare_with_seed(self, depths: Sequence[int | None]) -> None:
        """Measure adjoints in units of v, as far as those are numbers."""
        if not self.seed:
            return
        adjoint, limits, flags = self._columns["adjoint"], self._limits, self._flags
        with np.errstate(all="ignore"):
            ratio = adjoint.numbers / self.seed
        some = adjoint.is_known & ~self._is_empty & ~flags.has("nan adjoint", "inf adjoint")
        are_small = ratio < limits.vanishing
        flags.put("zero adjoint", some & (ratio == 0))
        flags.put("vanishing", some & are_small & (ratio != 0))
        flags.put("exploding", some & (ratio > limits.exploding) & ~are_small & (ratio != 0))
        at = [k for k, depth in enumerate(depths) if depth and adjoint.is_known[k]]
        pairs = zip(ratio[at].tolist(), at, strict=True)
        rates = [x ** (1 / (depths[k] or 1)) for x, k in pairs]
        self._columns["rate"].put(np.asarray(at, dtype=np.intp), np.asarray(rates))

    def _flag_unreached(self) -> None:
        """Flag inputs that no pass reaches: PyTorch leaves their grad None."""
        runs = [run for run in self._evaluation.runs if run is not None]
        nodes = self._graph.nodes
        inputs = (nodes[n] for n in self._nodes if nodes[n].role is Role.INPUT)
        lost = [node.id for node in inputs if runs and node.size
                and not any(node.id in run.cotangents for run in runs)]  # fmt: skip
        self._flags.put("no gradient", self._places(lost))

    def _depths(self, run: PassRun) -> list[int | None]:
        """Edges on the longest way down from the output; None where the pass does not reach."""
        found: list[int | None] = [None] * len(self._graph.nodes)
        found[run.of] = 0
        parents = iter(run.walk.parents)
        for n, arguments in zip(run.walk.nodes, run.walk.arguments, strict=True):
            below = (found[n] or 0) + 1
            for parent in islice(parents, len(arguments)):
                if (found[parent] or 0) < below:
                    found[parent] = below
        return found[self._nodes.start : self._nodes.stop]


def _adjoints(evaluation: Evaluation, run: PassRun) -> Adjoints:
    """The adjoints of one pass alone, without gradients of earlier passes."""
    if not run.initial:
        return run.cotangents
    values = evaluation.node_values
    with np.errstate(all="ignore"):
        return run_backward(evaluation.graph.nodes, values, run.walk, run.seed, {})
