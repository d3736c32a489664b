"""Values known while the graph is built: numbers, shapes, indices; they have no gradient."""

from __future__ import annotations

from enum import Enum
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.graph.model import Node, Role
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.model import Span
    from tui_backprop.rules.types import Array


class Hole(Enum):
    """Why a slot holds no value."""

    UNASSIGNED = "unassigned"
    """The name has not been assigned yet."""
    UNKNOWN = "unknown"
    """Its expression has a problem, already reported; what depends on it is not looked at."""


class Static:
    """A value known while the graph is built.

    Written out rather than a dataclass: each turn of a loop and each folded number makes one.

    Attributes:
        value: int, float, bool, None, Ellipsis, slice, or a tuple or list of these; where it
            ``is_mixed``, a tuple or list of numbers and of nodes.
        span: where it was written or bound.
        written: its spelling, where it stands in the program as it is.
        is_shared: whether all its uses share one node: true once it is bound or passed.
        name: the name it is bound to; empty for a literal.
        version: how many bindings of that name there were, with this one.
        is_mixed: whether nodes stand among its parts: where an operand is wanted, they are
            stacked.
        is_several: whether it is what a call gives that gives several arrays: these are never
            stacked.
        node: its node, once it was an operand.
    """

    __slots__ = (
        "is_mixed", "is_several", "is_shared", "name", "node", "span", "value", "version",
        "written",
    )  # fmt: skip

    def __init__(
        self,
        value: Any,
        span: Span,
        written: str = "",
        *,
        is_shared: bool = False,
        is_mixed: bool = False,
        is_several: bool = False,
    ) -> None:
        self.value = value
        self.is_mixed = is_mixed
        self.is_several = is_several
        self.span = span
        self.written = written
        self.is_shared = is_shared
        self.name = ""
        self.version = 0
        self.node: Node | None = None

    def moved(self, span: Span, *, is_shared: bool = False) -> Static:
        """Its value, written at another place and not yet bound to a name."""
        return Static(
            self.value, span, self.written,
            is_shared=is_shared, is_mixed=self.is_mixed, is_several=self.is_several,
        )  # fmt: skip

    @property
    def holds_arrays(self) -> bool:
        """Whether some part is an array that no index can be made of, as of constants it can."""
        return (
            self.is_mixed
            and not self.is_several
            and any(
                isinstance(part, Node) and part.role is not Role.CONSTANT
                for part in _parts_within(self.value)
            )
        )

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
    if isinstance(value, Node):
        return text_of(value)
    if isinstance(value, slice):
        parts = (value.start, value.stop, *(() if value.step is None else (value.step,)))
        return ":".join("" if part is None else shown(part) for part in parts)
    if isinstance(value, list | tuple):
        inner = ", ".join(shown(part) for part in value[:8]) + (", …" if len(value) > 8 else "")
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return str(value)


def text_of(value: Node | Static) -> str:
    """How an array or a static value reads: the name of an array, where it has one."""
    return value.text if isinstance(value, Static) else value.name.partition("@")[0] or value.text


def as_operand(value: Any) -> float | Array:
    """A static value as the number, or the array of numbers, that a constant node holds.

    Raises:
        ArgumentError: it is no number, or none that a float can hold; the message says what to
            write instead.
    """
    if type(value) is float:
        return value
    if isinstance(value, bool):
        raise ArgumentError(
            said("{value} is no number: write {number}", value=value, number=int(value))
        )
    if isinstance(value, list | tuple):
        return _as_array(value)
    if not is_number(value):
        raise ArgumentError(
            said("'{value}' is only an argument or an index, never an operand", value=shown(value))
        )
    try:
        return float(value)
    except OverflowError:
        raise ArgumentError(said("this number is too large for a float64")) from None


def _as_array(value: list[Any] | tuple[Any, ...]) -> Array:
    """A list of numbers as an array; True is 1 in it, as NumPy has it."""
    for part in _parts_within(value):
        if not isinstance(part, int | float):
            raise ArgumentError(
                said(
                    "{part} in {value} is no number: no array holds it",
                    part=shown(part),
                    value=shown(value),
                )
            )
    try:
        return np.array(value, dtype=np.float64)
    except OverflowError:
        raise ArgumentError(said("a number here is too large for a float64")) from None
    except ValueError:
        raise ArgumentError(
            said("the rows of {value} are not equally long", value=shown(value))
        ) from None


def _parts_within(value: list[Any] | tuple[Any, ...]) -> Iterator[Any]:
    """All that is no list; brackets nest to a stated depth only, so this recursion has one too."""
    for part in value:
        if isinstance(part, list | tuple):
            yield from _parts_within(part)
        else:
            yield part


def are_truths(value: Any) -> bool:
    """Whether a value is True or False, or a list of these and nothing else."""
    if not isinstance(value, list | tuple):
        return isinstance(value, bool)
    return bool(value) and all(isinstance(part, bool) for part in _parts_within(value))


def holds_nodes(value: list[Any] | tuple[Any, ...]) -> bool:
    """Whether some part of a list is an array of the graph."""
    return any(isinstance(part, Node) for part in _parts_within(value))


def extent(what: str, value: Node | Static) -> Any:
    """The ``shape``, ``size``, ``ndim`` or ``len`` of an array, a number or a list.

    Raises:
        ArgumentError: a number has no length, and a list with rows of several lengths no shape.
    """
    if isinstance(value, Node):
        shape, text = value.shape, text_of(value)
    elif isinstance(value.value, list | tuple):
        if what == "len":
            return len(value.value)
        shape, text = _shape_of_list(value), value.text
    else:
        shape, text = (), value.text
    if what == "shape":
        return shape
    if what == "len":
        if not shape:
            raise ArgumentError(said("'{text}' is a single number and has no length", text=text))
        return shape[0]
    return len(shape) if what == "ndim" else prod(shape)


def _shape_of_list(value: Static) -> tuple[int, ...]:
    if not value.is_mixed:
        return np.shape(as_operand(value.value))
    if any(isinstance(part, list | tuple) for part in value.value):
        raise ArgumentError(
            said("give {text} a name of its own: its shape is not known here", text=value.text)
        )
    shapes = {part.shape if isinstance(part, Node) else () for part in value.value}
    if len(shapes) > 1:
        raise ArgumentError(said("the parts of {text} have different shapes", text=value.text))
    return (len(value.value), *shapes.pop())


def whole_numbers(array: np.ndarray[Any, Any], name: str, most: int = 10**6) -> Any:
    """A constant leaf as the integers it holds: one, or nested lists as indices are written.

    A single number that is not whole stays what it is.

    Raises:
        ArgumentError: some entry is no integer, or there are too many to be an index.
    """
    if array.size > most:
        raise ArgumentError(
            said(
                "the constant '{name}' has {size} entries: too many to index",
                name=name,
                size=f"{array.size:,}",
            )
        )
    if array.ndim == 0 and not (np.isfinite(array) and array == np.round(array)):
        return float(array)
    if array.size and not np.all(np.isfinite(array) & (array == np.round(array))):
        raise ArgumentError(
            said("the constant '{name}' holds numbers that are not whole", name=name)
        )
    # Through Python's int: 1e300 is a whole number, and no machine integer.
    return _nested_int(array.tolist())


def _nested_int(value: Any) -> Any:
    return [_nested_int(part) for part in value] if isinstance(value, list) else int(value)


def packed(kind: str, values: list[Any], written: frozenset[int]) -> Any:
    """A slice, index, tuple or list of static values.

    ``written`` are the numbers of the parts that are lists written in place. Other parts of a list
    may not be lists, so that no loop can nest a list in itself; an index takes any.

    Raises:
        ArgumentError: a list that was given a name stands within a list.
    """
    if kind == "slice":
        return slice(*values)
    if kind == "index":
        return tuple(values)
    for number, value in enumerate(values):
        if isinstance(value, list | tuple) and number not in written:
            raise ArgumentError(said("a list within a list is written out, without a name"))
    return values if kind == "list" else tuple(values)


def turns_of(start: int, stop: int, step: int) -> int:
    """How many numbers a range has; a step of 0 is refused.

    `len` of a range ends at the largest machine integer.
    """
    if step == 0:
        raise ArgumentError(said("the step of a range must not be 0"))
    length = stop - start if step > 0 else start - stop
    return max(0, -(-length // abs(step)))


def whole_bound(value: Any) -> int:
    """A bound of a range; what is no whole number is refused."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ArgumentError(said("range takes whole numbers, not {value}", value=shown(value)[:60]))
    return value
