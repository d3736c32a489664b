"""The wording of the problems that are found while a program runs."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.graph.model import Role
from tui_backprop.language.message import Said, about, all_of, joined, said
from tui_backprop.program.code.constants import text_of
from tui_backprop.program.code.folding import COMPARISONS
from tui_backprop.program.code.uses import INDEX, PAIRWISE
from tui_backprop.program.text.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui_backprop.errors import TuiBackpropError
    from tui_backprop.graph.model import Node, Span
    from tui_backprop.program.code.scope import Scope
    from tui_backprop.program.text.source import Source
    from tui_backprop.rules.rule import Rule

_LONGEST_LABEL: Final = 60

_VERBS: Final[Mapping[str, str]] = MappingProxyType(
    {**dict.fromkeys(COMPARISONS, said("compare")), "power": said("raise to a power")}
)


def cannot(rule: Rule, operands: Iterable[Node], error: TuiBackpropError, within: str = "") -> str:
    """``cannot add 'W @ x' of shape (3,) and 'b' of shape (4,): …``.

    Where the error names its op, the composed op ``within`` which it happens is named instead.
    """
    why, do = error.args[0] if error.args else str(error), _VERBS.get(rule.name, rule.name)
    if within and isinstance(why, Said) and why.values.get("name") == rule.name:
        why, do = about(why, **{**why.values, "name": within}), within
    listed = [
        said("'{name}' of shape {shape}", name=_label(node), shape=node.shape) for node in operands
    ]
    several = [joined(", ", listed[:-1]), listed[-1]] if len(listed) > 1 else listed
    return said("cannot {do} {operands}: {why}", do=do, operands=all_of(several), why=str(why))


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
    text = text_of(node)
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"


def several_refused(text: str, count: int) -> tuple[str, str]:
    """Message and hint where several arrays stand for one."""
    names = joined(", ", [chr(ord("a") + k % 26) for k in range(min(count, 3))])
    return said("'{text}' gives {count} arrays", text=text, count=count), said(
        "take one of them, as {one}, or give each a name: {code}",
        one=f"{text}[0]", code=f"{names} = {text}",
    )  # fmt: skip
