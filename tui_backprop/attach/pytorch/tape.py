"""A recorded backward pass as a tape: nodes in forward order, hooks as steps of their own."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from tui_backprop.attach.hook import HookOp
from tui_backprop.attach.pytorch.graph import is_leaf, number_type
from tui_backprop.attach.pytorch.matching import Known, Matching, Met
from tui_backprop.attach.pytorch.names import place
from tui_backprop.attach.pytorch.ops import (
    PYTORCH,
    NodeOp,
    array,
    fitted,
    only_moves,
    shape_of,
)
from tui_backprop.attach.pytorch.recording import Recording
from tui_backprop.attach.recorded import RecordedTape, foreign_rule
from tui_backprop.attach.source import Source
from tui_backprop.errors import ArgumentError, UnknownError
from tui_backprop.graph.model import NO_PARAMS, Edge, Graph, Node, Role, Span
from tui_backprop.graph.naming import decimal
from tui_backprop.language.message import said
from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from tui_backprop.attach.pytorch.graph import Nodes
    from tui_backprop.attach.pytorch.names import Names
    from tui_backprop.attach.pytorch.reading import Constant
    from tui_backprop.attach.pytorch.record import Record
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Params, Shape

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
        self._is_recorded = any(self._notes.values())  # else the recording is of an earlier pass
        self._source = Source(note.line for note in self._notes.values() if note is not None)
        self._dtype = np.dtype(number_type(nodes))
        self._nodes: list[Node] = []
        self._values: list[Array | None] = []
        self._matching = Matching(self._values, self._dtype)
        self._cotangents: list[Array | None] = []
        self._contributions: dict[Edge, Array] = {}
        self._lines: list[str] = []
        self._inputs: dict[str, int] = {}
        self._constants: dict[str, int] = {}
        self._by_place: dict[Hashable, int] = {}
        self._kept: list[torch.Tensor] = []
        """Constants whose memory must not be another tensor's while we compare places."""
        self._by_output: dict[tuple[Any, int | None], int] = {}
        self._operands = {n: self._reached(n) for n in record.order}
        self._readers: Counter[tuple[Any, int]] = Counter()
        self._sums = self._added_up()
        self._movers = {
            node.next_functions[0]: node for node in record.order if only_moves(node)
        }  # fmt: skip

    def tape(self) -> RecordedTape:
        """Leaves first, then the ops; both in the order of the forward pass."""
        for leaf in self._leaves():
            self._add_leaf(leaf)
        for node in reversed(self._record.order):
            if node in self._record.added and self._operands[node]:
                self._add_node(node)
        loss = self._from.loss
        graph = Graph(
            nodes=tuple(self._nodes),
            names=MappingProxyType({n.name: n.id for n in self._nodes if n.name}),
            inputs=MappingProxyType(self._inputs),
            constants=MappingProxyType(self._constants),
            program=self._source.text or "\n".join(self._lines),
            dtype=self._dtype,
            files=MappingProxyType(self._source.files),
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

    def _leaves(self) -> list[Any]:
        """Those that something arrives at, as the forward pass first used them: by layers."""
        grad = self._record.grad
        used = (
            parent for node in reversed(self._record.order) for parent, _ in node.next_functions
        )
        return [leaf for leaf in dict.fromkeys((*used, *self._from.leaves)) if leaf in grad]

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
            Node(
                len(self._nodes), Role.INPUT, name, name, (), tuple(tensor.shape),
                module=self._module(leaf),
            ),
            array(tensor, self._dtype, is_copied=True),
            self._array(self._record.grad[leaf]),
        )  # fmt: skip
        self._inputs[name] = k
        self._by_output[leaf, 0] = k
        self._add_hook(leaf, 0, self._record.grad[leaf])

    def _add_node(self, node: Any) -> None:
        arrived = self._record.v[node]
        used = [k for k, v in enumerate(arrived) if v is not None]
        op = NodeOp(node, used, self._operands[node], self._record.filled.get(node))
        reached = [self._by_output[node.next_functions[a]] for a in op.operands]
        parents, hooked = self._hooks_on(node, op.operands, reached)
        v = [self._array(x) for x in arrived if x is not None]
        k: int | None
        passed_on = [
            self._array(hooked.get(a, fitted(self._passed_on(node, a), node, a)))
            for a in op.operands
        ]
        if len(used) == 1:
            value = self._value(node, used[0])
            if value is None:
                value = self._moved(op, parents)
            met = Met(op, node, used[0], parents, value, v[0].reshape(op.shape), passed_on)
            known = self._matching.row_of(met, op, self._recording.call(node))
            k = self._append_foreign(met) if known is None else self._append_known(met, known)
            self._by_output[node, used[0]] = k
        else:
            whole = np.concatenate([x.ravel() for x in v])
            met = Met(op, node, None, parents, None, whole, passed_on)
            outputs = zip(used, v, strict=True)
            k = self._add_outputs(op, met, [self._output(op, n, x, parents) for n, x in outputs])
        readers = [self._readers[node.next_functions[a]] for a in op.operands]
        alone = {parent for parent, count in zip(parents, readers, strict=True) if count == 1}
        for edge in () if k is None else self._nodes[k].edges:
            if edge.parent in alone:  # what goes on is the parent's cotangent
                self._contributions.pop(edge, None)
        for number in used:
            self._add_hook(node, number, arrived[number])

    def _output(self, op: NodeOp, number: int, v: Array, parents: Sequence[int]) -> Met:
        """One of several outputs of a node that are used, alone."""
        one = NodeOp(op.node, [number], op.operands)
        value = self._value(op.node, number)
        return Met(one, op.node, number, parents, value, v.reshape(one.shape), [])

    def _add_outputs(self, op: NodeOp, whole: Met, parts: Sequence[Met]) -> int | None:
        """As indices of the operand, if it is only cut up; else as parts of all outputs joined.

        Returns:
            The node of these; None where there is none.
        """
        known = self._matching.parts_of(whole, op, parts)
        if known is not None:
            for part, row in zip(parts, known, strict=True):
                self._by_output[op.node, part.output] = self._append_known(part, row)
            return None
        k = self._append_foreign(whole)
        for at, part in enumerate(parts):
            one = op.output(at)
            share = one.vjp(part.v)[0].astype(self._dtype)
            met = part._replace(op=one, parents=(k,), passed_on=[share])
            self._by_output[op.node, part.output] = self._append_foreign(met)
        return k

    def _append_known(self, met: Met, known: Known) -> int:
        rule, params = known.found.rule, known.found.params
        edges = iter(known.edges)
        operands = [
            met.parents[next(edges)] if isinstance(given, int)
            else self._constant(given, value, met.node, rule.operands[argument])
            for argument, (given, value) in enumerate(
                zip(known.found.operands, known.applied.operands, strict=True)
            )
        ]  # fmt: skip
        written = application(rule, [self._nodes[p].label for p in operands], params)
        k = self._append_op(met, rule, params, operands, written)
        for argument, passed_on in known.passed_on.items():
            self._contributions[Edge(operands[argument], k, argument)] = passed_on
        return k

    def _constant(self, given: Constant, value: Array, of: Any, operand: str) -> int:
        """The node of a constant: a number as the program wrote it, or a tensor by its name."""
        is_tensor = isinstance(given.value, torch.Tensor)
        name = self._names.constant(given.value) if is_tensor else ""
        where = place(given.value) if is_tensor and value.ndim else None
        if where in self._by_place:
            return self._by_place[where]
        k = len(self._nodes)
        if value.ndim == 0 and not name:
            number = float(str(value[()]))  # 0.9, not what single precision makes of it
            text, module = decimal(number, 17), self._module(of)
            node = Node(k, Role.CONSTANT, "", text, (), (), literal=number, module=module)
        else:
            name = name or self._numbered(of, operand if len(operand) > 2 else "constant")
            module = self._module(of)
            node = Node(k, Role.CONSTANT, name, name, (), value.shape, module=module)
            self._constants[name] = k
        self._nodes.append(node)
        self._values.append(value)
        self._cotangents.append(None)
        if where is not None:
            self._by_place[where] = k
            self._kept.append(given.value)
        return k

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

    def _add_hook(self, node: Any, number: int, after: torch.Tensor | None) -> None:
        """A step of its own where v is not what was added up: a hook changed it."""
        before = self._sums.get((node, number))
        if before is None or after is None or _is_same(before, after):
            return
        parent = self._by_output[node, number]
        self._by_output[node, number] = self._append_hook(node, parent, before, after)

    def _hooks_on(
        self, node: Any, operands: Sequence[int], reached: Sequence[int]
    ) -> tuple[tuple[int, ...], Mapping[int, torch.Tensor]]:
        """A step between a Function and an operand where a hook changed what it returned.

        Returns:
            The parents, hooks in place of what they stand before; what it returned there.
        """
        returned = self._record.returned.get(node, ())
        parents, hooked = list(reached), {}
        for k, a in enumerate(operands):
            own = returned[a] if a < len(returned) else None
            if own is None:
                continue
            before, after = (fitted(g, node, a) for g in (own, self._passed_on(node, a)))
            if not _is_same(before, after):
                parents[k] = self._append_hook(node, parents[k], before, after)
                hooked[a] = before
        return tuple(parents), hooked

    def _append_hook(
        self, node: Any, parent: int, before: torch.Tensor, after: torch.Tensor
    ) -> int:
        had, has = self._array(before), self._array(after)
        op = HookOp(PYTORCH, self._nodes[parent].shape, had, has)
        met = Met(op, node, None, (parent,), self._values[parent], had, [has])
        name = f"hook_on_{self._nodes[parent].name}".replace(".", "_")
        return self._append_foreign(met, self._names.numbered(name))

    def _value(self, node: Any, number: int, links: int = 4) -> Array | None:
        named = self._names.nodes.get((node, number))
        tensor = named[1] if named else self._recording.value(node, number)
        if tensor is None:
            tensor = self._from.saved.get((node, number))
        if tensor is None or tuple(tensor.shape) != shape_of(node, number):
            return self._moved_back(node, number, links)
        return self._array(tensor)

    def _moved_back(self, node: Any, number: int, links: int) -> Array | None:
        """The value of a node out of that of an op that only moved its entries: Jᵀ times that."""
        reader = self._movers.get((node, number)) if links else None
        found = None if reader is None else self._value(reader, 0, links - 1)
        if reader is None or found is None:
            return None
        with suppress(UnknownError):
            return NodeOp(reader, [0], [0]).vjp(found)[0].astype(self._dtype)
        return None

    def _numbered(self, node: Any, op: str) -> str:
        """A name by the op, and by the module that it belongs to."""
        module = self._module(node)
        return self._names.numbered(f"{module}.{op}" if module else op)

    def _module(self, node: Any) -> str:
        """The path of the module that made a node, or of the one that a leaf belongs to."""
        if is_leaf(node):
            return self._recording.owner(node.variable) if self._is_recorded else ""
        note = self._notes.get(node)
        return "" if note is None else note.module

    def _span(self, node: Any, name: str, written: str) -> Span | None:
        """Its line of the user's source, or of the text that we write where there is none."""
        if self._source.text:
            note = self._notes.get(node)
            return self._source.span(None if note is None else note.line)
        self._lines.append(f"{name} = {written}")
        start = len(name) + 3
        return Span(len(self._lines), start, len(self._lines), start + len(written))

    def _append_foreign(self, met: Met, name: str = "") -> int:
        """A node as an op that only PyTorch knows."""
        rule = foreign_rule(met.op)
        written = application(rule, [self._nodes[p].label for p in met.parents], NO_PARAMS)
        k = self._append_op(met, rule, NO_PARAMS, met.parents, written, name)
        for argument, (parent, passed_on) in enumerate(
            zip(met.parents, met.passed_on, strict=True)
        ):
            self._contributions[Edge(parent, k, argument)] = passed_on
        return k

    def _append_op(
        self,
        met: Met,
        rule: Rule,
        params: Params,
        parents: Sequence[int],
        written: str,
        name: str = "",
    ) -> int:
        named = None if met.output is None else self._names.nodes.get((met.node, met.output))
        name = name or (named[0] if named else self._numbered(met.node, rule.name))
        span, k, shape = self._span(met.node, name, written), len(self._nodes), met.op.shape
        node = Node(
            k, Role.OP, name, written, tuple(parents), shape, rule, params, span,
            module=self._module(met.node),
        )  # fmt: skip
        return self._append(node, met.value, met.v)

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
