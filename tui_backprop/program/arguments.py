"""Which argument of a call is which operand or parameter, as NumPy binds them.

It stands apart from expressions because it is a matter of signatures: operands first, then the
static parameters, each by position or by name.
"""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.program.constants import shown
from tui_backprop.program.foreign import KEYWORDS
from tui_backprop.program.messages import PAIRWISE
from tui_backprop.program.names import nearest
from tui_backprop.program.source import ProblemError
from tui_backprop.rules.rule import MOST_MEMBERS, REQUIRED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from tui_backprop.graph.model import Span
    from tui_backprop.rules.rule import Family, Parameter, Rule

    Place = Callable[[ast.expr | ast.keyword], Span]

_SHOWN: Final = 8
_SHOWN_VALUE: Final = 40
_NO_SPELLINGS: Final[Mapping[str, str]] = MappingProxyType({})


def bind(
    name: str,
    wanted: Mapping[str, bool],
    call: ast.Call,
    place: Place,
    named: AbstractSet[str] = frozenset(),
    spellings: Mapping[str, str] = _NO_SPELLINGS,
) -> dict[str, ast.expr]:
    """The arguments of a call by name.

    Args:
        name: the function's.
        wanted: names of its arguments in order → whether it has to be given.
        call: the call.
        place: gives the span of a part of it.
        named: those that are given by name only; they come last.
        spellings: other names of arguments → the one that is meant.

    Raises:
        ProblemError: too many, too few, an unknown one, one given twice, or ``*`` and ``**``.
    """
    _check_positional(name, wanted, call, place, named)
    found = dict(zip(wanted, call.args, strict=False))
    for keyword in call.keywords:
        message, hint = "", ""
        meant = spellings.get(keyword.arg or "", keyword.arg)
        if meant is None:
            message = "'**' in a call is not part of a program"
        elif meant not in wanted:
            message = f"'{name}' has no argument '{keyword.arg}'"
            hint = _other_keywords(call, wanted) or nearest(meant, [*wanted, *spellings])
            hint = hint or _signature(name, wanted)
        elif meant in found:
            message = f"'{name}' is given '{meant}' twice"
        else:
            found[meant] = keyword.value
        if message:
            raise ProblemError(place(keyword), message, hint)
    needed = (want for want, is_needed in wanted.items() if is_needed)
    if missing := [f"'{want}'" for want in needed if want not in found]:
        message = f"'{name}' is missing {_listed(missing)}"
        raise ProblemError(place(call), message, _signature(name, wanted))
    return found


def _other_keywords(call: ast.Call, wanted: Mapping[str, bool]) -> str:
    """``dim=0, keepdim=True`` is axis=0, keepdims=True here; empty where all are called so."""
    found: list[str] = []
    for keyword in call.keywords:
        name, value = keyword.arg or "", keyword.value
        here = KEYWORDS.get(name, "")
        if name == "unbiased" and "ddof" in wanted and isinstance(value, ast.Constant):
            found.append(f"ddof={int(bool(value.value))}")
        elif name not in wanted and here in wanted:
            is_short = isinstance(value, ast.Constant | ast.UnaryOp | ast.Tuple | ast.Name)
            found.append(f"{here}={ast.unparse(value) if is_short else '…'}")
    return f"write {', '.join(found)}" if found else ""


def bind_rule(rule: Rule, call: ast.Call, place: Place) -> tuple[Rule, dict[str, ast.expr]]:
    """The arguments of an op's call by name.

    Returns:
        The op, which is the one of those operands that are given; its arguments.

    Raises:
        ProblemError: see `bind`.
    """
    if rule.family is not None:
        return _bind_family(rule.family, rule.name, call, place)
    found = bind(rule.name, _wanted(rule), call, place, _named(rule.parameters), rule.spellings)
    if rule.extras is not None:
        rule = rule.extras.of(_given(rule, rule.extras.names, found))
    return rule, found


def _wanted(rule: Rule) -> dict[str, bool]:
    """Names of an op's arguments in order → whether it has to be given."""
    parameters = {p.name: p.default is REQUIRED for p in rule.parameters}
    found = dict.fromkeys(rule.operands, True)
    if rule.extras is None:
        return found | parameters
    extras = dict.fromkeys(rule.extras.names, False)
    return found | (extras | parameters if rule.extras.stand_first else parameters | extras)


def _named(parameters: Iterable[Parameter]) -> frozenset[str]:
    """The static arguments that are given by name only."""
    return frozenset(p.name for p in parameters if p.is_named)


def _given(rule: Rule, extras: tuple[str, ...], found: dict[str, ast.expr]) -> tuple[str, ...]:
    """The operands that are not left out; None leaves one out too, a number may be static."""
    numbers = {p.name for p in rule.parameters}
    for name in extras:
        if isinstance(given := found.get(name), ast.Constant) and given.value is None:
            del found[name]
    return tuple(
        name for name in extras
        if name in found and not (name in numbers and _is_written_number(found[name]))
    )  # fmt: skip


def _is_written_number(given: ast.expr) -> bool:
    """Whether an argument is a literal, perhaps with a sign; what has a name shows it later."""
    if isinstance(given, ast.UnaryOp):
        given = given.operand
    return isinstance(given, ast.Constant)


def _bind_family(
    family: Family, name: str, call: ast.Call, place: Place
) -> tuple[Rule, dict[str, ast.expr]]:
    """A list of arrays comes first, or the parameters do and all that follows is arrays."""
    parameters = {p.name: p.default is REQUIRED for p in family.of(1).parameters}
    if family.listed:
        named = _named(family.of(1).parameters)
        found = bind(name, {"arrays": True, **parameters}, call, place, named)
        given = found.pop("arrays")
        if not isinstance(given, ast.List | ast.Tuple):
            return _of_rows(family, name, given, place), found | {"x": given}
        arrays = given.elts
    else:
        cut = min(len(parameters), len(call.args))
        arrays = call.args[cut:]
        keywords = [k for k in call.keywords if k.arg not in family.ignored]
        first = ast.Call(call.func, call.args[:cut], keywords)
        found = bind(name, parameters, ast.copy_location(first, call), place)
    _check_family(name, arrays, call, place, family)
    rule = family.of(len(arrays))
    return rule, found | dict(zip(rule.operands, arrays, strict=True))


def _of_rows(family: Family, name: str, given: ast.expr, place: Place) -> Rule:
    """The op of one array, which is the list of its rows."""
    if family.of_rows is None or isinstance(given, ast.Starred):
        message = f"'{name}' takes its arrays in a list"
        raise ProblemError(place(given), message, f"write {name}([a, b])")
    return family.of_rows


def _check_family(
    name: str, arrays: list[ast.expr], call: ast.Call, place: Place, family: Family
) -> None:
    if not arrays:
        message = f"'{name}' needs at least one array"
        raise ProblemError(place(call), message, f"write {family.usage}")
    if len(arrays) > MOST_MEMBERS:
        message = f"'{name}' of {len(arrays):,} arrays: at most {MOST_MEMBERS}"
        raise ProblemError(place(call), message, "join some first, and then the results")
    for given in arrays:
        if isinstance(given, ast.Starred):
            message = "'*' in a call is not part of a program"
            raise ProblemError(place(given), message, "write each argument")


def signature(rule: Rule) -> str:
    """``sum(x, axis=None, keepdims=False)``."""
    if rule.family is not None:
        return rule.family.usage
    defaults = dict.fromkeys(rule.extras.names if rule.extras is not None else (), "=None")
    defaults |= {
        p.name: "" if p.default is REQUIRED else f"={shown(p.default)}" for p in rule.parameters
    }
    named = _named(rule.parameters)
    written = [f"{name}{defaults.get(name, '')}" for name in _wanted(rule)]
    first = next((k for k, name in enumerate(_wanted(rule)) if name in named), None)
    if first is not None:
        written.insert(first, "*")
    return f"{rule.name}({', '.join(written)})"


def _check_positional(
    name: str, wanted: Mapping[str, bool], call: ast.Call, place: Place, named: AbstractSet[str]
) -> None:
    names = list(wanted)
    for number, given in enumerate(call.args):
        if isinstance(given, ast.Starred):
            hint = "write each argument"
            raise ProblemError(place(given), "'*' in a call is not part of a program", hint)
        if number < len(names) and names[number] in named:
            message = f"'{name}' takes '{names[number]}' by name only"
            hint = f"write {names[number]}={ast.unparse(given)[:_SHOWN_VALUE]}"
            is_flag = ast.unparse(given)[:_SHOWN_VALUE] in {"True", "False", *names}
            if name in PAIRWISE and not is_flag:
                hint = f"of several write {PAIRWISE[name]}({PAIRWISE[name]}(a, b), c)"
            raise ProblemError(place(given), message, hint)
        if number == len(wanted):
            takes = f"takes {len(wanted)} argument{'s' * (len(wanted) != 1)}"
            message = f"'{name}' {takes}, and {len(call.args)} are given"
            raise ProblemError(place(given), message, _signature(name, wanted))


def _signature(name: str, wanted: Iterable[str]) -> str:
    return f"write {name}({_listed(wanted)})"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    return ", ".join([*every[:_SHOWN], "…"] if len(every) > _SHOWN else every)
