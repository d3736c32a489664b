"""Which argument of a call is which operand or parameter, as NumPy binds them.

It stands apart from expressions because it is a matter of signatures: operands first, then the
static parameters, each by position or by name.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tui_backprop.graph.program.names import nearest
from tui_backprop.graph.program.source import Fault
from tui_backprop.graph.program.static import shown
from tui_backprop.rules.rule import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.graph.model import Span
    from tui_backprop.rules.rule import Rule

    Place = Callable[[ast.expr | ast.keyword], Span]


def bind(
    name: str, wanted: Sequence[str], needed: Sequence[str], call: ast.Call, place: Place
) -> dict[str, ast.expr]:
    """The arguments of a call by name.

    Args:
        name: the function's.
        wanted: names of its arguments, in order.
        needed: those without a default.
        call: the call.
        place: gives the span of a part of it.

    Raises:
        Fault: too many, too few, an unknown one, one given twice, or ``*`` and ``**``.
    """
    found: dict[str, ast.expr] = {}
    for number, given in enumerate(call.args):
        if isinstance(given, ast.Starred):
            raise Fault(place(given), "'*' in a call is not part of a program", "write each one")
        if number >= len(wanted):
            takes = f"takes {len(wanted)} argument{'s' * (len(wanted) != 1)}"
            count = f"{len(call.args)} are given"
            raise Fault(place(given), f"'{name}' {takes}, and {count}", _signature(name, wanted))
        found[wanted[number]] = given
    for keyword in call.keywords:
        _add_keyword(found, name, wanted, keyword, place)
    missing = [want for want in needed if want not in found]
    if missing:
        listed = ", ".join(f"'{want}'" for want in missing)
        raise Fault(place(call), f"'{name}' is missing {listed}", _signature(name, wanted))
    return found


def _add_keyword(
    found: dict[str, ast.expr],
    name: str,
    wanted: Sequence[str],
    keyword: ast.keyword,
    place: Place,
) -> None:
    if keyword.arg is None:
        raise Fault(place(keyword), "'**' in a call is not part of a program", "write each one")
    if keyword.arg not in wanted:
        hint = nearest(keyword.arg, wanted) or _signature(name, wanted)
        raise Fault(place(keyword), f"'{name}' has no argument '{keyword.arg}'", hint)
    if keyword.arg in found:
        raise Fault(place(keyword), f"'{name}' is given '{keyword.arg}' twice")
    found[keyword.arg] = keyword.value


def bind_rule(rule: Rule, call: ast.Call, place: Place) -> dict[str, ast.expr]:
    """The arguments of an op's call by name; lists are no operands.

    Raises:
        Fault: see `bind`.
    """
    wanted = [*rule.operands, *(p.name for p in rule.parameters)]
    needed = [*rule.operands, *(p.name for p in rule.parameters if p.default is REQUIRED)]
    found = bind(rule.name, wanted, needed, call, place)
    for operand in rule.operands:
        given = found[operand]
        if isinstance(given, ast.List | ast.Tuple):
            if all(isinstance(part, ast.Constant) for part in given.elts):
                hint = "an array of numbers belongs under 'constants:'"
                raise Fault(place(given), "a list of numbers is no array here", hint)
            hint = f"write {signature(rule)}"
            raise Fault(place(given), f"'{rule.name}' takes no list of arrays", hint)
    return found


def signature(rule: Rule) -> str:
    """``sum(x, axis=None, keepdims=False)``."""
    parameters = [
        p.name if p.default is REQUIRED else f"{p.name}={shown(p.default)}" for p in rule.parameters
    ]
    return f"{rule.name}({', '.join([*rule.operands, *parameters])})"


def _signature(name: str, wanted: Sequence[str]) -> str:
    return f"write {name}({', '.join(wanted)})"
