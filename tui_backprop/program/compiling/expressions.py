"""The allow-list of expressions: one function for each kind; any other kind is refused."""

from __future__ import annotations

import ast
import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said
from tui_backprop.program.code.instructions import Argument
from tui_backprop.program.code.uses import INDEX, PAIRWISE
from tui_backprop.program.compiling.arguments import bind, bind_function, bind_rule
from tui_backprop.program.compiling.elsewhere import as_here, method_as_here
from tui_backprop.program.compiling.methods import (
    EXTENTS,
    as_call,
    module_of,
    refused_attribute,
    refused_method,
)
from tui_backprop.program.compiling.operators import visit_binary, visit_compare, visit_unary
from tui_backprop.program.compiling.pairs import (
    check_dim,
    check_method,
    has_part,
    visit_part_of_pair,
)
from tui_backprop.program.compiling.several import (
    method_of_several,
    part_of,
    visit_part,
    visit_several,
)
from tui_backprop.program.compiling.walk import Visit, whole_number
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.program.text.scan import string_problem
from tui_backprop.program.vocabulary.foreign import LOOP, hint_for
from tui_backprop.program.vocabulary.makers import NAMES
from tui_backprop.program.vocabulary.names import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.program.code.instructions import Function
    from tui_backprop.program.compiling.walk import Visitor, Walk
    from tui_backprop.rules.rule import Rule


ARGUMENT: Final = "the argument "
"""How the use of a static argument begins; only there may a word be quoted."""

_ONLY_NAMES: Final = said("only a function can be called, by its name")


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
        message = said("a function cannot call itself: the graph must be finite")
        raise walk.problem(node.func, message)
    if (function := walk.functions.get(name)) is not None:
        return _call_function(walk, function, node, visit)
    if walk.has(name):
        return _call_known(walk, name, node, visit)
    if name == "len":
        return _length(walk, node)
    if name in NAMES:
        return visit_several(walk, node, name)
    return _refused(walk, node, _refuse_name(walk, node.func))


def _call_known(walk: Walk, name: str, node: ast.Call, visit: Visit) -> int | None:
    """A function that no program needs to define."""
    own = walk.own_name(name)
    if own not in walk.rules:
        return _call_function(walk, walk.library[own], node, visit)
    rule = walk.rules[own]
    return _call_rule(walk, rule.variants.get(name, rule), node, visit)


def _refused(walk: Walk, node: ast.Call, unknown: int) -> int | None:
    """Refuse a call; its arguments are still read, as they may have problems of their own."""
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    parts = [Visit(argument) for argument in given if not isinstance(argument, ast.Constant)]
    return walk.after(parts, lambda _slots: unknown)


def _call_method(walk: Walk, node: ast.Call, method: ast.Attribute, visit: Visit) -> int | None:
    is_of_module = bool(module_of(walk, method.value))
    if not is_of_module:
        check_method(walk, method)
        node = method_as_here(walk, node, method)
        method = node.func if isinstance(node.func, ast.Attribute) else method
    call = None if is_of_module else as_call(walk, node, method)
    if call is not None and isinstance(call.func, ast.Name):
        return _call_known(walk, call.func.id, call, visit)
    several = method_of_several(walk, node, method)
    if several is not None and isinstance(several.func, ast.Name):
        return visit_several(walk, several, several.func.id)
    unknown = walk.emitter.refuse(walk.span(method), *refused_method(walk, node, method))
    return _refused(walk, node, unknown)


def _length(walk: Walk, node: ast.Call) -> int | None:
    span = walk.span(node)
    given = bind("len", {"x": True}, node, walk.span)["x"]
    return walk.after((Visit(given),), lambda slots: walk.emitter.extent("len", slots[0], span))


def _call_rule(walk: Walk, rule: Rule, node: ast.Call, visit: Visit) -> int | None:
    check_dim(walk, node, rule.name)
    node = as_here(walk, rule.name, node)
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
    """What an argument is used for; of max and min the op is named, as people may mean maximum."""
    if rule.name in PAIRWISE:
        return said("the argument '{name}' of '{op}'", name=parameter, op=rule.name)
    return said("the argument '{name}'", name=parameter)


def _call_function(walk: Walk, function: Function, node: ast.Call, visit: Visit) -> int | None:
    span = walk.span(node)
    if function.result is None:
        parts = [Visit(argument) for argument in node.args]
        return walk.after(parts, lambda _: walk.emitter.unknown())
    if function.is_composed:
        node = as_here(walk, function.name, node)
    found = bind_function(function, node, walk.span)
    given = [name for name in function.parameters if name in found]

    def make(slots: tuple[int, ...]) -> int:
        by_name = dict(zip(given, slots, strict=True))
        arguments = tuple(
            by_name[name] if name in by_name
            else walk.emitter.literal(function.defaults[name], span)
            for name in function.parameters
        )  # fmt: skip
        result = walk.emitter.call(function, arguments, span, visit.target)
        return walk.emitter.read(result, visit.use, span)

    uses = [said("the argument '{name}'", name=n) if n in function.kinds else "" for n in given]
    parts = [Visit(found[name], use) for name, use in zip(given, uses, strict=True)]
    return walk.after(parts, make)


def _refuse_name(walk: Walk, node: ast.Name) -> int:
    span, source = walk.span(node), walk.emitter.source
    if walk.emitter.problems.is_full:
        return walk.emitter.unknown()
    if node.id == "range":
        return walk.emitter.refuse(span, said("'range' stands only in the head of a loop"), LOOP)
    if (line := source.line_of_definition(node.id)) is not None:
        message = said("'{id}' is called before it is defined", id=node.id)
        return walk.emitter.refuse(
            span, message, said("it is defined on line {line} of the program", line=line)
        )
    return walk.emitter.refuse(span, *hint_for(node.id, [*walk.names(), *NAMES]))


def _constant(walk: Walk, node: ast.Constant, visit: Visit) -> int:
    span, source = walk.span(node), walk.emitter.source
    if isinstance(node.value, str) and not visit.use.startswith(ARGUMENT):
        raise ProblemError(span, *string_problem())
    if isinstance(node.value, float) and math.isinf(node.value):
        raise ProblemError(span, said("this number is too large for a float64"))
    return walk.emitter.literal(node.value, span, source.snippet(*walk.place(node)))


def _name(walk: Walk, node: ast.Name, visit: Visit) -> int:
    scope = walk.emitter.scope
    is_number = node.id in NUMBERS and not scope.fixes(node.id)
    if is_number and node.id not in walk.rebound:
        return walk.emitter.literal(NUMBERS[node.id], walk.span(node), node.id)
    slot = scope.slots.get(node.id)
    if slot is None:
        slot = scope.read(node.id, walk.span(node))
    if is_number:
        slot = walk.emitter.number(slot, node.id, walk.span(node))
    return walk.emitter.read(slot, visit.use, walk.span(node)) if visit.use else slot


def _attribute(walk: Walk, node: ast.Attribute, visit: Visit) -> int | None:
    span = walk.span(node)
    if module_of(walk, node.value):
        return walk.emitter.refuse(span, *refused_attribute(walk, node))
    if node.attr in EXTENTS:
        what = node.attr
        return walk.after(
            (Visit(node.value),), lambda slots: walk.emitter.extent(what, slots[0], span)
        )
    if node.attr == "T":
        make = walk.op("transpose", walk.place(node), visit.target)
        return walk.after((Visit(node.value),), make)
    if isinstance(node.value, ast.Call) and (op := part_of(walk, node.value, node.attr)):
        return visit_part(walk, node.value, op, node)
    if has_part(walk, node.value, node.attr):
        return visit_part_of_pair(walk, node.value, node.attr, node)
    return walk.emitter.refuse(span, *refused_attribute(walk, node))


def _sequence(walk: Walk, node: ast.List | ast.Tuple, visit: Visit) -> int | None:
    """A list or tuple; where an array will do, its parts may be arrays, which are stacked."""
    kind, span = type(node).__name__.lower(), walk.span(node)
    text = walk.emitter.source.snippet(*walk.place(node))
    numbers = [part.value for part in node.elts if isinstance(part, ast.Constant)]
    if len(numbers) == len(node.elts) and not any(isinstance(n, str) for n in numbers):
        return walk.emitter.literal(numbers if kind == "list" else tuple(numbers), span, text)
    parts = [Visit(part, visit.use) for part in node.elts]
    lists = (n for n, part in enumerate(node.elts) if isinstance(part, ast.List | ast.Tuple))
    written, text = frozenset(lists), "" if visit.use else text
    return walk.after(parts, lambda slots: walk.emitter.pack(kind, slots, span, written, text))


def _slice(walk: Walk, node: ast.Slice, visit: Visit) -> int | None:
    span = walk.span(node)
    bounds = (node.lower, node.upper, node.step)
    given = [number for number, bound in enumerate(bounds) if bound is not None]

    def make(slots: tuple[int, ...]) -> int:
        by_number = dict(zip(given, slots, strict=True))
        nothing = walk.emitter.literal(None, span)
        parts = tuple(by_number.get(number, nothing) for number in range(3))
        return walk.emitter.pack("slice", parts, span)

    return walk.after([Visit(bound, visit.use) for bound in bounds if bound is not None], make)


def _subscript(walk: Walk, node: ast.Subscript, visit: Visit) -> int | None:
    number = whole_number(node.slice)
    op = "" if number is None else part_of(walk, node.value, number)
    if op and isinstance(node.value, ast.Call):
        return visit_part(walk, node.value, op, node)
    if number is not None and has_part(walk, node.value, number):
        return visit_part_of_pair(walk, node.value, number, node)
    rule, key_span, place = walk.rules["index"], walk.span(node.slice), walk.place(node)
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]

    def make(slots: tuple[int, ...]) -> int:
        key = walk.emitter.pack("index", slots[1:], key_span)
        arguments = (Argument(rule.parameters[0], key, key_span),)
        return walk.emitter.apply(rule, slots[:1], arguments, place, visit.target)

    return walk.after([Visit(node.value, visit.use), *(Visit(i, INDEX) for i in items)], make)


VISITORS: Final[Mapping[type[ast.AST], Visitor]] = MappingProxyType(
    {
        ast.Constant: _constant,
        ast.Name: _name,
        ast.BinOp: visit_binary,
        ast.UnaryOp: visit_unary,
        ast.BoolOp: lambda walk, node, _visit: walk.refuse(node, node.op),
        ast.Compare: visit_compare,
        ast.Attribute: _attribute,
        ast.List: _sequence,
        ast.Tuple: _sequence,
        ast.Slice: _slice,
        ast.Subscript: _subscript,
        ast.Call: visit_call,
    }
)
"""The kinds of expressions that a program has."""
