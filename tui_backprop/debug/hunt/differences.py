"""An adjoint held against central differences: the value is moved, and the rest computed again.

It knows no derivative, so that it is right whatever bug is in one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.dataclass import replace
from tui_backprop.errors import CommandError
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import adjoint_entry, decimal, label
from tui_backprop.graph.plan import compiled_calls
from tui_backprop.language.message import Answer, AnswerLine, Cells, laid_out, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.rules.types import Array

_STEP: Final = 2.0**-17
"""Near the cube root of ε, in units of the number, or of 1 where it is smaller."""
_MOST_ENTRIES: Final = 24
_MOST_WORK: Final = 20_000_000
"""Entries of all values times the runs."""
_NEAR: Final = 1e-6
_DIGITS: Final = 6


class Slopes(NamedTuple):
    """How fast ``Σ ⟨v, Y⟩`` grows with one entry.

    Attributes:
        left: for smaller numbers.
        right: for larger ones.
    """

    left: float
    right: float

    @property
    def central(self) -> float:
        """Half of both."""
        return (self.left + self.right) / 2

    @property
    def is_kinked(self) -> bool:
        """Whether the two differ by more than a bend makes them."""
        size = max(abs(self.left), abs(self.right), 1e-12)
        return bool(abs(self.left - self.right) > 1e-2 * size)


class Objective:
    """``Σ ⟨v, Y⟩`` of the passes that an adjoint sums, as a function of one node's value.

    Of an input these are all since the last ``zero_grad``, of another node the last one.
    """

    def __init__(self, evaluation: Evaluation, node: int) -> None:
        self.node = node
        self.runs = _counting(evaluation, evaluation.is_input(node))
        graph = replace(evaluation.graph, dtype=np.dtype(np.float64))
        self._calls = [(n, call) for n, call in compiled_calls(graph.nodes) if n > node]
        self._raw = [np.asarray(value, np.float64)[()] for value in evaluation.node_values]

    def slopes(self, flat: int) -> Slopes:
        """The slopes on both sides of an entry."""
        value = float(np.asarray(self._raw[self.node]).ravel()[flat])
        h = _STEP * max(abs(value), 1.0)
        low, here, high = (self._ends(flat, value + d) for d in (-h, 0.0, h))
        weights = [run.seed.astype(np.float64) for run in self.runs]

        def rise(one: Sequence[Array], other: Sequence[Array]) -> float:
            parts = zip(weights, one, other, strict=True)
            return sum(float(np.sum(v * (b - a))) for v, a, b in parts)

        return Slopes(rise(low, here) / h, rise(here, high) / h)

    def _ends(self, flat: int, number: float) -> list[Array]:
        raw = self._raw.copy()
        moved = np.array(raw[self.node])
        moved.reshape(-1)[flat] = number
        raw[self.node] = moved[()]
        with np.errstate(all="ignore"):
            for n, call in self._calls:
                raw[n] = call(raw)
        return [np.asarray(raw[run.of], np.float64) for run in self.runs]


def _counting(evaluation: Evaluation, is_input: bool) -> tuple[PassRun, ...]:
    found: list[PassRun] = []
    for run in evaluation.runs:
        if run is None or not is_input:
            found.clear()
        if run is not None:
            found.append(run)
    return tuple(found)


def differences_answer(evaluation: Evaluation, node: int, flat: int | None) -> Answer:
    """The adjoint of a node at the end of the walk beside central differences, entry by entry.

    Raises:
        CommandError: there is nothing to compare, or it would take too long.
    """
    graph = evaluation.graph
    if evaluation.is_recorded:
        raise CommandError(said("a recorded walk has no program that could be run again"))
    if graph.nodes[node].role is Role.CONSTANT:
        raise CommandError(
            said("{node} is a constant: no gradient is kept for it", node=label(graph, node))
        )
    objective = Objective(evaluation, node)
    size = graph.nodes[node].size
    entries = range(min(size, _MOST_ENTRIES)) if flat is None else [flat]
    if not objective.runs:
        raise CommandError(said("no backward pass counts"))
    if 3 * len(entries) * max(graph.elements, len(graph.nodes)) > _MOST_WORK:
        raise CommandError(said("too large to be run again on other numbers"))
    lines = [*_lines(evaluation, objective, entries)]
    if flat is None and size > _MOST_ENTRIES:
        lines.append(AnswerLine(said("of {size} entries the first {count}", size=size,
                                     count=_MOST_ENTRIES)))  # fmt: skip
    return Answer(tuple(lines), is_about_entries=True)


def _lines(
    evaluation: Evaluation, objective: Objective, entries: Sequence[int]
) -> Iterator[AnswerLine]:
    node = objective.node
    last = next(run for run in reversed(evaluation.runs) if run is not None)
    own = last.cotangents.get(node)
    if evaluation.is_input(node):
        own = evaluation.grad[evaluation.graph.nodes[node].name]
    own = np.zeros(evaluation.value(node).shape) if own is None else own
    rows = [Cells((said("entry"), said("the walk"), said("differences"), ""))]
    for flat in entries:
        walked, slopes = float(own.ravel()[flat]), objective.slopes(flat)
        rows.append(Cells((
            adjoint_entry(evaluation.graph, node, flat), decimal(walked, _DIGITS),
            decimal(slopes.central, _DIGITS), _verdict(walked, slopes),
        )))  # fmt: skip
    for text, row in zip(laid_out(rows), rows, strict=True):
        yield AnswerLine(text, cells=row)


def _verdict(walked: float, slopes: Slopes) -> str:
    if slopes.is_kinked:
        return said("a kink: {left} from the left, {right} from the right",
                    left=decimal(slopes.left, _DIGITS),
                    right=decimal(slopes.right, _DIGITS))  # fmt: skip
    distance = abs(walked - slopes.central)
    size = max(abs(walked), abs(slopes.central), 1e-3)
    if not np.isfinite(distance):
        return said("not finite")
    return said("they agree") if distance <= _NEAR * size * 10 else said("they differ")
