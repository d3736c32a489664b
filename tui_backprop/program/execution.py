"""What each step does: it reads slots, writes one, and the tape may grow by a node.

Loops and calls enter other codes, which is the machine's to do.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.dataclass import replace
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
from tui_backprop.program.instructions import (
    Apply,
    Argument,
    CheckCount,
    Extent,
    Move,
    Pack,
    Read,
    ReadNumber,
)
from tui_backprop.program.messages import PART, pairwise_hint
from tui_backprop.program.names import NUMBERS
from tui_backprop.program.source import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.program.constants import Value
    from tui_backprop.program.instructions import Instruction
    from tui_backprop.program.resolve import Resolver
    from tui_backprop.rules.rule import Parameter, Rule
    from tui_backprop.rules.types import Params, Shape

    Frame = list[Value]
    Execute = Callable[[Resolver, Any, Frame], None]


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
    """Pass on what has the right number of entries.

    Raises:
        ProblemError: there are more or fewer than names on the left.
    """
    value = values.known(frame[step.source], step.source, step.span)
    frame[step.dest] = value
    if isinstance(value, Hole):
        return
    found = extent("len", value)
    if found != step.count:
        entries = f"{found} {'entry' if found == 1 else 'entries'} along axis 0"
        names = f"{step.count} {'name stands' if step.count == 1 else 'names stand'}"
        raise ProblemError(step.span, f"'{step.text}' has {entries}, and {names} on the left")


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
    frame[step.dest] = Static(made, step.span, step.text, is_mixed=is_mixed)


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
    if static and step.rule.extras is not None and _has_static_extras(step, frame):
        _apply(values, _with_numbers(step, frame), frame)
    elif step.folds and len(static) == len(step.operands):
        _fold(values, step, frame, static)
    else:
        nodes = [values.operand(frame[slot], step.span) for slot in step.operands]
        parents, shapes = tuple([n.id for n in nodes]), tuple([n.shape for n in nodes])
        _append(values, step, frame, parents, shapes)


def _has_static_extras(step: Apply, frame: Frame) -> bool:
    return any(isinstance(frame[slot], Static) for _, slot in _either(step))


def _either(step: Apply) -> list[tuple[Parameter, int]]:
    """The operands that a number makes static arguments, with their slots."""
    if step.rule.extras is None:
        return []
    parameters = {p.name: p for p in step.rule.extras.of(()).parameters}
    pairs = zip(step.rule.operands, step.operands, strict=True)
    extras = step.rule.extras.names
    return [(parameters[n], slot) for n, slot in pairs if n in extras and n in parameters]


def _with_numbers(step: Apply, frame: Frame) -> Apply:
    """The same application with those of them that are numbers static."""
    numbers = {p.name: (p, slot) for p, slot in _either(step)
               if isinstance(frame[slot], Static)}  # fmt: skip
    kept = [pair for pair in zip(step.rule.operands, step.operands, strict=True)
            if pair[0] not in numbers]  # fmt: skip
    if step.rule.extras is None:
        raise AssertionError("only operands that may be left out can be static arguments")
    rule = step.rule.extras.of(tuple(n for n, _ in kept if n in step.rule.extras.names))
    dynamic = (*step.dynamic, *(Argument(p, slot, step.span) for p, slot in numbers.values()))
    operands = tuple(slot for _, slot in kept)
    return replace(step, rule=rule, operands=operands, dynamic=dynamic, measured={})


def _append(
    values: Resolver, step: Apply, frame: Frame, parents: tuple[int, ...], shapes: tuple[Shape, ...]
) -> None:
    rule, params = step.rule, step.params
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


def _params(values: Resolver, step: Apply, frame: Frame) -> Params | None:
    """All static arguments; None if one is unknown."""
    found = dict(step.params)
    for argument in step.dynamic:
        static = values.static(frame[argument.slot], argument.slot, argument.span)
        if static is None:
            return None
        if isinstance(static.value, list | tuple):
            values.charge(weight(static.value), argument.span)
        try:
            found[argument.parameter.name] = checked(argument.parameter, static.value)
        except ArgumentError as error:
            hint = pairwise_hint(step.rule) if is_number(static.value) else ""
            raise ProblemError(argument.span, str(error), hint) from None
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


_WHOLE: Final = slice(None)


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


EXECUTE: Final[Mapping[type[Instruction], Execute]] = MappingProxyType(
    {
        Apply: _apply,
        Move: _move,
        Pack: _pack,
        Read: _read,
        ReadNumber: _read_number,
        Extent: _extent,
        CheckCount: _check_count,
    }
)
"""What does the steps of each kind; calls and loops are not among them."""
