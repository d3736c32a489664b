"""The kinds of static arguments: a value is checked to be of the kind that the op's row states."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import joined, said
from tui_backprop.program.code.constants import as_operand, is_number, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.rules.rule import Parameter

    Check: TypeAlias = Callable[[str, Any], Any]


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
