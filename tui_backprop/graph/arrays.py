"""The values and adjoints of an evaluation, which become read-only arrays when they are looked at.

Most are never looked at: between ops, plain NumPy numbers are quicker than arrays without axes, and
an array that nobody has seen need not be protected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

import numpy as np

from tui_backprop.graph.sizes import is_finite, size_of

Item = TypeVar("Item")
Other = TypeVar("Other")
Key = TypeVar("Key")

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_backprop.graph.sizes import Size
    from tui_backprop.rules.types import Array, Shape


def frozen(array: Array) -> Array:
    """The array itself, made read-only: frames show it, so nobody may change it."""
    # Not by its name, write, which would cost three times as much.
    array.setflags(False)  # type: ignore[call-arg]  # the stubs know it by name only
    return array


def read_only(found: Any, dtype: np.dtype[Any]) -> Array:
    """A computed value as a read-only array of the graph's dtype."""
    if type(found) is not np.ndarray or found.dtype is not dtype:
        found = np.asarray(found, dtype=dtype)
    return frozen(found)


def some_of(
    raw: Sequence[Any], nodes: Iterable[tuple[Key, int]], dtype: np.dtype[Any]
) -> dict[Key, Array]:
    """What is computed of these nodes as read-only arrays, by the key that stands before each."""
    some: dict[Key, Array] = {}
    for key, n in nodes:
        found = raw[n]
        if type(found) is np.ndarray and found.dtype is dtype:
            found.setflags(False)  # type: ignore[call-arg]  # as `read_only`, without its calls
            some[key] = found
        elif found is not None:
            some[key] = read_only(found, dtype)
    return some


_TOGETHER: Final = 8192
_SMALL: Final = 256
"""Entries up to which arrays are copied together."""


def entries_of(values: Sequence[Any]) -> Iterator[Array]:
    """Every entry of many values in flat arrays, in any order: work on one is work on thousands.

    ``values`` are arrays, and plain NumPy numbers.
    """
    for first in range(0, len(values), _TOGETHER):
        part = values[first : first + _TOGETHER]
        arrays = [x for x in part if isinstance(x, np.ndarray)]
        if len(arrays) < len(part):
            yield np.array([x for x in part if not isinstance(x, np.ndarray)])
        small = [x.ravel() for x in arrays if x.size <= _SMALL]
        if small:
            yield np.concatenate(small)
        yield from (x for x in arrays if x.size > _SMALL)


class Values(Sequence["Array"]):
    """The forward values by node id.

    Attributes:
        raw: the same for arithmetic: arrays, and plain NumPy numbers for those without axes.
    """

    def __init__(self, raw: list[Any], dtype: np.dtype[Any]) -> None:
        self.raw = raw
        self._dtype = dtype

    def __len__(self) -> int:
        return len(self.raw)

    @overload
    def __getitem__(self, index: int) -> Array: ...

    @overload
    def __getitem__(self, index: slice) -> list[Array]: ...

    def __getitem__(self, index: int | slice) -> Array | list[Array]:
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self.raw)))]
        return read_only(self.raw[index], self._dtype)

    def __iter__(self) -> Iterator[Array]:
        return (self[k] for k in range(len(self.raw)))

    def held(self, nodes: Iterable[int]) -> list[Any]:
        """Values as `stacked` takes them; None for those that cannot be read."""
        return [*map(self.raw.__getitem__, nodes)]


def held(values: Sequence[Array], nodes: Iterable[int]) -> list[Any]:
    """See `Values.held`; of any other sequence arrays."""
    return values.held(nodes) if isinstance(values, Values) else [values[n] for n in nodes]


def stacked(found: Sequence[Any], shape: Shape, dtype: np.dtype[Any]) -> Array:
    """Many values of one shape as one array, with an axis in front; a single one is not copied.

    Args:
        found: arrays of that shape, and plain NumPy numbers for those without axes; at least one.
        shape: of each.
        dtype: of the result.
    """
    if len(found) == 1:
        return np.asarray(found[0], dtype=dtype)[None]
    if not shape:
        return np.array(found, dtype=dtype)
    return np.concatenate(found).reshape(len(found), *shape).astype(dtype, copy=False)


_ROOM: Final = 1 << 16
_MOST: Final = 1 << 13
"""Entries, and arrays, that are stacked at once: some milliseconds."""


def portions(values: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Values of ``size`` entries, as many at once as there is room for; at least one."""
    count = max(min(_ROOM // max(size, 1), _MOST), 1)
    return (values[k : k + count] for k in range(0, len(values), count))


def raw_of(values: Sequence[Array]) -> Sequence[Any]:
    """Forward values for arithmetic, see `Values`; of somebody else's the arrays themselves."""
    return values.raw if isinstance(values, Values) else values


class Adjoints(Mapping[int, "Array"]):
    """The adjoint of every node that was reached, by id, ascending.

    Attributes:
        raw: the same for arithmetic, by id, None where nothing arrived; see `Values`.
    """

    def __init__(self, raw: Sequence[Any], dtype: np.dtype[Any]) -> None:
        self._raw = self.raw = raw
        self._dtype = dtype

    def __len__(self) -> int:
        return sum(found is not None for found in self._raw)

    def __iter__(self) -> Iterator[int]:
        return (node for node, found in enumerate(self._raw) if found is not None)

    def __contains__(self, node: object) -> bool:
        return isinstance(node, int) and node < len(self._raw) and self._raw[node] is not None

    def __getitem__(self, node: int) -> Array:
        found = self.get(node)
        if found is None:
            raise KeyError(node)
        return found

    def some(self, nodes: Iterable[int]) -> Mapping[int, Array]:
        """The adjoints of those of these nodes that were reached."""
        return some_of(self._raw, ((n, n) for n in nodes), self._dtype)

    def stacked(self, nodes: Sequence[int]) -> tuple[Array, Array]:
        """The adjoints of nodes of one shape that were reached, along a first axis.

        Returns:
            Them, and whether each lies in rows, as it does here.
        """
        raw, dtype = self._raw, self._dtype
        found = [raw[n] for n in nodes]
        if not np.ndim(found[0]):
            return np.array(found, dtype=dtype), np.ones(len(found), dtype=bool)
        in_rows = np.array([x.flags.c_contiguous for x in found])
        return np.stack(found).astype(dtype, copy=False), in_rows

    def entries(self) -> Iterator[Array]:
        """Every entry of all of them; see `entries_of`."""
        return entries_of([found for found in self._raw if found is not None])

    def held(self, nodes: Iterable[int]) -> list[Any]:
        """Adjoints as `stacked` takes them; None where nothing arrived, or it is not held."""
        return [*map(self._raw.__getitem__, nodes)]

    def size(self, node: int) -> Size:
        """How large the adjoint of a node that was reached is."""
        return size_of(self[node])

    def is_finite(self, node: int) -> bool:
        """Whether every entry of it is."""
        return is_finite(self[node])

    @overload
    def get(self, node: int, /) -> Array | None: ...

    @overload
    def get(self, node: int, default: Array | Other, /) -> Array | Other: ...

    def get(self, node: int, default: object = None, /) -> object:
        """The adjoint of a node, or the default where nothing arrived."""
        raw = self._raw[node] if -1 < node < len(self._raw) else None
        if raw is None:
            return default
        return read_only(raw, self._dtype)
