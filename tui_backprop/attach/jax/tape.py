"""The equations of a function, forward and backward, as a tape of given numbers."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.attach.given import RecordedTape, foreign_rule
from tui_backprop.attach.jax.ops import EquationOp, array
from tui_backprop.attach.outputs import side_by_side
from tui_backprop.attach.parameters import allowed_name
from tui_backprop.attach.source import Source
from tui_backprop.graph.model import Edge, Graph, Node, Role, Span
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.attach.jax.record import Cell, Record, Step
    from tui_backprop.attach.source import Line
    from tui_backprop.rules.foreign import ForeignOp
    from tui_backprop.rules.types import Array


def tape_of(
    record: Record, leaves: Mapping[str, Cell], result: Cell, name: str, seed: Any
) -> RecordedTape:
    """The tape of a function that has been run forward and backward.

    Args:
        record: its equations.
        leaves: what is differentiated, by the name that it is wanted to have.
        result: what the function returned.
        name: the function's.
        seed: what was passed back from the result; None for ones.
    """
    return _Builder(record, leaves, result, name).tape(seed)


class _Builder:
    """Appends nodes, and remembers which of them stands for which cell."""

    def __init__(self, record: Record, leaves: Mapping[str, Cell], result: Cell, name: str) -> None:
        self._record, self._leaves, self._result = record, leaves, result.root
        self._steps = [s for s in record.steps if s.used]
        self._source = Source(s.line for s in self._steps)
        cells = [*leaves.values(), *(s.outputs[k] for s in self._steps for k in s.used)]
        is_double = any(c.value.dtype == np.float64 for c in cells)
        self._dtype = np.dtype(np.float64 if is_double else np.float32)
        self._nodes: list[Node] = []
        self._values: list[Array | None] = []
        self._cotangents: list[Array | None] = []
        self._contributions: dict[Edge, Array] = {}
        self._lines: list[str] = []
        self._inputs: dict[str, int] = {}
        self._by_cell: dict[int, int] = {}
        self._taken: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._name = name

    def tape(self, seed: Any) -> RecordedTape:
        """Leaves first, then every equation that something was passed back through."""
        for wanted, cell in self._leaves.items():
            self._add_leaf(wanted, cell)
        for step in self._steps:
            self._add_step(step)
        graph = Graph(
            nodes=tuple(self._nodes),
            names=MappingProxyType({n.name: n.id for n in self._nodes}),
            inputs=MappingProxyType(self._inputs),
            constants=MappingProxyType({}),
            program=self._source.text or "\n".join(self._lines),
            dtype=self._dtype,
            files=MappingProxyType(self._source.files),
            elements=sum(n.size for n in self._nodes),
        )
        of = self._by_cell[id(self._result)]
        v = np.ones(graph.nodes[of].shape, self._dtype) if seed is None else self._array(seed)
        return RecordedTape(
            graph=graph,
            of=of,
            seed=v,
            assumed_ones=seed is None,
            values=self._values,
            cotangents=self._cotangents,
            contributions=self._contributions,
        )

    def _add_leaf(self, wanted: str, cell: Cell) -> None:
        allowed = allowed_name(wanted)
        name = self._free(f"{allowed}_" if allowed in RULES else allowed, "x")
        shape = tuple(cell.value.shape)
        k = self._append(Node(len(self._nodes), Role.INPUT, name, name, (), shape), cell)
        self._inputs[name] = k
        self._by_cell[id(cell)] = k

    def _add_step(self, step: Step) -> None:
        op = EquationOp(step, is_wide=self._record.is_wide)
        parents = tuple(self._by_cell[id(o.root)] for o in step.operands)
        outputs = [step.outputs[k] for k in step.used]
        if len(outputs) == 1:
            k = self._append_op(op, step.line, parents, outputs[0], op.name)
        else:
            k = self._append_joined(op, step.line, parents, outputs)
        for argument, (parent, passed_on) in enumerate(zip(parents, step.passed_on, strict=True)):
            self._contributions[Edge(parent, k, argument)] = self._array(passed_on)

    def _append_joined(
        self, op: EquationOp, line: Line | None, parents: tuple[int, ...], outputs: list[Cell]
    ) -> int:
        value, v = (
            side_by_side([self._array(x) for x in whole])
            for whole in ([y.value for y in outputs], [y.v for y in outputs])
        )
        k = self._append(self._node(op, line, parents, self._free("", op.name)), None, value, v)
        for place, cell in enumerate(outputs):
            one = op.output(place)
            made = self._append_op(one, line, (k,), cell, f"{op.name}_output")
            self._contributions[Edge(k, made, 0)] = one.vjp(self._array(cell.v))[0].astype(
                self._dtype
            )
        return k

    def _append_op(
        self,
        op: ForeignOp,
        line: Line | None,
        parents: tuple[int, ...],
        cell: Cell,
        otherwise: str,
    ) -> int:
        wanted = allowed_name(self._name) if cell is self._result else ""
        name = self._free("" if wanted in RULES else wanted, otherwise)
        k = self._append(self._node(op, line, parents, name), cell)
        self._by_cell[id(cell)] = k
        return k

    def _node(self, op: ForeignOp, line: Line | None, parents: tuple[int, ...], name: str) -> Node:
        written = f"{op.name}({', '.join(self._nodes[p].label for p in parents)})"
        k, rule = len(self._nodes), foreign_rule(op)
        span = self._span(line, name, written)
        return Node(k, Role.OP, name, written, parents, op.shape, rule, span=span)

    def _span(self, line: Line | None, name: str, written: str) -> Span | None:
        """Its line of the user's source, or of the text that we write where there is none."""
        if self._source.text:
            return self._source.span(line)
        self._lines.append(f"{name} = {written}")
        start = len(name) + 3
        return Span(len(self._lines), start, len(self._lines), start + len(written))

    def _append(
        self, node: Node, cell: Cell | None, value: Array | None = None, v: Array | None = None
    ) -> int:
        if cell is not None:
            value = self._array(cell.value)
            v = None if cell.v is None else self._array(cell.v)
        self._nodes.append(node)
        self._values.append(value)
        self._cotangents.append(v)
        return node.id

    def _free(self, wanted: str, otherwise: str) -> str:
        """The wanted name, if nobody has it; else the next one with a number."""
        stem = wanted or otherwise
        name = wanted
        while not name or name in self._taken:
            self._counts[stem] += 1
            name = f"{stem}_{self._counts[stem]}"
        self._taken.add(name)
        return name

    def _array(self, value: Any) -> Array:
        return array(value, self._dtype)
