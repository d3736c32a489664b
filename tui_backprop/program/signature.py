"""The form of a definition: plain parameters, local assignments and loops, one final return.

It stands apart because a definition is inlined: what Python allows beyond this form has no meaning
in a graph.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tui_backprop.program.names import name_problem
from tui_backprop.program.source import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.program.walk import Walk

_GIVE_ALL: Final = "give every argument in the call"


def checked_parameters(walk: Walk, node: ast.FunctionDef) -> tuple[str, ...]:
    """The names of a definition's parameters.

    Raises:
        ProblemError: a name cannot be bound, or the definition has more than plain parameters.
    """
    if node.decorator_list:
        raise ProblemError(
            walk.span(node.decorator_list[0]), "'@' in front of a definition has no meaning"
        )
    arguments = node.args
    for default in (*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)):
        raise ProblemError(walk.span(default), "a parameter has no default", _GIVE_ALL)
    for starred in (arguments.vararg, arguments.kwarg, *arguments.kwonlyargs):
        if starred is not None:
            raise ProblemError(
                walk.span(starred), "'*' in a definition is not part of a program", _GIVE_ALL
            )
    found: dict[str, None] = {}
    for argument in (*arguments.posonlyargs, *arguments.args):
        problem = name_problem(argument.arg)
        if argument.annotation is not None:
            problem = "types are not declared in a program"
        elif argument.arg in found:
            problem = f"the parameter '{argument.arg}' stands here twice"
        if problem:
            raise ProblemError(walk.span(argument), problem)
        found[argument.arg] = None
    return tuple(found)


def checked_body(walk: Walk, node: ast.FunctionDef) -> tuple[Sequence[ast.stmt], ast.expr]:
    """The statements of a definition and what it returns.

    Raises:
        ProblemError: it does not end with the one return of one value.
    """
    *body, last = node.body
    for statement in statements_within(body):
        if isinstance(statement, ast.Return):
            message = "'return' stands only at the end of a function"
            raise ProblemError(walk.span(statement), message)
    if not isinstance(last, ast.Return) or last.value is None:
        raise ProblemError(
            walk.span(last), "a function ends with a return", "write return expression"
        )
    return body, last.value


def statements_within(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of the loops in it."""
    todo = list(body)
    while todo:
        statement = todo.pop()
        yield statement
        if isinstance(statement, ast.For):
            todo += statement.body


def names_bound(body: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that a definition's body assigns: its own, as in Python."""
    for statement in statements_within(body):
        yield from names_stored(statement)


def names_stored(statement: ast.stmt) -> set[str]:
    """Every name that a statement assigns anywhere; those within a definition are its own."""
    if isinstance(statement, ast.FunctionDef):
        return set()
    names = (n for n in ast.walk(statement) if isinstance(n, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def functions_defined(statement: ast.stmt) -> set[str]:
    """The names of the definitions that a statement is or holds."""
    return {n.name for n in ast.walk(statement) if isinstance(n, ast.FunctionDef)}
