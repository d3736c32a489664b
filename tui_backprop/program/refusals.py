"""What Python has and a program has not, with what to write instead.

It stands apart as a table: the grammar of programs is what the compiler allows, and each row here
only makes a refusal helpful.
"""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOP: Final = "write for t in range(N):"
_WHERE: Final = "write where(condition, a, b)"
_COMPLETE: Final = "all that a program needs is in the program"

_STATEMENTS: Final[Mapping[type[ast.AST], tuple[str, str]]] = MappingProxyType(
    {
        ast.While: ("'while' is not part of a program", _LOOP),
        ast.AsyncFor: ("'async for' is not part of a program", _LOOP),
        ast.If: ("'if' is not part of a program", _WHERE),
        ast.Match: ("'match' is not part of a program", _WHERE),
        ast.ClassDef: ("'class' is not part of a program", "write def f(a, b): for what repeats"),
        ast.AsyncFunctionDef: ("'async def' is not part of a program", "write def"),
        ast.Import: ("'import' is not part of a program", "functions are there by their names"),
        ast.ImportFrom: ("'import' is not part of a program", "functions are there by their names"),
        ast.Pass: ("'pass' is not part of a program", "leave the line out"),
        ast.Break: ("'break' is not part of a program", "a loop runs through its whole range"),
        ast.Continue: (
            "'continue' is not part of a program",
            "a loop runs through its whole range",
        ),
        ast.Global: ("'global' is not part of a program", "return the value and assign it"),
        ast.Nonlocal: ("'nonlocal' is not part of a program", "return the value and assign it"),
        ast.Delete: ("'del' is not part of a program", "leave the line out"),
        ast.Assert: ("'assert' is not part of a program", "write what holds under 'expect:'"),
        ast.Raise: ("'raise' is not part of a program", ""),
        ast.Try: ("'try' is not part of a program", ""),
        ast.TryStar: ("'try' is not part of a program", ""),
        ast.With: ("'with' is not part of a program", ""),
        ast.AsyncWith: ("'async with' is not part of a program", ""),
        ast.Expr: ("an expression alone has no effect", "give it a name: name = expression"),
        ast.Return: ("'return' stands only at the end of a function", ""),
        ast.AnnAssign: ("types are not declared in a program", "write name = expression"),
    }
)

_EXPRESSIONS: Final[Mapping[type[ast.AST], tuple[str, str]]] = MappingProxyType(
    {
        ast.Lambda: ("'lambda' is not part of a program", "write def f(a, b): on lines before"),
        ast.IfExp: ("'if' is not part of a program", _WHERE),
        ast.ListComp: ("a comprehension is not part of a program", _LOOP),
        ast.SetComp: ("a comprehension is not part of a program", _LOOP),
        ast.DictComp: ("a comprehension is not part of a program", _LOOP),
        ast.GeneratorExp: ("a generator is not part of a program", _LOOP),
        ast.Await: ("'await' is not part of a program", ""),
        ast.Yield: ("'yield' is not part of a program", ""),
        ast.YieldFrom: ("'yield' is not part of a program", ""),
        ast.NamedExpr: ("':=' is not part of a program", "assign on a line before"),
        ast.Dict: ("a dictionary is not part of a program", ""),
        ast.Set: ("a set is not part of a program", ""),
        ast.Starred: ("'*' in front of a value is not part of a program", "write each value"),
        ast.JoinedStr: ("an f-string is not part of a program", ""),
        ast.Slice: ("a slice stands only in an index", ""),
        ast.And: ("'and' is not part of a program", "write a * b of two comparisons"),
        ast.Or: ("'or' is not part of a program", "write maximum(a, b) of two comparisons"),
        ast.Not: ("'not' is not part of a program", "write 1 - a of a comparison"),
        ast.Invert: ("'~' is not part of a program", "write 1 - a of a comparison"),
        ast.BitXor: ("'^' is not part of a program", "a power is written **"),
        ast.BitAnd: ("'&' is not part of a program", "write a * b of two comparisons"),
        ast.BitOr: ("'|' is not part of a program", "write maximum(a, b) of two comparisons"),
        ast.LShift: ("'<<' is not part of a program", ""),
        ast.RShift: ("'>>' is not part of a program", ""),
    }
)


def refused_statement(node: ast.stmt) -> tuple[str, str]:
    """Message and hint for a statement that is not part of a program."""
    return _STATEMENTS.get(type(node), ("this statement is not part of a program", _COMPLETE))


def refused_sign(sign: ast.operator) -> tuple[str, str]:
    """Message and hint for an assignment such as ``h |= x``."""
    message, hint = _EXPRESSIONS[type(sign)]
    return message.replace("' is", "=' is", 1), hint


def refused_expression(node: ast.AST) -> tuple[str, str]:
    """Message and hint for an expression, or an operator, that is not part of a program."""
    return _EXPRESSIONS.get(type(node), ("this is not part of a program", ""))


def refused_target(node: ast.expr) -> tuple[str, str]:
    """Message and hint for what stands left of ``=`` and is no name."""
    if isinstance(node, ast.Tuple | ast.List):
        return "nothing stands between these brackets", "write a, b = x"
    if isinstance(node, ast.Starred):
        return "'*' in front of a name is not part of a program", "write a = x[0], then b = x[1:]"
    if isinstance(node, ast.Subscript):
        return "an entry cannot be assigned: arrays never change", "build a new array"
    return "only a name can be assigned", "write name = expression"
