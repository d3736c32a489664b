"""Binding the arguments of a call to an op's operands and parameters, as NumPy binds them.

Operands come first, then the static parameters, each by position or by name.
"""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from tui_backprop.language.message import all_of, joined, said, said_many
from tui_backprop.program.code.constants import shown
from tui_backprop.program.code.uses import PAIRWISE
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.program.vocabulary.aliases import as_here, spellings
from tui_backprop.program.vocabulary.foreign import KEYWORDS
from tui_backprop.program.vocabulary.names import nearest
from tui_backprop.rules.rule import MOST_MEMBERS, REQUIRED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from tui_backprop.graph.model import Span
    from tui_backprop.program.code.instructions import Function
    from tui_backprop.rules.rule import Family, Parameter, Rule

    Place: TypeAlias = Callable[[ast.expr | ast.keyword], Span]


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
            message = said("'**' in a call is not part of a program")
        elif meant not in wanted:
            message = said("'{name}' has no argument '{arg}'", name=name, arg=keyword.arg)
            hint = _other_keywords(call, wanted) or nearest(meant, [*wanted, *spellings])
            hint = hint or _signature(name, wanted, named)
        elif meant in found:
            message = said("'{name}' is given '{meant}' twice", name=name, meant=meant)
        else:
            found[meant] = as_here(keyword)
        if message:
            raise ProblemError(place(keyword), message, hint)
    needed = (want for want, is_needed in wanted.items() if is_needed)
    if missing := [f"'{want}'" for want in needed if want not in found]:
        message = said("'{name}' is missing {missing}", name=name, missing=_listed(missing))
        raise ProblemError(place(call), message, _signature(name, wanted, named))
    return found


def _other_keywords(call: ast.Call, wanted: Mapping[str, bool]) -> str:
    """``dim=0, keepdim=True`` is axis=0, keepdims=True here; empty where all are called so.

    PyTorch's variance divides by n - 1 where nobody says otherwise.
    """
    found: list[str] = []
    for keyword in call.keywords:
        name, value = keyword.arg or "", keyword.value
        here = KEYWORDS.get(name, "")
        if name not in wanted and here in wanted:
            is_short = isinstance(value, ast.Constant | ast.UnaryOp | ast.Tuple | ast.Name)
            found.append(f"{here}={ast.unparse(value) if is_short else '…'}")
    if found and "ddof" in wanted:
        found.append("ddof=1")
    return said("write {code}", code=", ".join(found)) if found else ""


def bind_rule(rule: Rule, call: ast.Call, place: Place) -> tuple[Rule, dict[str, ast.expr]]:
    """An op, which is the one of those operands that are given, and a call's arguments by name."""
    if rule.family is not None:
        return _bind_family(rule.family, rule.name, call, place)
    wanted, written = _wanted(rule), called(call, rule.name)
    others = rule.spellings
    if call.keywords:
        keywords = [keyword.arg or "" for keyword in call.keywords]
        others = {**spellings(rule.name, written, rule.operands, wanted, keywords), **others}
    found = bind(written, wanted, call, place, _named(rule.parameters), others)
    if rule.extras is not None:
        given = _given(rule, rule.extras.names, found)
        if lacking := rule.extras.lacking(given):
            raise ProblemError(
                place(call),
                said("'{name}' is missing '{lacking}': {together} are given together",
                     name=rule.name, lacking=lacking,
                     together=all_of(sorted(rule.extras.together))),
                _signature(rule.name, _wanted(rule), _named(rule.parameters)),
            )  # fmt: skip
        rule = rule.extras.of(given)
    return rule, found


def bind_function(function: Function, call: ast.Call, place: Place) -> dict[str, ast.expr]:
    """The arguments of a call of a definition by name, those that are left out not among them."""
    wanted = {name: name not in function.defaults for name in function.parameters}
    written = called(call, function.name)
    others: Mapping[str, str] = _NO_SPELLINGS
    if function.is_composed and call.keywords:
        operands = tuple(name for name, is_needed in wanted.items() if is_needed)
        keywords = [keyword.arg or "" for keyword in call.keywords]
        others = spellings(function.name, written, operands, wanted, keywords)
    return bind(written, wanted, call, place, function.named, others)


def called(call: ast.Call, name: str) -> str:
    """What a function is called where it is called: an op may have several names."""
    return call.func.id if isinstance(call.func, ast.Name) else name


def _wanted(rule: Rule) -> dict[str, bool]:
    """Names of an op's arguments in order → whether it has to be given."""
    parameters = {p.name: p.default is REQUIRED for p in rule.parameters}
    found = dict.fromkeys(rule.operands, True)
    if rule.call_order:
        wanted = found | parameters
        return {name: wanted[name] for name in rule.call_order}
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
        wanted = {"arrays": True, **parameters}
        others = spellings(name, name, (), wanted, ()) | {"tensors": "arrays"}
        found = bind(called(call, name), wanted, call, place, named, others)
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
        message = said("'{name}' takes its arrays in a list", name=name)
        raise ProblemError(place(given), message, said("write {code}", code=f"{name}([a, b])"))
    return family.of_rows


def _check_family(
    name: str, arrays: list[ast.expr], call: ast.Call, place: Place, family: Family
) -> None:
    if not arrays:
        message = said("'{name}' needs at least one array", name=name)
        raise ProblemError(place(call), message, said("write {code}", code=f"{family.usage}"))
    if len(arrays) > MOST_MEMBERS:
        message = said(
            "'{name}' of {count} arrays: at most {most_members}",
            name=name,
            count=f"{len(arrays):,}",
            most_members=MOST_MEMBERS,
        )
        raise ProblemError(place(call), message, said("join some first, and then the results"))
    for given in arrays:
        if isinstance(given, ast.Starred):
            message = said("'*' in a call is not part of a program")
            raise ProblemError(place(given), message, said("write each argument"))


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
            hint = said("write each argument")
            raise ProblemError(place(given), said("'*' in a call is not part of a program"), hint)
        if number < len(names) and names[number] in named:
            message = said("'{name}' takes '{names}' by name only", name=name, names=names[number])
            hint = said("write {code}", code=f"{names[number]}={ast.unparse(given)[:_SHOWN_VALUE]}")
            is_flag = ast.unparse(given)[:_SHOWN_VALUE] in {"True", "False", *names}
            if isinstance(given, ast.Name) and number + 1 < len(names):
                hint = _signature(name, wanted, named)  # it may be meant for another of them
            if name in PAIRWISE and not is_flag:
                hint = said(
                    "of several write {pairwise}({pairwise}(a, b), c)", pairwise=PAIRWISE[name]
                )
            raise ProblemError(place(given), message, hint)
        if number == len(wanted):
            message = said_many(
                len(wanted),
                "'{name}' takes {count} argument, and {given} are given",
                "'{name}' takes {count} arguments, and {given} are given",
                name=name,
                given=len(call.args),
            )
            raise ProblemError(place(given), message, _signature(name, wanted, named))


def _signature(name: str, wanted: Iterable[str], named: AbstractSet[str]) -> str:
    """A call with every argument; from the first on that is given by name only all are."""
    written: list[str] = []
    for want in wanted:
        is_behind = want in named or (written and written[-1].endswith("=…"))
        written.append(f"{want}=…" if is_behind else want)
    return said("write {code}", code=f"{name}({_listed(written)})")


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    return joined(", ", [*every[:_SHOWN], "…"] if len(every) > _SHOWN else every)
