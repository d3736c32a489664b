"""The wording of the problems that are found in a program or while it runs."""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.graph.model import Role
from tui_backprop.language.message import Said, about, all_of, joined, said
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


INDEX: Final = said("an index")
"""How the use of a part of ``x[…]`` is called."""

PART: Final = said("an index or a static argument")
"""How the use of a part of an index or of an argument is called."""

PAIRWISE: Final[Mapping[str, str]] = MappingProxyType({"max": "maximum", "min": "minimum"})
"""Op that takes one array → the one of two arrays, which other languages call the same."""

_LONGEST_LABEL: Final = 60

_VERBS: Final[Mapping[str, str]] = MappingProxyType(
    {**dict.fromkeys(COMPARISONS, said("compare")), "power": said("raise to a power")}
)


def pairwise_hint(rule: Rule, params: Params | None = None) -> str:
    """The hint when ``max(a, b)`` is read as a reduction along axis b: ``maximum`` was meant.

    Where the static arguments are known, a list of axes means axes.
    """
    if rule.name not in PAIRWISE or (params and isinstance(params.get("axis"), tuple)):
        return ""
    return said("of two, arrays or numbers, write {code}", code=f"{PAIRWISE[rule.name]}(a, b)")


def cannot(rule: Rule, operands: Iterable[Node], error: TuiBackpropError) -> str:
    """``cannot add 'W @ x' of shape (3,) and 'b' of shape (4,): …``."""
    listed = [
        said("'{name}' of shape {shape}", name=_label(node), shape=node.shape) for node in operands
    ]
    several = [joined(", ", listed[:-1]), listed[-1]] if len(listed) > 1 else listed
    verb = _VERBS.get(rule.name, rule.name)
    return said("cannot {do} {operands}: {why}", do=verb, operands=all_of(several), why=str(error))


_PLACES: Final = frozenset({"argsort", "argmax", "argmin"})
"""The ops whose values are places."""


def not_static(node: Node, use: str, span: Span) -> ProblemError:
    """An array where only a number will do that is known while the graph is built."""
    op = use.rpartition(" of ")[2].strip("'")
    if op in PAIRWISE:
        message = said(
            "'{node}' cannot be {use}, which takes one array", node=_label(node), use=use
        )
        return ProblemError(
            span, message, said("of two arrays write {code}", code=f"{PAIRWISE[op]}(a, b)")
        )
    if node.role is Role.INPUT:
        message = said(
            "the input '{name}' cannot be {use}: no gradient flows through it",
            name=node.name,
            use=use,
        )
        return ProblemError(span, message, said("a leaf under 'constants:' can be used"))
    if node.op in COMPARISONS and use == INDEX:
        message = said(
            "the condition '{node}' cannot be {index}: how many entries hold depends on numbers",
            node=_label(node),
            index=INDEX,
        )
        hint = said("write where(condition, a, b), or a list of True and False")
        return ProblemError(span, message, hint)
    message = said("'{node}' is a computed array and cannot be {use}", node=_label(node), use=use)
    hint = said("a number, loop variable, shape or constant can be used")
    if node.op in _PLACES:
        code = f"take(x, {_label(node)}, axis=0)"
        hint = said("write {code}: there the places may be computed", code=code)
    return ProblemError(span, message, hint)


def not_beforehand(node: Node, use: str, span: Span) -> ProblemError:
    """A value of the walk where only a number will do that is written in the expression."""
    message = said(
        "'{node}' is a value of the walk and cannot be {use}", node=_label(node), use=use
    )
    return ProblemError(span, message, said("a number that is written there is wanted, such as 0"))


def unassigned(source: Source, scope: Scope, name: str, span: Span) -> ProblemError:
    """A name that is read before it has a value."""
    place = source.find(name, span)
    lines = scope.assigned.get(name, [])
    if not lines and scope.outer is not None:
        lines = scope.outer.assigned.get(name, [])
    later = [line for line in lines if line >= place.line]
    hint = ""
    if later:
        hint = said("it is assigned on line {later} of the program", later=later[0])
    elif lines:
        hint = said(
            "it is assigned on line {lines} of the program, in a loop without a turn",
            lines=lines[-1],
        )
    return ProblemError(place, said("'{name}' is used before it is assigned", name=name), hint)


def _label(node: Node) -> str:
    text = node.name.partition("@")[0] or node.text
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"


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
        ast.Not: (_not_part("not"), said("write 1 - a of a comparison")),
        ast.Invert: (_not_part("~"), said("write 1 - a of a comparison")),
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


def several_refused(text: str, count: int) -> tuple[str, str]:
    """Message and hint where several arrays stand for one."""
    names = joined(", ", [chr(ord("a") + k % 26) for k in range(min(count, 3))])
    return said("'{text}' gives {count} arrays", text=text, count=count), said(
        "take one of them, as {one}, or give each a name: {code}",
        one=f"{text}[0]", code=f"{names} = {text}",
    )  # fmt: skip
