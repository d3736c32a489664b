"""The witness PyTorch: values and gradients of the whole program against another library's.

It stands apart from the other witnesses because it may not be there; then it says so, and nothing
else changes. What it cannot judge is judged as the others do: an entry at a kink is a choice, and
of an entry that is finite in neither, or that rounding alone moves as far, nothing is said. One
that is finite in one of the two differs, unless it is stated why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.naming import entry, index_text
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.lazy import cached_property
from tui_backprop.verify.pytorch.blame import Blame
from tui_backprop.verify.pytorch.noise import Noise
from tui_backprop.verify.pytorch.pairs import Pair
from tui_backprop.verify.pytorch.running import AbsentError, NotRunError, run
from tui_backprop.verify.report import Testimony
from tui_backprop.verify.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.types import Array
    from tui_backprop.verify.pytorch.running import Run

_NOISE: Final = 1000
"""In units of the last digit, by how much every value is moved to see what rounding can do.

Far more than rounding itself, so that a difference of rounding is small beside what this moves.
"""

_SEEDS: Final = (1, 2)
"""Of as many runs: in one alone an entry may by chance stay where it was."""


def pytorch(evaluation: Evaluation) -> Testimony:
    """Compare every value and every gradient with PyTorch's, where it is installed."""
    ops = [node for node in evaluation.graph.nodes if node.rule is not None]
    total = sum(n.size for n in ops) + sum(g.size for g in evaluation.grad.values())
    tally = Tally("PyTorch")
    try:
        comparison = _Comparison(evaluation, run(evaluation), tally)
        for node in ops:
            comparison.value(node)
        for name in evaluation.grad:
            comparison.gradient(name)
    except AbsentError as error:
        return Testimony(tally.witness, total, 0, remark=str(error), is_absent=True)
    except NotRunError as error:
        return tally.testimony(total, str(error))
    return tally.testimony(total)


class _Comparison:
    """The arrays of one run against ours."""

    def __init__(self, evaluation: Evaluation, found: Run, tally: Tally) -> None:
        self._evaluation = evaluation
        self._found = found
        self._tally = tally
        is_single = evaluation.graph.dtype == np.float32
        self._rtol, self._atol = (1e-4, 1e-6) if is_single else (1e-9, 1e-13)

    @cached_property
    def _blame(self) -> Blame:
        return Blame.of(self._evaluation)

    @cached_property
    def _noisy(self) -> tuple[Run, ...]:
        size = _NOISE * float(np.finfo(self._evaluation.graph.dtype).eps)
        try:
            return tuple(run(self._evaluation, Noise(size, seed)) for seed in _SEEDS)
        except NotRunError:  # moved out of some domain: then rounding excuses nothing
            return ()

    def value(self, node: Node) -> None:
        """A node's value."""
        engine = self._evaluation.value(node.id)
        is_sum = node.rule is not None and not node.rule.elementwise
        arrays = engine, self._found.values[node.id]
        graph = self._evaluation.graph
        pair = Pair(
            self._tally,
            lambda k: entry(graph, node.id, k),
            arrays,
            self._within(is_sum, engine),
        )
        if pair.differs:
            reason = self._blame.wild_values.get(node.id, "")
            _judge(pair, reason, lambda: [r.values[node.id] for r in self._noisy])
        pair.settle()

    def gradient(self, name: str) -> None:
        """An input's gradient, of all passes together."""
        engine, leaf = self._evaluation.grad[name], self._evaluation.graph.inputs[name]
        arrays = engine, self._found.grad[name]
        pair = Pair(
            self._tally,
            lambda k: f"{name}.grad{index_text(engine.shape, k)}",
            arrays,
            self._within(is_sum=True, engine=engine),
        )
        if pair.differs:
            reason = self._blame.chosen.get(leaf) or self._blame.wild.get(leaf, "")
            _judge(pair, reason, lambda: [r.grad[name] for r in self._noisy])
        pair.settle()

    def _within(self, is_sum: bool, engine: Array) -> Tolerance:
        """An entry that is a sum may have cancelled beside the others."""
        finite = np.abs(engine[np.isfinite(engine)])
        return Tolerance(self._rtol, self._atol * float(finite.max(initial=0.0)) if is_sum else 0.0)


def _judge(pair: Pair, reason: str, noisy: Callable[[], list[Array]]) -> None:
    """Set aside what may differ; the noise is asked for last, since it takes more runs."""
    pair.skip(~np.isfinite(pair.engine) & ~np.isfinite(pair.witness), "not finite")
    if reason:
        pair.excuse(np.ones(pair.engine.shape, dtype=bool), reason)
    if pair.differs:
        for values in noisy():
            moved = np.abs(np.asarray(values, dtype=np.float64).ravel() - pair.witness)
            is_steady = moved < np.abs(pair.engine - pair.witness)
            pair.skip(np.isfinite(pair.engine) & np.isfinite(pair.witness) & ~is_steady,
                      "rounding alone moves it as far")  # fmt: skip
