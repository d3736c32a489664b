"""What a statement becomes: flat instructions over slots, run again by each turn of a loop.

They stand apart from the compiler because they know no syntax any more. `Apply`, the one that makes
nodes, has a file of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Node
from tui_backprop.program.constants import Hole, Static, extent, packed
from tui_backprop.program.names import NUMBERS
from tui_backprop.program.source import ProblemError

if TYPE_CHECKING:
    from tui_backprop.graph.model import Span
    from tui_backprop.program.constants import Value
    from tui_backprop.program.machine import Machine
    from tui_backprop.program.scope import Binding, Code, Function

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
