"""Applying an op: the instruction that makes the nodes.

It stands apart because it is the hot path: a graph of 10⁶ nodes is 10⁶ runs of `Apply.run`, so the
shapes it has met are kept, and all that can be is prepared when it is compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui_backprop.errors import ArgumentError
from tui_backprop.graph.model import Node
from tui_backprop.graph.program.folding import fold
from tui_backprop.graph.program.instructions import Writes
from tui_backprop.graph.program.parameters import checked, weight
from tui_backprop.graph.program.source import Fault
from tui_backprop.graph.program.static import Hole, Static

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.graph.model import Span
    from tui_backprop.graph.program.execute import Machine
    from tui_backprop.graph.program.scope import Binding
    from tui_backprop.graph.program.static import Value
    from tui_backprop.rules.rule import Parameter, Rule
    from tui_backprop.rules.types import Params, Shape


@dataclass(frozen=True, slots=True)
class Argument:
    """A static argument that is known only while running, such as ``t`` in ``X[t]``."""

    parameter: Parameter
    slot: int
    span: Span


@dataclass(slots=True, eq=False)
class Apply(Writes):
    """Apply an op: append its node, or fold it if all operands are static.

    Attributes:
        rule: the op.
        operands: slots.
        params: its static arguments, those that are known when compiled.
        dynamic: the others.
        dest: slot of the result.
        binding: the name it is bound to, if at once.
        folds: whether static operands give a static result.
        span: where it was written.
        text: how it was written.
        measured: shapes of operands → shape and size of the result; one for all that share an op
            without static arguments.
    """

    rule: Rule
    operands: tuple[int, ...]
    params: Params
    dynamic: tuple[Argument, ...]
    dest: int
    binding: Binding | None
    folds: bool
    span: Span
    text: str
    measured: dict[tuple[Shape, ...], tuple[Shape, int]]

    def run(self, machine: Machine, frame: list[Value]) -> bool:
        """One more node, or one more number."""
        parents: list[int] = []
        shapes: list[Shape] = []
        for slot in self.operands:
            value = frame[slot]
            if type(value) is not Node:
                return self._run_mixed(machine, frame)
            parents.append(value.id)
            shapes.append(value.shape)
        if self.dynamic:
            self._run_dynamic(machine, frame, tuple(parents), tuple(shapes))
        else:
            self._append(machine, frame, tuple(parents), tuple(shapes))
        return False

    def _append(
        self,
        machine: Machine,
        frame: list[Value],
        parents: tuple[int, ...],
        shapes: tuple[Shape, ...],
    ) -> None:
        found = self.measured.get(shapes)
        if found is None:
            found = self.measured[shapes] = machine.measure(self, parents, shapes, self.params)
        frame[self.dest] = machine.tape.apply(self, parents, self.params, *found)

    def _run_dynamic(
        self,
        machine: Machine,
        frame: list[Value],
        parents: tuple[int, ...],
        shapes: tuple[Shape, ...],
    ) -> None:
        params = self._params(machine, frame)
        if params is None:
            frame[self.dest] = Hole.UNKNOWN
            return
        shape, size = machine.measure(self, parents, shapes, params)
        frame[self.dest] = machine.tape.apply(self, parents, params, shape, size)

    def _params(self, machine: Machine, frame: list[Value]) -> Params | None:
        """All static arguments; None if one is unknown."""
        found = dict(self.params)
        for argument in self.dynamic:
            static = machine.static(frame[argument.slot], argument.slot, argument.span)
            if static is None:
                return None
            machine.charge(weight(static.value), argument.span)
            try:
                found[argument.parameter.name] = checked(argument.parameter, static.value)
            except ArgumentError as error:
                raise Fault(argument.span, str(error)) from None
        return MappingProxyType(found)

    def _run_mixed(self, machine: Machine, frame: list[Value]) -> bool:
        """The way with operands that are not all nodes."""
        values = [machine.known(frame[slot], slot, self.span) for slot in self.operands]
        if Hole.UNKNOWN in values:
            frame[self.dest] = Hole.UNKNOWN
        elif self.folds and all(type(value) is Static for value in values):
            self._fold(machine, frame, [value.value for value in values if type(value) is Static])
        else:
            nodes = [machine.operand(value, self.span) for value in values]
            parents, shapes = tuple(n.id for n in nodes), tuple(n.shape for n in nodes)
            run = self._run_dynamic if self.dynamic else self._append
            run(machine, frame, parents, shapes)
        return False

    def _fold(self, machine: Machine, frame: list[Value], values: list[Any]) -> None:
        params = self._params(machine, frame) if self.dynamic else self.params
        if params is None:
            frame[self.dest] = Hole.UNKNOWN
            return
        result = fold(self.rule.name, values, params, machine.limits)
        machine.charge(weight(result), self.span)
        machine.assign(frame, self.dest, self.binding, Static(result, self.span))


