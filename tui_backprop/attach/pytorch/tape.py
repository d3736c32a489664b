"""A recorded backward pass as a tape: nodes in forward order, hooks as steps of their own."""

from __future__ import annotations

from collections import Counter
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from tui_backprop.attach.pytorch.graph import number_type
from tui_backprop.attach.pytorch.ops import HookOp, NodeOp, array, fitted
from tui_backprop.attach.pytorch.recording import Recording
from tui_backprop.attach.recorded import RecordedTape, foreign_rule
from tui_backprop.attach.source import Source
from tui_backprop.errors import ArgumentError, UnknownError
from tui_backprop.graph.model import Edge, Graph, Node, Role, Span
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.attach.pytorch.graph import Nodes
    from tui_backprop.attach.pytorch.names import Names
    from tui_backprop.attach.pytorch.record import Record
    from tui_backprop.rules.foreign import ForeignOp
    from tui_backprop.rules.types import Array, Shape

_RESHAPING: Final = frozenset(
    ["view", "unsafe_view", "reshape_alias", "squeeze", "unsqueeze", "alias"]
)
_ADVICE: Final = said("run the forward pass under tb.recording() to see it")


def tape_of(nodes: Nodes, record: Record, names: Names, notes: Recording | None) -> RecordedTape:
    """The tape of a recorded pass.

    Args:
        nodes: of the loss.
        record: its backward pass.
        names: what the program calls them.
        notes: of the forward pass, where it was recorded.

    Raises:
        ArgumentError: nothing arrives at any leaf.
    """
    if not record.grad:
        raise ArgumentError("nothing arrives at any leaf: the graph stops before one")
    return _Builder(nodes, record, names, notes or Recording()).tape()


class _Builder:
    """Appends nodes, and remembers which of them stands for which output of PyTorch's."""

    def __init__(self, nodes: Nodes, record: Record, names: Names, recording: Recording) -> None:
        self._from, self._record, self._names = nodes, record, names
        self._recording = recording
        self._notes = {n: recording.note(n) for n in record.order}
        self._source = Source(note.line for note in self._notes.values() if note is not None)
        self._dtype = np.dtype(number_type(nodes))
        self._nodes: list[Node] = []
        self._values: list[Array | None] = []
        self._cotangents: list[Array | None] = []
        self._contributions: dict[Edge, Array] = {}
        self._lines: list[str] = []
        self._inputs: dict[str, int] = {}
        self._by_output: dict[tuple[Any, int], int] = {}
        self._operands = {n: self._reached(n) for n in record.order}
        self._readers: Counter[tuple[Any, int]] = Counter()
        self._sums = self._added_up()

    def tape(self) -> RecordedTape:
        """Leaves first, then the ops in the order in which the pass met them, reversed."""
        for leaf in self._from.leaves:
            if leaf in self._record.grad:
                self._add_leaf(leaf)
        for node in reversed(self._record.order):
            if node in self._record.added and self._operands[node]:
                self._add_node(node)
        loss = self._from.loss
        graph = Graph(
            nodes=tuple(self._nodes),
            names=MappingProxyType({n.name: n.id for n in self._nodes}),
            inputs=MappingProxyType(self._inputs),
            constants=MappingProxyType({}),
            program=self._source.text or "\n".join(self._lines),
            dtype=self._dtype,
            elements=sum(n.size for n in self._nodes),
        )
        return RecordedTape(
            graph=graph,
            of=self._by_output[loss.grad_fn, loss.output_nr],
            seed=self._array(self._record.seed),
            assumed_ones=False,
            values=self._values,
            cotangents=self._cotangents,
            contributions=self._contributions,
            advice="" if self._recording.notes else _ADVICE,
        )

    def _reached(self, node: Any) -> list[int]:
        """The operands of a node that its backward passed something on to."""
        added = self._record.added.get(node, ())
        return [
            a
            for a, ((parent, _), g) in enumerate(zip(node.next_functions, added, strict=False))
            if parent is not None and g is not None
        ]

    def _added_up(self) -> dict[tuple[Any, int], torch.Tensor]:
        """What arrived at each output before any hook, added up in PyTorch's order."""
        loss = self._from.loss
        found = {(loss.grad_fn, loss.output_nr): self._record.seed}
        self._readers[loss.grad_fn, loss.output_nr] += 1
        for node in self._record.order:
            for a in self._operands[node]:
                parent = node.next_functions[a]
                self._readers[parent] += 1
                grad = fitted(self._passed_on(node, a), node, a)
                found[parent] = found[parent] + grad if parent in found else grad
        return found

    def _passed_on(self, node: Any, operand: int) -> torch.Tensor:
        found = self._record.added[node][operand]
        if found is None:
            raise AssertionError("only what was passed on is asked for")
        return found

    def _add_leaf(self, leaf: Any) -> None:
        tensor = leaf.variable
        name = self._names.leaves.get(id(tensor)) or self._names.numbered("leaf")
        k = self._append(
            Node(len(self._nodes), Role.INPUT, name, name, (), tuple(tensor.shape)),
            array(tensor, self._dtype, is_copied=True),
            self._array(self._record.grad[leaf]),
        )
        self._inputs[name] = k
        self._by_output[leaf, 0] = k
        self._add_hook(leaf, 0, self._record.grad[leaf])

    def _add_node(self, node: Any) -> None:
        arrived = self._record.v[node]
        used = [k for k, v in enumerate(arrived) if v is not None]
        op = NodeOp(node, used, self._operands[node])
        parents = tuple(self._by_output[node.next_functions[a]] for a in op.operands)
        v = [self._array(x) for x in arrived if x is not None]
        if len(used) == 1:
            name, value = self._name_and_value(node, used[0], op.name)
            if value is None:
                value = self._moved(op, parents)
            k = self._append_op(op, node, name, parents, value, v[0].reshape(op.shape))
            self._by_output[node, used[0]] = k
        else:
            whole = np.concatenate([x.ravel() for x in v])
            k = self._append_op(op, node, self._numbered(node, op.name), parents, None, whole)
            for place, number in enumerate(used):
                self._add_output(op, place, k, v[place], (node, number))
        for argument, (a, parent) in enumerate(zip(op.operands, parents, strict=True)):
            if self._readers[node.next_functions[a]] == 1:
                continue  # it is the parent's cotangent
            edge = Edge(parent, k, argument)
            self._contributions[edge] = self._array(fitted(self._passed_on(node, a), node, a))
        for number in used:
            self._add_hook(node, number, arrived[number])

    def _moved(self, op: NodeOp, parents: Sequence[int]) -> Array | None:
        """The value of an op that only moves entries: J times the operand that it moves."""
        if not op.is_moving or len(parents) != 1 or len(op.node.next_functions) != 1:
            return None
        operand = self._values[parents[0]]
        if operand is None:
            return None
        if op.name == "t":
            return operand.T
        if op.name in _RESHAPING:
            return operand.reshape(op.shape)
        try:
            return op.jvp(0, operand).astype(self._dtype, copy=False)
        except UnknownError:
            return None

    def _add_output(
        self, op: NodeOp, place: int, parent: int, v: Array, output: tuple[Any, int]
    ) -> None:
        one = op.output(place)
        name, value = self._name_and_value(*output, f"{op.name}_output")
        k = self._append_op(one, output[0], name, (parent,), value, v.reshape(one.shape))
        self._contributions[Edge(parent, k, 0)] = one.vjp(v)[0].astype(self._dtype)
        self._by_output[output] = k

    def _add_hook(self, node: Any, number: int, after: torch.Tensor | None) -> None:
        """A step of its own where v is not what was added up: a hook changed it."""
        before = self._sums.get((node, number))
        if before is None or after is None or _is_same(before, after):
            return
        had, has = self._array(before), self._array(after)
        parent = self._by_output[node, number]
        op = HookOp(self._nodes[parent].shape, had, has)
        name = self._names.numbered(f"hook_on_{self._nodes[parent].name}".replace(".", "_"))
        k = self._append_op(op, node, name, (parent,), self._values[parent], had)
        self._contributions[Edge(parent, k, 0)] = has
        self._by_output[node, number] = k

    def _name_and_value(self, node: Any, number: int, op: str) -> tuple[str, Array | None]:
        named = self._names.nodes.get((node, number))
        tensor = named[1] if named else self._recording.value(node, number)
        if tensor is None:
            tensor = self._from.saved.get((node, number))
        name = named[0] if named else self._numbered(node, op)
        return name, None if tensor is None else self._array(tensor)

    def _numbered(self, node: Any, op: str) -> str:
        """A name by the op, and by the module that it belongs to."""
        note = self._notes.get(node)
        return self._names.numbered(f"{note.module}.{op}" if note and note.module else op)

    def _span(self, node: Any, name: str, written: str) -> Span | None:
        """Its line of the user's source, or of the text that we write where there is none."""
        if self._source.text:
            note = self._notes.get(node)
            return self._source.span(None if note is None else note.line)
        self._lines.append(f"{name} = {written}")
        start = len(name) + 3
        return Span(len(self._lines), start, len(self._lines), start + len(written))

    def _append_op(
        self,
        op: ForeignOp,
        of: Any,
        name: str,
        parents: Sequence[int],
        value: Array | None,
        cotangent: Array,
    ) -> int:
        written = f"{op.name}({', '.join(self._nodes[p].label for p in parents)})"
        span = self._span(of, name, written)
        k = len(self._nodes)
        rule = foreign_rule(op)
        node = Node(k, Role.OP, name, written, tuple(parents), op.shape, rule, span=span)
        return self._append(node, value, cotangent)

    def _append(self, node: Node, value: Array | None, cotangent: Array) -> int:
        shape: Shape = node.shape
        if cotangent.size != prod(shape) or (value is not None and value.shape != shape):
            raise AssertionError(f"{node.label}: a value or v has another shape than {shape}")
        self._nodes.append(node)
        self._values.append(value)
        self._cotangents.append(cotangent.reshape(shape))
        return node.id

    def _array(self, tensor: torch.Tensor) -> Array:
        return array(tensor, self._dtype)


def _is_same(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether two tensors hold the same numbers, NaN included."""
    if a is b:
        return True
    a, b = (x if x.layout is torch.strided else x.to_dense() for x in (a, b))
    if torch.equal(a, b):
        return True
    return a.shape == b.shape and bool(((a == b) | (a.isnan() & b.isnan())).all())
