"""Running instructions: steps are done, loops turn, definitions are entered.

Loops and calls lie on an explicit stack, so that neither depth nor length meets Python's recursion
limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError, LimitError
from tui_backprop.language.message import joined, said
from tui_backprop.program.code.constants import Hole, Static, turns_of, whole_bound
from tui_backprop.program.code.instructions import Branch, Call, Loop
from tui_backprop.program.running.entering import chosen, enter
from tui_backprop.program.running.messages import unassigned
from tui_backprop.program.running.repeating import TURNS, only_applies, repeating
from tui_backprop.program.running.resolve import UnassignedError
from tui_backprop.program.running.steps import EXECUTE
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.progress import listener

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.model import Span
    from tui_backprop.program.code.constants import Value
    from tui_backprop.program.code.instructions import Code, Instruction
    from tui_backprop.program.code.scope import Scope
    from tui_backprop.program.running.resolve import Resolver
    from tui_backprop.program.text.problems import ProgramProblems
    from tui_backprop.program.text.source import Source


_MOST_FAULTS: Final = 200
_EVERY: Final = 256
"""Turns and calls between two reports."""
_ALIKE: Final = 8
"""From so many turns on it is worth finding out whether they are alike."""
_TRIED: Final = 3
"""Turns after which that is asked: the first may change shapes."""


@dataclass(slots=True, eq=False)
class _Activation:
    """A code that has begun: the program's, a loop's body, or a call's.

    Attributes:
        turns: the numbers of a loop.
        done: how many of them have begun.
        may_repeat: whether its turns may be alike; see `Repeating`.
    """

    code: Code
    frame: list[Value]
    scope: Scope
    pending: Iterator[Instruction]
    loop: Loop | None = None
    turns: range = range(0)
    call: Call | None = None
    done: int = 0
    may_repeat: bool = False


class Machine:
    """Runs code; ``values`` reads and writes slots, ``problems`` receives what goes wrong."""

    def __init__(
        self, source: Source, scope: Scope, values: Resolver, problems: ProgramProblems
    ) -> None:
        self._source = source
        self._scope = scope
        self._values = values
        self._problems = problems
        self._frame = scope.frame([])
        self._stack: list[_Activation] = []
        self._faults = 0
        self._ended = 0
        self._listener = listener()

    def run(self, code: Code) -> None:
        """Run a program's code; problems are kept, and what depends on them is skipped."""
        self._values.spent = code.cost
        values = self._values
        self._stack.append(_Activation(code, self._frame, self._scope, iter(code.instructions)))
        while self._stack:
            top = self._stack[-1]
            try:
                for instruction in top.pending:
                    execute = EXECUTE.get(type(instruction))
                    if execute is not None:
                        execute(values, instruction, top.frame)
                    elif self._enter(instruction, top.frame):
                        break
                else:
                    self._end(top)
            except (ProblemError, UnassignedError, ArgumentError, LimitError) as error:
                if not self._recover(error, instruction, top.frame):
                    return

    def _enter(self, instruction: Instruction, frame: list[Value]) -> bool:
        """Enter another code; false where there is nothing to enter it for."""
        if isinstance(instruction, Loop):
            return self._loop(instruction, frame)
        if isinstance(instruction, Call):
            return self._call(instruction, frame)
        if isinstance(instruction, Branch):
            return self._choose(instruction, frame)
        raise AssertionError(f"nothing executes a {type(instruction).__name__}")

    def _loop(self, loop: Loop, frame: list[Value]) -> bool:
        """Enter a loop's body for its first turn, if it has one and all of them are affordable."""
        bounds: list[int] = []
        for slot in loop.bounds:
            static = self._values.static(frame[slot], slot, loop.span)
            if static is None:
                return self._look_through(loop, frame)
            bounds.append(whole_bound(static.value))
        turns = turns_of(*bounds)
        if loop.turns is None:
            self._spend(turns, loop)
        if not turns:
            return False
        numbers = range(*bounds)
        begun = _Activation(loop.body, frame, self._stack[-1].scope, iter(()), loop, numbers)
        begun.may_repeat = turns >= _ALIKE and only_applies(loop)
        self._stack.append(begun)
        return self._turn(begun)

    def _look_through(self, loop: Loop, frame: list[Value]) -> bool:
        """Run a body once for its own problems, after one in the loop's head."""
        self._spend(1, loop)
        frame[loop.dest] = Hole.UNKNOWN
        scope = self._stack[-1].scope
        self._stack.append(_Activation(loop.body, frame, scope, iter(loop.body.instructions)))
        return True

    def _call(self, call: Call, frame: list[Value]) -> bool:
        """Enter a definition's body with the arguments in its first slots."""
        function = call.function
        if function.result is None:
            self._values.assign(frame, call.dest, call.binding, Hole.UNKNOWN, call.span)
            return False
        # What comes with the program reads nothing of it.
        fresh = function.scope.frame([] if function.is_composed else self._frame)
        for number, slot in enumerate(call.arguments):
            value = self._values.known(frame[slot], slot, call.span)
            if isinstance(value, Static) and not value.is_shared:
                value = value.moved(value.span, is_shared=True)
            fresh[number] = value
        if function.is_composed:
            enter(self._values, call, fresh)
        pending = iter(function.code.instructions)
        scope = function.scope
        self._stack.append(_Activation(function.code, fresh, scope, pending, call=call))
        return True

    def _choose(self, branch: Branch, frame: list[Value]) -> bool:
        """Enter the code that what is static asks for."""
        value = self._values.known(frame[branch.test], branch.test, branch.span)
        if isinstance(value, Hole):
            frame[branch.dest] = value
            return False
        code, scope = chosen(branch, value), self._stack[-1].scope
        self._stack.append(_Activation(code, frame, scope, iter(code.instructions)))
        return True

    def _spend(self, turns: int, loop: Loop) -> None:
        """Pay for all turns of a loop before the first."""
        self._values.charge(turns * (1 + loop.body.cost), loop.span)
        try:
            nodes = len(self._values.tape.nodes) + turns * loop.body.nodes
            self._values.limits.check("nodes", nodes, said("unrolled, the program"))
        except LimitError as error:
            raise ProblemError(loop.span, str(error), is_final=True) from None

    def _turn(self, top: _Activation) -> bool:
        """Begin the next turn of a loop; false if there is none."""
        if top.loop is None:
            return False
        if top.may_repeat and top.done:
            self._repeat(top, top.loop)
        if top.done == len(top.turns):
            return False
        counter = Static(top.turns[top.done], top.loop.span)
        top.done += 1
        self._values.tape.bind(top.loop.binding.name, counter)
        top.frame[top.loop.dest] = counter
        top.pending = iter(top.code.instructions)
        return True

    def _repeat(self, top: _Activation, loop: Loop) -> None:
        """Make all turns that are left at once, if they are as the one that has just ended."""
        top.may_repeat = top.done < _TRIED
        tape = self._values.tape
        if self._faults or tape.calls.place is not None:
            return
        found, left = repeating(loop, top.frame), len(top.turns) - top.done
        if found is None or not found.fits(self._values, left):
            return
        for start in range(0, left, TURNS):
            if self._listener is not None:
                self._listener.report("building", len(tape.nodes))
            found.run(self._values, top.frame, min(TURNS, left - start))
        tape.versions[loop.binding.name] += left - 1
        top.done += left
        counter = Static(top.turns[-1], loop.span)
        tape.bind(loop.binding.name, counter)
        top.frame[loop.dest] = counter

    def _end(self, top: _Activation) -> None:
        """A code has run: turn again, or go back to where it was entered from."""
        self._ended += 1
        if self._listener is not None and self._ended % _EVERY == 0:
            self._listener.report("building", len(self._values.tape.nodes))
        if self._turn(top):
            return
        self._stack.pop()
        if top.call is not None and top.call.function.result is not None:
            value = top.frame[top.call.function.result]
            call, frame = top.call, self._stack[-1].frame
            if call.function.is_composed:
                self._values.tape.end(value)
            self._values.assign(frame, call.dest, call.binding, value, call.span)

    def _recover(self, error: Exception, instruction: Instruction, frame: list[Value]) -> bool:
        """Keep a problem and go on where that can find another; false if it cannot."""
        fault = self._located(error, instruction)
        self._faults += 1
        self._problems.add(
            fault.span, str(fault), joined(" ", filter(None, [fault.hint, *self._context()]))
        )
        if fault.is_final or self._faults >= _MOST_FAULTS:
            return False
        try:
            if isinstance(instruction, Loop):
                self._look_through(instruction, frame)
            else:
                frame[instruction.dest] = Hole.UNKNOWN
        except ProblemError as final:
            self._problems.add(final.span, str(final))
            return False
        return True

    def _located(self, error: Exception, instruction: Instruction) -> ProblemError:
        if isinstance(error, UnassignedError):
            scope = self._stack[-1].scope
            return unassigned(self._source, scope, scope.names[error.slot], error.span)
        place = self._values.tape.calls.place
        if isinstance(error, ProblemError):
            return error if place is None else _moved(error, place)
        return ProblemError(place or instruction.span, str(error))

    def _context(self) -> list[str]:
        """The turns and calls that a place was reached by, the last of them."""
        found: list[str] = []
        if outermost := self._values.tape.calls.outermost:
            found.append(said("(in {op})", op=outermost))
        for activation in self._stack[-3:]:
            if activation.call is not None and activation.call.function.is_composed:
                continue
            if activation.call is not None:
                name, line = activation.call.function.name, activation.call.span.line
                found.append(
                    said("({name} called on line {line} of the program)", name=name, line=line)
                )
            elif activation.loop is not None:
                counter = activation.frame[activation.loop.dest]
                name = activation.scope.names[activation.loop.dest]
                if isinstance(counter, Static):
                    found.append(f"({name} = {counter.text})")
        return found


def _moved(error: ProblemError, place: Span) -> ProblemError:
    """The problem at another place."""
    return ProblemError(place, str(error), error.hint, is_final=error.is_final)
