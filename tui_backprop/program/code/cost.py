"""What running a program costs at least, computed before any of it runs.

``for t in range(10**12)``, and definitions that double their work thirty times over, must be
refused at once: costs of loops multiply, costs of calls add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui_backprop.errors import ArgumentError, LimitError
from tui_backprop.graph.model import Node
from tui_backprop.language.message import said
from tui_backprop.program.code.constants import Static, extent, turns_of, whole_bound, whole_numbers
from tui_backprop.program.code.folding import fold
from tui_backprop.program.code.instructions import (
    Apply,
    Branch,
    Call,
    Extent,
    Loop,
    Move,
    Pack,
    Read,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui_backprop.limits import Limits
    from tui_backprop.program.code.instructions import Code, Function, Instruction
    from tui_backprop.program.code.scope import Scope
    from tui_backprop.program.text.problems import ProgramProblems
    from tui_backprop.rules.types import Array


_PASSES: Final = 4
_BEYOND_ALL: Final = 10**30
_SLOTS_PER_STEP: Final = 32


def measure(
    code: Code,
    scope: Scope,
    functions: Iterable[Function],
    constants: Mapping[str, Array],
    limits: Limits,
) -> None:
    """Fill in the least cost and the least number of nodes of a program and of its functions.

    Each function comes after those that it calls. Loops may be bounded by the constants.
    """
    made = [function for function in functions if function.result is not None]
    codes = [code, *(function.code for function in made)]
    if any(isinstance(step, Loop) for one in codes for step in one.instructions):
        outer = Constancy(scope, constants, limits)
        outer.count_turns(code)
        for function in made:
            imports = function.scope.imports
            known = {own: outer.known[theirs] for theirs, own in imports if theirs in outer.known}
            Constancy(function.scope, {}, limits, known).count_turns(function.code)
    for function in made:
        may = _measure(function.code, function.scope, len(function.parameters))
        function.may_be_static = function.result in may
    _measure(code, scope, 0)


def _measure(code: Code, scope: Scope, parameters: int) -> set[int]:
    """Fill in the costs of one code; returns the slots that may ever hold a static value."""
    may = set(scope.literals)
    may.update(range(parameters), (own for _, own in scope.imports))
    for _ in range(_PASSES):
        if not _propagate(code, may):
            break
    else:
        may.update(scope.names)
        _propagate(code, may)
    _add_up(code, scope, may)
    return may


def refuse_excess(code: Code, limits: Limits, problems: ProgramProblems) -> bool:
    """Report the first statement that takes the program beyond a limit; true if there is one.

    The program's code must have been measured.
    """
    for name, total in (("instructions", code.cost), ("nodes", code.nodes)):
        try:
            limits.check(name, total, said("unrolled, the program"))
        except LimitError as error:
            heaviest = max(code.instructions, key=_weight)
            problems.add(heaviest.span, str(error))
            return True
    return False


def _weight(instruction: Instruction) -> int:
    if isinstance(instruction, Loop):
        return instruction.body.cost * (instruction.turns or 1)
    return instruction.function.code.cost if isinstance(instruction, Call) else 1


def _propagate(code: Code, may: set[int]) -> bool:
    """One pass: a value computed from static values may be static. True if any slot is new."""
    before = len(may)
    for instruction in code.instructions:
        if _may_be_static(instruction, may):
            may.add(instruction.dest)
        if isinstance(instruction, Loop):
            _propagate(instruction.body, may)
        elif isinstance(instruction, Branch):
            for branch in instruction.codes:
                _propagate(branch, may)
    return len(may) > before


def _may_be_static(instruction: Instruction, may: set[int]) -> bool:
    if isinstance(instruction, Apply):
        return instruction.folds and may.issuperset(instruction.operands)
    if isinstance(instruction, Move):
        return instruction.source in may
    return not isinstance(instruction, Call) or instruction.function.may_be_static


def _add_up(code: Code, scope: Scope, may: set[int]) -> None:
    """Costs and nodes, from the innermost loops outward."""
    cost, nodes = len(code.instructions), 0
    for instruction in code.instructions:
        if isinstance(instruction, Apply):
            if not _may_be_static(instruction, may):
                nodes += 1 + sum([s in scope.literals for s in instruction.operands])
        elif isinstance(instruction, Loop):
            _add_up(instruction.body, scope, may)
            turns = instruction.turns or 0
            cost += turns * (1 + instruction.body.cost)
            nodes += turns * instruction.body.nodes
        elif isinstance(instruction, Branch):
            for branch in instruction.codes:
                _add_up(branch, scope, may)
            cost += min(branch.cost for branch in instruction.codes)
            nodes += min(branch.nodes for branch in instruction.codes)
        elif isinstance(instruction, Call):
            function = instruction.function
            # Its frame is paid for as well, which may be long while its body is short.
            slots = len(function.scope.template) + len(function.scope.imports)
            cost += function.code.cost + slots // _SLOTS_PER_STEP
            nodes += function.code.nodes
        elif isinstance(instruction, Pack):
            cost += len(instruction.operands)
    code.cost, code.nodes = min(cost, _BEYOND_ALL), min(nodes, _BEYOND_ALL)


_NOTHING: Final = object()


class Constancy:
    """The values of slots that are written once, and computed only from such slots.

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
        """Fill in the turns of every loop whose bounds are known."""
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
