"""What a statement becomes: flat instructions over slots, run again by each turn of a loop.

They stand apart from the compiler because they know no syntax any more. `Apply`, the one that makes
nodes, has a file of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Node
from tui_backprop.graph.program.static import Hole, Static, packed

if TYPE_CHECKING:
    from tui_backprop.graph.model import Span
    from tui_backprop.graph.program.execute import Machine
    from tui_backprop.graph.program.scope import Binding, Code, Function
    from tui_backprop.graph.program.static import Value


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
class ShapeOf(Writes):
    """``x.shape``."""

    source: int
    dest: int
    span: Span

    def run(self, machine: Machine, frame: list[Value]) -> bool:
        """The shape as a static tuple; a number has none."""
        value = machine.known(frame[self.source], self.source, self.span)
        if isinstance(value, Hole):
            frame[self.dest] = value
        else:
            shape = value.shape if isinstance(value, Node) else ()
            frame[self.dest] = Static(shape, self.span)
        return False


@dataclass(slots=True, eq=False)
class Pack(Writes):
    """A tuple, list, slice or index of static values.

    Attributes:
        kind: ``tuple``, ``list``, ``slice`` or ``index``.
        operands: slots.
        written: numbers of those that are lists written in place; see `packed`.
        dest: slot of the result.
        span: where it was written.
    """

    kind: str
    operands: tuple[int, ...]
    written: frozenset[int]
    dest: int
    span: Span

    def run(self, machine: Machine, frame: list[Value]) -> bool:
        """Gather the values."""
        found: list[Any] = []
        for slot in self.operands:
            static = machine.static(frame[slot], slot, self.span)
            if static is None:
                frame[self.dest] = Hole.UNKNOWN
                return False
            found.append(static.value)
        frame[self.dest] = Static(packed(self.kind, found, self.written), self.span)
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
