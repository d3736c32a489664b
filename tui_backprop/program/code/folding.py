"""Ops on values that are known while the graph is built: only their result becomes a node."""

from __future__ import annotations

import operator
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError, LimitError
from tui_backprop.language.message import said
from tui_backprop.program.code.constants import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.limits import Limits


_BITS_PER_DIGIT: Final = 3.3219280948873626

_OPERATIONS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "add": operator.add,
        "subtract": operator.sub,
        "multiply": operator.mul,
        "divide": operator.truediv,
        "power": operator.pow,
        "remainder": operator.mod,
        "floor_divide": operator.floordiv,
        "negative": operator.neg,
        "less": operator.lt,
        "less_equal": operator.le,
        "greater": operator.gt,
        "greater_equal": operator.ge,
        "equal": operator.eq,
        "not_equal": operator.ne,
    }
)
_NUMBERS: Final = frozenset({int, float})
_EXACT: Final = frozenset({"add", "subtract", "multiply", "negative"})
_EXACT_UNLESS_BY_0: Final = frozenset({"remainder", "floor_divide"})
COMPARISONS: Final = frozenset(
    {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}
)
"""The ops whose value is 1 where something holds, else 0."""

FOLDED: Final = frozenset(_OPERATIONS) | {"index"}
"""The ops that give a static value when all their operands are static."""


def fold(op: str, values: list[Any], params: Mapping[str, Any], limits: Limits) -> Any:
    """One op of `FOLDED` on static values; of these only ``index`` has a static argument.

    Raises:
        ArgumentError: an operand is no number, or no list where an entry is asked for.
        LimitError: an integer would have too many digits, or too large an exponent.
    """
    if op == "index":
        return _entry(values[0], *params.values())
    kinds = set(map(type, values))
    if not kinds <= _NUMBERS:
        wrong = next(value for value in values if type(value) not in _NUMBERS)
        if isinstance(wrong, list | tuple):  # which Python would join or repeat
            kind, text = type(wrong).__name__, shown(wrong)
            array = said("it is no array")
            if wrong:
                array = said("{code} would be an array", code=f"stack({text})")
            raise ArgumentError(
                said(
                    "'{op}' takes numbers, and {text} is a {kind}: {array}",
                    op=op,
                    text=text,
                    kind=kind,
                    array=array,
                )
            )
        raise ArgumentError(
            said("'{op}' takes numbers, and {wrong} is none", op=op, wrong=shown(wrong))
        )
    if float not in kinds:
        if _is_exact(op, values):
            return _whole(op, values, limits)
        if op in COMPARISONS:
            return float(_OPERATIONS[op](*values))
    return _real(op, values)


def _is_exact(op: str, values: list[int]) -> bool:
    """Whether whole numbers give a whole number."""
    if op == "power":
        return values[1] >= 0
    return op in _EXACT or (op in _EXACT_UNLESS_BY_0 and values[1] != 0)


def _whole(op: str, values: list[int], limits: Limits) -> int:
    """An exact result; a power is sized up before it is computed, what else grows is small."""
    if op == "power":
        if values[1] > limits.exponent:
            raise LimitError(said(
                "the exponent {found} exceeds the limit of {most} (raise it with {option})",
                found=_clipped(values[1]), most=f"{limits.exponent:,}",
                option=f"--limit exponent={_clipped(values[1])}",
            ))  # fmt: skip
        _check_bits((values[0].bit_length() - 1) * values[1], limits)
    found: int = _OPERATIONS[op](*values)
    _check_bits(found.bit_length(), limits)
    return found


def _check_bits(bits: int, limits: Limits) -> None:
    if bits > limits.digits * _BITS_PER_DIGIT:
        limits.check("digits", int(bits / _BITS_PER_DIGIT) + 1, said("an integer here"))


def _real(op: str, values: list[float]) -> float:
    """A result as NumPy has it, which is asked only where Python would raise instead."""
    operation = _OPERATIONS[op]
    try:
        real = [float(value) for value in values]
    except OverflowError:
        raise ArgumentError(said("a number here is too large for a float64")) from None
    try:
        found = operation(*real)
        if not isinstance(found, complex):
            return float(found)
    except (ZeroDivisionError, OverflowError):
        pass
    with np.errstate(all="ignore"):
        return float(operation(*(np.float64(value) for value in real)))


def _clipped(value: int) -> str:
    text = str(value)
    return text if len(text) <= 20 else f"{text[:10]}…{text[-4:]}"


def _entry(value: Any, index: Any) -> Any:
    """An entry or a part of a shape or of a list."""
    if not isinstance(value, list | tuple):
        raise ArgumentError(said("{value} has no entries to index", value=shown(value)))
    if len(index) != 1 or not isinstance(index[0], int | slice):
        raise ArgumentError(
            said("{value} takes one integer or one slice as its index", value=shown(value))
        )
    try:
        return value[index[0]]
    except IndexError:
        length = said("{value} of length {count}", value=shown(value), count=len(value))
        raise ArgumentError(
            said("index {index} is out of bounds for {length}", index=index[0], length=length)
        ) from None
    except ValueError:
        raise ArgumentError(said("the step of a slice must not be 0")) from None
