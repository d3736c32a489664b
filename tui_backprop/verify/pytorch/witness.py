"""The witness PyTorch: values and gradients of the whole program against PyTorch's.

PyTorch may not be installed; then the witness says so. It judges as the others do: an entry at a
kink is a choice, and an entry that is finite in neither, or that rounding alone moves as far, is
left out. An entry that is finite in only one of the two differs, unless it is stated why.
"""

from __future__ import annotations

from collections import Counter as Counted
from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.kinks import kink_distance
from tui_backprop.graph.naming import entry, index_text
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.language.message import said
from tui_backprop.lazy import cached_property
from tui_backprop.verify.counter import Counter
from tui_backprop.verify.pytorch.differences import BESIDE_INFINITIES, DIFFERENCES, VALUES
from tui_backprop.verify.pytorch.running import AbsentError, NotRunError, Perturbation, run
from tui_backprop.verify.pytorch.telling import telling
from tui_backprop.verify.report import Finding, Testimony

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.rules.types import Array
    from tui_backprop.verify.pytorch.differences import Difference
    from tui_backprop.verify.pytorch.running import Run


_PERTURBATION: Final = 1000
"""In units of the last digit, by how much every value is moved to see what rounding can do.

Far more than rounding itself, so that a difference of rounding is small beside what this moves.
"""

_SEEDS: Final = range(1, 7)
"""Of as many runs: one of two sides of a jump is taken in all of them once in 32 times."""

_MARGIN: Final = 4
"""How much less may be moved than differs: what rounding leaves comes in a few sizes only."""


def pytorch(evaluation: Evaluation) -> Testimony:
    """Compare every value and every gradient with PyTorch's, where it is installed."""
    shapes = Counted(node.shape for node in evaluation.graph.nodes if node.rule is not None)
    total = sum(count * prod(shape) for shape, count in shapes.items())
    total += sum(g.size for g in evaluation.grad.values())
    counter = Counter("PyTorch")
    try:
        witness = _Witness(evaluation, run(evaluation), counter)
        witness.all_values()
        for name in evaluation.grad:
            witness.gradient(name)
    except AbsentError as error:
        return Testimony(counter.witness, total, 0, remark=str(error), is_absent=True)
    except NotRunError as error:
        return counter.testimony(total, str(error))
    return counter.testimony(total)


class _Witness:
    """Compares the arrays of one run with the engine's."""

    def __init__(self, evaluation: Evaluation, found: Run, counter: Counter) -> None:
        self._evaluation = evaluation
        self._found = found
        self._counter = counter
        is_single = evaluation.graph.dtype == np.float32
        self._rtol, self._atol = (1e-4, 1e-6) if is_single else (1e-9, 1e-13)

    @cached_property
    def _excuses(self) -> Excuses:
        return Excuses.of(self._evaluation)

    @cached_property
    def _perturbed(self) -> tuple[Run, ...]:
        size = _PERTURBATION * float(np.finfo(self._evaluation.graph.dtype).eps)
        try:
            return tuple(run(self._evaluation, Perturbation(size, seed)) for seed in _SEEDS)
        except NotRunError:  # moved out of some domain: then rounding excuses nothing
            return ()

    def all_values(self) -> None:
        """The value of every op."""
        nodes = self._evaluation.graph.nodes
        for ids, agreed in telling(self._evaluation, self._found.values, self._rtol, self._atol):
            for n in ids:
                self.value(nodes[n])
            self._counter.agree(agreed)

    def value(self, node: Node) -> None:
        """A node's value."""
        graph = self._evaluation.graph
        self._compare(
            lambda k: entry(graph, node.id, k),
            self._evaluation.value(node.id),
            lambda run: run.values[node.id],
            lambda: self._excuses.wild_values.get(node.id, ""),
            is_sum=node.rule is not None and not node.rule.elementwise,
        )

    def gradient(self, name: str) -> None:
        """An input's gradient, of all passes together."""
        engine, leaf = self._evaluation.grad[name], self._evaluation.graph.inputs[name]
        self._compare(
            lambda k: f"{name}.grad{index_text(engine.shape, k)}",
            engine,
            lambda run: run.grad[name],
            lambda: self._excuses.chosen.get(leaf) or self._excuses.wild.get(leaf, ""),
            is_sum=True,
        )

    def _compare(
        self,
        entry: Callable[[int], str],
        engine: Array,
        witness: Callable[[Run], Array],
        reason: Callable[[], str],
        *,
        is_sum: bool,
    ) -> None:
        """An array; an entry that is a sum may have cancelled beside others."""
        finite = np.abs(engine[np.isfinite(engine)])
        atol = self._atol * float(finite.max(initial=0.0)) if is_sum else 0.0
        arrays = engine, witness(self._found)
        compared = Comparison(self._counter, entry, arrays, Tolerance(self._rtol, atol))
        if compared.differs:
            _judge(compared, reason(), lambda: [witness(run) for run in self._perturbed])
        compared.settle()


def _judge(compared: Comparison, reason: str, perturbed: Callable[[], list[Array]]) -> None:
    """Set aside what may differ; the perturbed runs are asked for last, since they take time."""
    compared.skip(
        ~np.isfinite(compared.engine) & ~np.isfinite(compared.witness), said("not finite")
    )
    if reason:
        compared.excuse(np.ones(compared.engine.shape, dtype=bool), reason)
    if compared.differs:
        for values in perturbed():
            found = np.asarray(values, dtype=np.float64).ravel()
            with np.errstate(invalid="ignore"):  # inf - inf; such an entry is judged apart
                moved = _MARGIN * np.abs(found - compared.witness)
                is_steady = moved < np.abs(compared.engine - compared.witness)
            is_number = np.isfinite(compared.witness)
            is_moved = np.where(is_number, ~is_steady, np.isfinite(found))
            compared.skip(
                np.isfinite(compared.engine) & is_moved, said("rounding alone moves it as far")
            )


@dataclass(frozen=True, slots=True, eq=False)
class Excuses:
    """Why each node may rightly differ: what lies between it and the outputs.

    Attributes:
        wild_values: node → why its value may differ, in words: the NaN and infinities beside it, a
            rounding that is stated, or a value that it is made of and may differ itself.
        wild: node → the same for its cotangent, and those that this passed.
        chosen: node → the choice that its cotangent passed, in words.
    """

    wild_values: Mapping[int, str]
    wild: Mapping[int, str]
    chosen: Mapping[int, str]

    @classmethod
    def of(cls, evaluation: Evaluation) -> Excuses:
        """Go forward over the values, then back along every pass."""
        wild_values = _wild_values(evaluation)
        wild: dict[int, str] = {}
        chosen: dict[int, str] = {}
        for done in evaluation.runs:
            if done is not None:
                _walk(evaluation, done, wild_values, wild, chosen)
        return cls(wild_values, wild, chosen)


def _wild_values(evaluation: Evaluation) -> dict[int, str]:
    found: dict[int, str] = {}
    for node in evaluation.graph.nodes:
        reason = next((found[p] for p in node.parents if p in found), "")
        if not reason and not all(
            _is_finite(evaluation.value(k)) for k in (node.id, *node.parents)
        ):
            reason = BESIDE_INFINITIES.get(node.op, "")
        reason = reason or _stated(VALUES, evaluation, node)
        if reason:
            found[node.id] = reason
    return found


def _walk(
    evaluation: Evaluation,
    run: PassRun,
    values: Mapping[int, str],
    wild: dict[int, str],
    chosen: dict[int, str],
) -> None:
    """What was met at a node is met by all before it that are reached through it."""
    nodes = evaluation.graph.nodes
    for n, arguments in zip(run.walk.nodes, run.walk.arguments, strict=True):
        node = nodes[n]
        reason = wild.get(n) or next((values[k] for k in (n, *node.parents) if k in values), "")
        if not reason and _is_wild(evaluation, run, node):
            reason = BESIDE_INFINITIES.get(node.op, "")
        choice = chosen.get(n) or _choice(evaluation, node)
        for parent in (node.parents[a] for a in arguments):
            if reason:
                wild.setdefault(parent, reason)
            if choice:
                chosen.setdefault(parent, choice)


def _is_wild(evaluation: Evaluation, run: PassRun, node: Node) -> bool:
    seen = [evaluation.value(k) for k in (node.id, *node.parents)]
    return not all(map(_is_finite, [*seen, run.cotangents[node.id]]))


def _choice(evaluation: Evaluation, node: Node) -> str:
    """The convention or the stated difference that a node uses somewhere; else empty."""
    rule = node.rule
    if rule is None:
        return ""
    if reason := _stated(DIFFERENCES, evaluation, node):
        return reason
    distance = kink_distance(evaluation, node)
    is_met = distance is not None and bool(np.any(distance == 0))
    return said(rule.convention) if is_met else ""


def _stated(table: Mapping[str, Difference], evaluation: Evaluation, node: Node) -> str:
    """The reason of a difference that the numbers of a node show; else empty."""
    stated = table.get(node.op)
    if stated is None:
        return ""
    operands = [evaluation.value(p) for p in node.parents]
    with np.errstate(all="ignore"):
        is_shown = stated.at(evaluation.value(node.id), *operands, **node.params)
    return stated.reason if is_shown else ""


def _is_finite(x: Array) -> bool:
    return bool(np.isfinite(x).all())


class Comparison:
    """The engine's numbers and PyTorch's.

    Attributes:
        engine: ours, flat, float64.
        witness: PyTorch's.
    """

    def __init__(
        self,
        counter: Counter,
        entry: Callable[[int], str],
        arrays: tuple[Array, Array],
        tolerance: Tolerance,
    ) -> None:
        self._counter = counter
        self._entry = entry
        self._tolerance = tolerance
        self.engine, self.witness = (np.asarray(x, dtype=np.float64).ravel() for x in arrays)
        self._left = np.ones(self.engine.shape, dtype=bool)
        self._differing = (
            ~self._left
            if np.array_equal(self.engine, self.witness)
            else tolerance.excesses(self.engine, self.witness) > 1
        )

    @property
    def differs(self) -> bool:
        """Whether some entry differs that was not set aside."""
        return bool(self._differing.any())

    def skip(self, where: Array, why: str) -> None:
        """Set aside the entries about which nothing can be said."""
        self._set_aside(where, why, self._counter.skip)

    def excuse(self, where: Array, why: str) -> None:
        """Set aside the entries that differ by a stated choice."""
        self._set_aside(where, why, self._counter.excuse)

    def settle(self) -> None:
        """Compare what is left."""
        left = np.flatnonzero(self._left)
        if left.size == self.engine.size > 0:
            self._counter.compare_all(self._entry, self.engine, self.witness, self._tolerance)
        elif left.size:
            numbers = self.engine[left], self.witness[left]
            self._counter.compare_all(
                lambda k: self._entry(int(left[k])), *numbers, self._tolerance
            )

    def _set_aside(self, where: Array, why: str, say: Callable[[Finding, str, int], None]) -> None:
        places = np.flatnonzero(self._differing & where)
        if places.size:
            k = int(places[0])
            numbers = float(self.engine[k]), float(self.witness[k])
            say(Finding(self._entry(k), *numbers, self._tolerance), why, int(places.size))
            self._left[places] = self._differing[places] = False
