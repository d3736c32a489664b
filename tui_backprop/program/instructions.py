"""What a statement becomes: flat instructions over slots, run again by each turn of a loop.

They stand apart from the compiler because they know no syntax any more. `Apply`, the one that makes
nodes, has a file of its own.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.errors import ArgumentError
from tui_backprop.graph.model import Node
from tui_backprop.program.arguments import checked, weight
from tui_backprop.program.constants import (
    Hole,
    Static,
    extent,
    fold,
    holds_nodes,
    is_number,
    packed,
)
from tui_backprop.program.messages import pairwise_hint
from tui_backprop.program.names import NUMBERS
from tui_backprop.program.source import ProblemError

if TYPE_CHECKING:
    from tui_backprop.graph.model import Span
    from tui_backprop.program.constants import Value
    from tui_backprop.program.machine import Machine
    from tui_backprop.program.scope import Binding, Code, Function
    from tui_backprop.rules.rule import Parameter, Rule
    from tui_backprop.rules.types import Params, Shape


PART: Final = "an index or a static argument"
"""How the use of a part of an index or of an argument is called."""


class Instruction(Protocol):
    """One step of a statement.

    Attributes:
        dest: the slot that it writes.
        span: where it was written.
    """

    dest: int
    span: Span

    def run(self, machine: Machine, frame: list[Value]) -> bool:
        """Do it; true if another code was entered."""

    def fail(self, machine: Machine, frame: list[Value]) -> bool:
        """What holds after its problem was reported: its result is unknown."""


class Writes:
    """What writes one slot."""

    __slots__ = ()
    dest: int

    def fail(self, _machine: Machine, frame: list[Value]) -> bool:
        """Leave the result unknown."""
        frame[self.dest] = Hole.UNKNOWN
        return False


@dataclass(slots=True, eq=False)
class Move(Writes):
    """Bind a name to what another slot holds; an array keeps its one node."""

    source: int
    dest: int
    binding: Binding | None
    span: Span

    def run(self, machine: Machine, frame: list[Value]) -> bool:
        """Copy and bind."""
        value = machine.known(frame[self.source], self.source, self.span)
        machine.assign(frame, self.dest, self.binding, value, self.span)
        return False


@dataclass(slots=True, eq=False)
class Read(Writes):
    """Take a value where only a static one will do; constant leaves of integers will, too."""

    source: int
    dest: int
    use: str
    span: Span

    def run(self, machine: Machine, frame: list[Value]) -> bool:
        """Read the number of a constant leaf, and remember that it shaped the graph."""
        frame[self.dest] = machine.read(frame[self.source], self.source, self.use, self.span)
        return False


@dataclass(slots=True, eq=False)
class ReadNumber(Writes):
    """A name such as ``e``, which is the number as long as the program assigns it nothing."""

    source: int
    dest: int
    name: str
    span: Span

    def run(self, machine: Machine, frame: list[Value]) -> bool:
        """What was assigned, or the number."""
        del machine  # a number is known without it
        value = frame[self.source]
        is_free = value is Hole.UNASSIGNED
        frame[self.dest] = Static(NUMBERS[self.name], self.span, self.name) if is_free else value
        return False


@dataclass(slots=True, eq=False)
class Extent(Writes):
    """``x.shape``, ``x.size``, ``x.ndim`` or ``len(x)``, by its name."""

    what: str
    source: int
    dest: int
    span: Span

    def run(self, machine: Machine, frame: list[Value]) -> bool:
        """It, as a static value."""
        value = machine.known(frame[self.source], self.source, self.span)
        if not isinstance(value, Hole):
            value = Static(extent(self.what, value), self.span)
        frame[self.dest] = value
        return False


@dataclass(slots=True, eq=False)
class CheckCount(Writes):
    """What is unpacked, as ``a, b = x`` does: it must have as many entries along axis 0."""

    source: int
    dest: int
    count: int
    text: str
    span: Span

    def run(self, machine: Machine, frame: list[Value]) -> bool:
        """Pass on what has the right number of entries."""
        value = machine.known(frame[self.source], self.source, self.span)
        frame[self.dest] = value
        if isinstance(value, Hole):
            return False
        found = extent("len", value)
        if found != self.count:
            self.refuse(found)
        return False

    def refuse(self, found: int) -> None:
        """Say how many there are, and how many were wanted.

        Raises:
            ProblemError: always.
        """
        entries = f"{found} {'entry' if found == 1 else 'entries'} along axis 0"
        names = f"{self.count} {'name stands' if self.count == 1 else 'names stand'}"
        raise ProblemError(self.span, f"'{self.text}' has {entries}, and {names} on the left")


@dataclass(slots=True, eq=False)
class Pack(Writes):
    """A tuple, list, slice or index of static values.

    Attributes:
        kind: ``tuple``, ``list``, ``slice`` or ``index``.
        operands: slots.
        written: numbers of those that are lists written in place; see `packed`.
        dest: slot of the result.
        span: where it was written.
        text: how a list is written whose parts may be arrays; empty where only numbers will do.
    """

    kind: str
    operands: tuple[int, ...]
    written: frozenset[int]
    dest: int
    span: Span
    text: str = ""

    def run(self, machine: Machine, frame: list[Value]) -> bool:
        """Gather the values."""
        found: list[Any] = []
        is_mixed = False
        for slot in self.operands:
            value = machine.known(frame[slot], slot, self.span)
            if not self.text:
                value = machine.read(value, slot, PART, self.span)
            if isinstance(value, Hole):
                frame[self.dest] = value
                return False
            is_mixed |= isinstance(value, Node) or value.is_mixed
            found.append(value if isinstance(value, Node) else value.value)
        made = packed(self.kind, found, self.written)
        frame[self.dest] = Static(made, self.span, self.text, is_mixed=is_mixed)
        return False


@dataclass(slots=True, eq=False)
class Call(Writes):
    """Inline a definition."""

    function: Function
    arguments: tuple[int, ...]
    dest: int
    binding: Binding | None
    span: Span

    def run(self, machine: Machine, frame: list[Value]) -> bool:
        """Enter the body with the arguments in its first slots."""
        return machine.call(self, frame)


@dataclass(slots=True, eq=False)
class Loop:
    """Run a body once per number of a range.

    Attributes:
        bounds: slots of start, stop and step.
        dest: slot of the loop's variable.
        binding: its name.
        body: what is repeated.
        span: the bounds' place.
        turns: how often it runs, where that is known before it does.
    """

    bounds: tuple[int, int, int]
    dest: int
    binding: Binding
    body: Code
    span: Span
    turns: int | None = None

    def run(self, machine: Machine, frame: list[Value]) -> bool:
        """Enter the body, unless it has no turn."""
        return machine.loop(self, frame)

    def fail(self, machine: Machine, frame: list[Value]) -> bool:
        """Look through the body once, its variable unknown."""
        return machine.look_through(self, frame)


Measured: TypeAlias = "dict[tuple[Any, ...], tuple[Shape, int, int]]"

_WHOLE: Final = slice(None)


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
        measured: shapes of operands, or an `index_pattern` → shape and size of the result, and
            its multiplications; one for all that share an op without static arguments.
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
    measured: Measured

    def __init__(
        self, rule: Rule, operands: tuple[int, ...], params: Params, dynamic: tuple[Argument, ...],
        dest: int, binding: Binding | None, folds: bool, span: Span, text: str,
        measured: Measured,
    ) -> None:  # fmt: skip
        # Written out: one is made for each operator of a text, and so it takes a quarter.
        self.rule = rule
        self.operands = operands
        self.params = params
        self.dynamic = dynamic
        self.dest = dest
        self.binding = binding
        self.folds = folds
        self.span = span
        self.text = text
        self.measured = measured

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
        self._append(machine, frame, tuple(parents), tuple(shapes))
        return False

    def _run_mixed(self, machine: Machine, frame: list[Value]) -> bool:
        """The way with operands that are not all nodes."""
        static: list[Any] = []
        for slot in self.operands:
            value = frame[slot]
            if isinstance(value, Static):
                static.append(value.value)
            elif machine.known(value, slot, self.span) is Hole.UNKNOWN:
                return self.fail(machine, frame)
        if static and self.rule.extras is not None and self._has_static_extras(frame):
            return self._with_numbers(frame).run(machine, frame)
        if self.folds and len(static) == len(self.operands):
            return self._fold(machine, frame, static)
        nodes = [machine.operand(frame[slot], self.span) for slot in self.operands]
        self._append(machine, frame, tuple([n.id for n in nodes]), tuple([n.shape for n in nodes]))
        return False

    def _has_static_extras(self, frame: list[Value]) -> bool:
        return any(isinstance(frame[slot], Static) for _, slot in self._either())

    def _either(self) -> list[tuple[Parameter, int]]:
        """The operands that a number makes static arguments, with their slots."""
        if self.rule.extras is None:
            return []
        parameters = {p.name: p for p in self.rule.extras.of(()).parameters}
        pairs = zip(self.rule.operands, self.operands, strict=True)
        extras = self.rule.extras.names
        return [(parameters[n], slot) for n, slot in pairs if n in extras and n in parameters]

    def _with_numbers(self, frame: list[Value]) -> Apply:
        """The same application with those of them that are numbers static."""
        numbers = {p.name: (p, slot) for p, slot in self._either()
                   if isinstance(frame[slot], Static)}  # fmt: skip
        kept = [pair for pair in zip(self.rule.operands, self.operands, strict=True)
                if pair[0] not in numbers]  # fmt: skip
        if self.rule.extras is None:
            raise AssertionError("only operands that may be left out can be static arguments")
        rule = self.rule.extras.of(tuple(n for n, _ in kept if n in self.rule.extras.names))
        dynamic = (*self.dynamic, *(Argument(p, slot, self.span) for p, slot in numbers.values()))
        operands = tuple(slot for _, slot in kept)
        return replace(self, rule=rule, operands=operands, dynamic=dynamic, measured={})

    def _append(
        self,
        machine: Machine,
        frame: list[Value],
        parents: tuple[int, ...],
        shapes: tuple[Shape, ...],
    ) -> None:
        params = self._params(machine, frame) if self.dynamic else self.params
        if params is None:
            self.fail(machine, frame)
            return
        pattern = index_pattern(self.rule, shapes, params) if self.dynamic else shapes
        found = self.measured.get(pattern)
        if found is None:
            found = machine.measure(self, parents, shapes, params)
            if pattern:
                self.measured[pattern] = found
        frame[self.dest] = machine.tape.apply(self, parents, params, *found)

    def _params(self, machine: Machine, frame: list[Value]) -> Params | None:
        """All static arguments; None if one is unknown."""
        found = dict(self.params)
        for argument in self.dynamic:
            static = machine.static(frame[argument.slot], argument.slot, argument.span)
            if static is None:
                return None
            if isinstance(static.value, list | tuple):
                machine.charge(weight(static.value), argument.span)
            try:
                found[argument.parameter.name] = checked(argument.parameter, static.value)
            except ArgumentError as error:
                hint = pairwise_hint(self.rule) if is_number(static.value) else ""
                raise ProblemError(argument.span, str(error), hint) from None
        return MappingProxyType(found)

    def _fold(self, machine: Machine, frame: list[Value], values: list[Any]) -> bool:
        params = self._params(machine, frame) if self.dynamic else self.params
        if params is None:
            return self.fail(machine, frame)
        result = fold(self.rule.name, values, params, machine.limits)
        if isinstance(result, Node):
            machine.assign(frame, self.dest, self.binding, result, self.span)
            return False
        is_list = isinstance(result, list | tuple)
        if is_list:
            machine.charge(weight(result), self.span)
        is_mixed = is_list and holds_nodes(result)
        static = Static(result, self.span, is_mixed=is_mixed)
        machine.assign_static(frame, self.dest, self.binding, static)
        return False


def index_pattern(rule: Rule, shapes: tuple[Shape, ...], params: Params) -> tuple[Any, ...]:
    """What the shape of ``x[t]`` depends on: not on which entry ``t`` names, if there is one.

    Returns:
        The shape, and for each axis whether an integer or ``:`` reads it; empty where the key has
        other parts.
    """
    if rule.name != "index":
        return ()
    (key,), (shape,) = params.values(), shapes
    found: list[Any] = [shape]
    for part, n in zip(key, shape, strict=False):
        if type(part) is not int and part != _WHOLE:
            return ()
        if type(part) is int and not -n <= part < n:
            return ()
        found.append(type(part))
    return tuple(found) if len(key) <= len(shape) else ()
