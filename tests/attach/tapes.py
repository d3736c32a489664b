"""Tapes of given numbers, made of traces whose ops nobody may look into."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.attach.given import RecordedTape, foreign_rule
from tui_backprop.attach.hook import HookOp
from tui_backprop.attach.recorded import RecordedTrace
from tui_backprop.dataclass import replace
from tui_backprop.errors import UnknownError
from tui_backprop.graph.jacobian import local_vjp
from tui_backprop.graph.model import Edge, Node
from tui_backprop.rules.sparsity import Sparsity
from tui_backprop.rules.types import Array, IntArray, Shape
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule


class OpaqueOp:
    """An op of ours as somebody else's: it answers questions, and shows no formula."""

    computed_by = "Elsewhere"

    def __init__(
        self, trace: Trace, node: Node, arguments: Sequence[int], knows: tuple[bool, bool, bool]
    ) -> None:
        assert node.rule is not None
        self.name = f"{node.op}_elsewhere"
        self.shape: Shape = node.shape
        self.shapes = tuple(trace.graph.nodes[node.parents[a]].shape for a in arguments)
        self._trace, self._node, self._arguments = trace, node, tuple(arguments)
        self._rule: Rule = node.rule
        self._knows_pattern, self._knows_columns, self._refuses = knows

    def vjp(self, v: Array) -> list[Array]:
        """Our own."""
        trace = self._trace
        edges = [Edge(self._node.parents[a], self._node.id, a) for a in self._arguments]
        given = np.asarray(v, trace.graph.dtype)
        return [local_vjp(trace, e, given) for e in edges]

    def jvp(self, argument: int, t: Array) -> Array:
        """Our own, or none."""
        if not self._knows_columns:
            raise UnknownError("no derivative of the backward")
        operands = tuple(self._trace.value(p) for p in self._node.parents)
        derivative = self._rule.derivative(self._arguments[argument])
        y = self._trace.value(self._node.id)
        with np.errstate(all="ignore"):
            return np.asarray(derivative.jvp(t, y, operands, self._node.params))

    def nonzeros(self, argument: int) -> int | None:
        """Only the pattern tells."""
        del argument
        return None

    def refusal(self, rows: IntArray) -> str:
        """Nothing, or all of J."""
        del rows
        return "J is not known here" if self._refuses else ""

    def pattern(self, argument: int) -> Sparsity | None:
        """Our own, or none."""
        if not self._knows_pattern:
            return None
        a = self._arguments[argument]
        return self._trace.patterns.of(Edge(self._node.parents[a], self._node.id, a))


def recorded(
    trace: Trace,
    is_saved: Callable[[Node], bool] = lambda _node: True,
    *,
    knows_pattern: bool = True,
    knows_columns: bool = True,
    refuses: bool = False,
) -> RecordedTrace:
    """A trace of one pass as a walk over given numbers.

    Args:
        trace: where the numbers are from.
        is_saved: which nodes' values were kept; those of leaves always are.
        knows_pattern: whether the ops know theirs.
        knows_columns: whether columns of J can be asked for.
        refuses: whether no entry of J can be had at all.
    """
    (run,) = trace.runs
    assert run is not None
    walk, old = run.walk, trace.graph.nodes
    knows = knows_pattern, knows_columns, refuses
    walked = dict(zip(walk.nodes, walk.arguments, strict=True))
    nodes: list[Node] = []
    contributions: dict[Edge, Array] = {}
    for node in old:
        arguments = walked.get(node.id, ())
        if node.rule is None:
            nodes.append(node)
            continue
        parents = tuple(node.parents[a] for a in arguments)
        rule = foreign_rule(OpaqueOp(trace, node, arguments, knows))
        nodes.append(replace(node, rule=rule, parents=parents))
        for place, a in enumerate(arguments):
            edge = Edge(node.parents[a], node.id, a)
            v = run.cotangents[node.id]
            contributions[Edge(edge.parent, node.id, place)] = local_vjp(trace, edge, v)
    tape = RecordedTape(
        graph=replace(trace.graph, nodes=tuple(nodes)),
        of=run.of,
        seed=run.seed,
        assumed_ones=run.assumed_ones,
        values=[trace.value(n.id) if n.rule is None or is_saved(n) else None for n in old],
        cotangents=[run.cotangents.get(n.id) for n in old],
        contributions=contributions,
        advice="record it to see it",
    )
    return RecordedTrace(tape, zeros=trace.zeros)


def hooked(trace: Trace, op: Callable[..., HookOp] = HookOp) -> RecordedTrace:
    """A walk in which a hook changed v, and made it twice as large.

    Args:
        trace: without the hook.
        op: what makes the hook of its maker, shape, and v before and after it.
    """
    walked = recorded(trace)
    tape, graph = walked.tape, walked.graph
    last = graph.nodes[tape.of]
    hook = foreign_rule(op("Elsewhere", last.shape, tape.seed, tape.seed * 2))
    node = replace(last, id=len(graph.nodes), name="hook_on_y", parents=(last.id,), rule=hook)
    names = {**graph.names, "hook_on_y": node.id}
    return RecordedTrace(
        replace(
            tape,
            graph=replace(graph, nodes=(*graph.nodes, node), names=names),
            of=node.id,
            values=[*tape.values, None],
            cotangents=[*tape.cotangents, tape.seed],
            contributions={**tape.contributions, node.edges[0]: tape.seed * 2},
        )
    )
