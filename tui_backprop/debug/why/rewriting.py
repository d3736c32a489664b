"""A program with some of its expressions written otherwise, and whether that cures a walk.

It stands apart from knowing cures because whatever is advised is tried first: the text that a
person would type is put in its place, read again and evaluated on the same numbers.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import TuiBackpropError
from tui_backprop.graph.model import Backward
from tui_backprop.program import build
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_backprop.debug.why.written import Change, Written
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Graph, Pass
    from tui_backprop.rules.types import Array

_MOST_NODES: Final = 2_000
_MOST_ENTRIES: Final = 1_000_000
"""Of larger graphs no cure is tried: it takes as long as the scenario itself, for each."""

EXACT: Final = 1e-9
"""How far, relatively, a number may move by a cure that changes no number but rounds otherwise."""


class Tried(NamedTuple):
    """What became of a walk by some changes.

    Attributes:
        trace: the changed program on the same numbers.
        bad: how many entries of the outputs and of the gradients are not finite.
        moved: how far, relatively, the farthest of those moved that had been finite.
    """

    trace: Trace
    bad: int
    moved: float

    @property
    def is_cured(self) -> bool:
        """Whether every output and every gradient is finite."""
        return not self.bad


@dataclass(frozen=True, eq=False)
class Rewriting:
    """Tries changes on one evaluation.

    Attributes:
        evaluation: what has NaN or infinities.
        written: its program.
    """

    evaluation: Evaluation
    written: Written

    @property
    def is_possible(self) -> bool:
        """Whether trying is affordable."""
        nodes = self.evaluation.graph.nodes
        if len(nodes) > _MOST_NODES:
            return False
        return sum(node.size for node in nodes) <= _MOST_ENTRIES

    @cached_property
    def work(self) -> int:
        """What one trial takes, in nodes."""
        nodes = self.evaluation.graph.nodes
        return len(nodes) + sum(node.size for node in nodes) // 100

    @cached_property
    def has_bad_output(self) -> bool:
        """Whether some output is not finite, so that its numbers cannot tell a cure."""
        return bool(_bad(_outputs(self.evaluation)))

    def tried(self, changes: Sequence[Change]) -> Tried | None:
        """The program with all of the changes; None where it cannot be read or means another."""
        program = self.written.changed(changes)
        if program is None:
            return None
        old = self.evaluation
        leaves = dict(old.leaves)
        inputs = {n: leaves[n] for n in old.graph.inputs}
        constants = {n: leaves[n] for n in old.graph.constants}
        names = self.written.leaf_names
        try:
            graph = build(
                program,
                {names[n]: x for n, x in inputs.items()},
                {names[n]: x for n, x in constants.items()},
                old.graph.dtype,
            )
        except TuiBackpropError:
            return None
        passes = self._passes(graph)
        if passes is None:
            return None
        trace = Trace(graph, {names[n]: x for n, x in leaves.items()}, passes)
        before, after = _results(old), _results(trace)
        if any(a.shape != b.shape for a, b in zip(before, after, strict=True)):
            return None
        return Tried(trace, _bad(after), _moved(before, after))

    def _passes(self, graph: Graph) -> list[Pass] | None:
        """The same passes from the nodes of the same names."""
        found: list[Pass] = []
        for item in self.evaluation.passes:
            if not isinstance(item, Backward):
                found.append(item)
                continue
            name = self.written.name_of(item.of)
            if name not in graph.names:
                return None
            found.append(Backward(graph.names[name], item.v))
        return found


def _results(evaluation: Evaluation) -> list[Array]:
    """What a cure must leave as it is, and make finite: the outputs, and the gradients."""
    return [*_outputs(evaluation), *evaluation.grad.values()]


def _outputs(evaluation: Evaluation) -> list[Array]:
    return [evaluation.value(p.of) for p in evaluation.passes if isinstance(p, Backward)]


def _bad(arrays: Iterable[Array]) -> int:
    return sum(int(np.count_nonzero(~np.isfinite(x))) for x in arrays)


def _moved(before: Sequence[Array], after: Sequence[Array]) -> float:
    """The largest change of what was finite, relative to the largest entry beside it."""
    worst = 0.0
    for old, new in zip(before, after, strict=True):
        kept = np.isfinite(old)
        if not kept.any():
            continue
        size = max(float(np.abs(old[kept]).max()), 1.0)
        with np.errstate(all="ignore"):
            apart = float(np.abs(new[kept] - old[kept]).max()) / size
        worst = max(worst, apart if np.isfinite(apart) else np.inf)
    return worst
