"""The wording of what is refused of a program's syntax: statements, expressions, targets."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import Said, about, said
from tui_backprop.program.vocabulary.foreign import LOOP

if TYPE_CHECKING:
    from collections.abc import Mapping


def _not_part(code: str) -> str:
    return said("'{code}' is not part of a program", code=code)


_WHERE: Final = said("write where(condition, a, b)")
_COMPLETE: Final = said("all that a program needs is in the program")

_STATEMENTS: Final[Mapping[type[ast.AST], tuple[str, str]]] = MappingProxyType(
    {
        ast.While: (_not_part("while"), LOOP),
        ast.AsyncFor: (_not_part("async for"), LOOP),
        ast.If: (_not_part("if"), _WHERE),
        ast.Match: (_not_part("match"), _WHERE),
        ast.ClassDef: (_not_part("class"), said("write def f(a, b): for what repeats")),
        ast.AsyncFunctionDef: (_not_part("async def"), said("write def")),
        ast.Import: (_not_part("import"), said("functions are there by their names")),
        ast.ImportFrom: (_not_part("import"), said("functions are there by their names")),
        ast.Pass: (_not_part("pass"), said("leave the line out")),
        ast.Break: (_not_part("break"), said("a loop runs through its whole range")),
        ast.Continue: (_not_part("continue"), said("a loop runs through its whole range")),
        ast.Global: (_not_part("global"), said("return the value and assign it")),
        ast.Nonlocal: (_not_part("nonlocal"), said("return the value and assign it")),
        ast.Delete: (_not_part("del"), said("leave the line out")),
        ast.Assert: (_not_part("assert"), said("write what holds under 'expect:'")),
        ast.Raise: (_not_part("raise"), ""),
        ast.Try: (_not_part("try"), ""),
        ast.TryStar: (_not_part("try"), ""),
        ast.With: (_not_part("with"), ""),
        ast.AsyncWith: (_not_part("async with"), ""),
        ast.Expr: (
            said("an expression alone has no effect"),
            said("give it a name: name = expression"),
        ),
        ast.Return: (said("'return' stands only at the end of a function"), ""),
        ast.AnnAssign: (
            said("types are not declared in a program"),
            said("write name = expression"),
        ),
    }
)

_EXPRESSIONS: Final[Mapping[type[ast.AST], tuple[str, str]]] = MappingProxyType(
    {
        ast.Lambda: (_not_part("lambda"), said("write def f(a, b): on lines before")),
        ast.IfExp: (_not_part("if"), _WHERE),
        ast.ListComp: (said("a comprehension is not part of a program"), LOOP),
        ast.SetComp: (said("a comprehension is not part of a program"), LOOP),
        ast.DictComp: (said("a comprehension is not part of a program"), LOOP),
        ast.GeneratorExp: (said("a generator is not part of a program"), LOOP),
        ast.Await: (_not_part("await"), ""),
        ast.Yield: (_not_part("yield"), ""),
        ast.YieldFrom: (_not_part("yield"), ""),
        ast.NamedExpr: (_not_part(":="), said("assign on a line before")),
        ast.Dict: (said("a dictionary is not part of a program"), ""),
        ast.Set: (said("a set is not part of a program"), ""),
        ast.Starred: (
            said("'*' in front of a value is not part of a program"),
            said("write each value"),
        ),
        ast.JoinedStr: (said("an f-string is not part of a program"), ""),
        ast.Slice: (said("a slice stands only in an index"), ""),
        ast.And: (_not_part("and"), said("write a * b of two comparisons")),
        ast.Or: (_not_part("or"), said("write maximum(a, b) of two comparisons")),
        ast.Not: (_not_part("not"), said("write logical_not(a)")),
        ast.BitXor: (_not_part("^"), said("a power is written **")),
        ast.BitAnd: (_not_part("&"), said("write a * b of two comparisons")),
        ast.BitOr: (_not_part("|"), said("write maximum(a, b) of two comparisons")),
        ast.LShift: (_not_part("<<"), ""),
        ast.RShift: (_not_part(">>"), ""),
    }
)


def refused_statement(node: ast.stmt) -> tuple[str, str]:
    """Message and hint for a statement that is not part of a program."""
    return _STATEMENTS.get(type(node), (said("this statement is not part of a program"), _COMPLETE))


def refused_sign(sign: ast.operator) -> tuple[str, str]:
    """Message and hint for an assignment such as ``h |= x``."""
    message, hint = _EXPRESSIONS[type(sign)]
    code = message.values["code"] if isinstance(message, Said) else ""
    return about(message, code=f"{code}="), hint


def refused_expression(node: ast.AST) -> tuple[str, str]:
    """Message and hint for an expression, or an operator, that is not part of a program."""
    return _EXPRESSIONS.get(type(node), (said("this is not part of a program"), ""))


def refused_target(node: ast.expr) -> tuple[str, str]:
    """Message and hint for what stands left of ``=`` and is no name."""
    if isinstance(node, ast.Tuple | ast.List):
        return said("nothing stands between these brackets"), said("write a, b = x")
    if isinstance(node, ast.Starred):
        return said("'*' in front of a name is not part of a program"), said(
            "write a = x[0], then b = x[1:]"
        )
    if isinstance(node, ast.Subscript):
        return said("an entry cannot be assigned: arrays never change"), said("build a new array")
    return said("only a name can be assigned"), said("write name = expression")
