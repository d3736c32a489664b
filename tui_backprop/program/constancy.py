"""Which slots hold one number all through a program, so that turns of loops can be counted.

It stands apart because it looks at code that has not run: ``n = 10**6`` three loops deep must be
refused before the first turn, not after the limit has been reached by turning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.errors import ArgumentError, LimitError
from tui_backprop.graph.model import Node
from tui_backprop.program.apply import Apply
from tui_backprop.program.constants import Static, extent, whole_numbers
from tui_backprop.program.folding import fold
from tui_backprop.program.instructions import Extent, Loop, Move, Read
from tui_backprop.program.ranges import turns_of, whole_bound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.limits import Limits
    from tui_backprop.program.instructions import Instruction
    from tui_backprop.program.scope import Code, Scope
    from tui_backprop.rules.types import Array

_NOTHING: Final = object()


class Constancy:
    """The numbers of slots that are written once, from such slots alone.

    Attributes:
        known: slot → its value.
    """

    def __init__(
        self,
        scope: Scope,
        constants: Mapping[str, Array],
        limits: Limits,
        imported: Mapping[int, Any] | None = None,
    ) -> None:
        self.known: dict[int, Any] = dict(imported or {})
        self._scope = scope
        self._limits = limits
        for slot in scope.literals:
            static = scope.template[slot]
            if isinstance(static, Static):
                self.known[slot] = static.value
        for name, array in constants.items():
            leaf = scope.slots.get(name)
            if array.ndim == 0 and leaf is not None and self._leaf(leaf) is not None:
                self.known[leaf] = whole_numbers(array, name)

    def count_turns(self, code: Code) -> None:
        """Fill in the turns of every loop whose bounds are such numbers."""
        for instruction in code.instructions:
            if isinstance(instruction, Loop):
                instruction.turns = self._turns(instruction)
                self.count_turns(instruction.body)
            elif self._is_written_once(instruction.dest):
                value = self._value(instruction)
                if value is not _NOTHING:
                    self.known[instruction.dest] = value

    def _turns(self, loop: Loop) -> int | None:
        try:
            return turns_of(*(whole_bound(self.known[slot]) for slot in loop.bounds))
        except (KeyError, ArgumentError):
            return None

    def _is_written_once(self, slot: int) -> bool:
        """Steps within an expression are; a name is if one statement assigns it."""
        name = self._scope.names.get(slot)
        if name is None:
            return True
        written = len(self._scope.assigned.get(name, ()))
        return written == 1 and not isinstance(self._scope.template[slot], Node)

    def _value(self, instruction: Instruction) -> Any:
        if isinstance(instruction, Move | Read):
            return self.known.get(instruction.source, _NOTHING)
        if isinstance(instruction, Extent):
            return self._extent(instruction)
        if not isinstance(instruction, Apply) or not instruction.folds or instruction.dynamic:
            return _NOTHING
        values = [self.known.get(slot, _NOTHING) for slot in instruction.operands]
        if any(value is _NOTHING for value in values):
            return _NOTHING
        try:
            return fold(instruction.rule.name, values, instruction.params, self._limits)
        except (ArgumentError, LimitError):
            return _NOTHING

    def _extent(self, instruction: Extent) -> Any:
        leaf = self._leaf(instruction.source)
        try:
            return _NOTHING if leaf is None else extent(instruction.what, leaf)
        except ArgumentError:
            return _NOTHING

    def _leaf(self, slot: int) -> Node | None:
        """The leaf that a slot always holds, if it is one."""
        name = self._scope.names.get(slot, "")
        found = self._scope.template[slot]
        return found if isinstance(found, Node) and name not in self._scope.assigned else None
