"""What an op's static argument may be, by the kind that its row states.

It stands apart so that a wrong axis is refused where it is written, before the row meets it.
"""

from __future__ import annotations

import math
from types import MappingProxyType, NoneType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.errors import ArgumentError
from tui_backprop.program.constants import as_operand, is_number, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.rules.rule import Parameter


def checked(parameter: Parameter, value: Any) -> Any:
    """A static value as the row takes it: lists of axes become tuples.

    Raises:
        ArgumentError: the value is of another kind.
    """
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
    return ArgumentError(f"{name} must be {wanted}, not {found[:60]}{'…' * (len(found) > 60)}")


def _axis(name: str, value: Any) -> Any:
    if value is None or _is_int(value):
        return value
    if (found := _ints(value)) is None:
        raise _wrong(name, value, "a whole number, several as (0, 1), or None")
    return found


def _axes(name: str, value: Any) -> Any:
    if value is None:
        return None
    if (found := _ints(value)) is None:
        raise _wrong(name, value, "several whole numbers as (1, 0), or None")
    return found


def _shape(name: str, value: Any) -> Any:
    if _is_int(value):
        return value
    if (found := _ints(value)) is None:
        raise _wrong(name, value, "a whole number, or several as (2, 3)")
    return found


def _bool(name: str, value: Any) -> Any:
    if not isinstance(value, bool):
        raise _wrong(name, value, "True or False")
    return value


def _int(name: str, value: Any) -> Any:
    if not _is_int(value):
        raise _wrong(name, value, "a whole number")
    return value


def _number(name: str, value: Any) -> Any:
    if not is_number(value):
        raise _wrong(name, value, "a number")
    as_operand(value)  # whole numbers have any size, and rows compute with what a float can hold
    return value


def _optional_number(name: str, value: Any) -> Any:
    if value is not None and not is_number(value):
        raise _wrong(name, value, "a number or None")
    return None if value is None else _number(name, value)


def _optional_int(name: str, value: Any) -> Any:
    if value is not None and not _is_int(value):
        raise _wrong(name, value, "a whole number or None")
    return value


def _sizes(name: str, value: Any) -> Any:
    return None if value is None else _shape(name, value)


def _conv_padding(name: str, value: Any) -> Any:
    if isinstance(value, str) and value in {"same", "valid"}:
        return value
    if _is_int(value) or _ints(value) is not None:
        return _shape(name, value)
    raise _wrong(name, value, "a whole number, several as (2, 3), 'same' or 'valid'")


def _nested(name: str, value: Any) -> Any:
    """Brackets nest to a stated depth only, so this recursion has one too."""
    if _is_int(value):
        return value
    if not isinstance(value, list | tuple):
        raise _wrong(name, value, "whole numbers, alone or in lists")
    return tuple(_nested(name, part) for part in value)


def _norm_order(name: str, value: Any) -> Any:
    if value is None or value in ("fro", "nuc"):
        return value
    if not is_number(value) or math.isnan(value):
        raise _wrong(name, value, "None, a number, 'fro' or 'nuc'")
    return value


def _borders(name: str, value: Any) -> Any:
    """As `_nested`, of numbers that need not be whole."""
    if is_number(value):
        return _number(name, value)
    if not isinstance(value, list | tuple):
        raise _wrong(name, value, "a number, or several in lists")
    return tuple(_borders(name, part) for part in value)


def _text(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        raise _wrong(name, value, "quoted text")
    return value


def _one_of(*choices: Any) -> Callable[[str, Any], Any]:
    wanted = ", ".join(map(repr, choices[:-1])) + f" or {choices[-1]!r}"

    def check(name: str, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float | str | NoneType):
            raise _wrong(name, value, wanted)
        if value not in choices:
            raise _wrong(name, value, wanted)
        return value

    return check


def _index(_name: str, value: Any) -> Any:
    """A NumPy index, always as a tuple of its parts."""
    parts = value if isinstance(value, tuple) else (value,)
    for part in parts:
        if isinstance(part, slice):
            bounds = (part.start, part.stop, part.step)
            if not all(bound is None or _is_int(bound) for bound in bounds):
                raise _wrong("a bound of a slice", part, "a whole number")
        elif not (part is None or part is Ellipsis or _is_int(part) or _is_index_list(part)):
            raise _wrong("an index", part, "a whole number, a slice, None, ... or a list")
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


_KINDS: Final[Mapping[str, Callable[[str, Any], Any]]] = MappingProxyType(
    {
        "axis": _axis,
        "axes": _axes,
        "shape": _shape,
        "bool": _bool,
        "int": _int,
        "number": _number,
        "index": _index,
        "optional_number": _optional_number,
        "optional_int": _optional_int,
        "sizes": _sizes,
        "conv_padding": _conv_padding,
        "pad_width": _nested,
        "tensordot_axes": _nested,
        "borders": _borders,
        "text": _text,
        "reduction": _one_of("mean", "sum", "none"),
        "batched_reduction": _one_of("mean", "sum", "batchmean", "none"),
        "order": _one_of("C", "F", "A"),
        "gelu_form": _one_of("none", "tanh"),
        "norm_order": _norm_order,
    }
)


def weight(value: Any) -> int:
    """How many entries the lists within an argument have: what it costs to look at it."""
    if not isinstance(value, list | tuple):
        return 0
    return len(value) + sum(weight(part) for part in value if isinstance(part, list | tuple))
