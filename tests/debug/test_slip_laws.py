"""A slip that was made is named; none is that does not give the claimed numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.debug.claimed import adjoint_claim
from tests.fuzz.effort import effort
from tests.strategies import traces
from tests.timeline.test_timeline import is_tame
from tui_backprop.debug.claims.claims import departure
from tui_backprop.debug.claims.derivation import Derivation
from tui_backprop.debug.claims.slips import slips
from tui_backprop.graph.model import Backward, Edge
from tui_backprop.rules.shapes import unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Trace

    Way = Callable[[Trace, Edge, Array, Array], Array | None]


def jacobian(trace: Trace, edge: Edge) -> Array:
    """J, column by column, from the row's J·t: the slips are searched with its vᵀJ."""
    node = trace.graph.nodes[edge.node]
    assert node.rule is not None
    operands = tuple(trace.value(p) for p in node.parents)
    own = operands[edge.argument]
    found = np.zeros((node.size, own.size))
    for i, unit in enumerate(np.eye(own.size)):
        pushed = node.rule.derivative(edge.argument).jvp(
            unit.reshape(own.shape), trace.value(node.id), operands, node.params
        )
        found[:, i] = np.asarray(pushed).ravel()
    return found


def is_elementwise(trace: Trace, edge: Edge) -> bool:
    """Whether operands broadcast."""
    rule = trace.graph.nodes[edge.node].rule
    return rule is not None and rule.elementwise


def _left_out(trace: Trace, edge: Edge, v: Array, _J: Array) -> Array | None:
    if not is_elementwise(trace, edge):
        return None
    return np.asarray(unbroadcast(v, trace.graph.nodes[edge.parent].shape))


def _summed(trace: Trace, edge: Edge, v: Array, J: Array) -> Array | None:
    if trace.graph.nodes[edge.node].op != "mean":
        return None
    return np.asarray(v.ravel() @ (J != 0)).reshape(trace.graph.nodes[edge.parent].shape)


def _pushed(trace: Trace, edge: Edge, v: Array, J: Array) -> Array | None:
    node, shape = trace.graph.nodes[edge.node], trace.graph.nodes[edge.parent].shape
    if is_elementwise(trace, edge) or shape != node.shape or node.op in {"matmul", "dot"}:
        return None
    return (J @ v.ravel()).reshape(shape)


def _diagonal(trace: Trace, edge: Edge, v: Array, J: Array) -> Array | None:
    node, shape = trace.graph.nodes[edge.node], trace.graph.nodes[edge.parent].shape
    if is_elementwise(trace, edge) or shape != node.shape:
        return None
    return (np.diag(J) * v.ravel()).reshape(shape)


def _pulled(trace: Trace, edge: Edge, v: Array, J: Array) -> Array:
    return (v.ravel() @ J).reshape(trace.graph.nodes[edge.parent].shape)


WAYS: Final[dict[str, Way]] = {
    "sign of a factor": lambda *at: -_pulled(*at),
    "missing path": lambda *at: 0 * _pulled(*at),
    "forgotten factor": _left_out,
    "forgotten 1/n": _summed,
    "J and not its transpose": _pushed,
    "only the diagonal": _diagonal,
}


@dataclass(frozen=True)
class ByHand:
    """A derivation with one thing done differently.

    Attributes:
        way: another VJP of the edge ``at``; None leaves all of them as they are.
        at: that edge.
        assigned: a node with ``=`` for ``+=``.
        is_first: whether its first contribution stays, and not its last.
        is_stale: whether adjoints of inner nodes are kept from pass to pass.
    """

    way: Way | None = None
    at: Edge | None = None
    assigned: int | None = None
    is_first: bool = False
    is_stale: bool = False

    def gradient(self, trace: Trace, target: int) -> Array | None:
        """What comes out for an input; None where the edge has no such other VJP."""
        ends = (k for k, p in enumerate(trace.passes) if not isinstance(p, Backward))
        left: dict[int, Array] = {}
        for run in trace.runs[max(ends, default=-1) + 1 :]:
            assert run is not None
            if self.is_stale:
                left.pop(run.of, None)
            else:
                left = {n: x for n, x in left.items() if n == target}
            self._add(left, run.of, run.seed)
            for edge in run.walk.edges(trace.graph.nodes):
                J, v = jacobian(trace, edge), left[edge.node]
                is_here = self.way is not None and edge == self.at
                way = self.way if is_here and self.way is not None else _pulled
                pulled = way(trace, edge, v, J)
                if pulled is None:
                    return None
                self._add(left, edge.parent, pulled)
        return left.get(target, np.zeros(trace.graph.nodes[target].shape))

    def _add(self, left: dict[int, Array], node: int, more: Array) -> None:
        if node not in left:
            left[node] = more
        elif node != self.assigned:
            left[node] = left[node] + more
        elif not self.is_first:
            left[node] = more


def edges(trace: Trace) -> list[Edge]:
    """All edges that some pass walks."""
    found = {
        edge: None
        for run in trace.runs
        if run is not None
        for edge in run.walk.edges(trace.graph.nodes)
    }
    return list(found)


def planted(trace: Trace, target: int) -> Iterator[tuple[str, Array | None]]:
    """Every slip of the list at every place."""
    for name, way in WAYS.items():
        for edge in edges(trace):
            yield name, ByHand(way, edge).gradient(trace, target)
    for node in {edge.parent for edge in edges(trace)}:
        for is_first in (True, False):
            hand = ByHand(assigned=node, is_first=is_first)
            yield "= for +=", hand.gradient(trace, target)
    if sum(run is not None for run in trace.runs) > 1:
        yield "stale adjoints", ByHand(is_stale=True).gradient(trace, target)


def true_gradient(trace: Trace, target: int) -> Array:
    """What the passes leave for an input."""
    nothing = np.zeros(trace.graph.nodes[target].shape)
    return trace.gradients_after(len(trace.runs) - 1).get(target, nothing)


def departing(trace: Trace, target: int) -> list[tuple[str, Array]]:
    """Every slip that gives numbers, and others than the true ones."""
    true = true_gradient(trace, target)
    with np.errstate(all="ignore"):
        made = [(name, value) for name, value in planted(trace, target) if value is not None]
        return [(n, x) for n, x in made if np.isfinite(x).all() and not np.allclose(x, true, 1e-5)]


@effort(1)
@given(traces(most_ops=4, most_passes=2), st.data())
def test_a_slip_that_was_made_is_named(trace: Trace, data: st.DataObject) -> None:
    """By its kind, unless what came out is right all the same."""
    assume(is_tame(trace))
    target = data.draw(st.sampled_from(sorted(trace.graph.inputs.values())))
    ways = departing(trace, target)
    assume(ways)
    name, value = data.draw(st.sampled_from(ways))
    claim = adjoint_claim(trace, target, value)
    found = departure(trace.timeline, claim)
    assert found is not None
    names = [text.partition(":")[0] for text in found.slips]
    assert name in names or (name == "missing path" and "nothing arrives" in names)


@effort(1)
@given(traces(most_ops=4, most_passes=2), st.data())
def test_a_slip_that_is_named_gives_the_numbers(trace: Trace, data: st.DataObject) -> None:
    """Whichever claim it explains: what it says is done again by hand."""
    assume(is_tame(trace))
    target = data.draw(st.sampled_from(sorted(trace.graph.inputs.values())))
    ways = [value for _, value in departing(trace, target)]
    doubled = true_gradient(trace, target) * 2
    # Where that is 0 but for rounding, twice as much is no other number.
    if departure(trace.timeline, adjoint_claim(trace, target, doubled)) is not None:
        ways.append(doubled)
    assume(ways)
    value = data.draw(st.sampled_from(ways))
    derivation = Derivation(trace, adjoint_claim(trace, target, value))
    assert departure(trace.timeline, derivation.claim) is not None
    with np.errstate(all="ignore"):
        for slip in slips(derivation):
            if slip.edge is not None and slip.name in WAYS:
                again = ByHand(WAYS[slip.name], slip.edge).gradient(trace, target)
            elif slip.node is not None:
                is_first = "the first one" in slip.text
                hand = ByHand(assigned=slip.node, is_first=is_first)
                again = hand.gradient(trace, target)
            else:
                continue
            assert again is not None
            np.testing.assert_allclose(again, value, rtol=2e-6, atol=1e-9)
