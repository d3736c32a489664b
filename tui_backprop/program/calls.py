"""Calls: of an op by the table, or of a definition of the program.

They stand apart from the other expressions because a call alone has arguments that are static and
arguments that are arrays.
"""

from __future__ import annotations

import ast
from itertools import chain
from typing import TYPE_CHECKING, Final

from tui_backprop.program.apply import Argument
from tui_backprop.program.arguments import bind, bind_rule
from tui_backprop.program.foreign import hint_for
from tui_backprop.program.messages import PAIRWISE
from tui_backprop.program.methods import as_call, module_of, refused_method
from tui_backprop.program.source import ProblemError
from tui_backprop.program.walk import Visit

if TYPE_CHECKING:
    from tui_backprop.program.scope import Function
    from tui_backprop.program.walk import Walk
    from tui_backprop.rules.rule import Rule


ARGUMENT: Final = "the argument "
"""How the use of a static argument begins; only there may a word be quoted."""

_ONLY_NAMES: Final = "only a function can be called, by its name"


def visit_call(walk: Walk, node: ast.Call, visit: Visit) -> int | None:
    """A call; one that cannot be made is refused, and its arguments are read for their problems.

    Raises:
        ProblemError: its arguments do not fit, or a function calls itself.
    """
    if isinstance(node.func, ast.Attribute):
        return _call_method(walk, node, node.func, visit)
    if not isinstance(node.func, ast.Name):
        return walk.emitter.refuse(walk.span(node.func), _ONLY_NAMES)
    name = node.func.id
    if name == walk.defining:
        message = "a function cannot call itself: the graph must be finite"
        raise ProblemError(walk.span(node.func), message)
    if (function := walk.functions.get(name)) is not None:
        return _call_function(walk, function, node, visit)
    if (rule := walk.rules.get(name)) is not None:
        return _call_rule(walk, rule, node, visit)
    if name == "len":
        return _length(walk, node)
    return _refused(walk, node, _refuse_name(walk, node.func))


def _refused(walk: Walk, node: ast.Call, unknown: int) -> int | None:
    """What stands for a call that cannot be made; its arguments may have problems of their own."""
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    parts = [Visit(argument) for argument in given if not isinstance(argument, ast.Constant)]
    return walk.after(parts, lambda _slots: unknown)


def _call_method(walk: Walk, node: ast.Call, method: ast.Attribute, visit: Visit) -> int | None:
    is_of_module = bool(module_of(walk, method.value))
    call = None if is_of_module else as_call(walk, node, method)
    if call is not None and isinstance(call.func, ast.Name):
        return _call_rule(walk, walk.rules[call.func.id], call, visit)
    unknown = walk.emitter.refuse(walk.span(method), *refused_method(walk, node, method))
    return _refused(walk, node, unknown)


def _length(walk: Walk, node: ast.Call) -> int | None:
    span = walk.span(node)
    given = bind("len", {"x": True}, node, walk.span)["x"]
    return walk.after((Visit(given),), lambda slots: walk.emitter.extent("len", slots[0], span))


def _call_rule(walk: Walk, rule: Rule, node: ast.Call, visit: Visit) -> int | None:
    rule, found = bind_rule(rule, node, walk.span)
    place, count = walk.place(node), len(rule.operands)
    static = [(p, walk.span(found[p.name])) for p in rule.parameters if p.name in found]

    def make(slots: tuple[int, ...]) -> int:
        given = zip(static, slots[count:], strict=True)
        arguments = [Argument(parameter, slot, span) for (parameter, span), slot in given]
        return walk.emitter.apply(rule, slots[:count], arguments, place, visit.target)

    operands = [Visit(found[operand]) for operand in rule.operands]
    uses = [Visit(found[p.name], _use(rule, p.name)) for p, _ in static]
    return walk.after([*operands, *uses], make)


def _use(rule: Rule, parameter: str) -> str:
    """What an argument is for; of the largest it names the op, of which people mean another."""
    use = f"{ARGUMENT}'{parameter}'"
    return f"{use} of '{rule.name}'" if rule.name in PAIRWISE else use


def _call_function(walk: Walk, function: Function, node: ast.Call, visit: Visit) -> int | None:
    span = walk.span(node)
    if function.result is None:
        given = [Visit(argument) for argument in node.args]
        return walk.after(given, lambda _: walk.emitter.unknown())
    wanted = function.parameters
    found = bind(function.name, dict.fromkeys(wanted, True), node, walk.span)

    def make(slots: tuple[int, ...]) -> int:
        result = walk.emitter.call(function, slots, span, visit.target)
        return walk.emitter.read(result, visit.use, span)

    return walk.after([Visit(found[name]) for name in wanted], make)


def _refuse_name(walk: Walk, node: ast.Name) -> int:
    span, source = walk.span(node), walk.emitter.source
    if walk.emitter.problems.is_full:
        return walk.emitter.unknown()
    if node.id == "range":
        hint = "write for t in range(N):"
        return walk.emitter.refuse(span, "'range' stands only in the head of a loop", hint)
    if (line := source.line_of_definition(node.id)) is not None:
        message = f"'{node.id}' is called before it is defined"
        return walk.emitter.refuse(span, message, f"it is defined on line {line} of the program")
    return walk.emitter.refuse(span, *hint_for(node.id, chain(walk.functions, walk.rules)))
