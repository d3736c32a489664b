"""Arrays of a walk that are not held: how large they were is known, and what they were is asked.

Of a big model every v together is several times its gradients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, overload

from tui_backprop.graph.arrays import Adjoints
from tui_backprop.graph.model import Edge
from tui_backprop.graph.sizes import size_text
from tui_backprop.language.message import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    import numpy as np

    from tui_backprop.graph.sizes import Size
    from tui_backprop.rules.types import Array

SMALL: Final = 4096
"""Entries of an array that is kept as it is, whatever is kept of the others."""


class Later(Sequence["Array | None"]):
    """Arrays by node id, the large ones asked for when somebody looks.

    Attributes:
        kept: those that are held.
        sizes: how large the others were.
    """

    def __init__(
        self,
        count: int,
        kept: Mapping[int, Array],
        sizes: Mapping[int, Size],
        ask: Callable[[int], Array],
    ) -> None:
        self.kept = kept
        self.sizes = sizes
        self._count = count
        self._ask = ask

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Array | None: ...

    @overload
    def __getitem__(self, index: slice) -> list[Array | None]: ...

    def __getitem__(self, index: int | slice) -> Array | list[Array | None] | None:
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(self._count))]
        if not 0 <= index < self._count:
            raise IndexError(index)
        found = self.kept.get(index)
        return self._ask(index) if found is None and index in self.sizes else found

    def reaches(self, node: int) -> bool:
        """Whether there is, or was, an array."""
        return node in self.kept or node in self.sizes


class LaterAdjoints(Adjoints):
    """The adjoints of a pass whose large ones are not held."""

    def __init__(self, arrays: Later, dtype: np.dtype[np.generic]) -> None:
        super().__init__(arrays, dtype)
        self._arrays = arrays

    def __len__(self) -> int:
        return sum(map(self._arrays.reaches, range(len(self._arrays))))

    def __iter__(self) -> Iterator[int]:
        return filter(self._arrays.reaches, range(len(self._arrays)))

    def __contains__(self, node: object) -> bool:
        return isinstance(node, int) and self._arrays.reaches(node)

    def some(self, nodes: Iterable[int]) -> Mapping[int, Array]:
        """As of any pass, each asked for when it is looked at."""
        return _Some(self, [n for n in nodes if n in self])

    def held(self, nodes: Iterable[int]) -> list[Any]:
        """Those that were kept."""
        return [None if n not in self._arrays.kept else self[n] for n in nodes]

    def size(self, node: int) -> Size:
        """As it was measured when it came."""
        return self._arrays.sizes.get(node) or super().size(node)

    def is_finite(self, node: int) -> bool:
        """As it was measured when it came."""
        found = self._arrays.sizes.get(node)
        return super().is_finite(node) if found is None else found.is_finite


class _Some(Mapping[int, "Array"]):
    def __init__(self, every: Adjoints, nodes: Sequence[int]) -> None:
        self._every, self._nodes = every, dict.fromkeys(nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[int]:
        return iter(self._nodes)

    def __getitem__(self, node: int) -> Array:
        if node not in self._nodes:
            raise KeyError(node)
        return self._every[node]


class LaterEdges(Mapping[Edge, "Array"]):
    """What edges handed on, of which the large ones are asked for when somebody looks.

    Attributes:
        kept: those that are held.
        sizes: how large the others were.
        told: those of the others that are not in here: the op tells what it hands on, out of the v
            that arrived there.
    """

    def __init__(
        self,
        kept: Mapping[Edge, Array],
        sizes: Mapping[Edge, Size],
        told: AbstractSet[Edge],
        ask: Callable[[Edge], Array],
    ) -> None:
        self.kept = kept
        self.sizes = sizes
        self.told = told
        self._asked = sizes.keys() - told
        self._ask = ask

    def __len__(self) -> int:
        return len(self.kept) + len(self._asked)

    def __iter__(self) -> Iterator[Edge]:
        yield from self.kept
        yield from self._asked

    def __contains__(self, edge: object) -> bool:
        return edge in self.kept or edge in self._asked

    def __getitem__(self, edge: Edge) -> Array:
        found = self.kept.get(edge)
        if found is not None:
            return found
        if edge in self._asked:
            return self._ask(edge)
        raise KeyError(edge)


def not_kept(what: str, size: Size) -> str:
    """A sentence about an array of which only the size is known."""
    return joined(": ", [what, size_text(size)])
