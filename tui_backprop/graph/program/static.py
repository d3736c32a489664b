"""Values that are known while the graph is built: numbers, shapes, indices.

They stand apart from nodes because nothing flows through them: a loop bound, an axis or an index is
arithmetic that is done once, and only its result meets the graph.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tui_backprop.errors import ArgumentError

if TYPE_CHECKING:
    from tui_backprop.graph.model import Node, Span


class Hole(Enum):
    """What stands where no value is."""

    UNASSIGNED = "unassigned"
    """The name has not been assigned yet."""
    UNKNOWN = "unknown"
    """Its expression has a problem, already reported; what depends on it is not looked at."""


class Static:
    """A value known while the graph is built.

    Written out rather than a dataclass: each turn of a loop and each folded number makes one.

    Attributes:
        value: int, float, bool, None, Ellipsis, slice, or a tuple or list of these.
        span: where it was written or bound.
        written: its spelling, where it stands in the program as it is.
        is_shared: whether all its uses share one node: true once it is bound or passed.
        name: the name it is bound to; empty for a literal.
        version: how many bindings of that name there were, with this one.
        node: its node, once it was an operand.
    """

    __slots__ = ("is_shared", "name", "node", "span", "value", "version", "written")

    def __init__(
        self, value: Any, span: Span, written: str = "", *, is_shared: bool = False
    ) -> None:
        self.value = value
        self.span = span
        self.written = written
        self.is_shared = is_shared
        self.name = ""
        self.version = 0
        self.node: Node | None = None

    @property
    def text(self) -> str:
        """How it reads."""
        return self.written or shown(self.value)

    @property
    def is_number(self) -> bool:
        """Whether it can be an operand."""
        return is_number(self.value)


Value: TypeAlias = "Node | Static | Hole"


def is_number(value: Any) -> bool:
    """An int or a float; truth values are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def shown(value: Any) -> str:
    """A static value as a program would write it."""
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, str):
        return repr(value)
    if value is Ellipsis:
        return "..."
    if isinstance(value, slice):
        return ":".join("" if part is None else shown(part) for part in _parts(value))
    if isinstance(value, list | tuple):
        inner = ", ".join(shown(part) for part in value[:8]) + (", …" if len(value) > 8 else "")
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return str(value)


def _parts(value: slice) -> tuple[Any, ...]:
    return (
        (value.start, value.stop) if value.step is None else (value.start, value.stop, value.step)
    )


def as_operand(value: Any) -> float:
    """A static value as the number that a constant node holds.

    Raises:
        ArgumentError: it is no number, or none that a float can hold; the message says what to
            write instead.
    """
    if type(value) is float:
        return value
    if isinstance(value, bool):
        raise ArgumentError(f"{value} is no number: write {int(value)}")
    if isinstance(value, list | tuple):
        raise ArgumentError(
            f"{shown(value)} is a list, not an array: an array of numbers belongs "
            "under 'constants:', a list is only an argument or an index"
        )
    if not is_number(value):
        raise ArgumentError(f"'{shown(value)}' is only an argument or an index, never an operand")
    try:
        return float(value)
    except OverflowError:
        raise ArgumentError("this number is too large for a float64") from None


def whole_numbers(array: np.ndarray[Any, Any], name: str, most: int = 10**6) -> Any:
    """A constant leaf as the integers it holds: one, or nested lists as indices are written.

    A single number that is not whole stays what it is.

    Raises:
        ArgumentError: some entry is no integer, or there are too many to be an index.
    """
    if array.size > most:
        raise ArgumentError(f"the constant '{name}' has {array.size:,} entries: too many to index")
    if array.ndim == 0 and not (np.isfinite(array) and array == np.round(array)):
        return float(array)
    if array.size and not np.all(np.isfinite(array) & (array == np.round(array))):
        raise ArgumentError(f"the constant '{name}' holds numbers that are not whole")
    # Through Python's int: 1e300 is a whole number, and no machine integer.
    return _nested_int(array.tolist())


def _nested_int(value: Any) -> Any:
    return [_nested_int(part) for part in value] if isinstance(value, list) else int(value)


def packed(kind: str, values: list[Any], written: frozenset[int]) -> Any:
    """A slice, index, tuple or list of static values.

    Args:
        kind: which of these.
        values: its parts.
        written: numbers of the parts that are lists written in place. Other parts of a list may
            not be lists, so that no loop can nest a list in itself; an index takes any.

    Raises:
        ArgumentError: a list that was given a name stands within a list.
    """
    if kind == "slice":
        return slice(*values)
    if kind == "index":
        return tuple(values)
    for number, value in enumerate(values):
        if isinstance(value, list | tuple) and number not in written:
            raise ArgumentError("a list within a list is written out, without a name")
    return values if kind == "list" else tuple(values)
