"""Applying an op: to nodes, which gives one node more, or to numbers, which may give a number."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.dataclass import replace
from tui_backprop.graph.model import Node
from tui_backprop.program.code.constants import Hole, Static, holds_nodes
from tui_backprop.program.code.folding import fold
from tui_backprop.program.code.instructions import Apply, Argument
from tui_backprop.program.code.uses import checked_argument
from tui_backprop.rules import find
from tui_backprop.rules.rule import MOST_MEMBERS

if TYPE_CHECKING:
    from tui_backprop.program.code.constants import Value
    from tui_backprop.program.running.resolve import Resolver
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params, Shape

    Frame = list[Value]


def apply(values: Resolver, step: Apply, frame: Frame) -> None:
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
        apply(values, other, frame)
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
        params, pattern = known, _index_pattern(rule, shapes, known)
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
            values.charge(_weight(static.value), argument.span)
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
        values.charge(_weight(result), step.span)
    is_mixed = is_list and holds_nodes(result)
    static = Static(result, step.span, is_mixed=is_mixed)
    values.assign_static(frame, step.dest, step.binding, static)


_WHOLE: Final = slice(None)


def _index_pattern(rule: Rule, shapes: tuple[Shape, ...], params: Params) -> tuple[Any, ...]:
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


def _weight(value: Any) -> int:
    """How many entries the lists within an argument have: what it costs to look at it."""
    if not isinstance(value, list | tuple):
        return 0
    return len(value) + sum(_weight(part) for part in value if isinstance(part, list | tuple))
