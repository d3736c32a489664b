"""The wording of the problems that are found in a program or while it runs."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.graph.model import Role
from tui_backprop.program.constants import COMPARISONS
from tui_backprop.program.foreign import LOOP
from tui_backprop.program.source import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui_backprop.errors import TuiBackpropError
    from tui_backprop.graph.model import Node, Span
    from tui_backprop.program.instructions import Scope
    from tui_backprop.program.source import Source
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params


INDEX: Final = "an index"
"""How the use of a part of ``x[…]`` is called."""

PART: Final = "an index or a static argument"
"""How the use of a part of an index or of an argument is called."""

PAIRWISE: Final[Mapping[str, str]] = MappingProxyType({"max": "maximum", "min": "minimum"})
"""Op that takes one array → the one of two arrays, which other languages call the same."""

_LONGEST_LABEL: Final = 60

_VERBS: Final[Mapping[str, str]] = MappingProxyType(
    {**dict.fromkeys(COMPARISONS, "compare"), "power": "raise to a power"}
)


def pairwise_hint(rule: Rule, params: Params | None = None) -> str:
    """The hint when ``max(a, b)`` is read as a reduction along axis b: ``maximum`` was meant.

    Where the static arguments are known, a list of axes means axes.
    """
    if rule.name not in PAIRWISE or (params and isinstance(params.get("axis"), tuple)):
        return ""
    return f"of two, arrays or numbers, write {PAIRWISE[rule.name]}(a, b)"


def cannot(rule: Rule, operands: Iterable[Node], error: TuiBackpropError) -> str:
    """``cannot add 'W @ x' of shape (3,) and 'b' of shape (4,): …``."""
    listed = [f"'{_label(node)}' of shape {node.shape}" for node in operands]
    joined = " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)
    return f"cannot {_VERBS.get(rule.name, rule.name)} {joined}: {error}"


def not_static(node: Node, use: str, span: Span) -> ProblemError:
    """An array where only a number will do that is known while the graph is built."""
    op = use.rpartition(" of ")[2].strip("'")
    if op in PAIRWISE:
        message = f"'{_label(node)}' cannot be {use}, which takes one array"
        return ProblemError(span, message, f"of two arrays write {PAIRWISE[op]}(a, b)")
    if node.role is Role.INPUT:
        message = f"the input '{node.name}' cannot be {use}: no gradient flows through it"
        return ProblemError(span, message, "a leaf under 'constants:' can be used")
    if node.op in COMPARISONS and use == INDEX:
        message = f"the condition '{_label(node)}' cannot be {INDEX}: how many entries hold"
        hint = "write where(condition, a, b), or a list of True and False"
        return ProblemError(span, f"{message} depends on numbers", hint)
    message = f"'{_label(node)}' is a computed array and cannot be {use}"
    return ProblemError(span, message, "a number, loop variable, shape or constant can be used")


def not_beforehand(node: Node, use: str, span: Span) -> ProblemError:
    """A value of the walk where only a number will do that is written in the expression."""
    message = f"'{_label(node)}' is a value of the walk and cannot be {use}"
    return ProblemError(span, message, "a number that is written there is wanted, such as 0")


def unassigned(source: Source, scope: Scope, name: str, span: Span) -> ProblemError:
    """A name that is read before it has a value."""
    place = source.find(name, span)
    lines = scope.assigned.get(name, [])
    if not lines and scope.outer is not None:
        lines = scope.outer.assigned.get(name, [])
    later = [line for line in lines if line >= place.line]
    hint = ""
    if later:
        hint = f"it is assigned on line {later[0]} of the program"
    elif lines:
        hint = f"it is assigned on line {lines[-1]} of the program, in a loop without a turn"
    return ProblemError(place, f"'{name}' is used before it is assigned", hint)


def _label(node: Node) -> str:
    text = node.name.partition("@")[0] or node.text
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"


_WHERE: Final = "write where(condition, a, b)"
_COMPLETE: Final = "all that a program needs is in the program"

_STATEMENTS: Final[Mapping[type[ast.AST], tuple[str, str]]] = MappingProxyType(
    {
        ast.While: ("'while' is not part of a program", LOOP),
        ast.AsyncFor: ("'async for' is not part of a program", LOOP),
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
        ast.ListComp: ("a comprehension is not part of a program", LOOP),
        ast.SetComp: ("a comprehension is not part of a program", LOOP),
        ast.DictComp: ("a comprehension is not part of a program", LOOP),
        ast.GeneratorExp: ("a generator is not part of a program", LOOP),
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
