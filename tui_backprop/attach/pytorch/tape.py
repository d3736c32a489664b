"""A recorded backward pass as a tape: nodes in forward order, hooks as steps of their own."""

from __future__ import annotations

from collections import Counter
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from tui_backprop.attach.given import RecordedTape, foreign_rule
from tui_backprop.attach.hook import AverageOp, HookOp
from tui_backprop.attach.outputs import side_by_side
from tui_backprop.attach.pytorch.graph import is_leaf, number_type
from tui_backprop.attach.pytorch.matching import Known, Matching, Met
from tui_backprop.attach.pytorch.moving import Forward
from tui_backprop.attach.pytorch.names import place
from tui_backprop.attach.pytorch.numbers import Origin
from tui_backprop.attach.pytorch.ops import (
    PYTORCH,
    NodeOp,
    array,
)
from tui_backprop.attach.pytorch.recording import Recording
from tui_backprop.attach.pytorch.sharing import shared
from tui_backprop.attach.source import Source
from tui_backprop.errors import ArgumentError
from tui_backprop.graph.arrays import frozen
from tui_backprop.graph.model import NO_PARAMS, Edge, Graph, Node, Role, Span
from tui_backprop.graph.naming import decimal
from tui_backprop.language.message import said
from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from tui_backprop.attach.pytorch.distributed.ddp import Average
    from tui_backprop.attach.pytorch.graph import Nodes
    from tui_backprop.attach.pytorch.names import Names
    from tui_backprop.attach.pytorch.numbers import Numbers
    from tui_backprop.attach.pytorch.reading import Constant
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Params

_ADVICE: Final = said("run the forward pass under tb.recording() to see it")


def tape_of(
    nodes: Nodes,
    numbers: Numbers,
    names: Names,
    notes: Recording | None,
    averages: Mapping[Any, Average] = MappingProxyType({}),
) -> RecordedTape:
    """The tape of a recorded pass.

    Args:
        nodes: of the loss.
        numbers: of its backward pass.
        names: what the program calls them.
        notes: of the forward pass, where it was recorded.
        averages: over ranks, by leaf.

    Raises:
        ArgumentError: nothing arrives at any leaf.
    """
    if not numbers.leaves.grad:
        raise ArgumentError(said("nothing arrives at any leaf: the graph stops before one"))
    return _Builder(nodes, numbers, names, notes or Recording(), averages).tape()


class _Builder:
    """Appends nodes, and remembers which of them stands for which output of PyTorch's."""

    def __init__(
        self,
        nodes: Nodes,
        numbers: Numbers,
        names: Names,
        recording: Recording,
        averages: Mapping[Any, Average],
    ) -> None:
        self._from, self._numbers, self._names = nodes, numbers, names
        self._recording, self._averages = recording, averages
        self._notes = {n: recording.note(n) for n in numbers.order}
        self._is_recorded = any(self._notes.values())  # else the recording is of an earlier pass
        notes = [note for note in self._notes.values() if note is not None]
        self._source = Source(
            line for note in notes for line in (note.line, *(line for line, _ in note.called))
        )
        self._dtype = np.dtype(number_type(nodes))
        self._nodes: list[Node] = []
        self._values: list[Array | None] = []
        self._matching = Matching(self._values, self._dtype, is_copying=numbers.is_copying)
        self._lines: list[str] = []
        self._inputs: dict[str, int] = {}
        self._constants: dict[str, int] = {}
        self._by_place: dict[Hashable, int] = {}
        self._kept: list[torch.Tensor] = []
        """Constants whose memory must not be another tensor's while we compare places."""
        self._by_output: dict[tuple[Any, int | None], int] = {}
        self._operands = {n: numbers.reached(n) for n in numbers.order}
        self._readers = Counter(
            node.next_functions[a] for node in numbers.order for a in self._operands[node]
        )
        self._readers[nodes.loss.grad_fn, nodes.loss.output_nr] += 1
        self._forward = Forward(nodes, numbers.order, names, recording, self._dtype)

    def tape(self) -> RecordedTape:
        """Leaves first, then the ops; both in the order of the forward pass."""
        for leaf in self._leaves():
            self._add_leaf(leaf)
        for node in reversed(self._numbers.order):
            if self._operands[node]:
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
            seed=self._array(self._numbers.seed),
            assumed_ones=False,
            values=self._values,
            cotangents=self._numbers.cotangents(len(self._nodes)),
            contributions=self._numbers.contributions(),
            shared=shared(self._values),
            advice="" if self._recording.notes else _ADVICE,
        )

    def _leaves(self) -> list[Any]:
        """Those that something arrives at, as the forward pass first used them: by layers."""
        grad = self._numbers.leaves.grad
        used = (
            parent for node in reversed(self._numbers.order) for parent, _ in node.next_functions
        )
        return [leaf for leaf in dict.fromkeys((*used, *self._from.leaves)) if leaf in grad]

    def _add_leaf(self, leaf: Any) -> None:
        tensor = leaf.variable
        name = self._names.leaves.get(id(tensor)) or self._names.numbered("leaf")
        own, average = self._numbers.leaves.grad[leaf], self._averages.get(leaf)
        k = self._append(
            Node(
                len(self._nodes), Role.INPUT, name, name, (), tuple(tensor.shape),
                module=self._module(leaf),
            ),
            frozen(array(tensor, self._dtype, is_copied=self._numbers.is_copying)),
        )  # fmt: skip
        self._numbers.keep(k, self._array(own if average is None else average.grad))
        self._inputs[name] = k
        self._by_output[leaf, 0] = k
        if average is not None:
            self._add_average(leaf, average, name)
        self._add_hook(leaf, 0, name)

    def _add_node(self, node: Any) -> None:
        used = self._numbers.used(node)
        op = NodeOp(node, used, self._operands[node], self._numbers.filled(node))
        reached = [self._by_output[node.next_functions[a]] for a in op.operands]
        parents, hooked = self._hooks_on(node, op.operands, reached)
        origin = Origin(node, op.outputs, tuple(None if a in hooked else a for a in op.operands))
        v, passed_on = self._numbers.met(op)
        passed_on = [
            self._array(hooked[a]) if a in hooked else x
            for a, x in zip(op.operands, passed_on, strict=True)
        ]
        k: int | None
        if len(used) == 1:
            operand = self._values[parents[0]] if len(parents) == 1 else None
            value = self._forward.value(node, used[0], operand)
            if value is None and len(parents) == 1:
                value = self._forward.moved(op, operand)
            met = Met(op, node, used[0], parents, value, v[0].reshape(op.shape), passed_on, origin)
            known = self._matching.row_of(met, op, self._recording.call(node))
            k = self._append_foreign(met) if known is None else self._append_known(met, known)
            self._by_output[node, used[0]] = k
        else:
            whole = side_by_side(v)
            met = Met(op, node, None, parents, None, whole, passed_on, origin)
            outputs = zip(used, v, strict=True)
            k = self._add_outputs(op, met, [self._output(op, n, x, parents) for n, x in outputs])
        readers = [self._readers[node.next_functions[a]] for a in op.operands]
        alone = {parent for parent, count in zip(parents, readers, strict=True) if count == 1}
        for edge in () if k is None else self._nodes[k].edges:
            if edge.parent in alone:  # what goes on is the parent's cotangent
                self._numbers.drop(edge)
        for number in used:
            self._add_hook(node, number, self._nodes[self._by_output[node, number]].name)

    def _output(self, op: NodeOp, number: int, v: Array, parents: Sequence[int]) -> Met:
        """One of several outputs of a node that are used, alone."""
        one = NodeOp(op.node, [number], op.operands)
        value = self._forward.value(op.node, number)
        origin = Origin(op.node, (number,), None)
        return Met(one, op.node, number, parents, value, v.reshape(one.shape), [], origin)

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
        for at, (argument, passed_on) in zip(known.edges, known.passed_on.items(), strict=True):
            self._hand_on(Edge(operands[argument], k, argument), met, at, passed_on)
        return k

    def _hand_on(self, edge: Edge, met: Met, at: int, passed_on: Array) -> None:
        """Say where what an edge hands on is from: from the node's operand number ``at``."""
        operands = () if met.origin is None else met.origin.operands
        if met.origin is None or (operands is not None and operands[at] is None):
            self._numbers.keep_edge(edge, passed_on)
        else:
            self._numbers.hand_on(edge, met.origin, at, passed_on)

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
        self._values.append(frozen(value))
        if where is not None:
            self._by_place[where] = k
            self._kept.append(given.value)
        return k

    def _add_average(self, leaf: Any, average: Average, name: str) -> None:
        """A step of its own, the last of a leaf: ranks average what hooks have left."""
        had, has = self._array(self._numbers.leaves.grad[leaf]), self._array(average.grad)
        parent = self._by_output[leaf, 0]
        shape = self._nodes[parent].shape
        op = AverageOp(PYTORCH, shape, had, has, ranks=average.ranks, reason=average.reason)
        step = self._append_step(leaf, parent, op, (had, has), f"{op.name}_of_{name}")
        self._by_output[leaf, 0] = step

    def _add_hook(self, node: Any, number: int, name: str) -> None:
        """A step of its own where v is not what was added up: a hook changed it."""
        change = self._numbers.change(node, number)
        if change is None:
            return
        parent = self._by_output[node, number]
        self._by_output[node, number] = self._append_hook(node, parent, *change, name)

    def _hooks_on(
        self, node: Any, operands: Sequence[int], reached: Sequence[int]
    ) -> tuple[tuple[int, ...], Mapping[int, torch.Tensor]]:
        """A step between a Function and an operand where a hook changed what it returned.

        Returns:
            The parents, hooks in place of what they stand before; what it returned there.
        """
        parents, hooked = list(reached), {}
        for k, a in enumerate(operands):
            change = self._numbers.own_change(node, a)
            if change is not None:
                name = self._nodes[parents[k]].name
                parents[k] = self._append_hook(node, parents[k], *change, name)
                hooked[a] = change[0]
        return tuple(parents), hooked

    def _append_hook(
        self, node: Any, parent: int, before: torch.Tensor, after: torch.Tensor, name: str
    ) -> int:
        had, has = self._array(before), self._array(after)
        op = HookOp(PYTORCH, self._nodes[parent].shape, had, has)
        return self._append_step(node, parent, op, (had, has), f"hook_on_{name}")

    def _append_step(
        self, node: Any, parent: int, op: HookOp, v: tuple[Array, Array], name: str
    ) -> int:
        """Between a node and those who read it, an op that made another v of one."""
        had, has = v
        met = Met(op, node, None, (parent,), self._values[parent], had, [has], None)
        return self._append_foreign(met, self._names.numbered(name.replace(".", "_")))

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

    def _called(self, node: Any) -> tuple[tuple[int, int], ...]:
        """The lines of the program on which the modules around a node were called."""
        note = self._notes.get(node)
        calls = () if note is None else note.called
        spans = ((self._source.span(line), number) for line, number in calls)
        return tuple((span.line, number) for span, number in spans if span is not None)

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
        for a, (parent, passed_on) in enumerate(zip(met.parents, met.passed_on, strict=True)):
            self._hand_on(Edge(parent, k, a), met, a, passed_on)
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
            module=self._module(met.node), called=self._called(met.node),
        )  # fmt: skip
        self._append(node, met.value)
        if met.v.size != prod(shape):
            raise AssertionError(f"{node.label}: v has another shape than {shape}")
        v = met.v.reshape(shape)
        if met.origin is None:
            self._numbers.keep(k, v)
        else:
            self._numbers.place(k, met.origin, v)
        return k

    def _append(self, node: Node, value: Array | None) -> int:
        if value is not None and value.shape != node.shape:
            raise AssertionError(f"{node.label}: a value has another shape than {node.shape}")
        self._nodes.append(node)
        self._values.append(value)
        return node.id

    def _array(self, tensor: torch.Tensor) -> Array:
        return array(tensor, self._dtype)
