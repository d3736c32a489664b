"""Running instructions: loops turn, definitions are entered, and the tape grows.

It stands apart from the compiler because a statement is compiled once and run often. Loops and
calls stand on an explicit stack, so that neither depth nor length meets Python's recursion limit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

from tui_backprop.errors import ArgumentError, LimitError, ShapeError
from tui_backprop.graph.model import Node, Role
from tui_backprop.graph.program.messages import cannot, computed_message, input_message, unassigned
from tui_backprop.graph.program.source import Fault
from tui_backprop.graph.program.static import Hole, Static, whole_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_backprop.graph.model import Span
    from tui_backprop.graph.program.apply import Apply
    from tui_backprop.graph.program.instructions import Call, Instruction, Loop
    from tui_backprop.graph.program.scope import Binding, Code, Scope
    from tui_backprop.graph.program.source import Problems, Source
    from tui_backprop.graph.program.static import Value
    from tui_backprop.graph.program.tape import Tape
    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Array, Params, Shape

_MOST_FAULTS = 200


@dataclass(slots=True, eq=False)
class _Activation:
    """A code that has begun: the program, a loop's body, or a call's."""

    code: Code
    frame: list[Value]
    scope: Scope
    pending: Iterator[Instruction]
    loop: Loop | None = None
    turns: Iterator[int] = field(default_factory=lambda: iter(()))
    call: Call | None = None


class Machine:
    """Runs compiled code.

    Attributes:
        tape: receives the nodes.
        limits: what is refused.
        static_leaves: constants whose numbers shaped the graph.
    """

    def __init__(
        self,
        source: Source,
        scope: Scope,
        tape: Tape,
        constants: Mapping[str, Array],
        limits: Limits,
        problems: Problems,
    ) -> None:
        self.source = source
        self.tape = tape
        self.limits = limits
        self.problems = problems
        self.static_leaves: set[str] = set()
        self._constants = constants
        self._read: dict[str, Any] = {}
        self._scope = scope
        self._frame = scope.frame([])
        self._stack: list[_Activation] = []
        self._spent = 0
        self._faults = 0

    def run(self, code: Code) -> None:
        """Run a program's code; problems are kept, and what depends on them is skipped."""
        if not self._can_afford(code):
            return
        self._spent = code.cost
        self._stack.append(_Activation(code, self._frame, self._scope, iter(code.instructions)))
        while self._stack and self._faults < _MOST_FAULTS:
            top = self._stack[-1]
            try:
                self._run_on(top)
            except Fault as fault:
                self._keep(fault)
                if fault.is_final:
                    return

    def _run_on(self, top: _Activation) -> None:
        """Run until another code is entered, or this one ends."""
        frame = top.frame
        for instruction in top.pending:
            try:
                if instruction.run(self, frame):
                    return
            except Fault as fault:
                self._keep(fault)
                if fault.is_final or instruction.fail(self, frame):
                    ...
            except (ArgumentError, LimitError, ShapeError) as error:
                ...
