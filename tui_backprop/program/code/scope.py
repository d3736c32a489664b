"""The slots of a program or of one function, and the names that are bound to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Node
from tui_backprop.program.code.constants import Hole, Static

if TYPE_CHECKING:
    from tui_backprop.graph.model import Span
    from tui_backprop.program.code.constants import Value


@dataclass(slots=True, eq=False)
class Binding:
    """One assignment in the text.

    Attributes:
        name: in full: ``h``, or ``f.z`` within a function.
        is_last: whether no later statement binds the name, and no loop repeats this one.
        is_counter: whether it is a loop's variable, of which the graph keeps no node by itself.
    """

    name: str
    is_last: bool = False
    is_counter: bool = False


class Scope:
    """The slots of the program, or of one function.

    Attributes:
        prefix: of full names: ``f.`` within a function.
        template: what a fresh frame holds: literals, leaves, and holes.
        slots: name → slot.
        names: slot → name.
        literals: slots that always hold the same static value.
        imports: pairs (outer slot, own slot) copied when a call begins.
        assigned: name → lines where it is assigned.
        first_use: name → where it was read, if that was before it was assigned.
        bindings: name → its last binding.
    """

    def __init__(
        self, prefix: str = "", outer: Scope | None = None, local: frozenset[str] = frozenset()
    ) -> None:
        self.prefix = prefix
        self.outer = outer
        self.local = local
        self.template: list[Value] = []
        self.slots: dict[str, int] = {}
        self.names: dict[int, str] = {}
        self.literals: set[int] = set()
        self.imports: list[tuple[int, int]] = []
        self.assigned: dict[str, list[int]] = {}
        self.first_use: dict[str, Span] = {}
        self.bindings: dict[str, Binding] = {}

    def new(self, value: Value = Hole.UNASSIGNED) -> int:
        """A slot without a name."""
        self.template.append(value)
        slot = len(self.template) - 1
        if isinstance(value, Static):
            self.literals.add(slot)
        return slot

    def slot(self, name: str) -> int:
        """The slot of a name of this scope."""
        found = self.slots.get(name)
        if found is None:
            found = self.slots[name] = self.new()
            self.names[found] = name
        return found

    def read(self, name: str, span: Span) -> int:
        """The slot to read a name from; a function's copy where the name is the program's."""
        found = self.slots.get(name)
        if found is None:
            found = self.slot(name)
            if self.outer is None:
                self.first_use[name] = span
            elif name not in self.local:
                self.imports.append((self.outer.read(name, span), found))
        return found

    def assign(self, name: str, line: int) -> int:
        """The slot to write a name to."""
        self.assigned.setdefault(name, []).append(line)
        return self.slot(name)

    def fixes(self, name: str) -> bool:
        """Whether a name is a leaf's, or a function's own, so that it is no number of `NUMBERS`."""
        root = self if self.outer is None else self.outer
        slot = root.slots.get(name)
        return name in self.local or (slot is not None and isinstance(root.template[slot], Node))

    def has(self, name: str) -> bool:
        """Whether a name is bound here or in the program, as far as it has been read."""
        is_own = name in self.local or name in self.slots
        return is_own or (self.outer is not None and self.outer.has(name))

    def literal(self, slot: int) -> Static | None:
        """The static value that a slot always holds, if it is one."""
        value = self.template[slot]
        return value if isinstance(value, Static) else None

    def frame(self, outer: list[Value]) -> list[Value]:
        """Fresh values for one call."""
        fresh = self.template.copy()
        for theirs, own in self.imports:
            fresh[own] = outer[theirs]
        return fresh
