"""One evaluation of each op at about 10⁴ entries, forward and backward, against NumPy by hand.

What is measured of us are the compiled calls that every evaluation goes through: the op's value,
then what each operand receives. What an evaluation takes beside them, whatever its ops are, is
measured once. The peer is NumPy's own call for the value, where it has one, and a VJP written by
hand; each is handed the same v, y and operands. The two take turns, and the least of many turns is
compared, since nothing makes a turn quicker than it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import numpy as np

from tests.benchmarks.peers.ops import PEERS, WITHOUT
from tests.benchmarks.report import verdict
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.model import Backward, Graph, Node, Role
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.benchmarks.peers.ops.peer import Peer
    from tui_backprop.rules.types import Array, Params

_MOST: Final = 2.0
_TURN: Final = 0.001
"""Seconds of one turn."""
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One op with numbers, to be evaluated by us and by its peer.

    Attributes:
        peer: who.
        operands: drawn from the row's domains, read-only.
        v: the cotangent of the value.
        evaluation: of a graph of this op alone.
    """

    peer: Peer
    operands: tuple[Array, ...]
    v: Array
    evaluation: Evaluation

    def ours(self) -> Callable[[], Sequence[Any]]:
        """A function that gives the value and the cotangents by the compiled row."""
        plan, of = self.evaluation.plan, self.evaluation.passes[0].of  # type: ignore[union-attr]  # a Backward
        values: list[Any] = plan.start(self.evaluation.leaves)
        ((y, call),), pulls = plan.forward, [pull for _, _, pull, _ in plan.backward(of)]
        v = self.v[()]

        def evaluate() -> Sequence[Any]:
            values[y] = call(values)
            return values[y], *(pull(v, values) for pull in pulls)

        return evaluate

    def theirs(self) -> Callable[[], Sequence[Any]]:
        """The peer's: value and cotangents."""
        value, vjp = self.peer.value, self.peer.cotangents
        operands, v = self.operands, self.v[()]

        def evaluate() -> Sequence[Any]:
            y = value(*operands)
            return y, *vjp(v, y, *operands)

        return evaluate


def work(peer: Peer) -> Work:
    """The op on numbers that are the same in every run."""
    rule = RULES[peer.op]
    chance = np.random.default_rng(crc32(peer.name.encode()))
    operands = []
    for k, (domain, shape) in enumerate(zip(rule.domains, peer.shapes, strict=True)):
        drawn = peer.drawn[k](chance) if k in peer.drawn else domain.sample(chance, shape)
        drawn.setflags(write=False)
        operands.append(drawn)
    graph = _graph(peer, {p.name: p.default for p in rule.parameters} | dict(peer.params))
    v = chance.normal(size=graph.nodes[-1].shape)
    passes = [Backward(len(graph.nodes) - 1, v)]
    leaves = dict(zip(rule.operands, operands, strict=True))
    return Work(peer, tuple(operands), v, Evaluation(graph, leaves, passes))


def _graph(peer: Peer, params: Params) -> Graph:
    """The op alone; an operand without a derivative is a constant."""
    rule = RULES[peer.op]
    roles = [Role.CONSTANT if d is None else Role.INPUT for d in rule.derivatives]
    leaves = [
        Node(k, role, name, name, (), shape)
        for k, (name, role, shape) in enumerate(zip(rule.operands, roles, peer.shapes, strict=True))
    ]
    shape = rule.shape(*peer.shapes, **params)
    y = Node(len(leaves), Role.OP, "", peer.op, tuple(range(len(leaves))), shape, rule, params)
    inputs, constants = (
        {leaf.name: leaf.id for leaf in leaves if leaf.role is role}
        for role in (Role.INPUT, Role.CONSTANT)
    )
    return Graph((*leaves, y), inputs | constants, inputs, constants, "", np.dtype(np.float64))


def disagreement(work: Work) -> float:
    """How far apart the value and the cotangents are at most, relative to the largest of each."""
    worst = 0.0
    with np.errstate(all="ignore"):
        ours, theirs = work.ours()(), work.theirs()()
    for one, other in zip(ours, theirs, strict=True):
        if np.shape(one) != np.shape(other):
            return np.inf
        apart, largest = (float(np.max(np.abs(x), initial=0)) for x in (one - other, other))
        worst = max(worst, apart / max(largest, 1e-300))
    return worst


@dataclass(frozen=True, slots=True)
class Found:
    """What one op took, in seconds, at the least."""

    peer: Peer
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """Our time by theirs."""
        return self.ours / self.theirs

    def line(self) -> str:
        """For the report."""
        kind = "   a view: calls only" if self.peer.is_view else ""
        return (
            f"  {self.peer.name:<36}{self.ratio:6.2f}{self.ours * 1e6:12.1f} µs by "
            f"{self.theirs * 1e6:.1f} µs{kind}"
        )


def run(_home: Path, *, quick: bool) -> list[str]:
    """Every op that has a peer; then the median, the worst, and who is missing."""
    with np.errstate(all="ignore"):  # as in an evaluation
        found = [_measured(work(peer), turns=2 if quick else 41) for peer in PEERS]
    found.sort(key=lambda one: -one.ratio)
    middle, worst = median(one.ratio for one in found), found[0]
    above = [one for one in found if one.ratio > _MOST]
    missing = [op for op in RULES if op not in {peer.op for peer in PEERS}]
    here = len(RULES) - len(missing)
    return [
        f"One evaluation of an op at 10⁴ entries by that of NumPy by hand, {here} ops",
        verdict(f"median {middle:.2f}", middle, _MOST, ""),
        verdict(f"worst {worst.ratio:.2f}, {worst.peer.name}", worst.ratio, _MOST, ""),
        f"  {len(above)} above {_MOST:g}, the worst first:",
        *(one.line() for one in found[: max(_SHOWN, len(above))]),
        *(f"  without a peer: {op}, {WITHOUT.get(op, 'nobody wrote one')}" for op in missing),
        f"  an evaluation takes {_beside() * 1e6:.1f} µs beside its ops",
    ]


def _measured(work: Work, turns: int) -> Found:
    """The least of many turns of each, one after the other."""
    contestants = work.ours(), work.theirs()
    for evaluate in contestants:
        evaluate()  # what is slow only once
    calls = [max(1, round(_TURN / _seconds(evaluate, 3))) for evaluate in contestants]
    least = [np.inf, np.inf]
    for _ in range(turns):
        for k, (evaluate, count) in enumerate(zip(contestants, calls, strict=True)):
            least[k] = min(least[k], _seconds(evaluate, count))
    return Found(work.peer, *least)


def _seconds(evaluate: Callable[[], object], calls: int) -> float:
    started = perf_counter()
    for _ in range(calls):
        evaluate()
    return (perf_counter() - started) / calls


def _beside() -> float:
    """What an evaluation takes that is no op: that of one whose op takes next to nothing."""
    one = work(next(peer for peer in PEERS if peer.op == "negative"))
    own, whole = one.ours(), one.evaluation
    again = lambda: whole.again(dict(whole.leaves), whole.passes).grad  # noqa: E731 - timed below
    return min(_seconds(again, 100) for _ in range(9)) - min(_seconds(own, 100) for _ in range(9))
