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
from tui_backprop.graph.naming import adjoint_entry, quotient
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.language.message import said
from tui_backprop.lazy import cached_property
from tui_backprop.timeline.step_facts import pulled
from tui_backprop.timeline.trace import Claim

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tui_backprop.debug.claims.derivation import Alteration
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
    return _apart(slips_at(derivation), p.value, exactness)


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
                if np.shape(value) == ():
                    yield NumberSlip(slip.name, slip.text, float(value))
    except UnknownError:
        return


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
        if (slip.name, number) not in found and count.get(number, 0) < _MOST_OF_A_NUMBER:
            found[slip.name, number] = NumberSlip(slip.name, slip.text, value)
            count[number] = count.get(number, 0) + 1
    return tuple(found.values())
