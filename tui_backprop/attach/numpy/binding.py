"""The binding of a call of NumPy to an op: its operands, its static arguments, lists of arrays."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.attach.numpy.arrays import Traced, holds_traced, plain, traced
from tui_backprop.attach.numpy.frames import name_where_made, outer_name_of, refused
from tui_backprop.attach.numpy.table import FIRST
from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said
from tui_backprop.program.code.kinds import checked
from tui_backprop.rules import RULES
from tui_backprop.rules.rule import MOST_MEMBERS, REQUIRED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.attach.numpy.record import Entry, Record
    from tui_backprop.errors import TraceError
    from tui_backprop.rules.rule import Rule


def no_option(name: str, option: str) -> TraceError:
    """What an argument is met with that the op does not have."""
    return refused(
        said("np.{name} is given '{option}', which its op has not", name=name, option=option),
        said("leave it out, or apply np.where before"),
    )


def bound(
    rule: Rule, tokens: str | None, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """What a call gives, by the names of the op's arguments."""
    words = tokens.split() if tokens else [*rule.operands, *(p.name for p in rule.parameters)]
    order = [word for word in words if "=" not in word]
    other = {w.partition("=")[2]: w.partition("=")[0] for w in words if "=" in w}
    named = {word.lstrip("~."): word for word in order}
    given = list(zip(order, args, strict=False))
    for key, value in kwargs.items():
        word = other.get(key) or named.get(key)
        if word is None and key in FIRST and order[0] not in dict(given):
            word = order[0]
        if word is None:
            raise no_option(name, key)
        given.append((word, value))
    found: dict[str, Any] = {}
    for word, value in given:
        if word[0] == "~" and not _is_left_out(word[1:], value):
            raise no_option(name, word[1:])
        if word[0] not in "~." and value is not np._NoValue:  # noqa: SLF001 - NumPy's mark of an argument left out
            found[word] = value
    return found


def _is_left_out(word: str, value: Any) -> bool:
    if value is None or value is np._NoValue:  # noqa: SLF001 - as above
        return True
    if word == "dtype":
        return np.dtype(value) in (np.dtype(np.float64), np.dtype(np.float32))
    return (word == "where" and value is True) or (word == "returned" and value is False)


def apply(record: Record, rule: Rule, given: Mapping[str, Any], value: Any) -> Any:
    """One op on arguments by name; those of them that are arrays are operands."""
    if rule.extras is not None:
        numbers = {p.name for p in rule.parameters}
        extras = [n for n in rule.extras.names if _is_operand(given.get(n), n in numbers)]
        rule = rule.extras.of(tuple(extras))
    operands = [operand(record, given[name]) for name in rule.operands]
    params: dict[str, Any] = {}
    for parameter in rule.parameters:
        held = given.get(parameter.name, parameter.default)
        if held is REQUIRED:
            raise no_option(rule.name, parameter.name)
        params[parameter.name] = _static(rule, parameter, held)
    return traced(record, record.op(rule, operands, MappingProxyType(params), value))


def _is_operand(given: Any, may_be_number: bool) -> bool:
    if given is None:
        return False
    return not may_be_number or isinstance(given, Traced) or np.ndim(given) > 0


def operand(record: Record, given: Any) -> Entry | float:
    """An array as the record knows it.

    Raises:
        TraceError: it is no array of numbers, or is one of another trace.
    """
    if isinstance(given, list | tuple) and holds_traced(given):
        given = as_one(record, given)
    if not isinstance(given, Traced):
        return record.operand(given)
    entry = given.entry
    if given.record is not record:
        raise refused(
            said("an array of another trace is used: a gradient of a gradient cannot be traced")
        )
    record.check_current(given.value, entry.number)
    if entry in record.numbered:
        record.numbered.remove(entry)
        if name := outer_name_of(given):
            entry.wanted = f"{entry.wanted.rpartition('_')[0]}_{name}"
    elif entry.kind == "op" and not entry.is_met and not entry.wanted:
        entry.wanted = name_where_made(given, entry.place)
    entry.is_met = True
    return entry


def _static(rule: Rule, parameter: Any, given: Any) -> Any:
    """An argument that is no array of the program, as the op takes it."""
    if given is parameter.default:
        return given
    if holds_traced(given):
        message = said("'{name}' of '{op}' is traced, and must be a plain number",
                       name=parameter.name, op=rule.name)  # fmt: skip
        raise refused(message, said("take it from a shape, or give it as a constant"))
    try:
        return checked(parameter, _python(given))
    except ArgumentError as error:
        raise refused(f"{rule.name}: {error}") from None


def _python(value: Any) -> Any:
    """Python's own numbers, lists and tuples in place of NumPy's."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, range):
        return tuple(value)
    if isinstance(value, list | tuple):
        return type(value)(map(_python, value))
    return value


def join(record: Record, rule: Rule, value: Any, arrays: Any, axis: Any = 0, **options: Any) -> Any:
    """An op of a list of arrays; of a long list some are joined first, and then the results."""
    for option, given in options.items():
        if option not in ("casting", "dtype") and given is not None:
            raise no_option(rule.name, option)
    parts = list(arrays)
    if axis is None:
        parts, axis = [np.ravel(part) for part in parts], 0
    family = rule.family
    if family is None:
        raise AssertionError("only a family is joined")
    if len(parts) > MOST_MEMBERS:
        groups = [parts[k : k + MOST_MEMBERS] for k in range(0, len(parts), MOST_MEMBERS)]
        is_flat = all(np.ndim(plain(part)) < 2 for part in parts)
        along = {"vstack": 0, "hstack": 0 if is_flat else 1}.get(rule.name, axis)
        with record.steps():
            joined = [_one(record, rule, group, axis) for group in groups]
        return join(record, RULES["concatenate"], value, joined, along)
    made = family.of(len(parts))
    given = dict(zip(made.operands, parts, strict=True)) | {"axis": axis}
    return apply(record, made, given, value)


def _one(record: Record, rule: Rule, parts: Sequence[Any], axis: int) -> Any:
    """Some of a long list, joined."""
    options = {"axis": axis} if rule.family and rule.family.of(1).parameters else {}
    value = getattr(np, rule.name)(plain(parts), **options)
    return join(record, rule, value, parts, axis) if any(map(holds_traced, parts)) else value


def lifted(record: Record, given: Any) -> Any:
    """An array of objects, or a list, that holds traced numbers as one traced array.

    A list of whole arrays stays: functions that join arrays take one.
    """
    if isinstance(given, np.ndarray) and holds_traced(given):
        return as_one(record, given)
    if isinstance(given, list | tuple) and holds_traced(given):
        kind = tuple if hasattr(given, "_fields") else type(given)
        return kind([lifted(record, part) for part in given])
    return given


def as_one(record: Record, given: Any) -> Any:
    """An array of objects, or a list of arrays, as one traced array."""
    if isinstance(given, list | tuple):
        parts = [as_one(record, part) for part in given]
        return join(record, RULES["stack"], np.stack(plain(parts)), parts)
    if not isinstance(given, np.ndarray) or given.dtype != object:
        return given
    parts = list(given.ravel())
    whole = _whole(parts, given.shape)
    if whole is not None:
        return traced(record, whole)
    with record.steps():
        flat = join(record, RULES["stack"], np.stack(plain(parts)), parts)
        return flat if given.ndim == 1 else flat.reshape(given.shape)


def _whole(parts: Sequence[Any], shape: tuple[int, ...]) -> Entry | None:
    """The array whose entries these are, all of them and in order."""
    first = parts[0].entry if isinstance(parts[0], Traced) else None
    if first is None or first.rule is None or first.rule.name != "index":
        return None
    base = first.operands[0]
    if isinstance(base, float | int) or base.shape != shape or not shape:
        return None
    for part, index in zip(parts, np.ndindex(shape), strict=True):
        entry = part.entry if isinstance(part, Traced) else None
        if entry is None or entry.rule is not first.rule or entry.operands != first.operands:
            return None
        if entry.params.get("key") != index:
            return None
    return base
