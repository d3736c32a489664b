"""Tapes of given numbers, made of traces whose ops nobody may look into."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tui_backprop.attach.recorded import RecordedTape, RecordedTrace
from tui_backprop.dataclass import replace
from tui_backprop.errors import UnknownError
from tui_backprop.graph.model import Edge, Node
from tui_backprop.graph.passes import edge_vjp
from tui_backprop.rules.foreign import foreign_rule
from tui_backprop.timeline.trace import Trace


@dataclass
class OpaqueOp:
    """An op of ours as somebody else's: it answers questions, and shows no formula."""

    trace: Trace
    node: Node
    has_pattern: bool
    has_columns: bool
    computed_by: str = "Elsewhere"

    @property
    def name(self):
        return f"{self.node.op}_elsewhere"

    @property
    def shape(self):
        return self.node.shape

    @property
    def shapes(self):
        return tuple(self.trace.graph.nodes[p].shape for p in self.node.parents)

    def vjp(self, v):
        return [self._pulled(a, v) for a in range(len(self.node.parents))]

    def _pulled(self, a: int, v: Any):
        if self.node.rule.derivatives[a] is None:
            return np.zeros(self.shapes[a])
        nodes = self.trace.graph.nodes
        edge = Edge(self.node.parents[a], self.node.id, a)
        return edge_vjp(nodes, edge, np.asarray(v, self.trace.graph.dtype), self.trace.node_values)

    def jvp(self, argument, t):
        if not self.has_columns:
            raise UnknownError("no derivative of the backward")
        operands = tuple(self.trace.value(p) for p in self.node.parents)
        derivative = self.node.rule.derivative(argument)
        y = self.trace.value(self.node.id)
        with np.errstate(all="ignore"):
            return np.asarray(derivative.jvp(t, y, operands, self.node.params))

    def pattern(self, argument):
        if not self.has_pattern or self.node.rule.derivatives[argument] is None:
            return None
        edge = Edge(self.node.parents[argument], self.node.id, argument)
        return self.trace.patterns.of(edge)


def recorded(trace, has_pattern=True, has_columns=True, is_saved=lambda node: True, zeros=False):
    """A trace of one pass as a walk over given numbers.

    Args:
        trace: where the numbers are from.
        has_pattern: whether the ops know theirs.
        has_columns: whether columns of J can be asked for.
        is_saved: which nodes' values were kept; those of leaves always are.
        zeros: whether structural zeros are visited.
    """
    nodes = tuple(
        node
        if node.rule is None
        else replace(node, rule=foreign_rule(OpaqueOp(trace, node, has_pattern, has_columns)))
        for node in trace.graph.nodes
    )
    (run,) = trace.runs
    walk = run.walk
    contributions = {
        e: edge_vjp(trace.graph.nodes, e, run.cotangents[e.node], trace.node_values)
        for e in walk.edges(trace.graph.nodes)
    }
    saved = [
        trace.value(n.id) if n.rule is None or is_saved(n) else None for n in trace.graph.nodes
    ]
    tape = RecordedTape(
        graph=replace(trace.graph, nodes=nodes),
        of=run.of,
        seed=run.seed,
        assumed_ones=run.assumed_ones,
        values=saved,
        cotangents=[run.cotangents.get(n.id) for n in nodes],
        contributions=contributions,
        advice="record it to see it",
    )
    return RecordedTrace(tape, zeros=zeros)
