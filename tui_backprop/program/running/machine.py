"""Running instructions: steps read slots and write one, loops turn, definitions are entered.

Loops and calls lie on an explicit stack, so that neither depth nor length meets Python's recursion
limit.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.errors import ArgumentError, LimitError
from tui_backprop.graph.model import Node
from tui_backprop.language.message import joined, said, said_many
from tui_backprop.program.code.constants import (
    Hole,
    Static,
    extent,
    fold,
    holds_nodes,
    packed,
    turns_of,
    whole_bound,
)
from tui_backprop.program.code.instructions import (
    Apply,
    Argument,
    Branch,
    Call,
    CheckCount,
    Extent,
    Loop,
    Made,
    Move,
    Pack,
    Read,
    ReadNumber,
    Refuse,
    index_pattern,
)
from tui_backprop.program.code.kinds import weight
from tui_backprop.program.code.uses import PART, checked_argument
from tui_backprop.program.running.entering import chosen, enter
from tui_backprop.program.running.making import make
from tui_backprop.program.running.messages import unassigned
from tui_backprop.program.running.resolve import UnassignedError
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.program.vocabulary.names import NUMBERS
from tui_backprop.progress import listener
from tui_backprop.rules import find
from tui_backprop.rules.rule import MOST_MEMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tui_backprop.graph.model import Span
    from tui_backprop.program.code.constants import Value
    from tui_backprop.program.code.instructions import Code, Instruction, Scope
    from tui_backprop.program.running.resolve import Resolver
    from tui_backprop.program.text.problems import ProgramProblems
    from tui_backprop.program.text.source import Source
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params, Shape

    Frame = list[Value]
    Execute = Callable[[Resolver, Any, Frame], None]


_MOST_FAULTS: Final = 200
_EVERY: Final = 256
"""Turns and calls between two reports."""


@dataclass(slots=True, eq=False)
class _Activation:
    """A code that has begun: the program's, a loop's body, or a call's."""

    code: Code
    frame: list[Value]
    scope: Scope
    pending: Iterator[Instruction]
    loop: Loop | None = None
    turns: Iterator[int] | None = None
    call: Call | None = None


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
        scope, numbers = self._stack[-1].scope, iter(range(*bounds))
        self._stack.append(_Activation(loop.body, frame, scope, iter(()), loop, numbers))
        return self._turn(self._stack[-1])

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
        self._stack.append(_Activation(function.code, fresh, scope, pending, None, None, call))
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
        number = None if top.turns is None else next(top.turns, None)
        if number is None or top.loop is None:
            return False
        counter = Static(number, top.loop.span)
        self._values.tape.bind(top.loop.binding.name, counter)
        top.frame[top.loop.dest] = counter
        top.pending = iter(top.code.instructions)
        return True

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


def _move(values: Resolver, step: Move, frame: Frame) -> None:
    """Copy and bind."""
    value = values.known(frame[step.source], step.source, step.span)
    values.assign(frame, step.dest, step.binding, value, step.span)


def _read(values: Resolver, step: Read, frame: Frame) -> None:
    """Read the number of a constant leaf, and remember that it shaped the graph."""
    frame[step.dest] = values.read(frame[step.source], step.source, step.use, step.span)


def _read_number(_values: Resolver, step: ReadNumber, frame: Frame) -> None:
    """What was assigned, or the number."""
    value = frame[step.source]
    is_free = value is Hole.UNASSIGNED
    frame[step.dest] = Static(NUMBERS[step.name], step.span, step.name) if is_free else value


def _extent(values: Resolver, step: Extent, frame: Frame) -> None:
    """A shape, or a number of entries or axes, as a static value."""
    value = values.known(frame[step.source], step.source, step.span)
    if not isinstance(value, Hole):
        value = Static(extent(step.what, value), step.span)
    frame[step.dest] = value


def _check_count(values: Resolver, step: CheckCount, frame: Frame) -> None:
    """Pass on what has as many entries as names stand on the left; anything else is a problem."""
    value = values.known(frame[step.source], step.source, step.span)
    frame[step.dest] = value
    if isinstance(value, Hole):
        return
    found = extent("len", value)
    if found != step.count:
        entries = said_many(
            found, "{count} entry along axis 0", "{count} entries along axis 0", count=found
        )
        names = said_many(
            step.count, "{count} name stands", "{count} names stand", count=step.count
        )
        raise ProblemError(
            step.span,
            said(
                "'{text}' has {entries}, and {names} on the left",
                text=step.text,
                entries=entries,
                names=names,
            ),
        )


def _refuse(_values: Resolver, step: Refuse, _frame: Frame) -> None:
    raise ProblemError(step.span, step.message)


def _pack(values: Resolver, step: Pack, frame: Frame) -> None:
    """Gather the values."""
    found: list[Any] = []
    is_mixed = False
    for slot in step.operands:
        value = values.known(frame[slot], slot, step.span)
        if not step.text:
            value = values.read(value, slot, PART, step.span)
        if isinstance(value, Hole):
            frame[step.dest] = value
            return
        is_mixed |= isinstance(value, Node) or value.is_mixed
        found.append(value if isinstance(value, Node) else value.value)
    made = packed(step.kind, found, step.written)
    frame[step.dest] = Static(
        made, step.span, step.text, is_mixed=is_mixed, is_several=step.is_several
    )


def _apply(values: Resolver, step: Apply, frame: Frame) -> None:
    """One more node, or one more number."""
    parents: list[int] = []
    shapes: list[Shape] = []
    for slot in step.operands:
        value = frame[slot]
        if type(value) is not Node:
            _apply_mixed(values, step, frame)
            return
        parents.append(value.id)
        shapes.append(value.shape)
    _append(values, step, frame, tuple(parents), tuple(shapes))


def _apply_mixed(values: Resolver, step: Apply, frame: Frame) -> None:
    """The way with operands that are not all nodes."""
    static: list[Any] = []
    for slot in step.operands:
        value = frame[slot]
        if isinstance(value, Static):
            static.append(value.value)
        elif values.known(value, slot, step.span) is Hole.UNKNOWN:
            frame[step.dest] = Hole.UNKNOWN
            return
    if static and (other := _with_numbers(step, frame)) is not None:
        _apply(values, other, frame)
    elif step.folds and len(static) == len(step.operands):
        _fold(values, step, frame, static)
    else:
        found = _joining(step, frame)
        if found is None:
            nodes = [values.operand(frame[slot], step.span) for slot in step.operands]
        else:
            step, nodes = found
        parents, shapes = tuple([n.id for n in nodes]), tuple([n.shape for n in nodes])
        _append(values, step, frame, parents, shapes)


def _joining(step: Apply, frame: Frame) -> tuple[Apply, list[Node]] | None:
    """What joins a list of arrays, of the several that a call gives; None of anything else."""
    value, family = frame[step.operands[0]], find(step.rule.name).family
    if family is None or step.rule is not family.of_rows:
        return None
    if not (isinstance(value, Static) and value.is_several):
        return None
    nodes: list[Node] = list(value.value)
    if not 0 < len(nodes) <= MOST_MEMBERS:
        return None
    return replace(step, rule=family.of(len(nodes)), measured={}), nodes


def _with_numbers(step: Apply, frame: Frame) -> Apply | None:
    """The same application with those operands static that are numbers and may be; None if none."""
    extras = step.rule.extras
    if extras is None:
        return None
    parameters = {p.name: p for p in extras.of(()).parameters if p.name in extras.names}
    pairs = list(zip(step.rule.operands, step.operands, strict=True))
    numbers = {n for n, slot in pairs if n in parameters and isinstance(frame[slot], Static)}
    if not numbers:
        return None
    static = [Argument(parameters[n], slot, step.span) for n, slot in pairs if n in numbers]
    kept = [(n, slot) for n, slot in pairs if n not in numbers]
    rule = extras.of(tuple(n for n, _ in kept if n in extras.names))
    operands = tuple(slot for _, slot in kept)
    dynamic = (*step.dynamic, *static)
    return replace(step, rule=rule, operands=operands, dynamic=dynamic, measured={})


def _append(
    values: Resolver, step: Apply, frame: Frame, parents: tuple[int, ...], shapes: tuple[Shape, ...]
) -> None:
    rule, params = step.rule, step.params
    if rule.extras is not None and rule.extras.of_conditions is not None:
        rule = _of_conditions(values, step, frame)
    pattern: tuple[Any, ...] = shapes
    if step.dynamic:
        known = _params(values, step, frame)
        if known is None:
            frame[step.dest] = Hole.UNKNOWN
            return
        params, pattern = known, index_pattern(rule, shapes, known)
    found = step.measured.get(pattern)
    if found is None:
        found = values.measure(rule, parents, shapes, params, step.text, step.span)
        if pattern:
            step.measured[pattern] = found
    bound = "" if step.binding is None else step.binding.name
    frame[step.dest] = values.tape.apply(rule, parents, params, found, step.text, step.span, bound)


def _of_conditions(values: Resolver, step: Apply, frame: Frame) -> Rule:
    """The row for an optional operand that is made of conditions, if all that are given are."""
    rule, extras = step.rule, step.rule.extras
    if extras is None or extras.of_conditions is None:
        raise AssertionError("a row is asked for that is not there")
    pairs = zip(rule.operands, step.operands, strict=True)
    given = [(name, frame[slot]) for name, slot in pairs if name in extras.names]
    if not given or not all(values.is_condition(value) for _, value in given):
        return rule
    return extras.of_conditions(tuple(name for name, _ in given))


def _params(values: Resolver, step: Apply, frame: Frame) -> Params | None:
    """All static arguments; None if one is unknown."""
    found = dict(step.params)
    for argument in step.dynamic:
        static = values.static(frame[argument.slot], argument.slot, argument.span)
        if static is None:
            return None
        if isinstance(static.value, list | tuple):
            values.charge(weight(static.value), argument.span)
        found[argument.parameter.name] = checked_argument(step.rule, argument, static.value)
    return MappingProxyType(found)


def _fold(values: Resolver, step: Apply, frame: Frame, operands: list[Any]) -> None:
    params = _params(values, step, frame) if step.dynamic else step.params
    if params is None:
        frame[step.dest] = Hole.UNKNOWN
        return
    result = fold(step.rule.name, operands, params, values.limits)
    if isinstance(result, Node):
        values.assign(frame, step.dest, step.binding, result, step.span)
        return
    is_list = isinstance(result, list | tuple)
    if is_list:
        values.charge(weight(result), step.span)
    is_mixed = is_list and holds_nodes(result)
    static = Static(result, step.span, is_mixed=is_mixed)
    values.assign_static(frame, step.dest, step.binding, static)


EXECUTE: Final[Mapping[type[Instruction], Execute]] = MappingProxyType(
    {
        Apply: _apply,
        Move: _move,
        Pack: _pack,
        Read: _read,
        ReadNumber: _read_number,
        Extent: _extent,
        CheckCount: _check_count,
        Refuse: _refuse,
        Made: make,
    }
)
"""What does the steps of each kind; calls and loops are not among them."""
