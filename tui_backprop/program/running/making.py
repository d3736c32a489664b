"""Arrays that are made of no array, and several that one call gives: ``ones``, ``split``.

What is made is known while the graph is built. An array of numbers is a constant, as a list that is
written out would be; several arrays are a tuple of nodes, of which each is indexed or given a name.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil, prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said
from tui_backprop.program.code.constants import Hole, Static, extent
from tui_backprop.program.code.kinds import checked
from tui_backprop.rules import find
from tui_backprop.rules.rule import Parameter
from tui_backprop.rules.shapes import broadcast_shape, normal_axis
from tui_backprop.rules.text import key_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.graph.model import Node, Span
    from tui_backprop.program.code.constants import Value
    from tui_backprop.program.code.instructions import Made
    from tui_backprop.program.running.resolve import Resolver

    Make: TypeAlias = Callable[[Resolver, "Given", Made], Any]


class Given:
    """The arguments of a call, by name."""

    def __init__(self, values: Resolver, found: Mapping[str, Value], step: Made) -> None:
        self._values, self._found, self._step = values, found, step

    def array(self, name: str) -> Node:
        """An array."""
        return self._values.operand(self._found[name], self._step.span)

    def static(self, name: str, kind: str, default: Any = None) -> Any:
        """A number, a shape and the like, checked to be of that kind."""
        if name not in self._found:
            return default
        slot, span = self._step.operands[name], self._step.span
        found = self._values.static(self._found[name], slot, span)
        return checked(Parameter(name, kind), None if found is None else found.value)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of an array, a number or a list."""
        value = self._found[name]
        if isinstance(value, Hole):
            raise TypeError("a hole has no shape")
        found: tuple[int, ...] = extent("shape", value)
        return found


def make(values: Resolver, step: Made, frame: list[Value]) -> None:
    """Run the step; what depends on something unknown is unknown."""
    found = {
        name: values.known(frame[slot], slot, step.span) for name, slot in step.operands.items()
    }
    if any(isinstance(value, Hole) for value in found.values()):
        frame[step.dest] = Hole.UNKNOWN
        return
    made = MAKE[step.name](values, Given(values, found, step), step)
    is_several = isinstance(made, tuple)
    frame[step.dest] = Static(
        made, step.span, step.text, is_shared=True, is_mixed=is_several, is_several=is_several
    )


def _whole_shape(given: Given) -> tuple[int, ...]:
    found = given.static("shape", "shape")
    shape = tuple(found) if isinstance(found, tuple) else (found,)
    if any(n < 0 for n in shape):
        raise ArgumentError(said("shape {shape}: a length is 0 or more", shape=shape))
    return shape


def _filled(values: Resolver, shape: tuple[int, ...], number: Any, step: Made) -> Any:
    """A number, again and again, in lists."""
    _check_size(values, prod(shape), step)
    if 0 in shape[:-1]:
        raise ArgumentError(
            said(
                "no list has the shape {shape}: an array without entries that has several axes "
                "belongs under 'constants:'",
                shape=shape,
            )
        )
    found: Any = number
    for length in reversed(shape):
        found = [found] * length
    return found


def _check_size(values: Resolver, size: int, step: Made) -> None:
    values.limits.check("elements", size, said("'{text}'", text=step.text))
    values.charge(size, step.span)


def _constant(number: int) -> Make:
    return lambda values, given, step: _filled(values, _whole_shape(given), number, step)


def _full(values: Resolver, given: Given, step: Made) -> Any:
    return _filled(values, _whole_shape(given), given.static("fill_value", "number"), step)


def _constant_like(number: int) -> Make:
    return lambda values, given, step: _filled(values, given.shape("a"), number, step)


def _full_like(values: Resolver, given: Given, step: Made) -> Any:
    return _filled(values, given.shape("a"), given.static("fill_value", "number"), step)


def _eye(values: Resolver, given: Given, step: Made) -> Any:
    rows = given.static("N", "int")
    columns = given.static("M", "optional_int", None)
    columns = rows if columns is None else columns
    if rows < 0 or columns < 0:
        raise ArgumentError(
            said("eye takes 0 or more rows and columns, found {n}", n=min(rows, columns))
        )
    _check_size(values, rows * columns, step)
    shift = given.static("k", "int", 0)
    return [[int(c - r == shift) for c in range(columns)] for r in range(rows)]


def _arange(values: Resolver, given: Given, step: Made) -> Any:
    """Whole numbers stay whole, so that they can be an index."""
    start = given.static("start", "number")
    stop = given.static("stop", "optional_number", None)
    by = given.static("step", "number", 1)
    start, stop = (0, start) if stop is None else (start, stop)
    if by == 0:
        raise ArgumentError(said("the step of arange must not be 0"))
    if not np.isfinite([float(start), float(stop), float(by)]).all():
        raise ArgumentError(said("arange needs finite numbers"))
    _check_size(values, max(0, ceil((stop - start) / by)), step)
    if all(isinstance(n, int) for n in (start, stop, by)):
        return list(range(start, stop, by))
    return np.arange(start, stop, by, dtype=np.float64).tolist()


def _linspace(values: Resolver, given: Given, step: Made) -> Any:
    num = given.static("num", "int", 50)
    if num < 0:
        raise ArgumentError(said("linspace makes 0 or more numbers, found num={num}", num=num))
    _check_size(values, num, step)
    start, stop = given.static("start", "number"), given.static("stop", "number")
    return np.linspace(start, stop, num, endpoint=given.static("endpoint", "bool", True)).tolist()


def _part(values: Resolver, node: Node, key: tuple[Any, ...], span: Span) -> Node:
    """``node[key]``, as if it stood in the program."""
    rule, params = find("index"), MappingProxyType({"key": key})
    array = node.name.partition("@")[0] or f"({node.text})"
    text = f"{array}[{key_text(key)}]"
    return values.apply(rule, [node], params, text, span)


def _cut(values: Resolver, given: Given, step: Made) -> tuple[Node, list[int], int]:
    """The array, where its parts begin and the last one ends, and the axis."""
    node = given.array("ary")
    along = normal_axis(given.static("axis", "int", 0), node.shape)
    length, asked = node.shape[along], given.static("indices_or_sections", "shape")
    if isinstance(asked, int):
        if asked < 1:
            raise ArgumentError(said("an array is split into 1 or more parts, found {n}", n=asked))
        values.charge(asked, step.span)
        size, more = divmod(length, asked)
        sizes = [0, *[size + 1] * more, *[size] * (asked - more)]
        return node, np.cumsum(sizes).tolist(), along
    ends = [0, *(slice(None, n).indices(length)[1] for n in asked), length]
    return node, ends, along


def _array_split(values: Resolver, given: Given, step: Made) -> tuple[Node, ...]:
    node, ends, along = _cut(values, given, step)
    keys = ((slice(None),) * along + (slice(a, max(a, b)),) for a, b in pairwise(ends))
    return tuple(_part(values, node, key, step.span) for key in keys)


def _split(values: Resolver, given: Given, step: Made) -> tuple[Node, ...]:
    node, _, along = _cut(values, given, step)
    asked = given.static("indices_or_sections", "shape")
    if isinstance(asked, int) and node.shape[along] % asked:
        raise ArgumentError(
            said(
                "split makes equal parts: axis {axis} of shape {shape} cannot be cut into {n}; "
                "array_split can",
                axis=along,
                shape=node.shape,
                n=asked,
            )
        )
    return _array_split(values, given, step)


def _along(axis: int) -> Make:
    """``hsplit`` and its kin: along one axis, which only ``hsplit`` has of a vector too."""

    def cut(values: Resolver, given: Given, step: Made) -> tuple[Node, ...]:
        node, asked = given.array("ary"), given.static("indices_or_sections", "shape")
        needed = max(axis, 1 if step.name == "hsplit" else 2) + (axis == 2)
        if len(node.shape) < needed:
            raise ArgumentError(
                said("{name} takes an array of {count} axes or more, found shape {shape}",
                     name=step.name, count=needed, shape=node.shape)
            )  # fmt: skip
        along = axis if len(node.shape) > axis else 0
        return _parts(values, step, node, along, asked)

    return cut


def _parts(
    values: Resolver, step: Made, node: Node, along: int, asked: int | tuple[int, ...]
) -> tuple[Node, ...]:
    """So many equal parts of a node, or those between the places that are asked for."""
    length = node.shape[along]
    if isinstance(asked, int):
        if asked < 1 or length % asked:
            raise ArgumentError(
                said("{name} makes equal parts: axis {axis} of shape {shape} cannot be cut into "
                     "{n}", name=step.name, axis=along, shape=node.shape, n=asked)
            )  # fmt: skip
        values.charge(asked, step.span)
        ends = [length // asked * k for k in range(asked + 1)]
    else:
        ends = [0, *(slice(None, n).indices(length)[1] for n in asked), length]
    keys = ((slice(None),) * along + (slice(a, max(a, b)),) for a, b in pairwise(ends))
    return tuple(_part(values, node, key, step.span) for key in keys)


def _of_lengths(values: Resolver, given: Given, step: Made) -> tuple[Node, ...]:
    """PyTorch's ``split``: parts of one length, of which the last may be shorter, or of several."""
    node = given.array("x")
    along = normal_axis(given.static("axis", "int", 0), node.shape)
    length = node.shape[along]
    if "chunks" in step.operands:
        count = given.static("chunks", "int")
        if count < 1:
            raise ArgumentError(said("an array is split into 1 or more parts, found {n}", n=count))
        lengths: int | tuple[int, ...] = max(ceil(length / count), 1)
    else:
        lengths = given.static("split_sizes", "shape")
    if isinstance(lengths, int):
        if lengths < 1:
            raise ArgumentError(said("a part has 1 entry or more, found {n}", n=lengths))
        ends = [*range(0, max(length, 1), lengths), length]
    else:
        ends = [0, *np.cumsum(lengths).tolist()]
        if ends[-1] != length or min(lengths, default=0) < 0:
            raise ArgumentError(
                said("parts of lengths {lengths} do not fill axis {axis} of shape {shape}",
                     lengths=lengths, axis=along, shape=node.shape)
            )  # fmt: skip
    values.charge(len(ends), step.span)
    keys = ((slice(None),) * along + (slice(a, b),) for a, b in pairwise(ends))
    return tuple(_part(values, node, key, step.span) for key in keys)


def _unbind(values: Resolver, given: Given, step: Made) -> tuple[Node, ...]:
    node = given.array("x")
    along = normal_axis(given.static("axis", "int", 0), node.shape)
    values.charge(node.shape[along], step.span)
    keys = ((slice(None),) * along + (k,) for k in range(node.shape[along]))
    return tuple(_part(values, node, key, step.span) for key in keys)


def _meshgrid(values: Resolver, given: Given, step: Made) -> tuple[Node, ...]:
    """Each vector along an axis of its own; the first two axes swapped unless said by ``ij``."""
    indexing = given.static("indexing", "text", "xy")
    if indexing not in {"xy", "ij"}:
        raise ArgumentError(
            said("indexing must be 'xy' or 'ij', found {found}", found=repr(indexing))
        )
    nodes = [given.array(name) for name in step.operands if name != "indexing"]
    order = [*range(len(nodes))]
    if indexing == "xy" and len(nodes) > 1:
        order[:2] = [1, 0]
    for node in nodes:
        if len(node.shape) > 1:
            raise ArgumentError(
                said("meshgrid takes vectors and numbers, found shape {shape}", shape=node.shape)
            )
    lying = []
    for node, own in zip(nodes, order, strict=True):
        vector = node if node.shape else _part(values, node, (None,), step.span)
        key = tuple(... if axis == own else None for axis in range(len(nodes)))
        lying.append(_part(values, vector, key, step.span))
    shape = broadcast_shape(*(node.shape for node in lying))
    rule, params = find("broadcast_to"), MappingProxyType({"shape": shape})
    made = []
    for node in lying:
        text = f"broadcast_to({node.text}, {shape})"
        made.append(values.apply(rule, [node], params, text, step.span))
    return tuple(made)


MAKE: Final[Mapping[str, Make]] = MappingProxyType(
    {
        "zeros": _constant(0),
        "ones": _constant(1),
        "full": _full,
        "zeros_like": _constant_like(0),
        "ones_like": _constant_like(1),
        "full_like": _full_like,
        "eye": _eye,
        "identity": _eye,
        "arange": _arange,
        "linspace": _linspace,
        "split": _split,
        "array_split": _array_split,
        "tensor_split": _array_split,
        "hsplit": _along(1),
        "vsplit": _along(0),
        "dsplit": _along(2),
        "split_with_sizes": _of_lengths,
        "chunk": _of_lengths,
        "unbind": _unbind,
        "meshgrid": _meshgrid,
    }
)
"""What computes the result of each function, by the function's name."""
