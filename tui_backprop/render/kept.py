"""Parts of a picture that are kept from one step to the next, each with what it was made of.

A step changes few. What is compared are arrays by identity, which never change, and the small
facts beside them: no number is read.
"""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from tui_backprop.graph.model import Edge

_MOST: Final = 1024
"""Places."""
_FEW: Final = 3
"""Parts of one place."""


class Made(NamedTuple):
    """What a part is made of, beside the graph.

    Attributes:
        arrays: of values and adjoints, and what else is the same while it is the same object.
        facts: everything else, to be compared by what they say.
    """

    arrays: tuple[object, ...]
    facts: tuple[object, ...]

    def is_same(self, other: Made) -> bool:
        """Whether both make the same."""
        if self.facts != other.facts or len(self.arrays) != len(other.arrays):
            return False
        return all(map(is_, self.arrays, other.arrays))

    def passed_by(self, edge: Edge | None, row: int) -> Made:
        """What a row is made of with the lane of an edge, where that passes it."""
        is_passed = edge is not None and edge.parent < row <= edge.node
        return Made(self.arrays, (*self.facts, edge if is_passed else None))


Part = TypeVar("Part")


class Kept(Generic[Part]):
    """Parts of the pictures of one graph by their place, the last few of each.

    A row that a step is about looks after it as it did before.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._kept: dict[tuple[int, ...], list[tuple[Made, Part]]] = {}
        self._most = most

    def find(self, place: tuple[int, ...], made: Made) -> Part | None:
        """What was made before; None where it was made of something else."""
        kept = self._kept.get(place, ())
        return next((part for of, part in kept if of.is_same(made)), None)

    def keep(self, place: tuple[int, ...], made: Made, part: Part) -> None:
        """Keep something, instead of what had its place first."""
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[place] = [(made, part), *self._kept.get(place, ())[: _FEW - 1]]
