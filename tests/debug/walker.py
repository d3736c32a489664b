"""The walk written out naively: every step in a list, every adjoint in a dictionary.

It is the second opinion on the timeline: it shares no code with it, stores everything, adds one
contribution after the other, and takes its partials from the rows' JVPs, where the timeline takes
them from the rows' entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tui_backprop.graph.model import Backward, Role

if TYPE_CHECKING:
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Trace

Entries: TypeAlias = dict[tuple[int, int], float]
"""Adjoint entries by (node, flat position); what is absent is not computed yet."""


@dataclass(frozen=True)
class Event:
    """One step and the state after it."""

    phase: str
    pass_number: int
    node: int
    argument: int
    j: int
    i: int
    partial: float
    v: float
    contribution: float
    adjoints: Entries


class Walker:
    """Walks a trace from its first step to its last."""

    def __init__(self, trace: Trace, *, zeros: bool) -> None:
        self.trace = trace
        self.zeros = zeros
        self.nodes = trace.graph.nodes
        self.events: list[Event] = []
        self.adjoints: Entries = {}
        for node in self.nodes:
            self._record("build", -1, node.id)
        for number, item in enumerate(trace.passes):
            self._keep_gradients_only()
            if isinstance(item, Backward):
                self._backward(number, item)
            else:
                self._zero_grad(number)

    def _record(
        self, phase: str, number: int, node: int, entry: tuple[int, int, int] = (-1, -1, -1),
        product: tuple[float, float, float] = (0.0, 0.0, 0.0),
    ) -> None:  # fmt: skip
        event = Event(phase, number, node, *entry, *product, dict(self.adjoints))
        self.events.append(event)

    def _keep_gradients_only(self) -> None:
        inputs = set(self.trace.graph.inputs.values())
        self.adjoints = {at: x for at, x in self.adjoints.items() if at[0] in inputs}

    def _zero_grad(self, number: int) -> None:
        for node in self.trace.graph.inputs.values():
            self.adjoints |= {(node, i): 0.0 for i in range(self.nodes[node].size)}
        self._record("zero_grad", number, len(self.nodes) - 1)

    def _backward(self, number: int, item: Backward) -> None:
        of = self.nodes[item.of]
        seed = np.ones(of.shape) if item.v is None else np.asarray(item.v)
        for i, v in enumerate(seed.ravel()):
            self.adjoints[of.id, i] = self.adjoints.get((of.id, i), 0.0) + float(v)
        self._record("seed", number, of.id)
        reached = {of.id}
        for node in reversed(self.nodes[: of.id + 1]):
            for argument, parent in enumerate(node.parents):
                if node.id in reached and self._is_walked(node, argument):
                    reached.add(parent)
                    self._edge(number, node, argument)

    def _is_walked(self, node: Node, argument: int) -> bool:
        """Whether the edge leads to an input, and all on the way is differentiable."""
        if node.rule is None or node.rule.derivatives[argument] is None:
            return False
        parent = self.nodes[node.parents[argument]]
        return parent.role is Role.INPUT or any(
            self._is_walked(parent, a) for a in range(len(parent.parents))
        )

    def _edge(self, number: int, node: Node, argument: int) -> None:
        """Column by column, row by row; a column passed by is complete, be it empty."""
        parent = self.nodes[node.parents[argument]]
        J, pattern = self._jacobian(node, argument)
        for i in range(parent.size):
            for j in range(node.size):
                if not self.zeros and not pattern[j, i]:
                    continue
                self._complete(parent, i)
                v = self.adjoints[node.id, j]
                contribution = v * J[j, i] if pattern[j, i] else 0.0
                before = self.adjoints.get((parent.id, i), 0.0)
                self.adjoints[parent.id, i] = before + contribution
                self._record("partial", number, node.id, (argument, j, i),
                             (J[j, i], v, contribution))  # fmt: skip
        self._complete(parent, parent.size)
        self.events[-1].adjoints.update(self.adjoints)

    def _complete(self, node: Node, columns: int) -> None:
        for i in range(columns):
            self.adjoints.setdefault((node.id, i), 0.0)

    def _jacobian(self, node: Node, argument: int) -> tuple[Array, Array]:
        """J from the JVPs of unit vectors, and its sparsity."""
        if node.rule is None:
            raise AssertionError("a leaf has no Jacobian")
        derivative = node.rule.derivative(argument)
        operands = tuple(self.trace.value(p) for p in node.parents)
        own = operands[argument]
        J = np.zeros((node.size, own.size))
        for i, unit in enumerate(np.eye(own.size, dtype=own.dtype)):
            tangent = unit.reshape(own.shape)
            with np.errstate(all="ignore"):
                pushed = derivative.jvp(tangent, self.trace.value(node.id), operands, node.params)
            J[:, i] = np.asarray(pushed).ravel()
        pattern = derivative.picked(node.shape, operands, node.params)
        rows, columns = np.arange(node.size)[:, None], np.arange(own.size)[None, :]
        return J, pattern.contains(rows, columns)
