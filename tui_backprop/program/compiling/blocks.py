"""What a loop and a definition say of themselves: the range, the parameters, what is returned."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said
from tui_backprop.program.compiling.refusals import refused_statement
from tui_backprop.program.text.syntax import statements_within
from tui_backprop.program.vocabulary.foreign import LOOP
from tui_backprop.program.vocabulary.names import name_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.program.compiling.walk import Walk


def range_bounds(walk: Walk, node: ast.For) -> tuple[int, int, int]:
    """The slots of a loop's start, stop and step; what is no range is refused."""
    call = node.iter
    if node.orelse:
        raise walk.problem(node.orelse[0], said("a loop has no 'else'"))
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
        hint = said("write for t in range(x.shape[0]): and x[t]")
        raise walk.problem(call, said("a loop runs over a range of whole numbers"), hint)
    if call.func.id != "range":
        raise walk.problem(call, said("a loop runs over a range of whole numbers"), LOOP)
    if call.keywords or not 1 <= len(call.args) <= 3:
        hint = said("write range(start, stop, step)")
        raise walk.problem(call, said("range takes one to three whole numbers"), hint)
    given = [walk.compile(argument, said("the bound of a loop")) for argument in call.args]
    span = walk.span(call)
    start = given[0] if len(given) > 1 else walk.emitter.literal(0, span)
    step = given[2] if len(given) > 2 else walk.emitter.literal(1, span)
    return start, given[min(1, len(given) - 1)], step


_GIVE_ALL: Final = said("give every argument in the call")


def checked_parameters(walk: Walk, node: ast.FunctionDef) -> tuple[str, ...]:
    """The names of a definition's parameters, which are plain and can be bound."""
    if node.decorator_list:
        raise walk.problem(
            node.decorator_list[0], said("'@' in front of a definition has no meaning")
        )
    arguments = node.args
    for default in (*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)):
        raise walk.problem(default, said("a parameter has no default"), _GIVE_ALL)
    for starred in (arguments.vararg, arguments.kwarg, *arguments.kwonlyargs):
        if starred is not None:
            raise walk.problem(
                starred, said("'*' in a definition is not part of a program"), _GIVE_ALL
            )
    found: dict[str, None] = {}
    for argument in (*arguments.posonlyargs, *arguments.args):
        problem = name_problem(argument.arg)
        if argument.annotation is not None:
            problem = said("types are not declared in a program")
        elif argument.arg in found:
            problem = said("the parameter '{arg}' stands here twice", arg=argument.arg)
        if problem:
            raise walk.problem(argument, problem)
        found[argument.arg] = None
    return tuple(found)


def checked_body(walk: Walk, node: ast.FunctionDef) -> tuple[Sequence[ast.stmt], ast.expr]:
    """The statements of a definition and what it returns at its end, once and one value."""
    *body, last = node.body
    for statement in statements_within(body):
        if isinstance(statement, ast.Return):
            raise walk.problem(statement, *refused_statement(statement))
    if not isinstance(last, ast.Return) or last.value is None:
        raise walk.problem(
            last, said("a function ends with a return"), said("write return expression")
        )
    return body, last.value
