"""Turns of a loop that only apply ops: from the second on they are made all at once.

Where the shapes at the end of a turn are those at its start, each turn puts the same ops on the
tape, and their operands are nodes from outside, of the same turn, or of the turn before. So node
``k`` of a turn stands as far behind node ``k`` of the turn before as a turn has nodes, and whole
columns of nodes are made without running an instruction.
"""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from tui_backprop.graph.model import NO_PARAMS, Node, Role
from tui_backprop.program.code.constants import Static, as_operand
from tui_backprop.program.code.instructions import Apply
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.graph.model import Span
    from tui_backprop.program.code.constants import Value
    from tui_backprop.program.code.instructions import Loop
    from tui_backprop.program.running.resolve import Resolver
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Params, Shape

Thing = TypeVar("Thing")

TURNS: Final = 1024
"""That are made together, between two reports of progress."""


class _Column(NamedTuple):
    """The nodes that one place of a body puts on the tape, turn by turn.

    Attributes:
        parents: for each operand the id of a node, where it is one from outside the body; else the
            number of the column it is in, and whether it is of the turn before.
        name: what its node is bound to in each turn; may be empty.
        dest: the slot of its node; −1 for that of a number, which none has.
    """

    parents: tuple[int | tuple[int, bool], ...]
    role: Role
    name: str
    text: str
    shape: Shape
    rule: Rule | None
    params: Params
    span: Span
    literal: float | Array | None
    dest: int


class Repeating:
    """What each turn of a loop does from now on."""

    def __init__(self, columns: list[_Column], elements: int, multiplications: int) -> None:
        self._columns = columns
        self._elements = elements
        self._multiplications = multiplications

    def fits(self, values: Resolver, turns: int) -> bool:
        """Whether so many turns stay within the limits; which one they exceed is not said."""
        tape, limits = values.tape, values.limits
        return (
            len(tape.nodes) + turns * len(self._columns) <= limits.nodes
            and tape.elements + turns * self._elements <= limits.total_elements
            and tape.multiplications + turns * self._multiplications <= limits.multiplications
        )

    def run(self, values: Resolver, frame: list[Value], turns: int) -> None:
        """Put the nodes of so many turns on the tape, at least one."""
        tape, columns = values.tape, self._columns
        first, width = len(tape.nodes), len(columns)
        before = self._turn_before(frame)
        ids = [*range(first, first + turns * width)]
        tape.nodes += ids  # room, to be filled column by column
        bound = [column.name for column in columns if column.name]
        named: list[tuple[Sequence[str], list[int]]] = []
        for k, column in enumerate(columns):
            own = ids[k::width]
            names = self._names(values, bound, k, turns)
            parents = [_ids(ids, width, parent, before, turns) for parent in column.parents]
            tape.nodes[first + k :: width] = made = list(map(
                Node, own, repeat(column.role), names, repeat(column.text),
                zip(*parents, strict=True) if parents else repeat(()),
                repeat(column.shape), repeat(column.rule), repeat(column.params),
                repeat(column.span), repeat(column.literal), repeat(""), repeat(()),
            ))  # fmt: skip
            if column.name:
                tape.last[column.name] = made[-1]
                named.append((names, own))
            if column.dest >= 0:
                frame[column.dest] = made[-1]
        if named:  # turn by turn, as they are bound one by one
            texts, numbers = zip(*named, strict=True)
            tape.take_names(_in_turns(texts), _in_turns(numbers))
        for name in {*bound}:
            tape.versions[name] += turns * bound.count(name)
        tape.elements += turns * self._elements
        tape.multiplications += turns * self._multiplications

    def _turn_before(self, frame: list[Value]) -> dict[int, int]:
        """By column, the id of its node in the turn that was made last, where a slot has it."""
        found: dict[int, int] = {}
        for k, column in enumerate(self._columns):
            node = frame[column.dest] if column.dest >= 0 else None
            if isinstance(node, Node):
                found[k] = node.id
        return found

    def _names(self, values: Resolver, bound: list[str], place: int, turns: int) -> Sequence[str]:
        """What the nodes of a column are called, turn by turn."""
        name = self._columns[place].name
        if not name:
            return [""] * turns
        stride = bound.count(name)
        earlier = [column.name for column in self._columns[:place]].count(name)
        start = values.tape.versions[name] + earlier + 1
        return [f"{name}@{version}" for version in range(start, start + turns * stride, stride)]


def _ids(
    ids: list[int], width: int, parent: int | tuple[int, bool], before: dict[int, int], turns: int
) -> Iterator[int] | list[int]:
    """The ids of one operand, turn by turn."""
    if isinstance(parent, int):
        return [parent] * turns
    place, is_earlier = parent
    column = ids[place::width]
    return [before[place], *column[:-1]] if is_earlier else column


def _in_turns(columns: Sequence[Sequence[Thing]]) -> Iterator[Thing]:
    """The first of each column, then the second of each, and so on."""
    return chain.from_iterable(zip(*columns, strict=True))


def only_applies(loop: Loop) -> bool:
    """Whether a body only applies ops to what is no static argument, and no counter."""
    return all(
        isinstance(step, Apply)
        and not step.dynamic
        and step.rule.extras is None
        and not step.rule.variants
        and not _takes_lists(step.rule)
        and loop.dest not in step.operands
        for step in loop.body.instructions
    )


def _takes_lists(rule: Rule) -> bool:
    family = RULES[rule.name].family if rule.name in RULES else rule.family
    return family is not None and rule is family.of_rows


class _Differs(Exception):  # noqa: N818 - no error: turns are run one by one
    """Turns may differ."""


def repeating(loop: Loop, frame: list[Value]) -> Repeating | None:
    """What every turn does that follows one that has run; None where turns may differ.

    ``loop`` `only_applies`.
    """
    try:
        return _Body(loop, frame).repeating()
    except _Differs:
        return None


class _Body:
    """A body gone through once, with the values that a turn left.

    Attributes:
        columns: what its ops and numbers put on the tape; operands of the turn before are named by
            their slots.
        places: slot → the column that writes it, so far.
    """

    def __init__(self, loop: Loop, frame: list[Value]) -> None:
        self._steps = [step for step in loop.body.instructions if isinstance(step, Apply)]
        self._frame = frame
        self._written = {step.dest for step in self._steps}
        self._shapes: dict[int, Shape] = {}
        self.columns: list[_Column] = []
        self.places: dict[int, int] = {}

    def repeating(self) -> Repeating:
        """All of it, if the next turn finds the shapes that this one found."""
        sums = [self._applied(step) for step in self._steps]
        for slot in self._written:
            value = self._frame[slot]
            if not isinstance(value, Node) or value.shape != self._shapes[slot]:
                raise _Differs
        columns = [self._linked(column) for column in self.columns]
        numbers = sum(column.rule is None for column in columns)
        return Repeating(columns, numbers + sum(size for size, _ in sums), sum(c for _, c in sums))

    def _applied(self, step: Apply) -> tuple[int, int]:
        """Add the column of an op, after those of its numbers; its elements and multiplications."""
        read = [self._operand(slot) for slot in step.operands]
        measured = step.measured.get(tuple([shape for _, shape in read]))
        if measured is None or not any(isinstance(self._frame[s], Node) for s in step.operands):
            raise _Differs
        shape, size, cost = measured
        name = "" if step.binding is None else step.binding.name
        self.places[step.dest], self._shapes[step.dest] = len(self.columns), shape
        self.columns.append(_Column(
            tuple([parent for parent, _ in read]), Role.OP, name, step.text, shape, step.rule,
            step.params, step.span, None, step.dest,
        ))  # fmt: skip
        return size, cost

    def _operand(self, slot: int) -> tuple[int | tuple[int, bool], Shape]:
        """What an operand is in each turn, and its shape."""
        value = self._frame[slot]
        if isinstance(value, Node):
            if slot in self.places:
                return (self.places[slot], False), self._shapes[slot]
            return ((slot, True) if slot in self._written else value.id), value.shape
        if not isinstance(value, Static) or value.is_several:
            raise _Differs
        if value.node is not None:
            return value.node.id, value.node.shape
        if not value.is_number or value.is_shared:
            raise _Differs
        self.columns.append(_number(value))
        return (len(self.columns) - 1, False), ()

    def _linked(self, column: _Column) -> _Column:
        """A column whose operands of the turn before are named by their columns."""
        parents = [
            (self.places[parent[0]], True) if isinstance(parent, tuple) and parent[1] else parent
            for parent in column.parents
        ]
        return column._replace(parents=tuple(parents))


def _number(static: Static) -> _Column:
    """The node of a number that stands in the program: each use of it has its own."""
    literal = as_operand(static.value)
    return _Column(
        (), Role.CONSTANT, "", static.text, (), None, NO_PARAMS, static.span, literal, -1
    )
