"""Binding the arguments of a call to an op's operands and parameters, as NumPy binds them.

Operands come first, then the static parameters, each by position or by name; each parameter's value
is checked here.
"""

from __future__ import annotations

import ast
import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import all_of, joined, said, said_many
from tui_backprop.program.aliases import as_here, spellings
from tui_backprop.program.constants import as_operand, is_number, shown
from tui_backprop.program.foreign import KEYWORDS
from tui_backprop.program.messages import PAIRWISE
from tui_backprop.program.names import nearest
from tui_backprop.program.source import ProblemError
from tui_backprop.rules.rule import MOST_MEMBERS, REQUIRED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from tui_backprop.graph.model import Span
    from tui_backprop.program.instructions import Function
    from tui_backprop.rules.rule import Family, Parameter, Rule

    Place: TypeAlias = Callable[[ast.expr | ast.keyword], Span]
    Check: TypeAlias = Callable[[str, Any], Any]


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
            hint = hint or _signature(name, wanted)
        elif meant in found:
            message = said("'{name}' is given '{meant}' twice", name=name, meant=meant)
        else:
            found[meant] = as_here(keyword)
        if message:
            raise ProblemError(place(keyword), message, hint)
    needed = (want for want, is_needed in wanted.items() if is_needed)
    if missing := [f"'{want}'" for want in needed if want not in found]:
        message = said("'{name}' is missing {missing}", name=name, missing=_listed(missing))
        raise ProblemError(place(call), message, _signature(name, wanted))
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
                _signature(rule.name, _wanted(rule)),
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
            raise ProblemError(place(given), message, _signature(name, wanted))


def _signature(name: str, wanted: Iterable[str]) -> str:
    return said("write {code}", code=f"{name}({_listed(wanted)})")


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    return joined(", ", [*every[:_SHOWN], "…"] if len(every) > _SHOWN else every)


def checked(parameter: Parameter, value: Any) -> Any:
    """A static value as the row takes it, lists of axes as tuples; another kind is refused."""
    check = _KINDS.get(parameter.kind)
    return value if check is None else check(parameter.name, value)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _ints(value: Any) -> tuple[int, ...] | None:
    if isinstance(value, list | tuple) and all(_is_int(part) for part in value):
        return tuple(value)
    return None


def _wrong(name: str, value: Any, wanted: str) -> ArgumentError:
    found = shown(value)
    return ArgumentError(
        said(
            "{name} must be {wanted}, not {found}",
            name=name,
            wanted=wanted,
            found=found[:60] + "…" * (len(found) > 60),
        )
    )


def _kind(is_one: Callable[[Any], bool], wanted: str) -> Check:
    """Check that a value is of a kind."""

    def check(name: str, value: Any) -> Any:
        if not is_one(value):
            raise _wrong(name, value, wanted)
        return value

    return check


def _ints_or(is_one: Callable[[Any], bool], wanted: str) -> Check:
    """Check that a value is of a kind, or several whole numbers, which become a tuple."""

    def check(name: str, value: Any) -> Any:
        if is_one(value):
            return value
        if (found := _ints(value)) is None:
            raise _wrong(name, value, wanted)
        return found

    return check


def _one_of(*choices: Any) -> Check:
    others = joined(", ", map(repr, choices[:-1]))
    wanted = said("{before} or {after}", before=others, after=repr(choices[-1]))
    return _kind(lambda value: isinstance(value, str) and value in choices, wanted)


def _optional(is_one: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or is_one(value)


def _is_norm_order(value: Any) -> bool:
    return value in ("fro", "nuc") or (is_number(value) and not math.isnan(value))


def _number(name: str, value: Any) -> Any:
    if not is_number(value):
        raise _wrong(name, value, said("a number"))
    as_operand(value)  # whole numbers have any size, and rows compute with what a float can hold
    return value


def _optional_number(name: str, value: Any) -> Any:
    if value is not None and not is_number(value):
        raise _wrong(name, value, said("a number or None"))
    return None if value is None else _number(name, value)


def _nested(name: str, value: Any) -> Any:
    """Brackets nest to a stated depth only, so this recursion has one too."""
    if _is_int(value):
        return value
    if not isinstance(value, list | tuple):
        raise _wrong(name, value, said("whole numbers, alone or in lists"))
    return tuple(_nested(name, part) for part in value)


def _borders(name: str, value: Any) -> Any:
    """As `_nested`, of numbers that need not be whole."""
    if is_number(value):
        return _number(name, value)
    if not isinstance(value, list | tuple):
        raise _wrong(name, value, said("a number, or several in lists"))
    return tuple(_borders(name, part) for part in value)


def _output_size(name: str, value: Any) -> Any:
    """How long axes become: None leaves one as it is."""
    parts = value if isinstance(value, list | tuple) else (value,)
    if not all(part is None or _is_int(part) for part in parts):
        raise _wrong(name, value, said("a whole number, or several as (2, None)"))
    return tuple(value) if isinstance(value, list | tuple) else value


def _factors(name: str, value: Any) -> Any:
    """A number, or several, or none."""
    return None if value is None else _borders(name, value)


def _index(_name: str, value: Any) -> Any:
    """A NumPy index, always as a tuple of its parts."""
    parts = value if isinstance(value, tuple) else (value,)
    for part in parts:
        if isinstance(part, slice):
            bounds = (part.start, part.stop, part.step)
            if not all(bound is None or _is_int(bound) for bound in bounds):
                raise _wrong(said("a bound of a slice"), part, said("a whole number"))
        elif not (part is None or part is Ellipsis or _is_int(part) or _is_index_list(part)):
            raise _wrong(
                said("an index"), part, said("a whole number, a slice, None, ... or a list")
            )
    return parts


def _is_index_list(part: Any) -> bool:
    """Nested lists of ints, or of truth values."""
    return isinstance(part, list | tuple) and (_holds(int, part) or _holds(bool, part))


def _holds(kind: type, part: list[Any] | tuple[Any, ...]) -> bool:
    """Brackets nest to a stated depth only, so this recursion has one too."""
    return all(
        _holds(kind, inner) if isinstance(inner, list | tuple) else type(inner) is kind
        for inner in part
    )


_SHAPE: Final = said("a whole number, or several as (2, 3)")

_KINDS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "axis": _ints_or(_optional(_is_int), said("a whole number, several as (0, 1), or None")),
        "axes": _ints_or(
            lambda value: value is None, said("several whole numbers as (1, 0), or None")
        ),
        "shape": _ints_or(_is_int, _SHAPE),
        "bool": _kind(lambda value: isinstance(value, bool), said("True or False")),
        "int": _kind(_is_int, said("a whole number")),
        "number": _number,
        "index": _index,
        "optional_number": _optional_number,
        "optional_int": _kind(_optional(_is_int), said("a whole number or None")),
        "output_size": _output_size,
        "sizes": _ints_or(_optional(_is_int), _SHAPE),
        "conv_padding": _ints_or(
            lambda value: _is_int(value) or value in ("same", "valid"),
            said("a whole number, several as (2, 3), 'same' or 'valid'"),
        ),
        "pad_width": _nested,
        "tensordot_axes": _nested,
        "borders": _borders,
        "text": _kind(lambda value: isinstance(value, str), said("quoted text")),
        "factors": _factors,
        "resize_mode": _one_of("nearest", "nearest-exact"),
        "reduction": _one_of("mean", "sum", "none"),
        "batched_reduction": _one_of("mean", "sum", "batchmean", "none"),
        "order": _one_of("C", "F", "A"),
        "gelu_form": _one_of("none", "tanh"),
        "norm_order": _kind(_optional(_is_norm_order), said("None, a number, 'fro' or 'nuc'")),
    }
)


def weight(value: Any) -> int:
    """How many entries the lists within an argument have: what it costs to look at it."""
    if not isinstance(value, list | tuple):
        return 0
    return len(value) + sum(weight(part) for part in value if isinstance(part, list | tuple))
