"""The slips that `claims` knows, with the number that each gives where a question is asked.

They are the same list: what is added there is named here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.debug.claims.derivation import Altered, Derivation, Together
from tui_backprop.debug.claims.slips import candidates
from tui_backprop.debug.quiz.question import NumberSlip
from tui_backprop.debug.quiz.typed import Nearness, TypedNumber
from tui_backprop.errors import UnknownError
from tui_backprop.graph.jacobian import LocalJacobian, picked
from tui_backprop.graph.naming import adjoint_entry, label, quotient
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.language.message import said
from tui_backprop.lazy import cached_property
from tui_backprop.rules.planted.kinds import TOLD
from tui_backprop.rules.planted.wrong import UNSQUARED
from tui_backprop.timeline.step_facts import pulled
from tui_backprop.timeline.trace import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from tui_backprop.debug.claims.derivation import Alteration
    from tui_backprop.debug.claims.slips import Slip
    from tui_backprop.debug.quiz.typed import Exactness
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Edge
    from tui_backprop.graph.plan import Walk
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.timeline import Frame

_MOST_OF_A_NUMBER: Final = 3
"""Slips that are named where several give the same number."""
_MOST_ELEMENTS: Final = 100_000
_MOST_MULTIPLICATIONS: Final = 10**6
"""Of a walk whose sums are derived anew for each slip; of a larger one the last step is."""
_NO_TOLERANCE: Final = Tolerance()
_OF_SEVERAL: Final = frozenset(
    {said("forgotten sum"), said("missing path"), said("nothing arrives"), said("sign of a factor")}
)
"""Slips of what has several parts."""


class LocalDerivation(Derivation):
    """The ways to derive one partial of one edge, which no other way leads around."""

    def __init__(self, evaluation: Evaluation, edge: Edge, j: int, i: int) -> None:
        claim = Claim(
            text=quotient(evaluation.graph, (edge.node, j), (edge.parent, i)),
            value=np.zeros(()), node=edge.node, entries=np.asarray(j), wrt=edge.parent,
            columns=np.asarray(i), after=0, holds=True, tolerance=_NO_TOLERANCE, by={},
        )  # fmt: skip
        super().__init__(evaluation, claim)
        self._edge, self._j, self._i = edge, j, i
        self.place = j, i

    @cached_property
    def truth(self) -> Array:
        """The partial."""
        return np.asarray(LocalJacobian(self.evaluation, self._edge).entry(self._j, self._i))

    @cached_property
    def starts(self) -> list[tuple[Walk, Array]]:
        """No pass is walked: what is pulled back is a unit vector, through one edge."""
        return []

    @cached_property
    def edges(self) -> list[Edge]:
        """The one."""
        return [self._edge]

    def altered(
        self, alteration: Alteration | None, _seeds: Sequence[Array] | None = None
    ) -> Array:
        """The partial as it comes out with the edge's VJP altered."""
        if isinstance(alteration, Together):
            alteration = alteration.parts.get(self._edge)
        if not isinstance(alteration, Altered):
            return self.truth
        v = self._unit(self._j)
        with np.errstate(all="ignore"):
            right = self.evaluation.pull(self._edge, v)
            other = alteration.pull(v, right)
        return np.asarray(picked(right if other is None else other, self._i))


def slips_of_partial(frame: Frame, exactness: Exactness) -> tuple[NumberSlip, ...]:
    """The slips of the partial of a step."""
    edge, p = pulled(frame)
    derivation = LocalDerivation(frame.timeline.trace, edge, p.j, p.i)
    return _apart(slips_of_entry(derivation), p.value, exactness)


def slips_of_entry(derivation: LocalDerivation) -> Iterator[NumberSlip]:
    """The slips of one partial, which is no sum, and to which no path leads.

    What leaves out a sum or a path gives 0 there: who answers that takes it that the one does not
    read the other.
    """
    edge, evaluation = derivation.edges[0], derivation.evaluation
    yield from _of_factors(derivation, edge)
    for slip in slips_at(derivation):
        if slip.name not in _OF_SEVERAL:
            yield slip
    y, x = (label(evaluation.graph, n) for n in (edge.node, edge.parent))
    yield NumberSlip(said("no dependence"), said("0 would mean that {y} does not change with {x}",
                                                 y=y, x=x), 0.0)  # fmt: skip


def _of_factors(derivation: LocalDerivation, edge: Edge) -> Iterator[NumberSlip]:
    """A square that is left out of a slope, or a factor."""
    evaluation, (j, i) = derivation.evaluation, derivation.place
    node = evaluation.graph.nodes[edge.node]
    pattern = evaluation.patterns.of(edge)
    if not pattern.contains(np.asarray(j), np.asarray(i)):
        return
    key = node.op, edge.argument
    ways: list[tuple[str, str, Callable[..., Any]]] = []
    if key in UNSQUARED:
        ways.append((said("missing square"), TOLD["missing-square"], UNSQUARED[key]))
    text = said("a factor of y·(1 - y) is missing")
    ways += [(said("missing factor"), text, way) for way in _HALVES.get(key, ())]
    operands = [evaluation.value(p) for p in node.parents]
    for name, told, way in ways:
        with np.errstate(all="ignore"):
            found = np.broadcast_to(way(np, evaluation.value(edge.node), *operands), node.shape)
        yield NumberSlip(name, told, float(picked(found, j)))


_HALVES: Final[Mapping[tuple[str, int], tuple[Callable[..., Any], ...]]] = {
    ("sigmoid", 0): (lambda _m, y, _x: 1 - y, lambda _m, y, _x: y),
}
"""Slopes of two factors, with one of them."""


def slips_of_sum(frame: Frame, exactness: Exactness, *, is_last: bool) -> tuple[NumberSlip, ...]:
    """The slips of the adjoint entry that a step adds to.

    Args:
        frame: of the step.
        exactness: of its numbers.
        is_last: whether no later step of the pass adds to it: then those of all passes so far.
    """
    edge, p = pulled(frame)
    trace = frame.timeline.trace
    found: list[NumberSlip] = []
    if is_last and _is_small(trace):
        claim = Claim(
            text=adjoint_entry(trace.graph, edge.parent, p.i), value=np.zeros(()),
            node=edge.parent, entries=np.asarray(p.i), wrt=None, columns=None,
            after=frame.pass_number + 1, holds=True, tolerance=_NO_TOLERANCE, by={},
        )  # fmt: skip
        found += slips_at(Derivation(trace, claim))
    return _apart([*found, *_slips_of_step(frame)], p.after, exactness)


def _is_small(trace: Evaluation) -> bool:
    """Whether all derivations of a sum take a moment: whoever answered waits for them."""
    graph = trace.graph
    elements = sum(node.size for node in graph.nodes)
    return elements <= _MOST_ELEMENTS and graph.multiplications <= _MOST_MULTIPLICATIONS


def slips_at(derivation: Derivation) -> Iterator[NumberSlip]:
    """Every slip of a derivation of one number; none where a walk does not tell enough."""
    try:
        with np.errstate(all="ignore"):
            for slip, value in candidates(derivation):
                if np.shape(value) == () and not _is_of_addition(derivation, slip):
                    yield NumberSlip(slip.name, slip.text, float(value))
    except UnknownError:
        return


def _is_of_addition(derivation: Derivation, slip: Slip) -> bool:
    """Whether it is the sign of an addition, which nobody turns: it is met by chance."""
    if slip.edge is None or slip.name != said("sign of a factor"):
        return False
    return derivation.evaluation.graph.nodes[slip.edge.node].op in {"add", "sum"}


def _slips_of_step(frame: Frame) -> Iterator[NumberSlip]:
    """What may go wrong in one product and its sum."""
    _, p = pulled(frame)
    before = p.before or 0.0
    if p.before is not None:
        text = said("the last contribution stands alone, and what was there before it is lost")
        yield NumberSlip(said("= for +="), text, p.contribution)
    text = said("the last partial is added as it is, without its v")
    yield NumberSlip(said("forgotten v"), text, before + p.value)
    text = said("the sign of the last contribution is turned")
    yield NumberSlip(said("sign of a factor"), text, before - p.contribution)


def _apart(
    slips: Iterable[NumberSlip], right: float, exactness: Exactness
) -> tuple[NumberSlip, ...]:
    """Those that give another number than the right one; a few of each number, no name twice."""
    found: dict[tuple[str, str], NumberSlip] = {}
    count: dict[str, int] = {}
    for slip in slips:
        value = slip.value + 0.0  # no −0
        number = f"{value:.9g}"
        if TypedNumber(value).nearness(right, exactness) is Nearness.SAME:
            continue
        if slip.name == said("sign of a factor") and (said("sign"), number) in found:
            continue  # of a chain of one factor that is the same said twice
        if (slip.name, number) not in found and count.get(number, 0) < _MOST_OF_A_NUMBER:
            found[slip.name, number] = NumberSlip(slip.name, slip.text, value)
            count[number] = count.get(number, 0) + 1
    return tuple(found.values())
